package view

import (
	"sort"

	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/ui/model"
)

// logSpare is how many rows above and below the visible ones are kept filled, so that they are there when they are
// scrolled to.
const logSpare = 6

// logView shows the audit log. It has no more rows than are visible at once: two boxes stand for those above and
// below, and the rows are filled anew when others come into view.
type logView struct {
	root         *gtk.Box
	chain        *gtk.Label
	class        string
	scroll       *gtk.ScrolledWindow
	above, below *gtk.Box
	list         *gtk.Box
	rows         []*logRow
	picked       func(int)
	endNear      func()

	log           model.Log
	edge          int   // around the list, in logical pixels
	height        int   // of what is visible at once, at most
	tops          []int // where each entry begins, and where the last one ends
	first, filled int   // the entries that have a row
}

func newLogView(edge int, picked func(int), endNear func()) *logView {
	v := &logView{
		root: box(gtk.OrientationVertical, 0), chain: paragraph("chain"), list: box(gtk.OrientationVertical, 0),
		above: box(gtk.OrientationVertical, 0), below: box(gtk.OrientationVertical, 0),
		edge: edge, picked: picked, endNear: endNear,
	}
	setRole(v.list, gtk.AccessibleRoleList)
	setName(&v.list.Accessible, "Audit log")
	inner := box(gtk.OrientationVertical, 0, "list")
	for _, b := range []*gtk.Box{v.above, v.list, v.below} {
		inner.Append(b)
	}
	viewport := gtk.NewViewport(nil, nil)
	viewport.SetScrollToFocus(false)
	viewport.SetChild(inner)
	v.scroll = scroller(viewport)
	v.scroll.VAdjustment().ConnectValueChanged(v.scrolled)
	v.root.Append(v.chain)
	v.root.Append(v.scroll)
	v.root.SetVisible(false)
	return v
}

// limit says how much may be visible at once.
func (v *logView) limit(height int) {
	if height != v.height {
		v.height = height
		v.fill(v.scroll.VAdjustment().Value())
	}
}

func (v *logView) set(l model.Log) {
	if l.Now.IsZero() && v.log.Now.IsZero() && l.Chain == v.log.Chain {
		return // it is not on the screen, or nothing has come yet
	}
	showIf(v.chain, l.Chain.Says)
	swapClass(&v.chain.Widget, &v.class, chainClass(l.Chain))
	old := v.log
	v.log = l
	v.scroll.SetVisible(len(l.Entries) > 0)
	value := v.scroll.VAdjustment().Value()
	if !sameEntries(old.Entries, l.Entries) || !old.Now.Equal(l.Now) {
		value = v.hold(value, old)
	}
	if l.Selected != old.Selected || l.Text != old.Text {
		value = v.reveal(value)
	}
	v.fill(value)
	v.moveTo(value)
}

// chainClass is the look of the sentence about the chain.
func chainClass(c model.Chain) string {
	switch {
	case c.Known && c.Sound:
		return "sound"
	case c.Known:
		return "broken"
	}
	return ""
}

func sameEntries(a, b []model.Entry) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// hold works out where the entries are now, and how far to scroll so that what was read stays in its place. At the
// top nothing is held: there one waits for what is new.
func (v *logView) hold(value float64, old model.Log) float64 {
	held, into := uint64(0), 0
	if i := v.at(int(value)); value > 0 && i < len(old.Entries) {
		held, into = old.Entries[i].Seq, int(value)-v.tops[i]
	}
	row, section := v.measure()
	tops := make([]int, 1, len(v.log.Entries)+1)
	for i := range v.log.Entries {
		height := row
		if v.log.Heads(i) != "" {
			height += section
		}
		tops = append(tops, tops[i]+height)
	}
	v.tops = tops
	if i := v.log.Index(held); i >= 0 {
		return float64(tops[i] + into)
	}
	return 0
}

// measure is how high a row and a day's title are, which a style sheet or a font may have made higher than ours.
func (v *logView) measure() (row, section int) {
	v.grow(1)
	r := v.rows[0]
	hidden := !r.day.Visible() // and then without any height
	r.day.SetVisible(true)
	_, row, _, _ = r.line.Measure(gtk.OrientationVertical, -1)
	_, section, _, _ = r.day.Measure(gtk.OrientationVertical, -1)
	r.day.SetVisible(!hidden)
	return row, section
}

// at is the entry at a height of what is scrolled.
func (v *logView) at(y int) int {
	return max(sort.SearchInts(v.tops, y+1)-1, 0)
}

// reveal is how far to scroll so that the selected entry shows, as little as possible.
func (v *logView) reveal(value float64) float64 {
	i := v.log.Index(v.log.Selected)
	if i < 0 {
		return value
	}
	bottom := v.tops[i+1] + v.edge - v.height
	if i == len(v.log.Entries)-1 {
		bottom += v.edge
	}
	return min(max(value, float64(bottom)), float64(v.tops[i]))
}

// fill gives rows to the entries that are visible at value, and to some around them.
func (v *logView) fill(value float64) {
	n := len(v.log.Entries)
	v.first = min(max(v.at(int(value))-logSpare, 0), n)
	last := min(v.at(int(value)+v.height)+1+logSpare, n)
	v.filled = max(last-v.first, 0)
	v.grow(v.filled)
	for i, r := range v.rows {
		r.root.SetVisible(i < v.filled)
		if at := v.first + i; i < v.filled {
			e := v.log.Entries[at]
			r.set(logRowData{e, v.log.Heads(at), e.Seq == v.log.Selected})
		}
	}
	if n > 0 {
		v.above.SetSizeRequest(-1, v.tops[v.first])
		v.below.SetSizeRequest(-1, v.tops[n]-v.tops[v.first+v.filled])
	}
}

func (v *logView) grow(n int) {
	for len(v.rows) < n {
		at := len(v.rows)
		r := newLogRow(func() { v.picked(v.first + at) })
		v.list.Append(r.root)
		v.rows = append(v.rows, r)
	}
}

// moveTo scrolls. What GTK knows of the height is of the last layout, which entries that have just come are not in.
func (v *logView) moveTo(value float64) {
	a := v.scroll.VAdjustment()
	if n := len(v.tops); n > 0 {
		a.SetUpper(max(a.Upper(), float64(v.tops[n-1]+2*v.edge)))
	}
	if a.Value() != value {
		a.SetValue(value)
	}
}

// scrolled fills rows before those that are filled have been scrolled through.
func (v *logView) scrolled() {
	value := int(v.scroll.VAdjustment().Value())
	n := len(v.log.Entries)
	from, to := v.at(value), min(v.at(value+v.height)+1, n)
	if from < v.first || to > v.first+v.filled {
		v.fill(float64(value))
	}
	if n > 0 && n-to < logSpare {
		v.endNear()
	}
}
