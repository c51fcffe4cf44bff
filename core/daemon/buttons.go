package daemon

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/watchers"
)

// maxButtons bounds the notifications whose buttons are known; the oldest are forgotten.
const maxButtons = 64

// buttons are those of rules' notifications that are shown.
type buttons struct {
	mu     sync.Mutex // holds the rest
	shown  []offer    // oldest first
	serial int        // of the last one
}

// offer is what a notification offers. Its buttons have its serial in their ids: a press that was meant for the one before,
// whose place it took, finds nothing.
type offer struct {
	watchers.Outcome
	at     desk.Shown
	serial int
}

func (o offer) button(i int) string { return fmt.Sprintf("%d-%d", o.serial, i) }

// offer gives an outcome its serial.
func (b *buttons) offer(o watchers.Outcome) offer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.serial++
	return offer{Outcome: o, serial: b.serial}
}

// add knows an offer that is shown, in the place of what was shown there.
func (b *buttons) add(o offer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forget(o.at)
	b.shown = append(b.shown, o)
	b.shown = b.shown[max(0, len(b.shown)-maxButtons):]
}

// forget is called with mu held.
func (b *buttons) forget(at desk.Shown) {
	b.shown = slices.DeleteFunc(b.shown, func(o offer) bool { return o.at == at })
}

// keep forgets those of all rules but these.
func (b *buttons) keep(rules []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown = slices.DeleteFunc(b.shown, func(o offer) bool { return !slices.Contains(rules, o.Rule) })
}

// pressed finds the action of a button, and forgets what is answered or gone.
func (b *buttons) pressed(e desk.NotificationEvent) (o watchers.Outcome, a watchers.Action, found bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := slices.IndexFunc(b.shown, func(o offer) bool { return o.at == e.Shown })
	if at < 0 {
		return o, a, false
	}
	offered := b.shown[at]
	for i := range offered.Actions {
		if e.Kind == desk.Invoked && offered.button(i) == e.Action {
			o, a, found = offered.Outcome, offered.Actions[i], true
		}
	}
	if found || e.Kind != desk.Invoked { // another press was meant for the one before
		b.forget(e.Shown)
	}
	return o, a, found
}

// notify shows a rule's notification in the place of the one before.
func (w *watching) notify(ctx context.Context, o watchers.Outcome) error {
	offered := w.buttons.offer(o)
	n := desk.Notification{Title: o.Title, Body: o.Body, Icon: "dialog-information-symbolic", Tag: "nerva-watcher-" + o.Rule}
	for i, a := range o.Actions {
		n.Actions = append(n.Actions, desk.NotificationAction{ID: offered.button(i), Title: a.Title})
	}
	var err error
	if offered.at, err = w.notifier.Notify(ctx, n); err != nil || len(o.Actions) == 0 {
		return err
	}
	w.buttons.add(offered)
	return nil
}

// follow hears the buttons of rules' notifications.
func (w *watching) follow(ctx context.Context, work *sync.WaitGroup) error {
	return w.notifier.Follow(ctx, func(e desk.NotificationEvent) {
		if o, a, pressed := w.buttons.pressed(e); pressed {
			work.Go(func() { w.press(desk.WithToken(ctx, e.Token), o, a) })
		}
	})
}

// press does what a button says, and tells the person what was answered, or why it did not go: nothing else would show it.
func (w *watching) press(ctx context.Context, o watchers.Outcome, a watchers.Action) {
	said, icon := "", "dialog-information-symbolic"
	var err error
	if a.Skill != "" {
		err = w.carryOut(ctx, o, a, watcher)
	} else {
		said, err = w.answered(ctx, o, a)
	}
	if err != nil {
		said, icon = err.Error(), "dialog-warning-symbolic"
	}
	if said == "" || ctx.Err() != nil {
		return
	}
	n := desk.Notification{Title: o.Rule, Body: api.OneLine(said, maxAnswer), Icon: icon, Tag: "nerva-answer-" + o.Rule}
	if _, failed := w.notifier.Notify(ctx, n); failed != nil {
		w.log.Warn("what became of a button of a watcher's rule is not shown", "rule", o.Rule, "code", api.CodeOf(failed))
	}
}

// maxAnswer is how many characters of an answer a notification shows; `nerva runs` has all of it.
const maxAnswer = 500

// answered starts a request and waits for its end.
func (w *watching) answered(ctx context.Context, o watchers.Outcome, a watchers.Action) (string, error) {
	run, err := w.begin(ctx, o, a, api.AskOptions{Caller: watcher})
	if err != nil {
		return "", err
	}
	now, events, err := w.agent.Watch(ctx, run)
	if err != nil {
		return "", err
	}
	for e := range events {
		if e.Type == api.EventFinished {
			now.State, now.Answer = e.State, e.Answer
		}
	}
	if now.State == api.FailedRun {
		return "", api.Errorf(api.Failed, "%s", now.Answer)
	}
	return now.Answer, nil
}
