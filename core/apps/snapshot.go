package apps

import (
	"slices"
	"strings"

	"nerva/core/api"
)

// Snapshot is the set of applications at one moment. It never changes, so any goroutine may read it.
type Snapshot struct {
	visible []*Entry
	byID    map[string]*Entry
}

// Visible are the applications to show, by name: without those that are hidden, NoDisplay, for another
// desktop, or whose TryExec is not installed. The slice must not be changed.
func (s *Snapshot) Visible() []*Entry { return s.visible }

// Get finds an entry by its id, with or without ".desktop", also one that is not shown.
func (s *Snapshot) Get(id string) (*Entry, bool) {
	if e, ok := s.byID[id]; ok {
		return e, true
	}
	e, ok := s.byID[strings.TrimSuffix(id, ".desktop")]
	return e, ok
}

// Find resolves what a person or a model calls an application: its id, else among the visible ones the
// first of these that fits anything, letter case aside: name (localized or not), id, last word of the id,
// generic name, keyword. More than one fit is an InvalidInput that lists them, none a NotFound.
func (s *Snapshot) Find(app string) (*Entry, error) {
	if e, ok := s.Get(app); ok {
		return e, nil
	}
	want := strings.TrimSpace(app)
	is := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, want) })
	}
	for _, fits := range []func(*Entry) bool{
		func(e *Entry) bool { return is(e.Name, e.UntranslatedName) },
		func(e *Entry) bool { return is(e.ID, e.ID+".desktop") },
		func(e *Entry) bool { return is(e.ID[strings.LastIndexByte(e.ID, '.')+1:]) },
		func(e *Entry) bool { return is(e.GenericName, e.UntranslatedGenericName) },
		func(e *Entry) bool { return is(e.Keywords...) || is(e.UntranslatedKeywords...) },
	} {
		var found []*Entry
		for _, e := range s.visible {
			if want != "" && fits(e) {
				found = append(found, e)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return nil, ambiguous(app, found)
		}
	}
	return nil, api.Errorf(api.NotFound, "no application is called %q; use an id or name from the list of applications", app)
}

func ambiguous(app string, found []*Entry) error {
	const most = 8
	var names []string
	for _, e := range found[:min(len(found), most)] {
		names = append(names, e.Name+" ("+e.ID+")")
	}
	more := ""
	if len(found) > most {
		more = " and others"
	}
	return api.Errorf(api.InvalidInput, "%q may be %s%s; give the id of the one that is meant",
		app, strings.Join(names, ", "), more)
}

// equal says whether two snapshots hold the very same parsed files and show the same of them.
func (s *Snapshot) equal(o *Snapshot) bool {
	if len(s.byID) != len(o.byID) || !slices.Equal(s.visible, o.visible) {
		return false
	}
	for id, e := range s.byID {
		if o.byID[id] != e {
			return false
		}
	}
	return true
}
