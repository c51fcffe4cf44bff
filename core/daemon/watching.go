package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/policy"
	"nerva/core/suggestions"
	"nerva/core/watchers"
)

const (
	// workers do what rules want without having been asked, one thing each at a time: one that waits for a person holds up
	// no other, and a flood keeps the engine waiting and with it the source.
	workers = 4
	// maxButtons bounds the notifications whose buttons are known; the oldest are forgotten.
	maxButtons = 64
)

// watcher is who a rule's runs and calls are on record as.
var watcher = api.Caller{Name: "watcher"}

// watching takes what the rules of watchers want and does it; it implements watchers.Outcomes and api.Watchers. mu guards
// which notifications have buttons of ours, telling that the rows are told in order; everything else is other parts'.
type watching struct {
	engine   *watchers.Engine
	store    *suggestions.Store
	agent    agent
	notifier desk.Notifier
	// judge says what would become of a call that an event has tainted.
	judge func(a watchers.Action, taint string) policy.Decision
	// share says why the model may not be shown what has been noticed, by the kind that llm.share knows it as.
	share func(ctx context.Context, kind string) error
	// hold keeps another daemon from taking over.
	hold func(context.Context) (release func(), err error)
	// suggested tells of a new suggestion, changed of all that there are.
	suggested func(api.Suggestion)
	changed   func([]api.Suggestion)
	log       *slog.Logger
	jobs      chan watchers.Outcome

	telling sync.Mutex
	mu      sync.Mutex
	buttons map[desk.Shown]offer
	order   []desk.Shown // of buttons, oldest first
	serial  int          // of the last notification
}

// offer is what a notification that is shown offers. Its buttons have its serial in their ids: a press that was meant for the
// one before, whose place it took, finds nothing.
type offer struct {
	watchers.Outcome
	serial int
}

// agent carries out what is asked; *session.Manager does.
type agent interface {
	api.Skills
	Ask(ctx context.Context, prompt string, o api.AskOptions) (run uint64, err error)
}

// Suggest implements watchers.Outcomes.
func (w *watching) Suggest(ctx context.Context, outcomes []watchers.Outcome) error {
	added, err := w.store.Add(ctx, outcomes)
	if err != nil {
		return err
	}
	if len(added) == 0 {
		return nil
	}
	for _, one := range added {
		w.suggested(one)
	}
	return w.refresh(ctx)
}

// Do implements watchers.Outcomes. What a rule may not do by itself, and what nobody would be there to agree to, becomes a
// suggestion.
func (w *watching) Do(ctx context.Context, o watchers.Outcome) error {
	if o.Kind == watchers.Notify {
		return w.notify(ctx, o)
	}
	a := o.Actions[0]
	if !o.Auto {
		return w.offer(ctx, o)
	}
	if a.Ask != "" {
		err := w.perform(ctx, o, a, watcher)
		if code := api.CodeOf(err); code == api.Busy || code == api.Denied {
			return w.offer(ctx, o)
		}
		return err
	}
	switch {
	case a.Skill != "" && w.judge(a, o.Taint()) == policy.Ask:
		return w.offer(ctx, o)
	case a.Skill == "":
		return w.perform(ctx, o, a, watcher)
	}
	select {
	case w.jobs <- o:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// offer suggests what a rule wants to do.
func (w *watching) offer(ctx context.Context, o watchers.Outcome) error {
	o.Title, o.Body = o.Rule, o.Actions[0].Summary()
	return w.Suggest(ctx, []watchers.Outcome{o})
}

// work does what rules want by themselves, until ctx ends.
func (w *watching) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-w.jobs:
			// The log of calls has the sentence, and the journal is not to have what an event had in it.
			if err := w.perform(ctx, o, o.Actions[0], watcher); err != nil && ctx.Err() == nil {
				w.log.Warn("what a watcher's rule wants was not done", "rule", o.Rule, "code", api.CodeOf(err))
			}
		}
	}
}

