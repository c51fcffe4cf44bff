package view

import (
	"fmt"
	"strings"

	"github.com/diamondburned/gotk4/pkg/gtk/v4"
	"github.com/diamondburned/gotk4/pkg/pango"

	"nerva/core/api"
	"nerva/ui/markup"
	"nerva/ui/model"
)

// callLimit is how high the exact call may be before it scrolls, in logical pixels.
const callLimit = 150

// question is the card that asks whether one exact call may run.
type question struct {
	root                    *gtk.Box
	risk, reason, countdown *gtk.Label
	call                    *gtk.Label
	refuse                  *gtk.Button
	id, class               string
}

func newQuestion(decide func(id string, d api.Decision)) *question {
	q := &question{
		root: box(gtk.OrientationVertical, 10, "question"), risk: paragraph("risk"), reason: paragraph("reason"),
		countdown: line("countdown"), call: paragraph(), refuse: gtk.NewButtonWithLabel("Refuse"),
	}
	setRole(q.root, gtk.AccessibleRoleAlertDialog)
	q.call.SetWrapMode(pango.WrapChar)
	attributes := pango.NewAttrList()
	attributes.Insert(pango.NewAttrInsertHyphens(false)) // a hyphen at a line's end would not be in the call
	q.call.SetAttributes(attributes)
	q.call.SetSelectable(true)
	q.call.SetFocusable(false)
	call := scroller(q.call)
	call.AddCSSClass("call")
	call.SetOverlayScrolling(false)
	call.SetMaxContentHeight(callLimit)
	setName(&call.Accessible, "The exact call")

	buttons := box(gtk.OrientationHorizontal, 8)
	q.countdown.SetHExpand(true)
	buttons.Append(q.countdown)
	for _, b := range []struct {
		button   *gtk.Button
		decision api.Decision
	}{
		{q.refuse, api.Refuse},
		{gtk.NewButtonWithLabel("Allow once"), api.Once},
		{gtk.NewButtonWithLabel("For this run"), api.ForRun},
	} {
		b.button.ConnectClicked(func() { decide(q.id, b.decision) })
		buttons.Append(b.button)
	}
	for _, w := range []gtk.Widgetter{q.risk, call, q.reason, buttons} {
		q.root.Append(w)
	}
	q.root.SetVisible(false)
	return q
}

func (q *question) set(s model.State) {
	d, open := s.Question()
	q.root.SetVisible(open)
	if !open {
		q.id = ""
		return
	}
	if left := model.Remaining(d, s.Now); left >= 0 {
		setText(q.countdown, fmt.Sprintf("Counts as refused in %d s", left))
	} else {
		setText(q.countdown, "")
	}
	if q.id == d.ID {
		return
	}
	q.id = d.ID
	swapClass(&q.root.Widget, &q.class, string(d.Risk))
	setText(q.risk, riskWords(d))
	setText(q.call, markup.Call(d.Skill, d.Input))
	showIf(q.reason, reasonWords(d))
	setName(&q.root.Accessible, spoken("nerva asks", riskWords(d), d.Skill, reasonWords(d)))
}

func riskWords(q api.Question) string {
	switch q.Risk {
	case api.Safe:
		return "Allow this?  Safe"
	case api.Dangerous:
		return "Allow this?  Dangerous: what it does can't be taken back"
	}
	return "Allow this?  Caution: it changes something or shows it to others"
}

func reasonWords(q api.Question) string {
	reason := markup.Visible(oneLine(q.Reason), false)
	if len(q.TaintedBy) == 0 {
		return reason
	}
	tainted := "This run has read what others may have written: " + markup.Visible(strings.Join(q.TaintedBy, ", "), false) + "."
	if reason == "" {
		return tainted
	}
	return reason + "\n" + tainted
}
