package gate_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/gate"
)

// moves is a person who says yes after the configuration has come to mean another model.
type moves struct {
	desk  *fakeDesk
	asked []string
}

func (m *moves) Ask(_ context.Context, q api.Question) (api.Decision, string, error) {
	m.asked = append(m.asked, q.Reason)
	m.desk.host = "other.example"
	return api.Once, "overlay", nil
}

// TestAPictureGoesToAModelElsewhereByAYesOnly, and to the one that the question named.
func TestAPictureGoesToAModelElsewhereByAYesOnly(t *testing.T) {
	for _, c := range []struct {
		rule, sees, plans string // where the models are
		asked             int
	}{
		{"both are here", "", "", 0},
		{"the one that sees is elsewhere", "eyes.example", "", 1},
		{"the one that plans is elsewhere", "", "plans.example", 1},
		{"each is elsewhere", "eyes.example", "plans.example", 1},
		{"it is one and the same", "one.example", "one.example", 1},
	} {
		t.Run(c.rule, func(t *testing.T) {
			r := newRoom(t)
			r.desk.host = c.sees
			call := gate.Call{Skill: "describe_screen", Input: json.RawMessage(`{}`), Host: c.plans}
			if c.asked > 0 {
				if _, err := r.Do(t.Context(), call, nil); api.CodeOf(err) != api.Denied || len(r.desk.did) > 0 {
					t.Errorf("with nobody there: %v, did %q", err, r.desk.did)
				}
			}
			person := &moves{desk: r.desk}
			out, err := r.Do(t.Context(), call, person)
			if err != nil || !out.Untrusted || out.Did != "looked at the screen" {
				t.Fatalf("%+v, %v", out, err)
			}
			if len(person.asked) != c.asked {
				t.Errorf("asked %q", person.asked)
			}
			for _, host := range []string{c.sees, c.plans} {
				if !strings.Contains(strings.Join(person.asked, ""), host) {
					t.Errorf("asked %q, without %s", person.asked, host)
				}
			}
			if did := r.desk.did[len(r.desk.did)-1]; !strings.Contains(did, `to "`+c.sees+`":`) {
				t.Errorf("did %q", r.desk.did)
			}
		})
	}
}

func TestWithoutAModelThatSeesNobodyIsAsked(t *testing.T) {
	r := newRoom(t)
	r.desk.blind = api.Errorf(api.Unavailable, "there is no model")
	person := &yes{}
	if _, err := r.do(t, "describe_screen", `{}`, person); api.CodeOf(err) != api.Unavailable || person.asked > 0 || len(r.desk.did) > 0 {
		t.Errorf("%v, asked %d times, did %q", err, person.asked, r.desk.did)
	}
}

func TestTheContextIsTheLastWindows(t *testing.T) {
	r := newRoom(t)
	for range 30 {
		r.desk.windows = append(r.desk.windows, desk.Window{ID: "1", AppID: "foot", Focused: len(r.desk.windows) == 0})
	}
	text, err := r.do(t, "gather_context", `{}`, nil)
	var got struct {
		Time   string
		Active *desk.Window  `json:"active_window"`
		All    []desk.Window `json:"windows"`
	}
	if err != nil || json.Unmarshal([]byte(text), &got) != nil || got.Time == "" || got.Active == nil || !got.Active.Focused || len(got.All) != 20 {
		t.Errorf("%s, %v", text, err)
	}
	r.desk.windows = nil
	if text, err := r.do(t, "gather_context", `{}`, nil); err != nil || !strings.Contains(text, `"active_window":null,"windows":[]`) {
		t.Errorf("%s, %v", text, err)
	}
}
