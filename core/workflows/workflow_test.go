package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"nerva/core/api"
	"nerva/core/llm"
	"nerva/core/workflows"
)

// read compiles the one workflow of a configuration, and says what is wrong with it.
func read(t *testing.T, text string) (*workflows.Compiled, []string) {
	t.Helper()
	var file struct {
		Workflow workflows.Workflow `toml:"w"`
	}
	if err := toml.Unmarshal([]byte("[w]\n"+text), &file); err != nil {
		t.Fatal(err)
	}
	var wrong []string
	c := file.Workflow.Compile(func(name string) bool { return name == "weather" }, func(key, problem string) { wrong = append(wrong, key+" "+problem) })
	return c, wrong
}

func TestAWrongWorkflowIsToldByItsKey(t *testing.T) {
	for text, want := range map[string]string{
		"steps = [{ask = \"a\"}]":                                                                   "name is \"\", but must be one line",
		"name = \"a\\nb\"\nsteps = [{ask = \"a\"}]":                                                 "name is \"a\\nb\", but must be one line",
		"name = \"w\"":                                                                              "steps is empty",
		"name = \"a=b\"\nsteps = [{ask = \"a\"}]":                                                   "name is \"a=b\", but must have no =",
		"name = \"w\"\nsteps = [{}]":                                                                "steps[0] must have either skill or ask",
		"name = \"w\"\nsteps = [{ask = \"a\", skill = \"notify\"}]":                                 "steps[0] must have either skill or ask",
		"name = \"w\"\nsteps = [{ask = \"a\", input = {a = 1}}]":                                    "steps[0].input is set without a skill",
		"name = \"w\"\nsteps = [{skill = \"notifi\"}]":                                              "steps[0].skill is \"notifi\", but there is no such skill",
		"name = \"w\"\nsteps = [{skill = \"notify\", input = {text = \"a\"}}]":                      "steps[0].input has text, which is no argument of notify; it has title body",
		"name = \"w\"\nsteps = [{ask = \"{{.Last}}\"}]":                                             "steps[0].ask is no template: there is no field Last; this step has none",
		"name = \"w\"\nsteps = [{ask = \"a\"}, {ask = \"{{.city}}\"}]":                              "steps[1].ask is no template: there is no field city; this step has Last",
		"name = \"w\"\nsteps = [{skill = \"notify\", input = {title = \"{{\"}}]":                    "steps[0].input has for title no template",
		"name = \"w\"\nparams = [{name = \"City\"}]\nsteps = [{ask = \"a\"}]":                       "params[0].name is \"City\", but must be of small letters",
		"name = \"w\"\nparams = [{name = \"a\"}, {name = \"a\"}]\nsteps = [{ask = \"a\"}]":          "params[1].name is \"a\", as another parameter is",
		"name = \"w\"\nsteps = [" + strings.Repeat("{ask = \"a\"},", 51) + "]":                      "steps has 51 steps, but may have 50",
		"name = \"w\"\nsteps = [{skill = \"weather\", input = {anything = [\"{{range .Last}}\"]}}]": "steps[0].input has for anything no template",
	} {
		if _, wrong := read(t, text); len(wrong) == 0 || !strings.HasPrefix(wrong[0], want) {
			t.Errorf("%s\nsays %q, want %q", text, wrong, want)
		}
	}
	if _, wrong := read(t, "name = \"w\"\nparams = [{name = \"a\"}]\nsteps = [{skill = \"weather\", input = {x = \"{{.a}}\"}}, {ask = \"{{.Last.text}}\"}]"); wrong != nil {
		t.Errorf("said %q", wrong)
	}
}

func TestParametersAreChecked(t *testing.T) {
	c, wrong := read(t, "name = \"w\"\nparams = [{name = \"city\"}, {name = \"day\", default = \"today\"}]\nsteps = [{ask = \"{{.city}} {{.day}}\"}]")
	if wrong != nil || !c.Asks() || c.Shown() != "w" || c.Summary() != "ask" {
		t.Fatal(wrong, c.Asks(), c.Shown(), c.Summary())
	}
	if c, _ := read(t, "name = \"w\"\ntitle = \" \\u200b\"\nsteps = [{ask = \"a\"}]"); c.Shown() != "w" {
		t.Errorf("a title that nobody sees is %q", c.Shown())
	}
	for _, one := range []struct {
		given map[string]string
		want  string
	}{
		{nil, "the workflow w needs city; it is run by `nerva workflow run w city=TEXT [day=TEXT]`"},
		{map[string]string{"city": "x", "town": "y"}, `the workflow w has no parameter "town"`},
		{map[string]string{"city": ""}, ""},
	} {
		_, err := c.Give(one.given)
		if one.want == "" && err != nil || one.want != "" && (api.CodeOf(err) != api.InvalidInput || !strings.HasPrefix(err.Error(), one.want)) {
			t.Errorf("%v: %v, want %q", one.given, err, one.want)
		}
	}
}

// oracle answers each question with the next answer, and keeps what it was shown.
type oracle struct {
	answers []llm.Turn
	shown   [][]string
}

