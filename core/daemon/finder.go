package daemon

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nerva/core/api"
	"nerva/core/apps"
	"nerva/core/calc"
	"nerva/core/clips"
	"nerva/core/desk"
	"nerva/core/frecency"
	"nerva/core/gate"
	"nerva/core/notes"
	"nerva/core/search"
	"nerva/core/workflows"
)

// firstIndex is how long a query waits for the first index of applications: a list without them, right after
// login, would be worse than a short wait.
const firstIndex = 2 * time.Second

// finder implements api.Launcher: it feeds the search engine and does what a result's actions say. It has no
// state of its own; the engine may be fed and asked from any goroutine.
type finder struct {
	engine   *search.Engine
	uses     *frecency.Store
	index    *apps.Index
	launcher *apps.Launcher
	desk     desk.Desk
	places   func() gate.Places
	copied   *copied
	clips    *clips.Keeper // set before the first activation
	texts    texts         // set before the first query
	// suggestions answers them, and offered are those that there are.
	suggestions *watching
	offered     atomic.Pointer[[]api.Suggestion]
	log         *slog.Logger
	indexed     chan struct{} // closed when the engine has the first applications
}

func newFinder(
	e *search.Engine, uses *frecency.Store, index *apps.Index, l *apps.Launcher, d desk.Desk,
	places func() gate.Places, log *slog.Logger,
) *finder {
	f := &finder{
		engine: e, uses: uses, index: index, launcher: l, desk: d, places: places, copied: newCopied(), log: log, indexed: make(chan struct{}),
	}
	uses.OnBump(e.Reboost)
	e.Register(calc.Instant)
	first := sync.OnceFunc(func() { close(f.indexed) })
	index.OnChange(func(s *apps.Snapshot) {
		e.Set("apps", appItems(s))
		first()
	})
	return f
}

// Query implements api.Launcher.
func (f *finder) Query(ctx context.Context, text string, limit int) ([]api.Result, error) {
	if err := f.awaitIndex(ctx); err != nil {
		return nil, err
	}
	if results, asked := f.copied.query(text, limit); asked {
		return results, nil
	}
	results := f.engine.Query(text, limit)
	if strings.TrimSpace(text) != "" {
		return f.withMentions(ctx, text, results, limit), nil
	}
	if offered := f.offered.Load(); offered != nil {
		results = first(suggestionResults(*offered, time.Now(), maxOffered), results, limit)
	}
	return results, nil
}

// maxOffered is how many suggestions stand before everything else.
const maxOffered = 3

// first puts results before others, with scores to match, at most limit of them all (0: no limit).
func first(some, others []api.Result, limit int) []api.Result {
	top := 0.0
	if len(others) > 0 {
		top = others[0].Score
	}
	for i := range some {
		some[i].Score = top + float64(len(some)-i)
	}
	all := append(some, others...)
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all
}

func (f *finder) setSuggestions(list []api.Suggestion) { f.offered.Store(&list) }

func (f *finder) awaitIndex(ctx context.Context) error {
	select {
	case <-f.indexed:
		return nil
	default:
	}
	limit := time.NewTimer(firstIndex)
	defer limit.Stop()
	select {
	case <-f.indexed:
	case <-limit.C:
	case <-ctx.Done():
		return api.Errorf(api.Cancelled, "the query was given up: %w", ctx.Err())
	}
	return nil
}

// apps lists the applications for the gate.
func (f *finder) apps(ctx context.Context) ([]gate.App, error) {
	if err := f.awaitIndex(ctx); err != nil {
		return nil, err
	}
	var list []gate.App
	for _, e := range f.index.Snapshot().Visible() {
		list = append(list, gate.App{ID: e.ID, Name: e.Name})
	}
	return list, nil
}

func (f *finder) setWindows(list []desk.Window) { f.engine.Set("windows", windowItems(list)) }

func (f *finder) setWorkflows(list []*workflows.Compiled) {
	f.engine.Set("workflows", workflowItems(list))
}

func (f *finder) setNotes(list []notes.Note) { f.engine.Set("notes", noteItems(list)) }

