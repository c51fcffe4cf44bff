package offline

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// rule is one kind of sentence: what it looks like without its polite words, and what it asks for. A nil
// answer means that it was not that kind after all.
type rule struct {
	re   *regexp.Regexp
	make func(m []string, text func(string) string) []step
	// free says that the last group is a text of any words.
	free bool
}

// Parts of sentences. Every regular expression here is anchored and linear in its input, as all of Go's are.
const (
	articles = `(?:(?:(?:a |the )?(?:complete |full |short |quick )?list of(?: all)?|a|an|the|this|my|our|another|one|new|quick|short|little|small|brief|desktop|system|full|whole|entire|fresh|all|of|all the|all of|open|currently|running|me|us|just)\s+)*`
	// joins a note or a notification to its text
	joiner = `(?:\s*[:,–—-]\s*|\s+(?:(?:that )?(?:says?|reads?|goes|saying|reading|stating|telling me|containing|contains)(?: that)?|which (?:says|reads)(?: that)?|` +
		`with (?:the )?(?:text|content|contents|message|body|words)|of the fact that|that|about|of|on|for|to|with|as|how|why|down|regarding|reminding me (?:to|that|about)|so i don't forget to)(?:\s*[:,]\s*|\s+))`
	titled   = `(?:\s+(?:titled|entitled|called|named|with (?:the )?(?:title|heading|subject)(?: of)?)\s+(.+?))?`
	noteVerb = `(?:log|take|make|add|write|create|save|jot|put|leave|record|store|start|keep|drop|file|set|compose|scribble|enter|have|do)`
	sendVerb = `(?:send|show|give|post|pop up|pop|display|raise|create|make|push|fire off|fire|trigger|issue|put up|bring up|throw up|throw|get|deliver|emit|drop)`
	shotVerb = `(?:take|make|grab|capture|get|do|shoot|snap|save|create|give|produce|record|have)`
	listVerb = `(?:list|show|display|enumerate|print|get|give|tell|name|see|view|check|read|fetch|what are|what're|which are|what|which|look at|let me see|let me have)`
	openVerb = `(?:open up|open|launch|start up|start|fire up|bring up|boot up|boot|spin up|pull up|pop open|call up|crank up|kick off|load up|load|` +
		`execute|run|begin|use|switch on|get me|get|summon|invoke|bring me|pull open|power up)`
	frontVerb = `(?:(?:focus|concentrate)(?: back)?(?: on| to| onto)?|(?:switch|swap|go|jump|change|return|hop|flip|skip|move|cycle|turn|get)(?: over| back| across| the focus| focus| windows?| my focus)* (?:to|into)|` +
		`raise|activate|take me(?: over| back)? to|bring me(?: over| back)? to|put (?:the )?focus on|set (?:the )?focus (?:on|to)|` +
		`(?:give|shift|move) (?:the )?focus(?: on| to)?|(?:select|show)(?: me)?)`
	toFront = `(?:to (?:the )?(?:front|foreground|top|fore)|forward|forwards|into (?:focus|view|the foreground)|in front|on top|the active (?:window|one)|active|(?:the )?focus)`
)

// ruleOf is a rule for sentences that are all of a form.
func ruleOf(re string, f func(m []string, text func(string) string) []step) rule {
	return rule{re: regexp.MustCompile(`(?is)^(?:` + re + `)$`), make: f}
}

// freeRuleOf is one whose last group is a text of any words.
func freeRuleOf(re string, f func(m []string, text func(string) string) []step) rule {
	x := ruleOf(re, f)
	x.free = true
	return x
}

