package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"nerva/core/api"
	"nerva/core/gate/internal/plugins"
	"nerva/core/gate/internal/skills"
)

// catalogue is all skills at one time. It never changes; a reload makes another.
type catalogue struct {
	entries []*entry
	byID    map[string]*entry
}

type entry struct {
	*skills.Skill
	schema *jsonschema.Resolved
}

func newEntry(s *skills.Skill) (*entry, error) {
	resolved, err := s.Schema.Resolve(nil)
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", s.ID, err)
	}
	return &entry{Skill: s, schema: resolved}, nil
}

func newCatalogue(entries []*entry) *catalogue {
	c := &catalogue{entries, make(map[string]*entry, len(entries))}
	for _, e := range entries {
		c.byID[e.ID] = e
	}
	return c
}

// LoadPlugins reads the plugins anew and says what is wrong with which; those that are right can be called.
func (g *Gate) LoadPlugins() map[string]error {
	if g.o.Plugins.Dir == "" {
		return nil
	}
	own := newCatalogue(g.own).byID
	all, wrong := plugins.New(g.o.Plugins).Load(func(name string) bool {
		_, known := api.Floors[name] // a skill of a later version, too
		return known || own[name] != nil
	})
	entries := slices.Clone(g.own)
	for _, s := range all {
		e, err := newEntry(s)
		if err != nil {
			wrong[s.ID] = err
			continue
		}
		entries = append(entries, e)
	}
	g.all.Store(newCatalogue(entries))
	return wrong
}

// find gives a skill as it is now: a plugin's files may have changed since it was listed.
func (g *Gate) find(id string) (*entry, error) {
	e := g.all.Load().byID[id]
	if e == nil {
		return nil, api.Errorf(api.NotFound, "there is no skill %.64q; the skills are %s", id, g.names())
	}
	if e.Fresh == nil {
		return e, nil
	}
	now, err := e.Fresh()
	if err != nil || now.Content == e.Content {
		return e, err
	}
	return newEntry(now)
}

func (g *Gate) names() string {
	all := g.all.Load().entries
	list := make([]string, len(all))
	for i, e := range all {
		list[i] = e.ID
	}
	return strings.Join(list, ", ")
}
