package offline

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// maxName bounds an application's or a window's name, in words: a longer one is a sentence.
const maxName = 5

type words struct {
	reference, reserved, before, after, later, path, file, folder, named, announce, url, verb *regexp.Regexp
}

var lexicon = sync.OnceValue(func() words {
	re := func(s string) *regexp.Regexp { return regexp.MustCompile(`(?is)^(?:` + s + `)$`) }
	const result = `(?:final |calculated )?(?:result|answer|sum|total|product|outcome|value|number|list|path|output|difference|quotient|solution|figure|quotient|ratio|average|calculation|computation|count|title|titles|names)s?`
	const inform = `(?:(?:it|that|this|the (?:result|answer)) (?:is|was|comes to|equals)|you (?:get|found|find|got|calculated|computed)|comes out|i(?:t|'ll)? gets?)`
	return words{
		reference: re(`it|that|this|them|those|these|that one|(?:the|its|this|that|my|your|their) ` + result + `(?: (?:of|to|from) (?:it|that|this|(?:the|that|this) (?:calculation|sum|computation|question|math)))?|` +
			result + `|(?:what|whatever) ` + inform + `|` + inform + `|(?:the )?(?:result|answer|outcome) (?:as well|too|also)|what the ` + result + ` is|how much (?:it|that) is`),
		// "start a timer" starts no application of that name.
		reserved: re(`(?:a |an |the |new |my )*(?:timer|alarm|countdown|stopwatch|reminder|meeting|call|window|windows|tab|new tab|note|notification|screenshot|file|folder|door|conversation|chat|it all|everything|nothing|something|anything|(?:\d+|five|ten|thirty) (?:minutes?|hours?|seconds?).*)(?:\s+(?:for|in|of|about|with|to|at|on)\s.*)?`),
		before:   regexp.MustCompile(`(?i)^(?:(?:the|a|an|my|our|up|me|new|another|app|application|program|called|named|window|application called|app called|instance|copy|of|some|on|to|both)\s+)+`),
		after:    regexp.MustCompile(`(?i)(?:\s+(?:app|application|program|window|windows|instance|software|client))+$`),
		// What waits for something to happen cannot be done now.
		later:    regexp.MustCompile(`(?i)^(?:when|whenever|once|if|as soon as|every|in (?:\d+|an?|one|two|three|five|ten|fifteen|twenty|thirty|half)\b|at \d|after|before|tomorrow|tonight|later)\b`),
		path:     re(`(?:~/|/|file:///).*|~`),
		file:     re(`[^\s/]+\.(?:pdf|txt|md|png|jpe?g|gif|svg|webp|mp[34]|mkv|webm|og[gv]|wav|flac|od[tsp]|docx?|xlsx?|pptx?|csv|json|toml|ya?ml|html?|zip|tar|gz|xz|log|conf|ini|epub)|[^\s/:]+/.*`),
		named:    regexp.MustCompile(`(?i)^(?:(?:the|my|a|file|folder|directory|document|path|picture|image|at|called|named|in)\s+)+`),
		folder:   regexp.MustCompile(`(?i)^(?:(?:the|my)\s+)?(?:(?:folder|directory)\s+(?:called |named )?(.+)|(.+?)\s+(?:folder|directory)|(?:my )?(documents|downloads|pictures)|my (music|videos|desktop|templates))$`),
		announce: regexp.MustCompile(`(?i)^(?:(?:the )?following(?: text| note| message)?|for later|for me|this|the text|text|message|myself|yourself)\s*:\s*`),
		url:      re(`(?:https?://|www\.)\S+`),
		verb:     regexp.MustCompile(`(?i)^(?:close|quit|kill|delete|remove|send|search|find|type|press|click|lock|shut|restart|reboot|set|turn|play|pause|stop|mute|copy|paste|convert|read|write|sing|call|email|mail|buy|book|order|translate|summari[sz]e|explain|tell|ask|check|wait|move|resize|minimi[sz]e|maximi[sz]e|download|upload|install|update|remind|schedule|help|what|who|when|where|why|how|is|are|do|does)\b`),
	}
})

var resultOf = regexp.MustCompile(`(?is)^what (.+) (?:is|equals|makes|comes to)$|^(?:the |a )?(?:result|answer|value|outcome|solution|sum|product|difference|quotient|total|average|square root|mean)s? (?:of|to|for|between) (.+)$`)

func isReference(s string) bool { return lexicon().reference.MatchString(strings.TrimSpace(s)) }

func knownVerb(s string) bool { return lexicon().verb.MatchString(strings.TrimSpace(s)) }

func addNote(title, body string) []step {
	body = announced(body)
	if body == "" {
		return nil
	}
	return withText("add_note", "text", body, map[string]any{"title": title})
}

// notify shows a text now; one that is to wait for something is not understood.
func notify(title, body string) []step {
	body = announced(body)
	if body == "" || lexicon().later.MatchString(body) {
		return nil
	}
	return withText("notify", "body", body, map[string]any{"title": or(title, "nerva")})
}

