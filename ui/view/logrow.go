package view

import (
	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/ui/model"
)

// logRowData is what one row of the log shows.
type logRowData struct {
	entry    model.Entry
	day      string // above the row; empty where the row before is of the same day
	selected bool
}

// logRow is one call in two lines: what was called, and who decided that it may.
type logRow struct {
	root, line            *gtk.Box
	day, time, sign       *gtk.Label
	skill, argument       *gtk.Label
	decided, failure      *gtk.Label
	tainted, took, origin *gtk.Label
	class                 string
	shown                 logRowData
}

func newLogRow(clicked func()) *logRow {
	r := &logRow{
		root: box(gtk.OrientationVertical, 0), line: box(gtk.OrientationHorizontal, 10, "row", "call-row"),
		day: line("section"), time: line("subtitle"), sign: line("sign"), skill: line("skill"), argument: line("subtitle"),
		decided: line("subtitle"), failure: line("failure"), tainted: line("tag"), took: line("subtitle"),
		origin: line("subtitle"),
	}
	setRole(r.line, gtk.AccessibleRoleListItem)
	r.sign.SetWidthChars(2)
	r.sign.SetXAlign(0.5)
	r.tainted.SetText("tainted")
	r.tainted.SetVAlign(gtk.AlignCenter)
	r.argument.SetHExpand(true)
	r.failure.SetHExpand(true)
	r.took.SetXAlign(1)
	r.origin.SetXAlign(1)
	words := pair(row2(r.skill, r.argument), row2(r.decided, r.failure))
	words.SetHExpand(true)
	for _, w := range []gtk.Widgetter{r.time, r.sign, words, r.tainted, pair(r.took, r.origin)} {
		r.line.Append(w)
	}
	r.root.Append(r.day)
	r.root.Append(r.line)
	click := gtk.NewGestureClick()
	click.ConnectReleased(func(int, float64, float64) { clicked() })
	r.line.AddController(click)
	return r
}

func row2(a, b gtk.Widgetter) *gtk.Box {
	line := box(gtk.OrientationHorizontal, 8)
	line.Append(a)
	line.Append(b)
	return line
}

func pair(above, below gtk.Widgetter) *gtk.Box {
	both := box(gtk.OrientationVertical, 0)
	both.SetVAlign(gtk.AlignCenter)
	both.Append(above)
	both.Append(below)
	return both
}

func (r *logRow) set(d logRowData) {
	old := r.shown
	r.shown = d
	showIf(r.day, d.day)
	setClass(&r.line.Widget, "selected", d.selected)
	if old.selected != d.selected || old.entry.Seq == 0 {
		setSelected(&r.line.Accessible, d.selected)
	}
	e := d.entry
	if old.entry.Seq == e.Seq && old.entry.Hash == e.Hash {
		return
	}
	o := e.Ending()
	setText(r.time, e.Time.Format("15:04"))
	setText(r.sign, o.Sign)
	swapClass(&r.sign.Widget, &r.class, o.Class)
	setText(r.skill, e.Name)
	setText(r.argument, e.Argument)
	setText(r.decided, e.Verdict())
	setText(r.failure, e.Failure)
	setClass(&r.failure.Widget, "bad", o.Class == "bad")
	r.tainted.SetVisible(e.Tainted)
	setText(r.took, e.Took())
	setText(r.origin, e.Origin())
	setName(&r.line.Accessible, e.Spoken())
}
