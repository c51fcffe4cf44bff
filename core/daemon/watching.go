package daemon

import (
	"context"
	"fmt"
	"log/slog"
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
// which notifications have buttons of ours; everything else is other parts'.
type watching struct {
	engine   *watchers.Engine
	store    *suggestions.Store
	agent    agent
	notifier desk.Notifier
	// share says whether a model may be shown what has been noticed, by the kind that llm.share knows it as.
	share func(ctx context.Context, kind string) policy.Verdict
	// suggested tells of a new suggestion, changed of all that there are.
	suggested func(api.Suggestion)
	changed   func([]api.Suggestion)
	log       *slog.Logger
	jobs      chan watchers.Outcome

	mu      sync.Mutex
	buttons map[desk.Shown]watchers.Outcome
	order   []desk.Shown // of buttons, oldest first
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

// Do implements watchers.Outcomes. What a rule may not do by itself becomes a suggestion.
func (w *watching) Do(ctx context.Context, o watchers.Outcome) error {
	if o.Kind == watchers.Notify {
		return w.notify(ctx, o)
	}
	if !o.Auto || w.private(ctx, o.Source, o.Actions[0]).Decision != policy.Allow {
		o.Title = o.Rule
		o.Body = o.Actions[0].Summary()
		return w.Suggest(ctx, []watchers.Outcome{o})
	}
	select {
	case w.jobs <- o:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// work does what rules want by themselves, until ctx ends.
func (w *watching) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-w.jobs:
			w.try(ctx, o, o.Actions[0])
		}
	}
}

func (w *watching) try(ctx context.Context, o watchers.Outcome, a watchers.Action) {
	if err := w.perform(ctx, o, a, watcher); err != nil && ctx.Err() == nil {
		w.log.Warn("what a watcher's rule wants was not done", "rule", o.Rule, "error", err)
	}
}

// perform does an action, as one that the event has tainted.
func (w *watching) perform(ctx context.Context, o watchers.Outcome, a watchers.Action, by api.Caller) error {
	options := api.AskOptions{Caller: by, TaintedBy: []string{o.Taint()}}
	switch {
	case a.Ask != "":
		if v := w.private(ctx, o.Source, a); v.Decision == policy.Deny {
			return api.Errorf(api.Denied, "nothing was asked. %s", v.Reason)
		}
		_, err := w.agent.Ask(ctx, a.Ask, options)
		return err
	case a.Skill != "":
		_, err := w.agent.Execute(ctx, a.Skill, a.Input, options)
		return err
	}
	return api.Errorf(api.Unavailable, "the workflow %q can't be run by this version of nerva yet; use ask or skill in the rule %q", a.Workflow, o.Rule)
}

// kinds are what llm.share calls what the sources tell.
var kinds = map[string]string{"clipboard": "clipboard", "window": "windows", "file": "files", "notification": "windows"}

// private says whether a question may be put to the model now, by what the event is of.
func (w *watching) private(ctx context.Context, source string, a watchers.Action) policy.Verdict {
	kind := kinds[source]
	if a.Ask == "" || kind == "" {
		return policy.Verdict{Decision: policy.Allow}
	}
	return w.share(ctx, kind)
}

// notify shows a rule's notification in the place of the one before.
func (w *watching) notify(ctx context.Context, o watchers.Outcome) error {
	n := desk.Notification{Title: o.Title, Body: o.Body, Icon: "dialog-information-symbolic", Tag: "nerva-watcher-" + o.Rule}
	for i, a := range o.Actions {
		n.Actions = append(n.Actions, desk.NotificationAction{ID: fmt.Sprint(i), Title: a.Title})
	}
	shown, err := w.notifier.Notify(ctx, n)
	if err != nil || len(o.Actions) == 0 {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buttons[shown] = o
	w.order = append(w.order, shown)
	if len(w.order) > maxButtons {
		delete(w.buttons, w.order[0])
		w.order = w.order[1:]
	}
	return nil
}

// follow hears the buttons of rules' notifications.
func (w *watching) follow(ctx context.Context, work *sync.WaitGroup) error {
	return w.notifier.Follow(ctx, func(e desk.NotificationEvent) {
		w.mu.Lock()
		o, ours := w.buttons[e.Shown]
		w.mu.Unlock()
		if e.Kind != desk.Invoked || !ours {
			return
		}
		for i, a := range o.Actions {
			if fmt.Sprint(i) == e.Action {
				work.Go(func() { w.try(desk.WithToken(ctx, e.Token), o, a) })
			}
		}
	})
}

// Watchers implements api.Watchers.
func (w *watching) Watchers(context.Context) ([]api.Watcher, error) { return w.engine.List(), nil }

// Suggestions implements api.Watchers.
func (w *watching) Suggestions(ctx context.Context, limit int) ([]api.Suggestion, error) {
	return w.store.List(ctx, limit)
}

// Accept implements api.Watchers.
func (w *watching) Accept(ctx context.Context, id string, by api.Caller) error {
	o, err := w.store.Accept(ctx, id)
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
	all, err := w.store.List(ctx, 0)
	if err == nil {
		w.changed(all)
	}
	return err
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
