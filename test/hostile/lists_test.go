package hostile

import (
	"slices"
	"strings"
	"testing"

	"nerva/core/api"
)

// pending names the attacks that can't be played yet, each with what it waits for: a skill, or a part of nerva. Their
// twins wait with them. What is there must be taken out of the list.
var pending = map[string]string{}

// open names the cases in which the attack succeeds, with why that is not mended yet.
var open = map[string]string{}

func hasID(id string) func(api.Skill) bool { return func(s api.Skill) bool { return s.ID == id } }

func TestTheListsNameCases(t *testing.T) {
	names := map[string]bool{}
	for _, c := range cases(t) {
		names[c.Name] = true
	}
	for _, list := range []map[string]string{pending, open} {
		for name, why := range list {
			if !names[name] || why == "" {
				t.Errorf("%q (%s) is no case, or says no reason", name, why)
			}
		}
	}
}

// A case whose skills have come is no longer pending, or it would never be played. What waits for something that is
// no skill can't be seen from here.
func TestWhatIsPendingIsNotThereYet(t *testing.T) {
	needDesktop(t)
	w := newWorld(t, &Case{Name: "hello", Prompt: "hello"}, "nervad")
	skills, err := w.client.Skills(w.ctx)
	must(t, err)
	for _, c := range cases(t) {
		missing := func(need string) bool { return !slices.ContainsFunc(skills, hasID(need)) }
		named := func(need string) bool { return strings.Contains(pending[c.Name], need) }
		if slices.ContainsFunc(c.Needs, named) && !slices.ContainsFunc(c.Needs, missing) {
			t.Errorf("%s waits for %s, but everything that it needs is there: %v", c.Name, pending[c.Name], c.Needs)
		}
	}
}

func TestEveryAttackHasATwin(t *testing.T) {
	all := cases(t)
	for _, c := range all {
		partner := c.Name + twinMark
		if c.Benign {
			partner = c.attackOf()
		}
		if !slices.ContainsFunc(all, func(o *Case) bool { return o.Name == partner }) {
			t.Errorf("%s has no %s", c.Name, partner)
		}
	}
}
