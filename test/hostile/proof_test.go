package hostile

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"text/tabwriter"
)

// A case proves something only if it fails where its one defence is missing. This builds a nervad without each, so
// it takes minutes: `make hostile-proof` runs it.
func TestEachCaseFailsWithoutItsDefence(t *testing.T) {
	needDesktop(t)
	if os.Getenv("NERVA_HOSTILE_PROOF") == "" {
		t.Skip("`make hostile-proof` runs this: it builds nervad once for each defence")
	}
	all := cases(t)
	var mu sync.Mutex
	found := map[string]string{}
	for _, d := range defences(t) {
		t.Run(d.ID, func(t *testing.T) {
			nervad := ""
			for _, c := range all {
				if c.Defence != d.ID || pending[c.Name] != "" {
					continue
				}
				if nervad == "" {
					nervad = d.build(t)
				}
				t.Run(c.Name, func(t *testing.T) {
					t.Parallel()
					v := try(t, c, nervad)
					if len(v.problems) == 0 {
						t.Errorf("it holds without %s, so %s stops nothing in it", d.ID, d.ID)
						return
					}
					mu.Lock()
					defer mu.Unlock()
					found[d.ID+"\t"+c.Name] = v.problems[0]
				})
			}
		})
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "WITHOUT\tCASE\tWHAT HAPPENS")
	for _, line := range sortedKeys(found) {
		fmt.Fprintf(out, "%s\t%s\n", line, clip(found[line], 110))
	}
	_ = out.Flush() // to standard output: there is nobody to tell
}
