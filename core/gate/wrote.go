package gate

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"nerva/core/api"
)

// maxWrote is how many files of one run are kept in mind. A run that writes more has asked for each but its notes.
const maxWrote = 1000

// keepWritten keeps in mind what a tainted run has written: opened with an application, a note with a picture in it
// sends what it says to wherever the picture is.
func (g *Gate) keepWritten(c *checked, output json.RawMessage) {
	if c.Run == 0 || len(c.TaintedBy) == 0 || !c.skill.Writes {
		return
	}
	var out struct{ Path string }
	if json.Unmarshal(output, &out) != nil || out.Path == "" {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.wrote[c.Run]) < maxWrote {
		g.wrote[c.Run] = append(g.wrote[c.Run], out.Path)
	}
}

// opensWritten gives the file that a call hands to an application and that its run has written, or nothing. A folder
// around it counts: a gallery shows what is in it.
func (g *Gate) opensWritten(c *checked) string {
	if len(c.TaintedBy) == 0 || c.skill.Writes || c.about.Effect != api.Local {
		return ""
	}
	var in struct {
		Path string
		URIs []string `json:"uris"`
	}
	if json.Unmarshal(c.input, &in) != nil {
		return ""
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, target := range append(in.URIs, in.Path) {
		if u, err := url.Parse(target); err == nil && strings.EqualFold(u.Scheme, "file") {
			target = u.Path
		}
		within := func(path string) bool {
			return path == target || strings.HasPrefix(path, strings.TrimSuffix(target, "/")+"/")
		}
		if i := slices.IndexFunc(g.wrote[c.Run], within); target != "" && i >= 0 {
			return g.wrote[c.Run][i]
		}
	}
	return ""
}