// press does what a button says, and tells the person where that did not go.
func (w *watching) press(ctx context.Context, o watchers.Outcome, a watchers.Action) {
	err := w.perform(ctx, o, a, watcher)
	if err == nil || ctx.Err() != nil {
		return
	}
	if _, failed := w.notifier.Notify(ctx, desk.Notification{Title: o.Rule, Body: err.Error(), Icon: "dialog-warning-symbolic"}); failed != nil {
		w.log.Warn("what a button of a watcher's rule wants was not done", "rule", o.Rule, "code", api.CodeOf(err))
	}
}

// perform does an action, as one that the event has tainted.
func (w *watching) perform(ctx context.Context, o watchers.Outcome, a watchers.Action, by api.Caller) error {
	if err := w.able(ctx, o, a); err != nil {
		return err
	}
	release, err := w.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	options := api.AskOptions{Caller: by, TaintedBy: []string{o.Taint()}, Kind: kind(o.Source)}
	if a.Ask != "" {
		_, err := w.agent.Ask(ctx, a.Ask, options)
		return err
	}
	_, err = w.agent.Execute(ctx, a.Skill, a.Input, options)
	return err
}

// able says why an action can't even be tried.
func (w *watching) able(ctx context.Context, o watchers.Outcome, a watchers.Action) error {
	switch {
	case a.Workflow != "":
		return api.Errorf(api.Unavailable, "the workflow %q can't be run by this version of nerva yet; use ask or skill in the rule %q", a.Workflow, o.Rule)
	case a.Ask != "" && kind(o.Source) != "":
		return w.share(ctx, kind(o.Source))
	}
	return nil
}

// kind is what llm.share calls what a source tells; a new source's is not free by itself.
func kind(source string) string {
	switch source {
	case "timer", "battery", "idle":
		return "" // nothing of the user's, and nobody's words, are in them
	case "clipboard":
		return "clipboard"
	case "file":
		return "files"
	}
	return "windows"
}

