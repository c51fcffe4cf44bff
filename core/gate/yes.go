package gate

import (
	"fmt"
	"slices"
)

// yeses are what was answered for the rest of a run, by what it was for, with who said so.
type yeses map[string]string

// key: a yes from before the run took in something more was given on another footing.
func (c *checked) key() string { return fmt.Sprintf("call %q %s", c.TaintedBy, c.hash) }

// remembered takes out of needs what was answered for the run, and says by whom.
func (g *Gate) remembered(run uint64, needs []need) (by string, left []need) {
	g.mu.Lock()
	defer g.mu.Unlock()
	left = slices.DeleteFunc(slices.Clone(needs), func(n need) bool {
		said := g.yes[run][n.run]
		if said != "" {
			by = said
		}
		return said != ""
	})
	return by, left
}

func (g *Gate) remember(run uint64, needs []need, by string) {
	if run == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.yes[run] == nil {
		g.yes[run] = yeses{}
	}
	for _, n := range needs {
		g.yes[run][n.run] = by
	}
}

// Forget drops what was kept in mind of a run that has ended.
func (g *Gate) Forget(run uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.yes, run)
}
