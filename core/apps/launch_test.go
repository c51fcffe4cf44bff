package apps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/desk"
)

// desktop records what the launcher asks of it.
type desktop struct {
	commands []desk.Command
	calls    []desk.AppCall
	tokens   int
	spawnErr error
	busErr   error
	tokenErr error
}

func (d *desktop) Spawn(_ context.Context, c desk.Command) (desk.Process, error) {
	d.commands = append(d.commands, c)
	return desk.Process{PID: 100 + len(d.commands), Unit: "unit"}, d.spawnErr
}

func (d *desktop) Activate(_ context.Context, c desk.AppCall) error {
	d.calls = append(d.calls, c)
	return d.busErr
}

func (d *desktop) Token(_ context.Context, appID string) (string, error) {
	d.tokens++
	return fmt.Sprint("token-", appID, "-", d.tokens), d.tokenErr
}

// say renders what happened: commands with folder and environment, calls, then the error.
func (d *desktop) say(err error) string {
	var out []string
	for _, c := range d.calls {
		out = append(out, fmt.Sprintf("call %s action=%s uris=%v token=%s", c.Name, c.Action, c.URIs, c.Token))
	}
	for _, c := range d.commands {
		out = append(out, fmt.Sprintf("spawn %s %q dir=%s env=%v", c.AppID, c.Argv, c.Dir, c.Env))
	}
	if err != nil {
		out = append(out, string(api.CodeOf(err))+": "+err.Error())
	}
	return strings.Join(out, "\n")
}

