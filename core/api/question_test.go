package api_test

import (
	"slices"
	"testing"

	"nerva/core/api"
)

func TestAnAnswerThatIsNotOfferedCountsAsTheNextNarrowerOne(t *testing.T) {
	const refuse, once, run, always = api.Refuse, api.Once, api.ForRun, api.Always
	for _, c := range []struct {
		rule    string
		offered []api.Decision
		answers []api.Decision
		taken   map[api.Decision]api.Decision
	}{
		{"nothing said is everything", nil, []api.Decision{refuse, once, run, always}, map[api.Decision]api.Decision{refuse: refuse, once: once, run: run, always: always}},
		{"no rule", []api.Decision{once, run, refuse}, []api.Decision{refuse, once, run}, map[api.Decision]api.Decision{always: run, run: run}},
		{"this time only", []api.Decision{once}, []api.Decision{refuse, once}, map[api.Decision]api.Decision{always: once, run: once, refuse: refuse}},
		{"never wider", []api.Decision{always}, []api.Decision{refuse, always}, map[api.Decision]api.Decision{always: always, run: refuse, once: refuse}},
		{"nothing but no", []api.Decision{refuse}, []api.Decision{refuse}, map[api.Decision]api.Decision{always: refuse, run: refuse, once: refuse}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			q := api.Question{Decisions: c.offered}
			if got := q.Answers(); !slices.Equal(got, c.answers) {
				t.Errorf("offers %v, want %v", got, c.answers)
			}
			for said, want := range c.taken {
				if got := q.Taken(said); got != want {
					t.Errorf("%s is taken as %s, want %s", said, got, want)
				}
			}
		})
	}
}
