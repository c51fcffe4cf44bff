package view

import (
	"encoding/json"
	"fmt"

	"github.com/diamondburned/gotk4/pkg/gtk/v4"
	"github.com/diamondburned/gotk4/pkg/pango"

	"nerva/core/visible"
	"nerva/ui/markup"
	"nerva/ui/model"
)

// inputLimit is how many bytes of an input are shown: Pango lays all of it out at once, on the GTK thread.
const inputLimit = 8 << 10

// record shows one record of the audit log in full.
type record struct {
	root  *gtk.ScrolledWindow
	title *gtk.Label
	call  *gtk.Label
	rest  *gtk.Label
	names *gtk.Box
	lines []*field
	shown model.Entry
	mark  string
}

// field is a line of the details.
type field struct {
	root        *gtk.Box
	name, value *gtk.Label
	class       string
}

func newRecord() *record {
	r := &record{
		title: paragraph("prompt"), call: exact(), rest: paragraph("progress"), names: box(gtk.OrientationVertical, 6),
	}
	call := box(gtk.OrientationVertical, 0, "call")
	call.Append(r.call)
	inner := box(gtk.OrientationVertical, 10, "run")
	setRole(inner, gtk.AccessibleRoleGroup)
	setName(&inner.Accessible, "Details of the call")
	for _, w := range []gtk.Widgetter{r.title, call, r.rest, r.names} {
		inner.Append(w)
	}
	setRole(r.names, gtk.AccessibleRoleList)
	setName(&r.names.Accessible, "How it was decided and how it ended")
	r.root = scroller(inner)
	r.root.SetVisible(false)
	return r
}

// set shows e; mark is the colour of what is suspicious in its call.
func (r *record) set(e model.Entry, mark string) {
	if e.Seq == r.shown.Seq && e.Hash == r.shown.Hash && mark == r.mark {
		return
	}
	if e.Seq != r.shown.Seq {
		r.root.VAdjustment().SetValue(0)
	}
	r.shown, r.mark = e, mark
	setText(r.title, e.Ending().Sign+"  "+e.Name)
	shown, left := model.Cut(string(e.Input), inputLimit) // what is cut is no JSON, and shown as the text it is
	r.call.SetMarkup(markup.Marked(visible.Call(e.Skill, json.RawMessage(shown)), mark))
	more := ""
	if left > 0 {
		more = fmt.Sprintf("%d KiB more; ⌃C copies all of it", (left+1023)>>10)
	}
	showIf(r.rest, more)
	fields := e.Fields()
	for len(r.lines) < len(fields) {
		f := newField()
		r.lines = append(r.lines, f)
		r.names.Append(f.root)
	}
	for i, f := range r.lines {
		f.root.SetVisible(i < len(fields))
		if i < len(fields) {
			f.set(fields[i])
		}
	}
}

// scroll moves by a part of what is visible.
func (r *record) scroll(pages float64) {
	a := r.root.VAdjustment()
	a.SetValue(a.Value() + pages*a.PageSize())
}

func newField() *field {
	f := &field{root: box(gtk.OrientationHorizontal, 12, "field"), name: line("subtitle"), value: exact()}
	setRole(f.root, gtk.AccessibleRoleListItem)
	f.name.SetWidthChars(12)
	f.name.SetYAlign(0)
	f.name.SetVAlign(gtk.AlignStart)
	f.value.SetWrapMode(pango.WrapWordChar)
	f.value.SetHExpand(true)
	f.root.Append(f.name)
	f.root.Append(f.value)
	return f
}

func (f *field) set(d model.Field) {
	setText(f.name, d.Name)
	setText(f.value, d.Value)
	swapClass(&f.value.Widget, &f.class, d.Class)
	setName(&f.root.Accessible, spoken(d.Name, d.Value))
}