func TestLaunch(t *testing.T) {
	const head = "[Desktop Entry]\nType=Application\nName=X\n"
	const env = "env=[XDG_ACTIVATION_TOKEN=token-x-1 DESKTOP_STARTUP_ID=token-x-1]"
	for rule, c := range map[string]struct {
		file     string
		programs string // in PATH, besides run
		terminal string
		desk     desktop
		request  Request
		want     string
	}{
		"argv, home folder, a fresh token": {
			file: head + "Exec=run -a \"b c\"\n",
			want: `spawn x ["run" "-a" "b c"] dir= ` + env,
		},
		"the caller's token": {
			file: head + "Exec=run\n", request: Request{Token: "mine"},
			want: `spawn x ["run"] dir= env=[XDG_ACTIVATION_TOKEN=mine DESKTOP_STARTUP_ID=mine]`,
		},
		"no token is no error": {
			file: head + "Exec=run\n", desk: desktop{tokenErr: errors.New("none")},
			want: `spawn x ["run"] dir= env=[]`,
		},
		"several files for %f are several processes, each with a token": {
			file: head + "Exec=run %f\n", request: Request{URIs: []string{"file:///a", "/b"}, Token: "mine"},
			want: `spawn x ["run" "/a"] dir= env=[XDG_ACTIVATION_TOKEN=mine DESKTOP_STARTUP_ID=mine]` + "\n" +
				`spawn x ["run" "/b"] dir= ` + env,
		},
		"not any number of processes": {
			file: head + "Exec=run %f\n", request: Request{URIs: strings.Fields(strings.Repeat("/a ", 21))},
			want: "InvalidInput: X takes one file at a time and 21 were given; give at most 20",
		},
		"a URI is checked before anything happens": {
			file: head + "Exec=run %u\nDBusActivatable=true\n", request: Request{URIs: []string{"-x"}},
			want: `InvalidInput: "-x" is neither a URI nor an absolute path; give it as file:///… or /…`,
		},
		"Path is the working folder": {
			file: head + "Exec=run\nPath=HOME/sub\n", want: `spawn x ["run"] dir=HOME/sub ` + env,
		},
		"Path is missing": {
			file: head + "Exec=run\nPath=HOME/none\n",
			want: `NotFound: X can't be started: its working folder "HOME/none" does not exist; create it, or correct Path= in HOME/sys/applications/x.desktop`,
		},
		"the program is missing": {
			file: head + "Exec=gone\n",
			want: `NotFound: X can't be started: its program "gone" is not installed; install it, or correct Exec= in HOME/sys/applications/x.desktop`,
		},
		"the program is a path": {
			file: head + "Exec=HOME/bin/run\n", want: `spawn x ["HOME/bin/run"] dir= ` + env,
		},
		"TryExec is missing": {
			file: head + "Exec=run\nTryExec=gone\n",
			want: "NotFound: X is not installed: its program gone is missing; install it",
		},
		"Exec is invalid": {
			file: head + "Exec=run %x\n",
			want: `InvalidInput: X can't be started: the Exec line "run %x" is invalid: "%x" is no field code of the Desktop Entry Specification; correct it in HOME/sys/applications/x.desktop`,
		},
		"an action": {
			file: head + "Exec=run\nActions=new;\n[Desktop Action new]\nName=New\nExec=run --new\n", request: Request{Action: "new"},
			want: `spawn x ["run" "--new"] dir= ` + env,
		},
		"an unknown action": {
			file: head + "Exec=run\nActions=new;\n[Desktop Action new]\nName=New\nExec=run\n", request: Request{Action: "old"},
			want: `NotFound: X has no action "old"; it has new`,
		},
		"no actions": {
			file: head + "Exec=run\n", request: Request{Action: "old"},
			want: `NotFound: X has no actions, so none called "old"; start it without`,
		},
		"Terminal: xdg-terminal-exec first": {
			file: head + "Exec=run\nTerminal=true\n", programs: "xdg-terminal-exec foot", terminal: "foot",
			want: `spawn x ["HOME/bin/xdg-terminal-exec" "run"] dir= ` + env,
		},
		"Terminal: TERMINAL, with its own argument": {
			file: head + "Exec=run\nTerminal=true\n", programs: "gnome-terminal foot", terminal: "gnome-terminal",
			want: `spawn x ["HOME/bin/gnome-terminal" "--" "run"] dir= ` + env,
		},
		"Terminal: TERMINAL that nobody knows": {
			file: head + "Exec=run\nTerminal=true\n", programs: "myterm", terminal: "myterm",
			want: `spawn x ["HOME/bin/myterm" "-e" "run"] dir= ` + env,
		},
		"Terminal: the first that is installed": {
			file: head + "Exec=run\nTerminal=true\n", programs: "xterm konsole", terminal: "missing",
			want: `spawn x ["HOME/bin/konsole" "-e" "run"] dir= ` + env,
		},
		"Terminal: none": {
			file: head + "Exec=run\nTerminal=true\n",
			want: "Unavailable: run needs a terminal and none is installed; install one, or set TERMINAL to its program",
		},
		"D-Bus: Activate": {
			file: head + "Exec=run\nDBusActivatable=true\n", want: "call x action= uris=[] token=token-x-1",
		},
		"D-Bus: Open takes URIs only": {
			file: head + "Exec=run\nDBusActivatable=true\n", request: Request{URIs: []string{"/a b", "x:y"}},
			want: "call x action= uris=[file:///a%20b x:y] token=token-x-1",
		},
		"D-Bus: ActivateAction": {
			file: head + "DBusActivatable=true\nActions=new;\n[Desktop Action new]\nName=New\n", request: Request{Action: "new"},
			want: "call x action=new uris=[] token=token-x-1",
		},
		"D-Bus: an action takes no files, its Exec may": {
			file:    head + "DBusActivatable=true\nActions=new;\n[Desktop Action new]\nName=New\nExec=run %f\n",
			request: Request{Action: "new", URIs: []string{"/a"}}, want: `spawn x ["run" "/a"] dir= ` + env,
		},
		"D-Bus: an action without Exec takes no files": {
			file:    head + "DBusActivatable=true\nActions=new;\n[Desktop Action new]\nName=New\n",
			request: Request{Action: "new", URIs: []string{"/a"}},
			want:    "InvalidInput: the action new of X takes no files; start it without",
		},
		"D-Bus: nobody there, so Exec, with the same token": {
			file: head + "Exec=run %u\nDBusActivatable=true\n", desk: desktop{busErr: api.Errorf(api.NotFound, "no")},
			want: "call x action= uris=[] token=token-x-1\n" + `spawn x ["run"] dir= ` + env,
		},
		"D-Bus: no bus, so Exec": {
			file: head + "Exec=run\nDBusActivatable=true\n", desk: desktop{busErr: api.Errorf(api.Unavailable, "no")},
			want: "call x action= uris=[] token=token-x-1\n" + `spawn x ["run"] dir= ` + env,
		},
		"D-Bus: nobody there and no Exec": {
			file: head + "DBusActivatable=true\n", desk: desktop{busErr: api.Errorf(api.NotFound, "no one; install it")},
			want: "call x action= uris=[] token=token-x-1\nNotFound: no one; install it",
		},
		"D-Bus: the application refuses": {
			file: head + "Exec=run\nDBusActivatable=true\n", desk: desktop{busErr: api.Errorf(api.Failed, "refused; see its log")},
			want: "call x action= uris=[] token=token-x-1\nFailed: refused; see its log",
		},
		"the spawner fails": {
			file: head + "Exec=run\n", desk: desktop{spawnErr: api.Errorf(api.Failed, "no memory; buy some")},
			want: `spawn x ["run"] dir= ` + env + "\nFailed: X was not started: no memory; buy some",
		},
	} {
		t.Run(rule, func(t *testing.T) {
			h := newHome(t)
			h.write("sub/x", "")
			for _, p := range strings.Fields("run " + c.programs) {
				h.program(p)
			}
			h.write("sys/applications/x.desktop", strings.ReplaceAll(c.file, "HOME", h.dir))
			e := h.env()
			e.Terminal = c.terminal
			x, changes := h.run(e)
			<-changes
			c.request.App = "x"
			l, err := NewLauncher(x, &c.desk, &c.desk, &c.desk).Launch(context.Background(), c.request)
			if d := cmp.Diff(c.want, strings.ReplaceAll(c.desk.say(err), h.dir, "HOME")); d != "" {
				t.Error(d)
			}
			if err == nil && (l.App != "x" || l.Argv == nil || len(c.desk.commands) > 0 && (l.PID != 101 || l.Unit != "unit")) {
				t.Errorf("launched %+v", l)
			}
		})
	}
}

func TestLaunchBeforeTheFirstScan(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := NewLauncher(New(Env{}, nil), nil, nil, nil).Launch(ctx, Request{App: "x"})
	if api.CodeOf(err) != api.Busy {
		t.Error(err)
	}
}

func TestLaunchUnknown(t *testing.T) {
	h := newHome(t)
	x, changes := h.run(h.env())
	<-changes
	_, err := NewLauncher(x, nil, nil, nil).Launch(context.Background(), Request{App: "x"})
	if api.CodeOf(err) != api.NotFound {
		t.Error(err)
	}
}