// announced takes away what only announces a text, and is empty where nothing else is there.
func announced(s string) string {
	s = lexicon().announce.ReplaceAllString(s, "")
	switch strings.ToLower(s) {
	case "please", "thanks", "thank you", "for me", "now", "down":
		return ""
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// name is an application's or a window's name without the words around it.
func name(s string, text func(string) string) (string, bool) {
	w := lexicon()
	s = strings.TrimSpace(s)
	if quoted := text(s); len([]rune(s)) == 1 && quoted != s {
		return quoted, quoted != ""
	}
	if w.reserved.MatchString(s) {
		return "", false
	}
	if t := w.before.ReplaceAllString(s, ""); t != "" {
		s = t
	}
	if t := w.after.ReplaceAllString(s, ""); t != "" {
		s = t
	}
	s = text(s)
	bad := s == "" || len(strings.Fields(s)) > maxName || w.url.MatchString(s) || strings.ContainsAny(s, ",;:?!|<>$`=*\\\n") ||
		strings.Contains(strings.ToLower(" "+s+" "), " and ") || strings.Contains(s, " -")
	return s, !bad
}

// path recognises what is to be opened as a file or folder: a path, a file's name, "the Downloads folder".
func path(s string, text func(string) string) (string, bool) {
	w := lexicon()
	s = strings.TrimSpace(s)
	for _, t := range []string{text(s), text(w.named.ReplaceAllString(s, ""))} {
		switch {
		case w.url.MatchString(t):
		case t == "~":
			return "~/", true
		case w.path.MatchString(t):
			return strings.TrimPrefix(t, "file://"), true
		case w.file.MatchString(t): // a request has no folder of its own: names are below home
			return "~/" + t, true
		}
	}
	m := w.folder.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	f := text(or(m[1], or(m[2], or(m[3], m[4]))))
	switch strings.ToLower(f) {
	case "", "new", "a", "a new", "the", "this":
		return "", false
	case "home", "my home":
		return "~/", true
	case "documents", "downloads", "music", "pictures", "videos", "desktop", "public", "templates":
		return "~/" + strings.ToUpper(f[:1]) + strings.ToLower(f[1:]), true
	}
	if w.path.MatchString(f) {
		return f, true
	}
	if strings.ContainsAny(f, " ~") {
		return "", false
	}
	return "~/" + f, true
}

func openPath(p string) []step {
	return []step{{skill: "open_path", input: map[string]any{"path": p}, verb: "open"}}
}

// open opens an application, a file or a folder.
func open(m []string, text func(string) string) []step {
	s := m[1]
	if p, ok := path(s, text); ok {
		return openPath(p)
	}
	if isReference(text(s)) {
		return []step{{skill: "open_path", input: map[string]any{}, from: "path", ref: text(s)}}
	}
	if u := text(s); lexicon().url.MatchString(u) {
		if strings.HasPrefix(strings.ToLower(u), "www.") {
			u = "https://" + u
		}
		return []step{{skill: "open_url", input: map[string]any{"url": u}}}
	}
	app, ok := name(s, text)
	if !ok || knownVerb(app) && len(strings.Fields(app)) > 1 {
		return nil
	}
	return []step{{skill: "launch_app", input: map[string]any{"app": app}, verb: "open"}}
}

// wanted opens an application that is only named; what might be anything else ("give me the result", "I need
// help") it leaves to the other rules.
func wanted(m []string, text func(string) string) []step {
	s := strings.ToLower(text(m[1]))
	if isReference(s) || strings.HasPrefix(s, "the ") || knownVerb(s) {
		return nil
	}
	return open(m, text)
}

// openWith opens a file or an address in an application.
func openWith(m []string, text func(string) string) []step {
	app, ok := name(m[2], text)
	if !ok {
		return nil
	}
	target, ok := path(m[1], text)
	if rest, below := strings.CutPrefix(target, "~/"); below { // an application gets a path as it stands
		home, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		target = filepath.Join(home, rest)
	}
	if u := text(m[1]); !ok && lexicon().url.MatchString(u) {
		target, ok = u, true
	}
	if !ok {
		return nil
	}
	return []step{{skill: "launch_app", input: map[string]any{"app": app, "uris": []string{target}}}}
}

func focus(m []string, text func(string) string) []step {
	return onWindow(step{skill: "focus_window", input: map[string]any{}, verb: "focus"}, m[1], text)
}

// closeWindow closes one, and that by a name: "close all windows" is not understood.
func closeWindow(m []string, text func(string) string) []step {
	if many.MatchString(m[1]) {
		return nil
	}
	return onWindow(step{skill: "close_window", input: map[string]any{}, verb: "close"}, active(m[1]), text)
}

func moveWindow(m []string, text func(string) string) []step {
	return onWindow(step{skill: "move_window", input: map[string]any{"workspace": text(m[2])}}, active(m[1]), text)
}

var many = regexp.MustCompile(`(?i)^(?:(?:of|the|my) )*(?:all|every|each|both|others?|rest|next|last|previous|windows)\b`)

// active is what "this window" is called where it is looked for.
func active(s string) string { return thisWindow.ReplaceAllString(s, "active") }

var thisWindow = regexp.MustCompile(`(?i)^(?:(?:the|this|my)(?: (?:current|active|focused))?|current|active|focused) window$`)

// onWindow makes a step of what is to be done with the window that s calls by its name.
func onWindow(s step, called string, text func(string) string) []step {
	s.windowKey = "id"
	if _, ok := path(called, text); ok {
		return nil
	}
	if isReference(text(called)) {
		s.ref = text(called)
		return []step{s}
	}
	w, ok := name(windowOfName.ReplaceAllString(called, ""), text)
	if !ok {
		return nil
	}
	s.window = w
	return []step{s}
}

// windowOfName stands before a window's name.
var windowOfName = regexp.MustCompile(`(?i)^(?:the )?window (?:of|called|named|titled|with (?:the )?title|for|that says|by)\s+`)

var showWindow = regexp.MustCompile(`(?is)^(?:show|select|get|turn|move)\b.*?(window)?$`)

// focusVerb is focus for verbs in front; "show", which has other uses, needs the word "window".
func focusVerb(m []string, text func(string) string) []step {
	if w := showWindow.FindStringSubmatch(m[0]); w != nil && w[1] == "" && !strings.Contains(strings.ToLower(m[0]), "focus") {
		return nil
	}
	return focus(m, text)
}
