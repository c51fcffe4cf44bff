package gate

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/paths"
)

// maxWrote is how many files are kept in mind, the last ones. Whoever writes more was asked for each but notes.
const maxWrote = 10_000

// keepWritten keeps in mind what tainted runs, and what an event has started, have written: opened with an application, a note with a picture in it
// sends what it says to wherever the picture is. A later run that opens it, asked for by words that seem harmless, does
// the same.
func (g *Gate) keepWritten(c *checked, output json.RawMessage) {
	if len(c.TaintedBy) == 0 || !c.skill.Writes {
		return
	}
	var out struct{ Path string }
	if json.Unmarshal(output, &out) != nil || out.Path == "" {
		return
	}
	// What is opened is named with its links followed, and the folder of notes may be one.
	path, _ := paths.Links(out.Path)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wrote = append(g.wrote, path); len(g.wrote) > maxWrote {
		g.wrote = slices.Delete(g.wrote, 0, 1)
	}
}

// opensWritten gives the file that a run hands to an application and that a tainted one has written, or nothing. In a
// run that is tainted itself a folder around it counts: a gallery shows what is in it.
func (g *Gate) opensWritten(c *checked) string {
	if c.Run == 0 && len(c.TaintedBy) == 0 || c.skill.Writes || c.about.Effect != api.Local && c.about.Effect != api.Exec {
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
			return path == target || len(c.TaintedBy) > 0 && paths.Within(path, target)
		}
		if i := slices.IndexFunc(g.wrote, within); target != "" && i >= 0 {
			return g.wrote[i]
		}
	}
	return ""
}