func (o *oracle) Turn(_ context.Context, r llm.Request, progress func(llm.Progress)) (llm.Turn, error) {
	var all []string
	for _, m := range r.Messages {
		text := string(m.Role) + " " + m.Text
		for _, c := range m.Calls {
			text += c.Name + c.Arguments
		}
		all = append(all, text)
	}
	o.shown = append(o.shown, all)
	turn := o.answers[0]
	o.answers = o.answers[1:]
	progress(llm.Progress{Delta: turn.Text})
	return turn, nil
}

// run plays a script as a run does: result answers each call. It returns the calls, what was streamed and the last turn's text.
func run(t *testing.T, s *workflows.Script, result func(llm.Call) llm.Message) (calls []string, streamed, last string, err error) {
	t.Helper()
	r := llm.Request{Messages: []llm.Message{{Role: llm.User, Text: "workflow w"}}}
	for range 20 {
		turn, err := s.Turn(t.Context(), r, func(p llm.Progress) { streamed += p.Delta })
		if err != nil || len(turn.Calls) == 0 {
			return calls, streamed, turn.Text, err
		}
		r.Messages = append(r.Messages, llm.Message{Role: llm.Assistant, Text: turn.Text, Calls: turn.Calls})
		for _, c := range turn.Calls {
			calls = append(calls, c.Name+c.Arguments)
			m := result(c)
			m.Role, m.CallID, m.Name = llm.Tool, c.ID, c.Name
			r.Messages = append(r.Messages, m)
		}
	}
	t.Fatal("it has no end")
	return nil, "", "", nil
}

func TestStepsFollowOneAnotherWithWhatTheyGave(t *testing.T) {
	c, wrong := read(t, `
name = "w"
title = "A day"
params = [{ name = "to", default = "ada" }]
steps = [
	{ skill = "clipboard_read" },
	{ ask = "Sum up for {{.to}}: {{.Last.text}}" },
	{ ask = "Shorter than {{.Last}}" },
	{ skill = "notify", input = { title = "{{.to}}", body = "{{.Last.answer}}" } },
]`)
	if wrong != nil {
		t.Fatal(wrong)
	}
	given, err := c.Give(nil)
	if err != nil {
		t.Fatal(err)
	}
	// It looks something up by itself before it answers.
	model := &oracle{answers: []llm.Turn{
		{Calls: []llm.Call{{ID: "1", Name: "list_apps", Arguments: "{}"}}}, {Text: "long"}, {Text: `short "{{.to}}"`},
	}}
	calls, streamed, last, err := run(t, c.Start(given, model), func(c llm.Call) llm.Message {
		if c.Name == "list_apps" {
			return llm.Message{Text: "no", Failed: true} // that is the model's to deal with
		}
		return llm.Message{Text: `{"text":"zebra {{.to}}","n":1000000}`}
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`clipboard_read{}`, `list_apps{}`, `notify{"body":"short \"{{.to}}\"","title":"ada"}`}
	if !slices.Equal(calls, want) {
		t.Errorf("called %q, want %q", calls, want)
	}
	if streamed != "long\n\nshort \"{{.to}}\"" || last != "A day: done." {
		t.Errorf("streamed %q, last %q", streamed, last)
	}
	shown := []string{
		"user workflow w", "assistant clipboard_read{}", `tool {"text":"zebra {{.to}}","n":1000000}`, "assistant Step 1 of 4 is done.", "user Sum up for ada: zebra {{.to}}",
		"assistant list_apps{}", "tool no", "assistant long", `user Shorter than {"answer":"long"}`,
	}
	if got := model.shown[2]; !slices.Equal(got, shown) {
		t.Errorf("the model was shown %q, want %q", got, shown)
	}
}

func TestAWorkflowEndsWhereAStepIsNotDone(t *testing.T) {
	c, _ := read(t, "name = \"w\"\nsteps = [{skill = \"notify\", input = {title = \"a\"}}, {skill = \"notify\", input = {title = \"{{.Last.gone}}\"}}]")
	for _, one := range []struct {
		result llm.Message
		want   string
	}{
		{llm.Message{Text: "notify was refused by the user", Failed: true}, "the workflow w ended at step 1 of 2: notify was refused by the user"},
		{llm.Message{Text: `{"id":1}`}, "step 2 of the workflow w can't be filled: "},
		{llm.Message{Text: `{"id":1 and then it was cut`}, "step 2 of the workflow w can't be filled: "},
	} {
		calls, _, _, err := run(t, c.Start(workflows.Given{}, nil), func(llm.Call) llm.Message { return one.result })
		if api.CodeOf(err) != api.Failed || !strings.HasPrefix(err.Error(), one.want) || len(calls) != 1 {
			t.Errorf("%v after %q, want %q", err, calls, one.want)
		}
	}
}

func TestAnAnswerIsTheLastWordWhereItWasTheLastStep(t *testing.T) {
	c, _ := read(t, "name = \"w\"\nsteps = [{ask = \"a\"}, {ask = \"b\"}]")
	_, streamed, last, err := run(t, c.Start(workflows.Given{}, &oracle{answers: []llm.Turn{{Text: "one"}, {Text: "two"}}}), nil)
	if err != nil || last != "one\n\ntwo" || streamed != last {
		t.Errorf("%q, streamed %q, %v", last, streamed, err)
	}
	for _, nothing := range []string{"", " \n"} {
		model := &oracle{answers: []llm.Turn{{Text: nothing}, {Text: "two"}}}
		if _, _, last, err := run(t, c.Start(workflows.Given{}, model), nil); err != nil || last != "" || len(model.answers) != 1 {
			t.Errorf("an empty answer is %q, %v", last, err) // for which the run has a sentence
		}
	}
}

// TestWhatWasCutIsNotPassedOn to a skill, which would take it for all there is; a model is told that it was cut.
func TestWhatWasCutIsNotPassedOn(t *testing.T) {
	for next, want := range map[string]string{
		"{skill = \"add_note\", input = {text = \"{{.Last.text}}\"}}": "step 2 of the workflow w can't be filled: what step 1 gave is too long to be passed on whole",
		"{skill = \"add_note\", input = {text = \"{{.who}}\"}}":       "",
		"{ask = \"Sum up: {{.Last.text}}\"}":                          "",
	} {
		c, wrong := read(t, "name = \"w\"\nparams = [{name = \"who\", default = \"a\"}]\nsteps = [{skill = \"clipboard_read\"}, "+next+"]")
		given, err := c.Give(nil)
		if wrong != nil || err != nil {
			t.Fatal(wrong, err)
		}
		_, _, _, err = run(t, c.Start(given, &oracle{answers: []llm.Turn{{Text: "short"}}}), func(c llm.Call) llm.Message {
			return llm.Message{Text: `{"text":"a…","note":"cut"}`, Cut: c.Name == "clipboard_read"}
		})
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", next, err, want)
		}
	}
}

