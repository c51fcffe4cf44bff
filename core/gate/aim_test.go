package gate_test

import (
	"context"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/policy"
)

// meanwhile answers yes after something has happened.
type meanwhile struct {
	happens func()
	asked   []api.Question
}

func (m *meanwhile) Ask(_ context.Context, q api.Question) (api.Decision, string, error) {
	m.asked = append(m.asked, q)
	m.happens()
	return api.Once, "overlay", nil
}

func TestWhatIsDoneIsForTheWindowOfTheQuestion(t *testing.T) {
	for _, c := range []struct {
		rule, skill, input string
		focused            []bool
		says, did          string
	}{
		{
			"the one that has the focus", "type_text", `{"text":"rm","app":"notes","title":"harmless"}`,
			[]bool{false, true},
			`{"app":"foot","text":"rm","title":"root","window":"2"}`, `type "rm" in 2`,
		},
		{
			"the one that is named", "press_keys", `{"keys":"Enter","window":"1"}`,
			[]bool{false, true},
			`{"app":"firefox","keys":"enter","title":"<b>","window":"1"}`, `press enter in 1`,
		},
		{
			"the one that is to be closed", "close_window", `{"id":"1","app":"calculator","title":"empty"}`,
			[]bool{false, true},
			`{"app":"firefox","id":"1","title":"<b>"}`, `close 1`,
		},
		{"no window", "click", `{"title":"harmless"}`, []bool{false, false}, `{}`, `click left 1 times at there in `},
	} {
		t.Run(c.rule, func(t *testing.T) {
			r := newRoom(t)
			r.desk.windows = []desk.Window{{ID: "1", AppID: "firefox", Title: "<b>"}, {ID: "2", AppID: "foot", Title: "root"}}
			focus := func(f []bool) {
				for i := range f {
					r.desk.windows[i].Focused = f[i]
				}
			}
			focus(c.focused)
			ask := &meanwhile{happens: func() { focus([]bool{!c.focused[0], !c.focused[1]}) }}
			if _, err := r.do(t, c.skill, c.input, ask); err != nil {
				t.Fatal(err)
			}
			if got := string(ask.asked[0].Input); got != c.says {
				t.Errorf("the question says %s, want %s", got, c.says)
			}
			if got := strings.Join(r.desk.did, ", "); got != c.did {
				t.Errorf("did %s, want %s", got, c.did)
			}
		})
	}
}

func TestWithoutAWindowNothingIsTyped(t *testing.T) {
	r := newRoom(t)
	ask := &yes{}
	_, err := r.do(t, "type_text", `{"text":"x"}`, ask)
	if api.CodeOf(err) != api.NotFound || ask.asked > 0 || len(r.desk.did) > 0 {
		t.Errorf("%v, asked %d times, did %v", err, ask.asked, r.desk.did)
	}
}

func TestARuleForbidsAChordInEverySpelling(t *testing.T) {
	for _, keys := range []string{"super+l", "SUPER+L", " Super + l ", "super+super+l"} {
		r := newRoom(t, policy.Rule{Name: "no locking", Skill: "press_keys", Match: map[string]any{"keys": "super+l"}, Decision: policy.Deny})
		r.desk.windows = []desk.Window{{ID: "1", Focused: true}}
		if _, err := r.do(t, "press_keys", `{"keys":"`+keys+`"}`, &yes{}); api.CodeOf(err) != api.Denied || len(r.desk.did) > 0 {
			t.Errorf("%q: %v, did %v", keys, err, r.desk.did)
		}
	}
}

func TestARuleKeepsAnApplicationOpen(t *testing.T) {
	r := newRoom(t, policy.Rule{Name: "the editor stays", Skill: "close_window", Match: map[string]any{"app": "editor"}, Decision: policy.Deny})
	r.desk.windows = []desk.Window{{ID: "1", AppID: "editor"}, {ID: "2", AppID: "firefox"}}
	if _, err := r.do(t, "close_window", `{"id":"1","app":"firefox"}`, &yes{}); api.CodeOf(err) != api.Denied || len(r.desk.did) > 0 {
		t.Errorf("the editor: %v, did %v", err, r.desk.did)
	}
	if _, err := r.do(t, "close_window", `{"id":"2"}`, &yes{}); err != nil {
		t.Errorf("another: %v", err)
	}
}

func TestARuleKeepsTypingOutOfAnApplication(t *testing.T) {
	r := newRoom(t, policy.Rule{Name: "no terminals", Skill: "type_text", Match: map[string]any{"app": "foot"}, Decision: policy.Deny})
	r.desk.windows = []desk.Window{{ID: "1", AppID: "foot", Focused: true}, {ID: "2", AppID: "firefox"}}
	if _, err := r.do(t, "type_text", `{"text":"x","app":"firefox"}`, &yes{}); api.CodeOf(err) != api.Denied {
		t.Errorf("into foot: %v", err)
	}
	if _, err := r.do(t, "type_text", `{"text":"x","window":"2"}`, &yes{}); err != nil {
		t.Errorf("into another: %v", err)
	}
}
