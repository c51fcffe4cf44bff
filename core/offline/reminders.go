package offline

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"nerva/core/when"
)

// Sentences about timers and reminders. When they are is read by core/when, here only to find where the time ends and the
// text begins: the skill gets the words.

func reminders() []rule {
	r, free := ruleOf, freeRuleOf
	all := func(m []string, text func(string) string) []step { return remind(text(m[1]), "") }
	const a = `(?:(?:a|an|the|my|another|new|me|up|kitchen|egg) )*`
	const bell = `(?:timer|alarm|countdown|reminder)`
	return []rule{
		free(`remind me(?: about| of| that)?\s+(.+)`, all),
		free(`(.+?),?\s+remind me(?: to| about| of| that)?\s+(.+)`, func(m []string, text func(string) string) []step { return remind(text(m[1]), text(m[2])) }),
		free(`(?:(?:set|start|create|make|add|give|put|run)\s+)?`+a+bell+`(?:\s*[:,]|\s+(?:for|to|in|at|of|on))?\s+(.+)`, all),
		free(`wake me(?: up)?\s+(.+)`, func(m []string, text func(string) string) []step { return remind(text(m[1]), "Wake up") }),
		r(`(?:(?:set|start|create|make|add|give|run)\s+)?`+a+`(\S+[ -]\S+?)[ -]`+bell+`(?:\s+(?:for|to)\s+(.+))?`, func(m []string, text func(string) string) []step {
			return remind(strings.ReplaceAll(text(m[1]), "-", " "), text(m[2]))
		}),
		r(`(?:`+listVerb+`(?: me)?\s+)?`+articles+`(?:active |current |running |pending )?(?:timers|reminders|alarms)(?: (?:do i have|are (?:there|set|running|on)|have i set|i have(?: set)?))*`,
			func([]string, func(string) string) []step { return simple("list_timers") }),
		r(`(?:cancel|delete|remove|stop|clear|dismiss|forget|turn off)\s+`+articles+bell+`(?: number| no\.?| #)?\s*#?(\d{1,9})`, func(m []string, text func(string) string) []step {
			id, err := strconv.ParseInt(m[1], 10, 64)
			if err != nil {
				return nil
			}
			return []step{{skill: "cancel_timer", input: map[string]any{"id": id}}}
		}),
	}
}

// remind makes a step of a sentence with a time in it; where the text stands apart the sentence is the time alone.
func remind(sentence, text string) []step {
	now := time.Now()
	phrase, rest, err := when.Sentence(sentence, now)
	if err != nil { // "for 7", "for 10"
		phrase, rest, err = when.Sentence("at "+sentence, now)
	}
	switch {
	case err != nil, rest != "" && text != "":
		return nil
	case text == "":
		text = rest
	}
	if text == "" {
		text = "Time is up: " + phrase.Text
	}
	return []step{{skill: "set_timer", input: map[string]any{phrase.Key: phrase.Text, "text": text}, free: true}}
}

// timerOutcome says what a call about timers brought.
func timerOutcome(skill string, input map[string]any, r result) (said, value string, known bool) {
	switch skill {
	case "set_timer":
		value = dueWords(field(r.data, "due"))
		if every := field(r.data, "every"); every != "" {
			value += ", then every " + every
		}
		return ended("Reminding you " + value + ": " + field(r.data, "text")), value, true
	case "cancel_timer":
		value = fmt.Sprint(input["id"])
		return "Timer " + value + " is cancelled.", value, true
	case "list_timers":
		said, value = timersSentence(r)
		return said, value, true
	}
	return "", "", false
}

func timersSentence(r result) (said, value string) {
	items, _ := r.data["timers"].([]any)
	var lines []string
	for _, i := range items {
		o, _ := i.(map[string]any)
		when := dueWords(field(o, "due"))
		if field(o, "state") == "rung" {
			when = "rang " + when
		}
		lines = append(lines, fmt.Sprintf("%s: %s, %s", field(o, "id"), field(o, "text"), when))
	}
	if len(lines) == 0 {
		return "There are no timers.", "no timers"
	}
	value = strings.Join(lines, "\n")
	return "Timers:\n" + value, value
}

// dueWords says a time as a person does.
func dueWords(rfc3339 string) string {
	due, err := time.Parse(time.RFC3339, rfc3339)
	if err != nil {
		return rfc3339
	}
	due = due.Local()
	if due.Format(time.DateOnly) == time.Now().Format(time.DateOnly) {
		return due.Format("at 15:04")
	}
	return due.Format("on Monday 2 January at 15:04")
}
