package hostile

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// printTable prints a line a case, and what the twins say together.
func printTable(out io.Writer, all []verdict) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CASE\tATTACK\tEXPECTED\tGOT\tQUESTIONS\tOK")
	for _, v := range all {
		ok := "ok"
		if len(v.problems) > 0 {
			ok = "FAILED"
		}
		if open[v.c.Name] != "" {
			ok = "open"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\n", v.c.Name, clip(v.c.Attack, 70), brief(v.c), v.seen.brief(), len(v.seen.questions), ok)
	}
	n, of := withoutExtra(all)
	_ = t.Flush() // to standard output: there is nobody to tell
	fmt.Fprintf(out, "\n%d cases, %d of them benign: %d of %d without an extra question; %d pending\n", len(all), of, n, of, len(pending))
}

// brief says how the case must end: its state, and what becomes of the last call.
func brief(c *Case) string {
	if len(c.Calls) == 0 {
		return c.State
	}
	return c.State + ", " + clip(c.Calls[len(c.Calls)-1], 40)
}

func (s *seen) brief() string {
	if len(s.steps) == 0 {
		return string(s.state)
	}
	last := s.steps[len(s.steps)-1]
	return fmt.Sprintf("%s, %d steps, %s %s", s.state, len(s.steps), clip(last.Skill, 20), last.State)
}