var rules = sync.OnceValue(func() []rule {
	r, free := ruleOf, freeRuleOf
	fixed := func(re, skill string) rule {
		return r(re, func([]string, func(string) string) []step { return simple(skill) })
	}
	note := func(title, body int) func([]string, func(string) string) []step {
		return func(m []string, text func(string) string) []step {
			t := ""
			if title > 0 {
				t = text(m[title])
			}
			return addNote(t, text(m[body]))
		}
	}
	notified := func(m []string, text func(string) string) []step { return notify("", text(m[1])) }
	const which = `(?:(?:what|which)(?: are)?\s+)?`
	const noteNoun = `(?:notes?|memo|reminder note)`
	const alertNoun = `(?:notification|notifications|alert|pop-?up|toast|notice|bubble)`
	const notebook = `(?:(?:a|my|the|our) (?:new )?)?(?:notes?|notebook|note file|memo)`

	return append(slices.Concat(reminders(), devices()), []rule{
		// The order matters where one kind's words are another's text: notes and notifications first.
		fixed(`(?:`+listVerb+`(?: me)?\s+)?`+which+articles+`(?:saved |existing )?notes(?: (?:that )?(?:i (?:have|wrote|took|made|saved)|there are|are there|do i have|have i (?:got|made|taken)|exist|i've (?:got|made|taken)|so far))*`, "list_notes"),
		fixed(`(?:what|which) notes (?:do i have|are there|have i (?:made|taken|got|written)|exist)|do i have any notes|what (?:have i noted|did i note)(?: down)?|(?:open|read) my notes|what(?:'s|’s| is) in my notes`, "list_notes"),

		free(noteVerb+`(?: down| up| me| yourself| myself)*\s+`+articles+noteNoun+`(?: down)?(?: for me| to self| to myself)?`+titled+joiner+`(.+)`, note(1, 2)),
		r(`(?:note|jot|write|put|scribble|take|get|copy)\s+(it|that|this|them|(?:the|its|that|this) \w+)\s+down(?: (?:in|into|to|as) `+notebook+`)?`, note(0, 1)),
		free(`(?:note|memo) to (?:self|myself)\s*[:,–—-]?\s*(?:that |to )?(.+)`, note(0, 1)),
		free(`(?:`+articles+`(?:note|memo))`+titled+`\s*[:–—]\s*(.+)`, note(1, 2)),
		free(`(?:note|jot|write|put|scribble|get|take)(?: this| that)? down\s*(?:[:,–—-]\s*|that\s+)?(.+)`, note(0, 1)),
		free(`make (?:a )?note\s*[:,–—-]?\s*(.+)`, note(0, 1)),
		r(`(?:note|jot|write|put|scribble|get|take)\s+(.+?)\s+down(?: (?:in|into|to|as) `+notebook+`)?`, note(0, 1)),
		r(`(?:put|add|save|write|store|record|jot|append|keep|file|enter|drop|copy|note)(?: down)?\s+(.+?)\s+(?:down )?(?:in|into|to|as|on|among) `+notebook, note(0, 1)),
		free(`(?:remember|keep in mind|bear in mind|don't forget|don’t forget|do not forget|never forget|record|memori[sz]e)\s*(?:[:,]\s*|that\s+|to\s+|about\s+|the fact that\s+)?(.+)`, note(0, 1)),
		free(`take note (?:that|of|to)\s+(.+)`, note(0, 1)),
		free(`note\s*(?:[:,]\s*|that\s+|to\s+)?(.+)`, note(0, 1)),
		free(noteVerb+`(?: down| up| me| yourself| myself)*\s+`+articles+noteNoun+`\s+(.+)`, note(0, 1)),
		r(`(?:save|store)\s+(.+)`, func(m []string, text func(string) string) []step {
			if !isReference(text(m[1])) {
				return nil
			}
			return addNote("", text(m[1]))
		}),

		free(sendVerb+`(?: me| us| up)*\s+`+articles+alertNoun+`(?: to me| for me)?\s+(?:titled|called|named|with (?:the )?(?:title|heading))(?: of)?\s+(.+?)\s*(?:,|,? and|,? with)?\s+(?:(?:with )?(?:the )?(?:body|text|message|content)(?: of)?|saying|that says|reading)\s*:?\s+(.+)`,
			func(m []string, text func(string) string) []step { return notify(text(m[1]), text(m[2])) }),
		free(sendVerb+`(?: me| us| up)*\s+`+articles+alertNoun+`(?: to me| for me| on my (?:screen|desktop))?`+joiner+`(.+)`, notified),
		free(`(?:`+articles+alertNoun+`)\s*[:–—-]\s*(.+)`, notified),
		r(`(?:send|show|give|display|post|push|put)(?: me)?\s+(.+?)\s+(?:as|in|via|by|through|with|using)\s+`+articles+alertNoun, notified),
		free(`(?:pop up|display|show(?: me)?|flash|send me|give me) (?:a|the) (?:short |quick )?message(?:\s*:|\s+(?:saying|that says|that reads|reading|with the text)\s*:?)\s+(.+)`, notified),
		free(`(?:tell|inform|message) me (?:via|by|through|with|in|using) (?:a|an) `+alertNoun+`(?:\s*[:,]|\s+(?:that|about|of))?\s+(.+)`, notified),
		r(sendVerb+`(?: me| us| up)*\s+`+articles+alertNoun, func([]string, func(string) string) []step { return notify("", "it") }),
		r(`(?:notify|alert|ping) me`, func([]string, func(string) string) []step { return notify("", "it") }),
		free(sendVerb+`(?: me| us| up)*\s+`+articles+alertNoun+`\s+(.+)`, notified),
		free(`(?:notify|alert|ping|inform)(?: me| us)?\s*(?:[:,–—-]\s*|(?:that|of|about|with|saying|to|on|as to|by saying|how|what)\s+)(?:the message\s+|the text\s+)?:?\s*(.+)`, notified),
		free(`(?:notify|alert|ping)(?: me)?\s+(.+)`, notified),
		free(`(?:let me know|tell me) that\s+(.+)`, notified),

		fixed(`(?:`+shotVerb+`(?: me)?\s+)?`+articles+`(?:screen ?shots?|screen[- ]?(?:capture|grab|cap|snap)|screenie|snapshot of (?:the|my) (?:screen|desktop)|(?:picture|image|photo|snapshot|capture|shot) of (?:what's on )?`+articles+`(?:screen|desktop|display|monitor|what's on screen))`+
			`(?: of `+articles+`(?:screen|desktop|display|monitor|everything|what i see|what's on (?:the |my )?screen)s?)?`, "capture_screen"),
		fixed(`(?:capture|screenshot|screengrab|snap|photograph|grab)\s+`+articles+`(?:screen|desktop|display|monitor|everything|picture)s?(?: (?:in|as|to) (?:a|an) (?:picture|image|file|screenshot))?`, "capture_screen"),
		r(`(?:(?:`+shotVerb+`(?: me)?\s+)?`+articles+`screen ?shot of|capture|screenshot)\s+(?:the |my )?(active|focused|current|.+?)(?: (?:window|app))`, func(m []string, text func(string) string) []step {
			return []step{{skill: "capture_screen", input: map[string]any{}, window: text(m[1]), windowKey: "window"}}
		}),
		r(`(?:(?:`+shotVerb+`(?: me)?\s+)?`+articles+`screen ?shot of|capture|screenshot)\s+(?:the )?(?:output|monitor|display|screen)\s+([\w-]+)`, func(m []string, text func(string) string) []step {
			return []step{{skill: "capture_screen", input: map[string]any{"output": text(m[1])}}}
		}),

		fixed(`(?:(?:what|which)(?:'s|’s| is| are| one is| window is| window's| app is| application is| program is)?|`+listVerb+`(?: me)?(?: (?:what|which) is)?|find(?: out)?|tell me (?:what|which)(?: is|'s)?)\s+(?:the |my )?(?:name of |title of )?(?:the )?`+
			`(?:(?:currently )?(?:active|focused|current|foreground|frontmost|topmost) (?:window|app|application|program)(?: is)?(?: (?:right )?now| at the moment)?|(?:window|app|application|program)?\s*(?:is |that is |that's |with |has )?(?:(?:currently )?(?:active|focused|in front|in focus|on top|in the foreground|the active one)|(?:has |have )?(?:the )?(?:keyboard )?focus)(?: (?:right )?now| at the moment)?)`, "get_active_window"),
		fixed(`(?:tell me )?(?:what|which) (?:window|app|application|program) (?:am i|i am|i'm) (?:in|on|using|looking at|working in|working with)|(?:what|which) (?:window|app|application) has (?:the )?(?:keyboard )?focus|(?:get|show|tell me|name) (?:the )?active window`, "get_active_window"),

		fixed(`(?:`+listVerb+`(?: me)?\s+)?`+which+articles+`windows(?: (?:that )?(?:are (?:currently |now )?(?:open|there|running|visible|around)|i have(?: currently)? open|i've got open|do i have(?: open)?|have i got(?: open)?|are there|exist|on (?:the|my) (?:screen|desktop)|open|opened|currently open|i have|there are))*(?: (?:right )?now| at the moment| currently)?`, "list_windows"),
		fixed(`(?:tell me |show me |list |see )?(?:what|which)(?:'s|’s| is| all is| things are| apps are| applications are| programs are)(?: currently)?(?: open| running| on (?:the|my) (?:screen|desktop))+(?: (?:right )?now| at the moment| currently)?|what (?:do i have|have i got) open|how many windows (?:are (?:open|there)|do i have(?: open)?|have i got(?: open)?)|are (?:there )?any windows(?: open)?|what apps do i have open|(?:list|show)(?: me)? everything (?:that(?:'s| is) )?(?:open|running)|(?:list|show)(?: me)? (?:the |all )?(?:open|running) (?:apps|applications|programs)`, "list_windows"),

		fixed(`(?:`+listVerb+`(?: me)?\s+)?`+which+articles+`(?:installed |available |desktop )?(?:apps|applications|programs|software)(?: (?:that )?(?:are (?:installed|available|there)|i have(?: installed)?|i can (?:open|launch|start|run|use)|do i have(?: installed)?|can (?:i|you) (?:open|launch|start|run|use)|are there|you can (?:open|launch|start)|you know|exist|installed|available|there are|on (?:this|my) (?:computer|machine|system|laptop)))*`, "list_apps"),
		fixed(`what(?:'s|’s| is) installed(?: here| on (?:this|my) (?:computer|machine|system))?|what can (?:i|you) (?:open|launch|start)`, "list_apps"),

		r(`(?:move|send|put|shift|take|throw|bring)\s+(.+?)\s+(?:over )?(?:to|on|onto)\s+(?:the )?(?:workspace|virtual desktop)\s+(?:(?:number|called|named)\s+)?(.+)`, moveWindow),
		r(`(?:close|quit|exit)(?: down)?\s+(.+)`, closeWindow),
		r(`(?:bring|put|pull|move|make|get|give|set|push|raise)\s+(.+?)\s+`+toFront, focus),
		r(frontVerb+`\s+(.+)`, focusVerb),
		r(`(?:bring|get|fire|start|open|boot|pull|call|spin|load)\s+(.+?)\s+(?:up and running|up|running|going|started|open|opened|launched)`, open),
		r(openVerb+`\s+(.+?)\s+(?:with|in|using|inside)\s+(.+)`, openWith),
		r(openVerb+`\s+(.+)`, open),
		r(`(?:show me|show|browse|go to|take me to|view|visit)\s+(.+)`, func(m []string, text func(string) string) []step {
			if p, ok := path(m[1], text); ok {
				return openPath(p)
			}
			return nil
		}),
		r(`(?:give me|let me have|hand me|i want|i need|show me)\s+(?:(?:a|an|my)\s+)?(\S+(?:\s\S+)?)`, wanted),
		r(`(?:and )?(?:(?:tell|give|show|read) (?:me|us)|say|answer|report(?: back)?(?: with)?|let me know|respond with|print|return|display|see)(?: back)?(?: with)?\s+(?:what )?(.+)`, func(m []string, text func(string) string) []step {
			if !isReference(text(m[1])) {
				return nil
			}
			return []step{{again: true, ref: text(m[1])}}
		}),
		r(`let me know|tell me|show me|report back|say so|answer me`, func([]string, func(string) string) []step { return []step{{again: true, ref: "it"}} }),
	}...)
})

var question = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:\w+[,:]?\s+){0,2}(?:can|could|would|will|may|might|do) (?:you|i|we)\b`)
})

// clause is what one sentence asks for, nil where no rule knows it.
func clause(s string, text func(string) string) []step {
	s = strings.TrimSpace(s)
	if question().MatchString(s) { // the mark belongs to the question, not to a note's text
		s = strings.TrimRight(s, "? ")
	}
	s = bareBefore(s)
	short := bareAfter(s, false)
	if short == "" {
		return nil
	}
	if e, ok := expression(strings.ReplaceAll(text(short), "’", "'")); ok {
		bare := short[0] >= '0' && short[0] <= '9' || short[0] == '(' || short[0] == '-'
		return []step{{skill: "calculate", input: map[string]any{"expression": e}, bare: bare}}
	}
	for _, r := range rules() {
		in := short
		if r.free {
			in = bareAfter(s, true)
		}
		if m := r.re.FindStringSubmatch(in); m != nil {
			if steps := r.make(m, text); steps != nil {
				return steps
			}
		}
	}
	return nil
}
