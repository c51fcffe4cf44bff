package daemon

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"nerva/core/apps"
	"nerva/core/audit"
	"nerva/core/beneath"
	"nerva/core/bus"
	"nerva/core/calc"
	"nerva/core/clips"
	"nerva/core/desk"
	"nerva/core/frecency"
	"nerva/core/gate"
	"nerva/core/learned"
	"nerva/core/search"
	"nerva/core/session"
	"nerva/core/sources"
	"nerva/core/store"
	"nerva/core/timers"
	"nerva/core/wallclock"
)

// parts are the pieces of a running daemon. They are fixed once assembled; each looks after its own state.
type parts struct {
	o       Options
	started time.Time
	ctx     context.Context // of the goroutines
	cancel  context.CancelFunc
	work    sync.WaitGroup

	db       *sql.DB
	settings *settings
	log      *audit.Log
	learned  *learned.Store
	gate     *gate.Gate
	index    *apps.Index
	finder   *finder
	notes    *notebook
	clips    *clips.Keeper
	timers   *timers.Keeper
	watching *watching
	sources  *sources.Sources
	ruling   sync.Mutex // held by who puts rules in force
	clocks   []*wallclock.Alarm
	session  *session.Manager
	overlay  func() (peer string, attached bool)
	// pluginErrors is what is wrong with plugins, by their names.
	pluginErrors atomic.Pointer[map[string]string]
	grown        chan struct{} // the audit log has, by much or after a day
	peers        string        // how the bus lets callers be known
}

// assemble opens everything and starts what works by itself.
func assemble(ctx context.Context, o Options, server *bus.Server) (*parts, error) {
	p := &parts{
		o: o, started: time.Now(), overlay: server.Overlay, peers: server.Peers(), grown: make(chan struct{}, 1),
	}
	p.ctx, p.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := p.open(ctx, server); err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.work.Go(func() { p.settings.models.look(p.ctx) })
	p.work.Go(func() { p.untilStopped("the index of applications", p.index.Run(p.ctx)) })
	p.work.Go(func() {
		p.untilStopped("the list of windows", o.Desk.Windows.Watch(p.ctx, func(list []desk.Window) {
			p.clips.SetWindows(list)
			p.sources.SetWindows(list)
			p.finder.setWindows(list)
		}))
	})
	p.work.Go(func() { p.untilStopped("the clipboard", p.clips.Run(p.ctx)) })
	p.work.Go(func() { p.untilStopped("the list of timers", p.timers.Run(p.ctx)) })
	p.work.Go(func() { p.followLog(server.Logged) })
	p.work.Go(p.trims)
	p.watch()
	p.notes.use(p.ctx, p.settings.notesPath())
	return p, nil
}

func (p *parts) untilStopped(what string, err error) {
	if p.ctx.Err() == nil {
		p.o.Log.Error(what+" is not followed any more", "error", err)
	}
}

func (p *parts) open(ctx context.Context, server *bus.Server) error {
	for _, dir := range []string{p.o.State, p.o.Cache} {
		if err := private(dir); err != nil {
			return err
		}
	}
	var err error
	if p.db, err = store.Open(ctx, filepath.Join(p.o.State, "nerva.db")); err != nil {
		return err
	}
	if p.log, err = audit.Open(ctx, p.db); err != nil {
		return err
	}
	p.index = apps.New(apps.EnvFromOS(), p.o.Log)
	p.settings = newSettings(p.o, p.log.Hide, p.appID)
	uses, err := frecency.Open(ctx, p.db)
	if err != nil {
		return err
	}
	launcher := apps.NewLauncher(p.index, p.o.Desk.Spawner, p.o.Desk.AppBus, p.o.Desk.Tokens)
	p.finder = newFinder(search.New(uses.Boost), uses, p.index, launcher, p.o.Desk, p.settings.places, p.o.Log)
	p.notes = newNotebook(p.finder.setNotes, func() *beneath.Tree { return p.settings.places().Notes }, filepath.Join(p.o.Cache, "notes.db"), p.o.Log)
	p.finder.texts = p.notes
	if err := p.openSources(server); err != nil {
		return err
	}
	if err := p.openClips(ctx); err != nil {
		return err
	}
	if err := p.openTimers(ctx); err != nil {
		return err
	}
	box := p.sandbox()
	deps := gate.Deps{
		Desk: p.o.Desk, Launcher: launcher, Apps: p.finder.apps, Notes: p.notes, Clipboard: p.clips, Timers: p.timers, Calculate: calc.Eval,
		Vision: p.settings.eyes, Captures: p.o.captures(), Places: p.settings.places, Home: p.settings.home,
		Commands: &runner{p.settings, box},
	}
	if p.learned, err = learned.Open(filepath.Join(p.o.State, "rules.toml")); err != nil {
		p.o.Log.Error("what was answered for good is not in force", "error", err)
	}
	p.gate, err = gate.New(deps, gate.Options{
		Policy: p.settings.policy, Learned: p.learned, Audit: p.log, Log: p.o.Log, Plugins: p.plugins(box),
	})
	if err != nil {
		return err
	}
	p.loadPlugins()
	p.session, err = session.New(ctx, session.Options{
		Gate: p.gate, DB: p.db, Model: p.settings.models.current, MaxRounds: p.settings.maxRounds,
		Overlay: server.Overlay, Started: server.Started, Redact: p.log.Redact, Log: p.o.Log,
	})
	if err != nil {
		return err
	}
	return p.openWatching(ctx)
}

// appID finds an application as launching it does, which waits for the first index, too.
func (p *parts) appID(name string) string {
	if p.index.Wait(p.ctx) != nil {
		return name
	}
	if app, err := p.index.Snapshot().Find(name); err == nil {
		return app.ID
	}
	return name
}

// clock makes an alarm that close ends.
func (p *parts) clock() (*wallclock.Alarm, error) {
	clock, err := wallclock.New()
	if err == nil {
		p.clocks = append(p.clocks, clock)
	}
	return clock, err
}

func private(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create nerva's folder: %w; make its parent writable", err)
	}
	// A folder that was there already may be open to others; what lies in it is not for them.
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("close nerva's folder to others: %w", err)
	}
	return nil
}

func (p *parts) service() bus.Service {
	return bus.Service{
		Launcher: p.finder, Names: names{p.finder.engine, p.finder.awaitIndex},
		Agent: requests{p.session, p.watching, playbook{p}}, Skills: p.session, Policy: rulebook{p},
		Watchers: p.watching, Workflows: playbook{p}, Manager: manager{p}, PeerGone: p.session.PeerGone,
	}
}

// reloads reads the configuration again for each request, until the daemon stops.
func (p *parts) reloads(requests <-chan os.Signal) {
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-requests:
			// What is wrong stands in the log and in the status.
			_ = manager{p}.Reload(p.ctx)
		}
	}
}

// stop cancels all runs and ends the goroutines; calls of the bus may still be answered.
func (p *parts) stop() error {
	ctx, done := context.WithTimeout(context.Background(), stopLimit)
	defer done()
	err := p.session.Stop(ctx)
	p.cancel()
	p.work.Wait()
	p.notes.close()
	p.settings.models.close()
	p.settings.vision.close()
	return err
}

// close comes last: until then a call may still write its outcome.
func (p *parts) close() error {
	p.cancel()
	var errs []error
	for _, clock := range p.clocks {
		errs = append(errs, clock.Close())
	}
	if p.db != nil {
		errs = append(errs, p.db.Close())
	}
	return errors.Join(errs...)
}
