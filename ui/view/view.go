package view

import (
	"github.com/diamondburned/gotk4/pkg/gdk/v4"
	"github.com/diamondburned/gotk4/pkg/gio/v2"
	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/core/api"
	"nerva/ui/model"
	"nerva/ui/style"
)

// View is the overlay's one window.
type View struct {
	dispatch func(model.Event)
	display  *gdk.Display
	window   *window
	theme    style.Theme
	provider *gtk.CSSProvider
	user     *gtk.CSSProvider // of the user's own style sheet
	userCSS  string           // as last loaded
	icons    *icons

	entry    *entry
	notice   *gtk.Label
	message  *gtk.Label
	divider  *gtk.Box
	list     *list
	log      *logView
	record   *record
	run      *runView
	question *question
	footer   *footer

	mark   string      // the colour of what is suspicious
	state  model.State // as last drawn
	launch gio.AppInfor
}

// New builds the window, hidden. Every event goes to dispatch, on the GTK thread; beside may be nil. Without a
// display, or where GTK can't be used, the error is one sentence.
func New(theme style.Theme, beside Beside, dispatch func(model.Event)) (*View, error) {
	display, err := open()
	if err != nil {
		return nil, err
	}
	v := &View{
		dispatch: dispatch, display: display, theme: theme,
		provider: gtk.NewCSSProvider(), user: gtk.NewCSSProvider(), icons: newIcons(display),
	}
	gtk.StyleContextAddProviderForDisplay(display, v.provider, gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
	gtk.StyleContextAddProviderForDisplay(display, v.user, gtk.STYLE_PROVIDER_PRIORITY_USER)
	// GTK says on standard error what it leaves out of the user's. Its signal can't be used: gotk4 0.3.1 frees the
	// section that comes with it, which is GTK's.
	if err := v.Restyle(style.Light, ""); err != nil {
		return nil, err
	}
	v.entry = newEntry(func(text string) { dispatch(model.Typed{Text: text}) })
	v.notice, v.message, v.divider = paragraph("notice"), paragraph("message"), divider()
	v.list = newList(v.icons, func(row int) { dispatch(model.Picked{Row: row}) })
	v.log = newLogView(theme.Pixels("--edge"), func(row int) { dispatch(model.Picked{Row: row}) }, func() { dispatch(model.LogEndNear{}) })
	v.record = newRecord()
	v.run = newRunView(v.icons)
	v.question = newQuestion(func(id string, d api.Decision) {
		dispatch(model.Decided{Question: id, Decision: d})
	})
	v.footer = newFooter()
	v.window = newWindow(display, v.card(), beside, func() { dispatch(model.Dismissed{}) }, v.limit)
	v.window.self.AddController(v.keys())
	v.icons.setScale(v.window.scale())
	v.window.onScale(func() {
		v.icons.setScale(v.window.scale())
		v.list.stale()
		v.fill(v.state)
	})
	v.launch, err = gio.AppInfoCreateFromCommandline("nerva-overlay", "nerva", gio.AppInfoCreateNone)
	if err != nil {
		return nil, err
	}
	v.Render(model.State{})
	return v, nil
}

func (v *View) card() *gtk.Box {
	card := box(gtk.OrientationVertical, 0, "card")
	for _, w := range []gtk.Widgetter{
		v.entry.root, v.divider, v.notice, v.log.root, v.message, v.list.root, v.record.root, v.run.root, v.question.root, divider(), v.footer.root,
	} {
		card.Append(w)
	}
	return card
}

// Restyle puts one of the three sets in force. The accent is a CSS colour, or empty.
func (v *View) Restyle(s style.Scheme, accent string) error {
	css, user, err := v.theme.CSS(s, accent)
	if err != nil {
		return err
	}
	v.provider.LoadFromString(css)
	v.mark = v.theme.Colour(s, "--dangerous")
	if user != v.userCSS {
		v.userCSS = user
		v.user.LoadFromString(user) // complains each time
	}
	// What the theme draws (the selection of labels, the text cursor) follows too.
	if settings := gtk.SettingsGetForDisplay(v.display); settings != nil {
		settings.SetObjectProperty("gtk-application-prefer-dark-theme", s != style.Light)
	}
	if v.window != nil { // in New it comes later, and fits itself
		v.window.fit()
	}
	return nil
}

// Render draws a state. Everything is in place before the window is shown, so that its first frame is whole.
func (v *View) Render(s model.State) {
	old := v.state
	v.state = s
	if !s.Visible {
		v.window.hide()
		v.footer.set(s.Keys())
		v.fill(s) // ready for the next summon
		return
	}
	v.fill(s)
	v.footer.set(s.Keys())
	v.limit()
	v.focus(old, s)
	v.window.show()
}

func (v *View) fill(s model.State) {
	v.entry.set(s)
	showIf(v.notice, first(s.Notice, s.Warning))
	showIf(v.message, s.Message())
	switch s.Screen {
	case model.ScreenActions:
		v.list.set(actionRows(s))
	case model.ScreenSearch:
		v.list.set(searchRows(s))
	default:
		v.list.set(nil)
	}
	v.log.root.SetVisible(s.Screen == model.ScreenLog)
	v.log.set(s.Log)
	e, read := s.Record()
	read = read && s.Screen == model.ScreenRecord
	v.record.root.SetVisible(read)
	if read {
		v.record.set(e, v.mark)
	}
	r, ok := s.ShownRun()
	shown := ok && s.Screen == model.ScreenRun
	v.run.root.SetVisible(shown)
	if shown {
		v.run.set(r)
	}
	v.question.set(s, v.mark)
}

// focus is on Refuse while a question is open, else in the entry. It moves only when that changes, so that
// Tab works and a selection in the answer stays.
func (v *View) focus(old, s model.State) {
	was, _ := old.Question()
	is, asks := s.Question()
	switch {
	case asks && (was.ID != is.ID || !old.Visible):
		v.question.refuse.GrabFocus()
	case !asks && (was.ID != "" || !old.Visible || s.Entry() != old.Entry()):
		if !v.entry.text.HasFocus() {
			v.entry.text.GrabFocusWithoutSelecting()
		}
	}
}

// limit keeps the card below 60 % of the output: what is over scrolls.
func (v *View) limit() {
	rest := v.window.height*60/100 - v.theme.Pixels("--entry-height") - v.theme.Pixels("--footer-height") - 4
	above := []*gtk.Widget{&v.notice.Widget, &v.question.root.Widget}
	if v.log.root.Visible() {
		above = append(above, &v.log.chain.Widget)
	}
	for _, w := range above {
		if w.Visible() {
			_, natural, _, _ := w.Measure(gtk.OrientationVertical, v.theme.Pixels("--card-width"))
			rest -= natural
		}
	}
	rest = max(rest, v.theme.Pixels("--row-height"))
	for _, s := range []*gtk.ScrolledWindow{v.list.root, v.run.root, v.record.root, v.log.scroll} {
		if s.MaxContentHeight() != rest {
			s.SetMaxContentHeight(rest)
		}
	}
	v.log.limit(rest)
}

// AfterFrame has f run on the GTK thread when what was rendered last is on its way to the compositor.
func (v *View) AfterFrame(f func()) { v.window.afterFrame(f) }

// Announce has a screen reader say something.
func (v *View) Announce(text string) { announce(v.window.self, text) }

// Copy puts a text on the clipboard.
func (v *View) Copy(text string) { v.display.Clipboard().SetText(text) }

// Token asks the compositor for an activation token for the application that is about to be started, in the
// name of the overlay's surface and of the key press that is being handled (xdg-activation-v1). It is one
// round trip to the compositor, and empty where that has no such protocol.
func (v *View) Token() string {
	return v.display.AppLaunchContext().StartupNotifyID(v.launch, nil)
}

// SetToken passes on the activation token of whoever summoned the overlay. A layer surface gets the focus
// without one.
func (v *View) SetToken(token string) {
	if token != "" && !v.window.layer {
		v.window.self.SetStartupID(token)
	}
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
