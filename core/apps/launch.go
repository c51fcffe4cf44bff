package apps

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"nerva/core/api"
	"nerva/core/desk"
)

// maxProcesses bounds what one request starts when a program takes one file at a time.
const maxProcesses = 20

// Request says what to start. App is an id, with or without ".desktop", or what Snapshot.Find understands.
type Request struct {
	App    string
	Action string // an action's id; empty starts the application itself
	// URIs are URIs or absolute paths, passed as they are given, local ones as paths where the program
	// takes paths.
	URIs []string
	// Token is an xdg-activation token; where it is empty the compositor is asked for one.
	Token string
}

// Launched says what was started: of several processes the first. What was activated over D-Bus has no
// argv, PID and unit.
type Launched struct {
	App  string // the id
	Argv []string
	PID  int
	Unit string
}

// Launcher starts applications. It has no state of its own; any goroutine may use it.
type Launcher struct {
	index   *Index
	spawner desk.Spawner
	bus     desk.AppBus
	tokens  desk.Tokens
}

// NewLauncher makes a launcher for the applications of index.
func NewLauncher(index *Index, spawner desk.Spawner, bus desk.AppBus, tokens desk.Tokens) *Launcher {
	return &Launcher{index: index, spawner: spawner, bus: bus, tokens: tokens}
}

// Launch starts an application. Its errors are *api.Error: NotFound for an application, action, program or
// folder that isn't there, InvalidInput for a request or an entry that makes no sense, Unavailable where
// the desktop lacks something, Busy before the first scan is done.
func (l *Launcher) Launch(ctx context.Context, r Request) (Launched, error) {
	if err := l.index.Wait(ctx); err != nil {
		return Launched{}, err
	}
	e, err := l.index.Snapshot().Find(r.App)
	if err != nil {
		return Launched{}, err
	}
	exec, execErr := e.Exec, e.execErr
	if r.Action != "" {
		a, ok := e.Action(r.Action)
		if !ok {
			return Launched{}, noAction(e, r.Action)
		}
		exec, execErr = a.Exec, a.execErr
	}
	if err := checkTargets(r.URIs); err != nil {
		return Launched{}, err
	}
	if _, ok := l.index.env.lookPath(e.TryExec); e.TryExec != "" && !ok {
		return Launched{}, api.Errorf(api.NotFound, "%s is not installed: its program %s is missing; install it", e.Name, e.TryExec)
	}
	if e.DBusActivatable && (r.Action == "" || len(r.URIs) == 0) {
		done, err := l.activate(ctx, e, &r)
		if done || exec == "" {
			return Launched{App: e.ID, Argv: []string{}}, err
		}
	}
	if execErr != nil {
		return Launched{}, api.Errorf(api.InvalidInput, "%s can't be started: the Exec line %q is invalid: %w; correct it in %s", e.Name, exec, execErr, e.File)
	}
	if exec == "" {
		return Launched{}, api.Errorf(api.InvalidInput, "the action %s of %s takes no files; start it without", r.Action, e.Name)
	}
	return l.execute(ctx, e, exec, r)
}

func noAction(e *Entry, action string) error {
	var ids []string
	for _, a := range e.Actions {
		ids = append(ids, a.ID)
	}
	if len(ids) == 0 {
		return api.Errorf(api.NotFound, "%s has no actions, so none called %q; start it without", e.Name, action)
	}
	return api.Errorf(api.NotFound, "%s has no action %q; it has %s", e.Name, action, strings.Join(ids, ", "))
}

// activate calls the application over D-Bus. done is false where the bus can't start it, so that Exec may
// be tried; a token that was fetched for it stays in r and serves again.
func (l *Launcher) activate(ctx context.Context, e *Entry, r *Request) (done bool, err error) {
	r.Token = l.token(ctx, e, r.Token)
	err = l.bus.Activate(ctx, desk.AppCall{Name: e.ID, Action: r.Action, URIs: asURIs(r.URIs), Token: r.Token})
	switch api.CodeOf(err) {
	case api.NotFound, api.Unavailable:
		return false, err
	}
	return true, err
}

// execute starts the command line's processes.
func (l *Launcher) execute(ctx context.Context, e *Entry, exec string, r Request) (Launched, error) {
	argvs, err := l.argvs(e, exec, r.URIs)
	if err != nil {
		return Launched{}, err
	}
	if len(argvs) > maxProcesses {
		return Launched{}, api.Errorf(api.InvalidInput, "%s takes one file at a time and %d were given; give at most %d", e.Name, len(argvs), maxProcesses)
	}
	dir, err := workingFolder(e)
	if err != nil {
		return Launched{}, err
	}
	var first Launched
	for i, argv := range argvs {
		c := desk.Command{AppID: e.ID, Argv: argv, Dir: dir}
		// A token stands for one activation, so each process needs its own.
		if token := l.token(ctx, e, r.Token); token != "" {
			c.Env = []string{"XDG_ACTIVATION_TOKEN=" + token, "DESKTOP_STARTUP_ID=" + token}
		}
		r.Token = ""
		p, err := l.spawner.Spawn(ctx, c)
		if err != nil {
			return Launched{}, api.Errorf(api.CodeOf(err), "%s was not started: %w", e.Name, err)
		}
		if i == 0 {
			first = Launched{App: e.ID, Argv: argv, PID: p.PID, Unit: p.Unit}
		}
	}
	return first, nil
}

// argvs makes the command lines and sees that their program is there.
func (l *Launcher) argvs(e *Entry, exec string, targets []string) ([][]string, error) {
	words, err := parseExec(exec)
	if err != nil {
		return nil, err
	}
	argvs, err := expand(words, e, targets)
	if err != nil {
		return nil, err
	}
	program := argvs[0][0]
	if _, ok := l.index.env.lookPath(program); !ok {
		return nil, api.Errorf(api.NotFound, "%s can't be started: its program %q is not installed; install it, or correct Exec= in %s", e.Name, program, e.File)
	}
	if !e.Terminal {
		return argvs, nil
	}
	for i, argv := range argvs {
		if argvs[i], err = l.index.env.inTerminal(argv); err != nil {
			return nil, err
		}
	}
	return argvs, nil
}

// token gives the one at hand or asks for one. An application starts without a token as well, then the
// compositor decides about its focus, so that there is none is no error.
func (l *Launcher) token(ctx context.Context, e *Entry, have string) string {
	if have != "" {
		return have
	}
	token, err := l.tokens.Token(ctx, e.ID)
	if err != nil {
		return ""
	}
	return token
}

// workingFolder gives the Path key's folder, empty for the home folder. A program that expects its data
// there would fail in a stranger way if it was started somewhere else.
func workingFolder(e *Entry) (string, error) {
	if e.Dir == "" {
		return "", nil
	}
	info, err := os.Stat(e.Dir)
	if err != nil || !info.IsDir() || !filepath.IsAbs(e.Dir) {
		return "", api.Errorf(api.NotFound, "%s can't be started: its working folder %q does not exist; create it, or correct Path= in %s", e.Name, e.Dir, e.File)
	}
	return e.Dir, nil
}
