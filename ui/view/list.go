package view

import (
	"strings"

	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/ui/model"
)

// list shows the rows of the search and of the actions. Rows are made as they are first needed and kept.
type list struct {
	root     *gtk.ScrolledWindow
	viewport *gtk.Viewport
	inner    *gtk.Box
	rows     []*row
	icons    *icons
	picked   func(int)
	at       int // the row that was scrolled to
}

func newList(icons *icons, picked func(int)) *list {
	l := &list{inner: box(gtk.OrientationVertical, 0, "list"), icons: icons, picked: picked}
	setRole(l.inner, gtk.AccessibleRoleList)
	setName(&l.inner.Accessible, "Results")
	l.viewport = gtk.NewViewport(nil, nil)
	l.viewport.SetScrollToFocus(false)
	l.viewport.SetChild(l.inner)
	l.root = scroller(l.viewport)
	return l
}

func (l *list) set(rows []rowData) {
	for len(l.rows) < len(rows) {
		at := len(l.rows)
		r := newRow(func() { l.picked(at) })
		l.rows = append(l.rows, r)
		l.inner.Append(r.root)
	}
	selected := -1
	for i, r := range l.rows {
		r.root.SetVisible(i < len(rows))
		if i < len(rows) {
			r.set(rows[i], l.icons)
			if rows[i].selected {
				selected = i
			}
		}
	}
	l.root.SetVisible(len(rows) > 0)
	l.scrollTo(selected)
}

// stale has every row set again, with new icons, the next time.
func (l *list) stale() {
	for _, r := range l.rows {
		r.fresh = true
	}
}

// scrollTo brings a row into view. For the first that is the top, so that its section's title shows too.
func (l *list) scrollTo(selected int) {
	if selected == l.at || selected < 0 {
		return
	}
	l.at = selected
	if selected == 0 {
		l.root.VAdjustment().SetValue(0)
		return
	}
	l.viewport.ScrollTo(l.rows[selected].root, nil)
}

// searchRows are the rows of ScreenSearch.
func searchRows(s model.State) []rowData {
	if s.Message() != "" {
		return nil
	}
	items := s.Items()
	rows := make([]rowData, len(items))
	section := ""
	for i, it := range items {
		r := it.Result
		d := rowData{
			icon: r.Icon, title: r.Title, matches: r.Matches, subtitle: r.Subtitle,
			kind: model.KindTitle(r.Kind), selected: i == s.Selected,
		}
		if it.Run != 0 {
			d.icon = "system-run-symbolic"
		}
		if title := model.SectionTitle(r.Kind); title != section {
			d.section, section = title, title
		}
		if d.selected {
			d.action = model.FirstAction(r)
		}
		rows[i] = d
	}
	return rows
}

// actionRows are the rows of ScreenActions.
func actionRows(s model.State) []rowData {
	item, _ := s.Selection()
	rows := make([]rowData, len(item.Result.Actions))
	for i, a := range item.Result.Actions {
		rows[i] = rowData{icon: item.Result.Icon, title: a.Title, selected: i == s.Action}
		if i == 0 {
			rows[i].section = item.Result.Title
		}
	}
	return rows
}

// oneLine keeps line feeds of a title or subtitle from making a row higher.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// spoken joins what a screen reader says.
func spoken(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p = oneLine(p); p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, ", ")
}
