package daemon

import (
	"context"
	"slices"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/suggestions"
	"nerva/core/watchers"
)

// Watchers implements api.Watchers.
func (w *watching) Watchers(ctx context.Context) ([]api.Watcher, error) {
	list := w.engine.List()
	silent, err := w.store.Silent(ctx)
	for _, s := range silent {
		for i := range list {
			if list[i].Name == s.Rule {
				list[i].Silent, list[i].SilentUntil = true, s.Until
			}
		}
	}
	return list, err
}

// Suggestions implements api.Watchers.
func (w *watching) Suggestions(ctx context.Context, limit int) ([]api.Suggestion, error) {
	return w.store.List(ctx, limit)
}

// Accept implements api.Watchers.
func (w *watching) Accept(ctx context.Context, id string, by api.Caller) error {
	o, err := w.store.Find(ctx, id)
	if err != nil {
		return err
	}
	if o.Actions[0].Skill == "" {
		_, err := w.ask(ctx, id, api.AskOptions{Caller: by})
		return err
	}
	if o, err = w.store.Accept(ctx, id); err != nil {
		return err
	}
	if err := w.refresh(ctx); err != nil {
		return err
	}
	return w.carryOut(ctx, o, o.Actions[0], by)
}

// ask accepts a suggestion that is a request. One that can't begin stays there.
func (w *watching) ask(ctx context.Context, id string, options api.AskOptions) (run uint64, err error) {
	w.accepting.Lock()
	defer w.accepting.Unlock()
	o, err := w.store.Find(ctx, id)
	if err != nil {
		return 0, err
	}
	a := o.Actions[0]
	if a.Skill != "" {
		return 0, api.Errorf(api.InvalidInput, "the suggestion %.40q is no request but a call; accept it", id)
	}
	if run, err = w.begin(ctx, o, a, options); err != nil {
		return 0, err
	}
	// The run goes on, whether or not the row does: somebody may have dismissed it meanwhile.
	_, err = w.store.Accept(context.WithoutCancel(ctx), id)
	if err == nil {
		err = w.refresh(context.WithoutCancel(ctx))
	}
	if err != nil && api.CodeOf(err) != api.NotFound {
		w.log.Warn("a suggestion that was accepted is still there", "id", id, "error", err)
	}
	return run, nil
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

// Hear implements api.Watchers.
func (w *watching) Hear(ctx context.Context, rule string) error {
	if !slices.ContainsFunc(w.engine.List(), func(r api.Watcher) bool { return r.Name == rule }) {
		return api.Errorf(api.NotFound, "there is no rule %.60q; `nerva watchers list` has those that there are", rule)
	}
	return w.store.Hear(ctx, rule)
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
			Subtitle: strings.TrimPrefix(s.Body+" · "+s.Rule, " · "), Actions: s.Actions, Answers: s.Answers,
		})
	}
	return results
}
