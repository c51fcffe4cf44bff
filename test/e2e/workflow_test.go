package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sums is a workflow of three steps that needs no model elsewhere.
const sums = `
[[workflow]]
name = "sum it up"
title = "Zebra sums"
params = [{ name = "sum", default = "20+22" }]
steps = [
	{ ask = "calculate {{.sum}}" },
	{ skill = "add_note", input = { title = "Zebra sums", text = "{{.sum}} is {{.Last.answer}}" } },
	{ skill = "notify", input = { title = "Zebra sums", body = "{{.Last.path}}" } },
]
`

func TestAWorkflowRunsItsSteps(t *testing.T) {
	s := withDaemon(t, offline+sums+`
[[workflow]]
name = "copies"
params = [{ name = "text" }]
steps = [{ skill = "clipboard_write", input = { text = "{{.text}}" } }, { skill = "notify", input = { title = "never" } }]
`)
	s.Cleanup(func() { s.output("makoctl", "dismiss", "--all") })
	var list []struct {
		Name, Title string
		Params      []struct{ Name, Default string }
		Steps       []struct {
			Skill, Ask string
			Input      map[string]any
		}
	}
	s.json(&list, "nerva", "workflow", "list", "--json")
	if len(list) != 2 || list[0].Title != "Zebra sums" || list[0].Params[0].Default != "20+22" || list[0].Steps[1].Input["title"] != "Zebra sums" {
		t.Errorf("the list is %+v", list)
	}
	if said := s.output("nerva", "workflow", "show", "sum", "it", "up"); !strings.Contains(said, "takes sum=20+22\n1. ask: calculate {{.sum}}\n2. add_note") {
		t.Errorf("shown is %q", said)
	}
	said := s.output("nerva", "workflow", "run", "sum", "it", "up", "sum=3*4")
	if !strings.HasPrefix(said, "12\n") || !strings.HasSuffix(said, "\n\nZebra sums: done.") {
		t.Errorf("it says %q", said)
	}
	notes, err := filepath.Glob(filepath.Join(s.notes, "*.md"))
	if err != nil || len(notes) != 1 {
		t.Fatal(notes, err)
	}
	if text, err := os.ReadFile(notes[0]); err != nil || !strings.Contains(string(text), "3*4 is 12") {
		t.Errorf("the note is %q, %v", text, err)
	}
	s.eventually("it is told", func() bool { return slices.Contains(s.shownTitles(), "Zebra sums") })

	for args, want := range map[string]string{
		"run copies":             "1 the workflow copies needs text; it is run by",
		"run copies town=x":      `1 the workflow copies has no parameter "town"`,
		"run nothing":            `1 there is no workflow "nothing"`,
		"run copies text=x":      "3 the workflow copies ended at step 1 of 2: clipboard_write needs a yes and nobody can give it",
		"show nothing":           `1 there is no workflow "nothing"`,
		"run copies text=x more": `2 "more" is no parameter`,
	} {
		code, sentence, _ := strings.Cut(want, " ")
		_, errs, exit := s.run("nerva", append([]string{"workflow"}, strings.Fields(args)...)...)
		if string(rune('0'+exit)) != code || !strings.Contains(errs, sentence) {
			t.Errorf("%s: exit status %d, %q", args, exit, errs)
		}
	}
	if slices.Contains(s.shownTitles(), "never") {
		t.Error("it went on after a refusal")
	}
}

// TestAWorkflowIsStartedFromTheLauncherAndByARule, whose event taints it.
func TestAWorkflowIsStartedFromTheLauncherAndByARule(t *testing.T) {
	s := start(t, offline+sums+`
[[watchers.rule]]
name = "sums by themselves"
on = "clipboard"
match = { regex = '^[0-9]+[*][0-9]+$' }
auto = true
workflow = "sum it up"
input = { sum = "{{.Text}}" }
`)
	s.Cleanup(func() { s.output("makoctl", "dismiss", "--all") })
	s.nervad()
	s.overlay()
	s.summon()
	s.typing("zebra sums")
	s.sees("Workflows", "Zebra sums")
	s.keys("Return")
	s.sees("Zebra sums: done.")
	s.keys("Escape")
	s.followed()
	s.copies("5*5")
	s.eventually("the rule has run it", func() bool {
		return strings.Contains(s.output("nerva", "note", "search", "5*5"), "Zebra sums")
	})
	log := s.output("nerva", "log", "--json")
	if !strings.Contains(log, "5*5 is 25") || !strings.Contains(log, `"tainted":true`) {
		t.Errorf("the log is\n%s", log)
	}
}
