package gate

import "fmt"

// yeses are what was answered for the rest of a run: key → who said so.
type yeses map[string]string

// key: a yes from before the run was tainted was given on another footing.
func (c *checked) key() string { return fmt.Sprintf("call %t %s", len(c.TaintedBy) > 0, c.hash) }

func (c *checked) shareKey() string { return fmt.Sprintf("share %s %s", c.skill.Shares, c.Host) }

// remembered takes out of v what was answered for the run, and says by whom.
func (g *Gate) remembered(c *checked, v consent) (by string, left consent) {
	g.mu.Lock()
	defer g.mu.Unlock()
	yes := g.yes[c.Run]
	if said := yes[c.key()]; said != "" && v.call {
		by, v.call = said, false
	}
	if said := yes[c.shareKey()]; said != "" && v.share {
		by, v.share = said, false
	}
	return by, v
}

func (g *Gate) remember(c *checked, v consent, by string) {
	if c.Run == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.yes[c.Run] == nil {
		g.yes[c.Run] = yeses{}
	}
	if v.call {
		g.yes[c.Run][c.key()] = by
	}
	if v.share {
		g.yes[c.Run][c.shareKey()] = by
	}
}

// Forget drops the yeses of a run that has ended.
func (g *Gate) Forget(run uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.yes, run)
}
