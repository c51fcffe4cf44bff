package gate

import (
	"context"
	"encoding/json"
	"testing"

	"nerva/core/api"
)

// A rule's own call, and an accepted suggestion, have no run.
func TestWhatARuleWroteIsNotOpenedUnasked(t *testing.T) {
	for name, run := range map[string]uint64{"a run": 7, "a rule's own call": 0} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			for _, e := range b.own {
				if e.ID == "put" {
					e.Writes, e.Effect = true, api.Local // as add_note
				}
			}
			b.do = func(context.Context, json.RawMessage) (json.RawMessage, error) {
				return json.RawMessage(`{"path":"/n/evil.md"}`), nil
			}
			if _, err := b.Do(t.Context(), Call{
				Run: run, Caller: api.Caller{Name: "watcher"}, Skill: "put", Input: json.RawMessage(`{"text":"x"}`),
				TaintedBy: []string{`was started by the watcher "r" at 12:00`},
			}, nil); err != nil {
				t.Fatal(err)
			}
			p := &person{answer: api.Refuse}
			_, err := b.Do(t.Context(), call("open", `{"path":"/n/evil.md"}`), p)
			if api.CodeOf(err) != api.Denied || len(p.asked) != 1 {
				t.Errorf("a later run opens it unasked: %v, %d questions", err, len(p.asked))
			}
			// and the other way: what a tainted run wrote, opened by a rule itself
			_, err = b.Do(t.Context(), Call{
				Run: 0, Caller: api.Caller{Name: "watcher"}, Skill: "open", Input: json.RawMessage(`{"path":"/n/evil.md"}`),
				TaintedBy: []string{`was started by the watcher "r" at 12:00`},
			}, p)
			if api.CodeOf(err) != api.Denied {
				t.Errorf("a rule opens it unasked: %v", err)
			}
		})
	}
}
