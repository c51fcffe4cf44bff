package offline

import (
	"regexp"
	"strings"
	"sync"
)

// politeness is what may stand before and after a sentence without changing what it asks for.
type politeness struct{ before, after, afterText *regexp.Regexp }

var polite = sync.OnceValue(func() politeness {
	const before = `(?:hey|hi|hello|ok|okay|yo|alright|so|well|now|then|also|next|first|firstly|second|secondly|third|` +
		`first of all|finally|lastly|afterwards|after that|after this|and|please|kindly|pls|plz|just|quickly|maybe|perhaps|` +
		`nerva|computer|assistant|dear nerva|i say|when you can|when you have a moment|once (?:that(?:'s| is)|it(?:'s| is)|you(?:'re| are)) done|` +
		`when (?:that(?:'s| is)|it(?:'s| is)|you(?:'re| are)) done|if you (?:can|could|would|like)|if possible|would you be so kind(?: as)? to|would you mind|do you mind|` +
		`(?:can|could|would|will|won't|may|might|can't|couldn't) (?:you|i|we|u)(?: please| kindly| maybe| possibly| perhaps| just| quickly| also| then)*|` +
		`i(?:'d| would) (?:like|love|prefer)(?: you| it if you)?(?: to| could| would)?|` +
		`i (?:want|need|wish) (?:you )?to|i(?:'m| am) (?:going to|gonna)(?: need)?|i wanna|i gotta|we need to|we should|` +
		`i was wondering (?:if|whether) you (?:could|can|would)|i wonder (?:if|whether) you (?:could|can|would)|` +
		`(?:is it|would it be) possible (?:for you )?to|it would be (?:nice|great|good|lovely|helpful) if you (?:could|would)|` +
		`how about(?: you)?|what about|are you able to|do me a favou?r and|go ahead and|be so kind(?: as)? to|be a dear and|feel free to|` +
		`help me(?: to)?|help me out and|try to|try and|you should|you can|you may|you need to|you have to|make sure to|make sure you|` +
		`let's|let us|time to|proceed to|your task is to|i'd appreciate it if you (?:could|would)|my request is to)`
	const after = `(?:please|pls|plz|thanks|thank you|thank you very much|thanks a lot|many thanks|thx|cheers|for me|right now|now|` +
		`right away|immediately|at once|straight away|if you (?:can|could|would|please|don't mind|like)|if possible|` +
		`will you|would you|could you|can you|ok|okay|asap|quickly|real quick|too|as well|nerva|when you can|when you have a moment|first)`
	return politeness{
		before:    regexp.MustCompile(`(?i)^` + before + `(?:[,:!.]+\s*|\s+)`),
		after:     regexp.MustCompile(`(?i)(?:[\s,]+` + after + `)?[\s.!?,;]*$`),
		afterText: regexp.MustCompile(`(?i),\s*` + after + `[\s.!?]*$`),
	}
})

// gerunds are the verbs after "would you mind".
var gerunds = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(open|launch|start|calculat|comput|not|tak|mak|list|show|focus|switch|tell|writ|jott?|` +
		`notify|send|runn?|work|fir|clos|mov|bring|add|captur|remember|sav|giv|alert|grabb?|figur|evaluat|creat|jump|pull|bring|stor|record)ing\b`)
})

// infinitive undoes what English does to a verb before -ing.
func infinitive(stem string) string {
	switch l := strings.ToLower(stem); l {
	case "calculat", "comput", "not", "tak", "mak", "writ", "fir", "captur", "sav", "giv", "figur", "evaluat", "creat", "stor", "clos", "mov":
		return l + "e"
	case "jott", "runn", "grabb":
		return l[:len(l)-1]
	default:
		return l
	}
}

// nextTrack begins with a word that is no politeness there.
var nextTrack = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)^next (?:song|track|title|video)\b`) })

// bareBefore takes away what stands before a sentence.
func bareBefore(s string) string {
	p := polite()
	if rest, ok := cutFold(s, "let me see "); ok {
		s = "show me " + rest
	}
	for {
		m := p.before.FindStringIndex(s)
		if m == nil || nextTrack().MatchString(s) {
			break
		}
		s = s[m[1]:]
	}
	if m := gerunds().FindStringSubmatchIndex(s); m != nil {
		s = infinitive(s[m[2]:m[3]]) + s[m[1]:]
	}
	return s
}

// bareAfter takes away what stands after a sentence; in a text of any words only what a comma sets off.
func bareAfter(s string, text bool) string {
	p := polite()
	if text {
		if m := p.afterText.FindStringIndex(s); m != nil && m[0] > 0 {
			s = s[:m[0]]
		}
		s = strings.TrimSpace(s)
		if strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "..") {
			s = s[:len(s)-1]
		}
		return strings.TrimSpace(s)
	}
	for {
		m := p.after.FindStringIndex(s)
		if m == nil || m[0] == len(s) || m[0] == 0 {
			return strings.TrimSpace(s)
		}
		s = s[:m[0]]
	}
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
