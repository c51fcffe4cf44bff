package view

import (
	"slices"

	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/ui/markup"
)

const rowIcon = 28 // logical pixels

// rowData is what one row shows.
type rowData struct {
	section  string // above the row; empty where the row before is of the same section
	icon     string
	title    string
	matches  []int
	subtitle string
	kind     string
	action   string // of the selected row
	selected bool
}

// row is one line of a list, with the section's title above the section's first.
type row struct {
	root                          *gtk.Box
	line                          *gtk.Box
	section, letter               *gtk.Label
	title, subtitle, action, kind *gtk.Label
	image                         *gtk.Image
	shown                         rowData
	fresh                         bool
}

func newRow(clicked func()) *row {
	r := &row{
		root: box(gtk.OrientationVertical, 0), line: box(gtk.OrientationHorizontal, 12, "row"),
		section: line("section"), letter: line("letter"), title: line("title"), subtitle: line("subtitle"),
		action: line("action"), kind: line("kind"), image: gtk.NewImage(), fresh: true,
	}
	setRole(r.line, gtk.AccessibleRoleListItem)
	r.image.SetPixelSize(rowIcon)
	r.letter.SetXAlign(0.5)
	r.letter.SetVAlign(gtk.AlignCenter)
	words := box(gtk.OrientationVertical, 0)
	words.SetVAlign(gtk.AlignCenter)
	words.SetHExpand(true)
	words.Append(r.title)
	words.Append(r.subtitle)
	for _, w := range []gtk.Widgetter{r.image, r.letter, words, r.action, r.kind} {
		r.line.Append(w)
	}
	r.root.Append(r.section)
	r.root.Append(r.line)
	click := gtk.NewGestureClick()
	click.ConnectReleased(func(int, float64, float64) { clicked() })
	r.line.AddController(click)
	return r
}

func (r *row) set(d rowData, icons *icons) {
	old := r.shown
	if !r.fresh && same(old, d) {
		return
	}
	showIf(r.section, d.section)
	if r.fresh || old.title != d.title || !slices.Equal(old.matches, d.matches) {
		r.title.SetMarkup(markup.Highlight(d.title, d.matches))
	}
	showIf(r.subtitle, oneLine(d.subtitle))
	showIf(r.kind, d.kind)
	showIf(r.action, d.action)
	r.setIcon(d, icons)
	if r.fresh || old.selected != d.selected {
		setSelected(&r.line.Accessible, d.selected)
		if d.selected {
			r.line.AddCSSClass("selected")
		} else {
			r.line.RemoveCSSClass("selected")
		}
	}
	if r.fresh || old.title != d.title || old.subtitle != d.subtitle || old.kind != d.kind {
		setName(&r.line.Accessible, spoken(d.title, d.subtitle, d.kind))
	}
	r.shown, r.fresh = d, false
}

func (r *row) setIcon(d rowData, icons *icons) {
	icon := icons.lookup(d.icon, rowIcon)
	if icon != nil {
		r.image.SetFromPaintable(icon)
	} else {
		setText(r.letter, letter(d.title))
	}
	r.image.SetVisible(icon != nil)
	r.letter.SetVisible(icon == nil)
}

func same(a, b rowData) bool {
	return a.section == b.section && a.icon == b.icon && a.title == b.title && a.subtitle == b.subtitle &&
		a.kind == b.kind && a.action == b.action && a.selected == b.selected && slices.Equal(a.matches, b.matches)
}
