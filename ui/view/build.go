package view

import (
	"github.com/diamondburned/gotk4/pkg/gtk/v4"
	"github.com/diamondburned/gotk4/pkg/pango"
)

func box(o gtk.Orientation, spacing int, classes ...string) *gtk.Box {
	b := gtk.NewBox(o, spacing)
	b.SetCSSClasses(classes)
	return b
}

// line is a label of one line that ends in an ellipsis.
func line(classes ...string) *gtk.Label {
	l := gtk.NewLabel("")
	l.SetXAlign(0)
	l.SetEllipsize(pango.EllipsizeEnd)
	l.SetSingleLineMode(true)
	l.SetCSSClasses(classes)
	return l
}

// paragraph is a label that wraps, inside words where a word is longer than the line.
func paragraph(classes ...string) *gtk.Label {
	l := gtk.NewLabel("")
	l.SetXAlign(0)
	l.SetWrap(true)
	l.SetWrapMode(pango.WrapWordChar)
	l.SetNaturalWrapMode(gtk.NaturalWrapNone)
	l.SetMaxWidthChars(1) // a long text would widen the card; it is as wide as what it is in
	l.SetCSSClasses(classes)
	return l
}

// exact is a paragraph that shows every character of a text, and nothing else, for judging it and for copying.
func exact(classes ...string) *gtk.Label {
	l := paragraph(classes...)
	l.SetWrapMode(pango.WrapChar)
	attributes := pango.NewAttrList()
	attributes.Insert(pango.NewAttrInsertHyphens(false)) // a hyphen at a line's end would not be in the text
	l.SetAttributes(attributes)
	l.SetSelectable(true)
	l.SetFocusable(false)
	return l
}

func divider() *gtk.Box { return box(gtk.OrientationHorizontal, 0, "divider") }

// scroller scrolls vertically and is as high as its content until SetMaxContentHeight.
func scroller(child gtk.Widgetter) *gtk.ScrolledWindow {
	s := gtk.NewScrolledWindow()
	s.SetPolicy(gtk.PolicyNever, gtk.PolicyAutomatic)
	s.SetPropagateNaturalHeight(true)
	s.SetChild(child)
	s.SetFocusable(false)
	return s
}

// setText spares GTK a new layout where nothing changed.
func setText(l *gtk.Label, text string) {
	if l.Text() != text {
		l.SetText(text)
	}
}

// showIf shows a label where there is something to say.
func showIf(l *gtk.Label, text string) {
	setText(l, text)
	l.SetVisible(text != "")
}

// swapClass puts one class in the place of another.
func swapClass(w *gtk.Widget, was *string, is string) {
	if *was == is {
		return
	}
	if *was != "" {
		w.RemoveCSSClass(*was)
	}
	if is != "" {
		w.AddCSSClass(is)
	}
	*was = is
}
