package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/core/api"
	"nerva/core/visible"
	"nerva/ui/markup"
	"nerva/ui/model"
)

// The exact call and the reasons scroll when they are higher, in logical pixels: the buttons stay where they are.
const (
	callLimit   = 150
	reasonLimit = 76
	shortReason = 240 // bytes that have room in reasonLimit, at the card's width
)

// question is the card that asks whether one exact call may run.
type question struct {
	root                             *gtk.Box
	risk, warning, reason, countdown *gtk.Label
	call                             *gtk.Label
	reasons                          *gtk.ScrolledWindow
	refuse                           *gtk.Button
	answers                          []answerButton
	id, class, mark                  string
}

// answerButton is a button for one answer.
type answerButton struct {
	button   *gtk.Button
	decision api.Decision
}

func newQuestion(decide func(id string, d api.Decision)) *question {
	q := &question{
		root: box(gtk.OrientationVertical, 10, "question"), risk: paragraph("risk"), warning: paragraph("warning"),
		reason: paragraph("reason"), countdown: line("countdown"), call: exact(),
	}
	setRole(q.root, gtk.AccessibleRoleAlertDialog)
	call := scroller(q.call)
	q.reasons = scroller(q.reason)
	call.AddCSSClass("call")
	call.SetOverlayScrolling(false)
	call.SetMaxContentHeight(callLimit)
	setName(&call.Accessible, "The exact call")
	q.reasons.SetOverlayScrolling(false)
	q.reasons.SetMaxContentHeight(reasonLimit)

	for _, w := range []gtk.Widgetter{q.risk, call, q.warning, q.reasons, q.buttons(decide)} {
		q.root.Append(w)
	}
	q.root.SetVisible(false)
	return q
}

// buttons are reached by Tab, or by Alt and the letter that is underlined then.
func (q *question) buttons(decide func(id string, d api.Decision)) *gtk.Box {
	row := box(gtk.OrientationHorizontal, 8)
	q.countdown.SetHExpand(true)
	row.Append(q.countdown)
	for _, b := range []struct {
		text, name string
		decision   api.Decision
	}{
		{"_Refuse", "Refuse", api.Refuse},
		{"_Once", "Allow once", api.Once},
		{"For this r_un", "Allow for this run", api.ForRun},
		{"_Always", "Always allow exactly this", api.Always},
	} {
		button := gtk.NewButtonWithMnemonic(b.text)
		button.ConnectClicked(func() { decide(q.id, b.decision) })
		setName(&button.Accessible, b.name)
		row.Append(button)
		q.answers = append(q.answers, answerButton{button, b.decision})
	}
	q.refuse = q.answers[0].button
	return row
}

// set draws the open question; mark is the colour of what is suspicious in it.
func (q *question) set(s model.State, mark string) {
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
	for _, a := range q.answers[1:] {
		a.button.SetSensitive(s.Settled())
	}
	if q.id == d.ID && q.mark == mark {
		return
	}
	q.id, q.mark = d.ID, mark
	swapClass(&q.root.Widget, &q.class, string(d.Risk))
	setText(q.risk, riskWords(d))
	call := visible.Call(d.Skill, d.Input)
	q.call.SetMarkup(markup.Marked(call, mark))
	warning := visible.Warning(call)
	showIf(q.warning, warning)
	q.explain(reasonWords(d))
	q.offer(d.Answers())
	setName(&q.root.Accessible, spoken("nerva asks", riskWords(d), d.Skill, warning, reasonWords(d)))
}

// explain says why. A window that may scroll is never lower than its scroll bar, which a line or two are.
func (q *question) explain(words string) {
	showIf(q.reason, words)
	policy := gtk.PolicyNever
	if len(words) > shortReason {
		policy = gtk.PolicyAutomatic
	}
	q.reasons.SetPolicy(gtk.PolicyNever, policy)
	q.reasons.SetVisible(words != "")
}

// offer shows the answers that make sense.
func (q *question) offer(answers []api.Decision) {
	for _, a := range q.answers {
		a.button.SetVisible(slices.Contains(answers, a.decision))
	}
}

func riskWords(q api.Question) string { return "Allow this?  " + q.Risk.Words() }

func reasonWords(q api.Question) string {
	var all []string
	for _, sentence := range []string{q.Taint(), q.Reason} { // the one that matters more stays in sight
		if sentence != "" {
			all = append(all, visible.Line(oneLine(sentence)))
		}
	}
	return strings.Join(all, "\n")
}
