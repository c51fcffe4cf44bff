package view

import (
	"github.com/diamondburned/gotk4/pkg/gtk/v4"
	"github.com/diamondburned/gotk4/pkg/pango"

	"nerva/core/api"
	"nerva/ui/markup"
	"nerva/ui/model"
)

// maxPrompt is how many characters of a request are laid out, of which three lines show.
const maxPrompt = 400

// runView shows one run: what was asked, each step, the answer as it comes.
type runView struct {
	root     *gtk.ScrolledWindow
	prompt   *gtk.Label
	steps    *gtk.Box
	lines    []*step
	answer   *gtk.Label
	progress *gtk.Label
	icons    *icons

	shown   uint64
	text    string
	settled bool // whether the run that is shown has ended
}

func newRunView(icons *icons) *runView {
	v := &runView{
		prompt: paragraph("prompt"), steps: box(gtk.OrientationVertical, 0), answer: paragraph("answer"),
		progress: paragraph("progress"), icons: icons,
	}
	// What an event had in it is part of some requests; the steps and the answer matter more than the whole of it.
	v.prompt.SetLines(3)
	v.prompt.SetEllipsize(pango.EllipsizeEnd)
	setRole(v.steps, gtk.AccessibleRoleList)
	setName(&v.steps.Accessible, "Steps")
	v.answer.SetSelectable(true)
	v.answer.SetFocusOnClick(true)
	inner := box(gtk.OrientationVertical, 8, "run")
	for _, w := range []gtk.Widgetter{v.prompt, v.steps, v.answer, v.progress} {
		inner.Append(w)
	}
	v.root = scroller(inner)
	v.root.VAdjustment().NotifyProperty("upper", v.follow)
	return v
}

// follow keeps the end of a growing answer in view.
func (v *runView) follow() {
	if !v.settled {
		a := v.root.VAdjustment()
		a.SetValue(a.Upper() - a.PageSize())
	}
}

// scroll moves by a part of what is visible.
func (v *runView) scroll(pages float64) {
	a := v.root.VAdjustment()
	a.SetValue(a.Value() + pages*a.PageSize())
}

func (v *runView) set(r model.Run) {
	if v.shown != r.ID {
		v.shown = r.ID
		v.root.VAdjustment().SetValue(0)
	}
	setText(v.prompt, api.OneLine(r.Prompt, maxPrompt))
	for len(v.lines) < len(r.Steps) {
		s := newStep()
		v.lines = append(v.lines, s)
		v.steps.Append(s.root)
	}
	for i, s := range v.lines {
		s.root.SetVisible(i < len(r.Steps))
		if i < len(r.Steps) {
			s.set(r.Steps[i], v.icons)
		}
	}
	v.steps.SetVisible(len(r.Steps) > 0)
	if r.Answer != v.text {
		v.text = r.Answer
		v.answer.SetMarkup(markup.Markdown(r.Answer))
	}
	v.answer.SetVisible(r.Answer != "")
	setClass(&v.answer.Widget, "bad", r.State == api.FailedRun)
	showIf(v.progress, model.Progress(r))
	v.settled = !r.Open()
}

func setClass(w *gtk.Widget, class string, on bool) {
	if on != w.HasCSSClass(class) {
		if on {
			w.AddCSSClass(class)
		} else {
			w.RemoveCSSClass(class)
		}
	}
}
