package offline

import (
	"regexp"
	"strings"
	"sync"

	"nerva/core/api"
)

// sentences are what Help shows and what the nearest one is looked for in, by their first words.
var sentences = []struct{ form, words string }{
	{"open APP", "open launch start run application program app"},
	{"open https://ADDRESS", "open address website page url browser"},
	{"open PATH, open the NAME folder", "folder directory file path document downloads documents"},
	{"switch to WINDOW", "focus switch raise bring front window"},
	{"close WINDOW, move WINDOW to workspace 3", "close quit exit move send window workspace"},
	{"list the windows", "list windows which what open show"},
	{"which window is active?", "which active focused current window title"},
	{"list apps", "list apps applications programs installed"},
	{"what is 21*2? calculate EXPRESSION", "calculate compute what how much sum times plus minus divided percent result"},
	{"convert 5 km to miles", "convert kilometers miles euros dollars units currency into"},
	{"pause the music, play, next song", "pause play resume stop music song track next previous skip"},
	{"what is playing?", "playing song track music"},
	{"set the volume to 30, louder, mute", "volume louder quieter mute unmute sound percent"},
	{"battery, system status", "battery charge memory disk load uptime system status"},
	{"lock, suspend, reboot, power off, log out", "lock suspend sleep hibernate reboot restart shutdown power logout screen computer"},
	{"note: TEXT", "note remember write jot memo save record"},
	{"remind me in 20 minutes to TEXT, timer 10 minutes", "remind reminder timer alarm wake minutes later"},
	{"list my timers, cancel timer 3", "timers reminders alarms cancel list"},
	{"list my notes", "notes list my show read"},
	{"notify me that TEXT", "notify notification alert send tell message"},
	{"take a screenshot", "take screenshot capture screen picture"},
}

// Help lists the sentences that are understood.
func Help() string {
	var b strings.Builder
	b.WriteString("Without a model I understand these sentences:")
	for _, s := range sentences {
		b.WriteString("\n  " + s.form)
	}
	b.WriteString("\nSeveral may be joined by “and”, “then” or a comma, and a later one may say “the result” or “it”: " +
		"calculate 3*4 and note the result.")
	return b.String()
}

var help = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:help(?: me)?|\?|usage|commands|what (?:can|do) you (?:do|understand|know)|what can i (?:ask|say|do)|` +
		`how (?:do|can) i use (?:you|this)|how does this work|hello|hi|hey|good (?:morning|evening|afternoon))[\s?!.]*$`)
})

func isHelp(s string) bool { return help().MatchString(strings.TrimSpace(s)) }

// notUnderstood says what cannot be done, the nearest that can, and how to add a model.
func (i Interpreter) notUnderstood(rest string) string {
	if isReference(rest) {
		return "I do not know what “" + clean(rest) + "” refers to; nothing was done. " +
			"Name it, or ask for it first: calculate 3*4 and note the result."
	}
	return "I cannot do “" + shorten(clean(rest)) + "” without a model; nothing was done. The nearest I understand is: " +
		nearest(rest) + " (“help” lists all). To add a model, set base_url under [llm] in " + or(i.config, "~/.config/nerva/config.toml") + "."
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}

// nearest is the form that shares most words with a text, a letter or two apart counting as half.
func nearest(text string) string {
	words := strings.FieldsFunc(strings.ToLower(shorten(text)), func(r rune) bool { return r < 'a' || r > 'z' })
	best, most := sentences[0].form, 0
	for _, s := range sentences {
		score := 0
		for _, w := range words {
			score += closest(w, strings.Fields(s.words))
		}
		if score > most {
			best, most = s.form, score
		}
	}
	return best
}

func closest(word string, among []string) (score int) {
	for _, a := range among {
		switch d := api.Distance(word, a, 3); {
		case d == 0:
			return 2
		case d == 1 && len(word) > 3, d == 2 && len(word) > 4:
			score = 1
		}
	}
	return score
}
