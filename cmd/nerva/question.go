package main

import (
	"fmt"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/visible"
)

// questionText is a question in full: nothing is cut, and what a terminal would hide or act on is written out.
func questionText(t terminal, q api.Question) string {
	mark := t.errColour
	risk := map[api.Risk]string{api.Safe: green, api.Dangerous: red}[q.Risk]
	if risk == "" {
		risk = yellow
	}
	call := visible.Call(q.Skill, q.Input)
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s %s\n\n", mark(bold, "May this run?"), mark(risk, q.Risk.Words()))
	indent := strings.NewReplacer("\n", "\n    ")
	b.WriteString("    ")
	for _, s := range call {
		if s.Suspicious {
			b.WriteString(mark(suspicious, s.Text))
			continue
		}
		b.WriteString(indent.Replace(s.Text))
	}
	b.WriteString("\n\n")
	if warning := visible.Warning(call); warning != "" {
		fmt.Fprintf(&b, "  %s\n", mark(suspicious, warning))
	}
	for _, sentence := range []string{q.Reason, q.Taint()} {
		if sentence != "" {
			fmt.Fprintf(&b, "  %s\n", visible.Line(sentence))
		}
	}
	return b.String()
}

// promptText names the answers that make sense, and how long there is time for one.
func promptText(q api.Question, now time.Time) string {
	words := map[api.Decision]string{
		api.Once: "[y]es, once", api.ForRun: "for this [r]un", api.Always: "[a]lways for exactly this",
	}
	var b strings.Builder
	b.WriteString("  ")
	for _, d := range q.Answers() {
		if words[d] != "" {
			b.WriteString(words[d] + ", ")
		}
	}
	b.WriteString("Enter refuses")
	if left := q.Expires.Sub(now).Round(time.Second); !q.Expires.IsZero() && left > 0 {
		fmt.Fprintf(&b, " (as does %d s without an answer)", int(left.Seconds()))
	}
	return b.String() + ": "
}

// decision reads a person's words; all that is not a clear yes is a no. The daemon narrows what was not offered.
func decision(text string) api.Decision {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "y", "yes", "once":
		return api.Once
	case "r", "run":
		return api.ForRun
	case "a", "always":
		return api.Always
	}
	return api.Refuse
}