// Activate implements api.Launcher. A person chose this result, so no policy is asked; the use counts.
func (f *finder) Activate(ctx context.Context, id, action string, o api.ActivateOptions) error {
	kind, rest, ok := strings.Cut(id, ":")
	if !ok || rest == "" {
		return api.Errorf(api.InvalidInput, "%q is no result's id; `nerva search` gives ids like app:foot", id)
	}
	ctx, done := context.WithTimeout(ctx, 2*desk.Limit)
	defer done()
	var err error
	switch kind {
	case api.KindApp:
		err = f.launch(ctx, rest, action, o)
	case api.KindWindow:
		if action == actionClose {
			err = f.desk.Windows.Close(ctx, rest)
		} else {
			err = only(action, actionFocus, id, func() error { return f.desk.Windows.Focus(ctx, rest) })
		}
	case api.KindNote, api.KindFile:
		err = only(action, actionOpen, id, func() error { return openPath(ctx, f.places(), f.desk.Opener, rest, o.Token) })
	case api.KindCalc:
		err = only(action, actionCopy, id, func() error { return f.copy(ctx, rest) })
	case api.KindClip:
		err = actOnClip(ctx, f.clips, rest, action)
		if action == actionForgetAll && err == nil {
			err = f.suggestions.forgetCopied(ctx)
		}
	case api.KindWorkflow:
		return only(action, actionRun, id, func() error {
			_, err := f.suggestions.agent.Ask(context.WithoutCancel(ctx), "", api.AskOptions{Result: id, Caller: o.Caller})
			return err
		})
	case api.KindSuggestion:
		return f.suggestions.answer(context.WithoutCancel(ctx), rest, action, o.Caller)
	default:
		err = api.Errorf(api.NotFound, "there is nothing of the kind %q; `nerva search` gives the ids that there are", kind)
	}
	if err != nil {
		return err
	}
	f.used(ctx, kind, id)
	return nil
}

// used counts a use. A window's id and a sum are of no use tomorrow, and what was copied last comes first.
func (f *finder) used(ctx context.Context, kind, id string) {
	if kind == api.KindWindow || kind == api.KindCalc || kind == api.KindClip {
		return
	}
	if err := f.uses.Bump(context.WithoutCancel(ctx), id); err != nil {
		f.log.Warn("a use was not counted", "id", id, "error", err)
	}
}

// only runs do where the action is the last one that is left of a result's, or the empty one, which is the first.
func only(action, known, id string, do func() error) error {
	if action != "" && action != known {
		return noAction(id, action)
	}
	return do()
}

func noAction(id, action string) error {
	return api.Errorf(api.NotFound, "%s has no action %q; `nerva search --json` lists a result's actions", id, action)
}

// launch starts "ID" or "ID:ACTION". An id with a colon of its own is taken as a whole first.
func (f *finder) launch(ctx context.Context, rest, action string, o api.ActivateOptions) error {
	if err := f.awaitIndex(ctx); err != nil {
		return err
	}
	app, sub := rest, ""
	if _, ok := f.index.Snapshot().Get(rest); !ok {
		if i := strings.LastIndexByte(rest, ':'); i > 0 {
			app, sub = rest[:i], rest[i+1:]
		}
	}
	e, ok := f.index.Snapshot().Get(app)
	if !ok {
		return api.Errorf(api.NotFound, "there is no application %q; `nerva search` lists what is installed", app)
	}
	switch {
	case action == "" || action == actionOpen:
	case sub != "":
		return noAction("app:"+rest, action)
	default:
		sub = action
	}
	if _, ok := e.Action(sub); sub != "" && !ok {
		return noAction("app:"+app, sub)
	}
	launched, err := f.launcher.Launch(ctx, apps.Request{App: app, Action: sub, URIs: o.URIs, Token: o.Token})
	if err != nil {
		return err
	}
	f.log.Info("launched", "app", launched.App, "argv", launched.Argv, "pid", launched.PID, "unit", launched.Unit, "caller", o.Caller.Name)
	return nil
}

func (f *finder) copy(ctx context.Context, expression string) error {
	result, err := calc.Eval(expression)
	if err != nil {
		return err
	}
	return f.desk.Clipboard.SetText(ctx, result)
}