// turns is a model that looks something up before each answer, and takes the id that the next step would have.
type turns struct {
	shown []llm.Request
	asked int
}

func (m *turns) Turn(_ context.Context, r llm.Request, progress func(llm.Progress)) (llm.Turn, error) {
	m.shown = append(m.shown, r)
	m.asked++
	if m.asked%2 == 1 {
		return llm.Turn{Calls: []llm.Call{{ID: fmt.Sprintf("step%05d", m.asked+1), Name: "list_apps", Arguments: "{}"}}}, nil
	}
	progress(llm.Progress{Delta: "so"})
	return llm.Turn{Text: "so"}, nil
}

// What the strictest of servers insist on (Mistral's, and the templates of Mistral, Gemma and others): a user first, then by
// turns an assistant and a user or results; ids of nine letters and digits, each once.
func TestEveryServerTakesWhatAModelIsShown(t *testing.T) {
	for _, steps := range []string{
		"{ask = \"a\"}, {skill = \"list_apps\"}, {ask = \"b\"}, {ask = \"c\"}, {skill = \"list_apps\"}, {skill = \"list_apps\"}, {ask = \"d\"}",
		"{skill = \"list_apps\"}, {ask = \"a\"}, {skill = \"list_apps\"}, {ask = \"b\"}",
	} {
		c, wrong := read(t, "name = \"w\"\nsteps = ["+steps+"]")
		if wrong != nil {
			t.Fatal(wrong)
		}
		model := &turns{}
		if _, _, _, err := run(t, c.Start(workflows.Given{}, model), func(llm.Call) llm.Message { return llm.Message{Text: "{}"} }); err != nil {
			t.Fatal(err)
		}
		for _, r := range model.shown {
			ids := map[string]bool{}
			before := llm.Role("")
			for _, m := range r.Messages {
				for _, call := range m.Calls {
					if ids[call.ID] || len(call.ID) != 9 || strings.ContainsAny(call.ID, "-_") {
						t.Errorf("a call has the id %q", call.ID)
					}
					ids[call.ID] = true
				}
				if (m.Role == llm.Assistant) == (before == llm.Assistant || before == "") || m.Role == llm.User && before != "" && before != llm.Assistant {
					t.Errorf("%s after %q in %+v", m.Role, before, r.Messages)
				}
				before = m.Role
			}
		}
	}
}

// FuzzScript holds that what a step gave gets into the next one as a value and no more.
func FuzzScript(f *testing.F) {
	f.Add(`{"text":"a\"},{\"x\":\"{{.Last}}"}`)
	f.Add(`[1,`)
	f.Fuzz(func(t *testing.T, result string) {
		c, _ := read(t, "name = \"w\"\nsteps = [{skill = \"clipboard_read\"}, {skill = \"run_command\", input = {argv = [\"echo\", \"x{{.Last.text}}\"]}}]")
		calls, _, _, err := run(t, c.Start(workflows.Given{}, nil), func(llm.Call) llm.Message { return llm.Message{Text: result} })
		if err != nil || len(calls) < 2 {
			return
		}
		var input struct{ Argv []string }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(calls[1], "run_command")), &input); err != nil || len(input.Argv) != 2 || input.Argv[0] != "echo" || input.Argv[1][0] != 'x' {
			t.Errorf("%q becomes %q, %v", result, calls[1], err)
		}
	})
}