// notify shows a rule's notification in the place of the one before.
func (w *watching) notify(ctx context.Context, o watchers.Outcome) error {
	n := desk.Notification{Title: o.Title, Body: o.Body, Icon: "dialog-information-symbolic", Tag: "nerva-watcher-" + o.Rule}
	w.mu.Lock()
	w.serial++
	serial := w.serial
	w.mu.Unlock()
	for i, a := range o.Actions {
		n.Actions = append(n.Actions, desk.NotificationAction{ID: fmt.Sprintf("%d-%d", serial, i), Title: a.Title})
	}
	shown, err := w.notifier.Notify(ctx, n)
	if err != nil || len(o.Actions) == 0 {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, replaced := w.buttons[shown]; !replaced {
		w.order = append(w.order, shown)
	}
	w.buttons[shown] = offer{o, serial}
	if len(w.order) > maxButtons {
		delete(w.buttons, w.order[0])
		w.order = w.order[1:]
	}
	return nil
}

// follow hears the buttons of rules' notifications.
func (w *watching) follow(ctx context.Context, work *sync.WaitGroup) error {
	return w.notifier.Follow(ctx, func(e desk.NotificationEvent) {
		if o, a, pressed := w.pressed(e); pressed {
			work.Go(func() { w.press(desk.WithToken(ctx, e.Token), o, a) })
		}
	})
}

// pressed finds the action of a button, and forgets the buttons of what is answered or gone.
func (w *watching) pressed(e desk.NotificationEvent) (o watchers.Outcome, a watchers.Action, found bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	offered, ours := w.buttons[e.Shown]
	if !ours || e.Kind == desk.ServiceCame {
		return o, a, false
	}
	at := -1
	for i := range offered.Actions {
		if fmt.Sprintf("%d-%d", offered.serial, i) == e.Action {
			at = i
		}
	}
	if e.Kind == desk.Invoked && at < 0 {
		return o, a, false // it was meant for the one before
	}
	delete(w.buttons, e.Shown)
	w.order = slices.DeleteFunc(w.order, func(s desk.Shown) bool { return s == e.Shown })
	if e.Kind != desk.Invoked {
		return o, a, false
	}
	return offered.Outcome, offered.Actions[at], true
}

// Watchers implements api.Watchers.
func (w *watching) Watchers(context.Context) ([]api.Watcher, error) { return w.engine.List(), nil }

// Suggestions implements api.Watchers.
func (w *watching) Suggestions(ctx context.Context, limit int) ([]api.Suggestion, error) {
	return w.store.List(ctx, limit)
}

// Accept implements api.Watchers.
func (w *watching) Accept(ctx context.Context, id string, by api.Caller) error {
	o, err := w.store.Find(ctx, id)
	if err == nil {
		err = w.able(ctx, o, o.Actions[0]) // what can't be done stays there
	}
	if err == nil {
		o, err = w.store.Accept(ctx, id)
	}
	if err != nil {
		return err
	}
	if err := w.refresh(ctx); err != nil {
		return err
	}
	return w.perform(ctx, o, o.Actions[0], by)
}

// Dismiss implements api.Watchers.
func (w *watching) Dismiss(ctx context.Context, id string) error {
	if err := w.store.Dismiss(ctx, id); err != nil {
		return err
	}
	return w.refresh(ctx)
}

// Never implements api.Watchers.
func (w *watching) Never(ctx context.Context, id string) error {
	if err := w.store.Never(ctx, id); err != nil {
		return err
	}
	return w.refresh(ctx)
}

func (w *watching) refresh(ctx context.Context) error {
	w.telling.Lock()
	defer w.telling.Unlock()
	all, err := w.store.List(ctx, 0)
	if err == nil {
		w.changed(all)
	}
	return err
}

// keep forgets what rules that are not in force any more have suggested, and their buttons.
func (w *watching) keep(ctx context.Context, rules []*watchers.Compiled) error {
	var names []string
	for _, r := range rules {
		if r.Enables() {
			names = append(names, r.Name)
		}
	}
	w.mu.Lock()
	w.order = slices.DeleteFunc(w.order, func(s desk.Shown) bool { return !slices.Contains(names, w.buttons[s].Rule) })
	for shown, o := range w.buttons {
		if !slices.Contains(names, o.Rule) {
			delete(w.buttons, shown)
		}
	}
	w.mu.Unlock()
	if err := w.store.Keep(ctx, names); err != nil {
		return err
	}
	return w.refresh(ctx)
}

// forgetCopied forgets what was suggested of what was copied.
func (w *watching) forgetCopied(ctx context.Context) error {
	if err := w.store.ForgetSource(ctx, "clipboard"); err != nil {
		return err
	}
	return w.refresh(ctx)
}

// answer does what the action of a suggestion's result says.
func (w *watching) answer(ctx context.Context, id, action string, by api.Caller) error {
	switch action {
	case "", api.ActionAccept:
		return w.Accept(ctx, id, by)
	case api.ActionDismiss:
		return w.Dismiss(ctx, id)
	case api.ActionNever:
		return w.Never(ctx, id)
	}
	return noAction(api.KindSuggestion+":"+id, action)
}

// suggestionResults are rows of the launcher where nothing is typed: those that are not too old by now.
func suggestionResults(list []api.Suggestion, now time.Time, limit int) (results []api.Result) {
	for i, s := range list {
		if i == limit {
			break
		}
		if now.Sub(s.Time) >= suggestions.Lifetime {
			continue
		}
		results = append(results, api.Result{
			ID: api.KindSuggestion + ":" + s.ID, Kind: api.KindSuggestion, Title: s.Title, Icon: "dialog-information-symbolic",
			Subtitle: strings.TrimPrefix(s.Body+" · "+s.Rule, " · "), Actions: s.Actions,
		})
	}
	return results
}
