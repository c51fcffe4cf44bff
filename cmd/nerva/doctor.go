package main

import (
	"github.com/spf13/cobra"
)

// The doctor's parts: doctorfacts.go gathers; doctorrules.go, doctorsession.go, doctorservices.go and doctorhelpers.go judge;
// doctorremedy.go has the fixes; doctorprint.go prints. A rule reads facts and nothing else, so that each desktop can be played.

// finding is the outcome of one check.
type finding struct {
	Check  string `json:"check"`
	State  string `json:"state"` // ok, warn: something is missing that nerva can do without; fail: nerva can't work
	Detail string `json:"detail"`
	Fix    string `json:"fix"`
}

func ok(detail string) finding        { return finding{State: "ok", Detail: detail} }
func warn(detail, fix string) finding { return finding{State: "warn", Detail: detail, Fix: fix} }
func fail(detail, fix string) finding { return finding{State: "fail", Detail: detail, Fix: fix} }

// rule judges one thing that nerva needs.
type rule struct {
	check string
	judge func(facts) finding
}

// examine applies all rules in their order: first what nerva itself is, then what the session gives it, then helpers.
func examine(f facts) []finding {
	var found []finding
	for _, table := range [][]rule{ownRules, sessionRules, serviceRules, helperRules} {
		for _, r := range table {
			one := r.judge(f)
			one.Check = r.check
			found = append(found, one)
		}
	}
	return found
}

func doctorCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "doctor", Short: "look for what is missing and say how to mend it", Args: none}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		found := examine(gather(c.Context()))
		if err := printFindings(t, *asJSON, found); err != nil {
			return err
		}
		for _, f := range found {
			if f.State == "fail" {
				return silent(exitFailed)
			}
		}
		return nil
	}
	return c
}
