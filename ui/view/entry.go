package view

import (
	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/ui/model"
)

// entry is the line at the top: the mark, which turns while a run is at work, and what is typed.
type entry struct {
	root    *gtk.Box
	mark    *gtk.Box
	spinner *gtk.Spinner
	text    *gtk.Entry
	silent  bool // while the text is set from the state
	name    string
}

func newEntry(typed func(string)) *entry {
	e := &entry{
		root: box(gtk.OrientationHorizontal, 14, "search"), mark: box(gtk.OrientationHorizontal, 0, "mark"),
		spinner: gtk.NewSpinner(), text: gtk.NewEntry(),
	}
	setRole(e.mark, gtk.AccessibleRolePresentation)
	e.mark.SetVAlign(gtk.AlignCenter)
	e.spinner.SetVAlign(gtk.AlignCenter)
	e.text.SetHExpand(true)
	e.text.SetHasFrame(false)
	e.text.SetEnableUndo(false) // it would keep every text ever typed
	e.text.SetInputHints(gtk.InputHintNoSpellcheck)
	e.text.ConnectChanged(func() {
		if !e.silent {
			typed(e.text.Text())
		}
	})
	for _, w := range []gtk.Widgetter{e.mark, e.spinner, e.text} {
		e.root.Append(w)
	}
	return e
}

func (e *entry) set(s model.State) {
	busy := s.Busy()
	e.mark.SetVisible(!busy)
	e.spinner.SetVisible(busy)
	e.spinner.SetSpinning(busy && s.Visible)
	name := "Search or ask"
	if s.InLog() {
		name = "Search the audit log"
	}
	if name != e.name {
		e.name = name
		setName(&e.text.Accessible, name)
		e.text.SetPlaceholderText(name + "…")
	}
	if e.text.Text() != s.Entry() {
		e.silent = true
		e.text.SetText(s.Entry())
		e.text.SetPosition(-1)
		e.silent = false
	}
}

// hasSelection says whether Ctrl-C has something of its own to do.
func (e *entry) hasSelection() bool {
	_, _, ok := e.text.SelectionBounds()
	return ok
}
