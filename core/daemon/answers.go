package daemon

import (
	"context"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/suggestions"
	"nerva/core/watchers"
)

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
	return w.carryOut(ctx, o, o.Actions[0], by)
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
	w.buttons.keep(names)
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
