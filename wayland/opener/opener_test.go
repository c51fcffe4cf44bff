package opener

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/portal"
	"nerva/wayland/sessionbus"
)

var _ desk.Opener = (*Opener)(nil)

// fakePortal is the OpenURI portal on the test's own bus; it answers every request with code.
type fakePortal struct {
	conn   *dbus.Conn
	code   uint32
	opened chan opened
}

type opened struct {
	Content string
	Token   any
}

func (p *fakePortal) OpenFile(sender dbus.Sender, _ string, fd dbus.UnixFD, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	file := os.NewFile(uintptr(fd), "")
	defer file.Close()
	b := make([]byte, 100)
	n, err := file.Read(b)
	if err != nil {
		return "", dbus.MakeFailedError(err)
	}
	return p.answer(sender, opened{string(b[:n]), options["activation_token"].Value()}, options)
}

// answer ends a request before its method returns.
func (p *fakePortal) answer(sender dbus.Sender, o opened, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	p.opened <- o
	path := dbus.ObjectPath("/org/freedesktop/portal/desktop/request/" +
		strings.ReplaceAll(string(sender)[1:], ".", "_") + "/" + options["handle_token"].Value().(string))
	if err := p.conn.Emit(path, "org.freedesktop.portal.Request.Response", p.code, map[string]dbus.Variant{}); err != nil {
		return "", dbus.MakeFailedError(err)
	}
	return path, nil
}

func (p *fakePortal) start(t *testing.T) {
	t.Helper()
	p.conn = bustest.Own(t, "org.freedesktop.portal.Desktop")
	if err := p.conn.Export(p, "/org/freedesktop/portal/desktop", "org.freedesktop.portal.OpenURI"); err != nil {
		t.Fatal(err)
	}
}

// fakeSpawner notes what it is told to start.
type fakeSpawner struct{ started []desk.Command }

func (s *fakeSpawner) Spawn(_ context.Context, c desk.Command) (desk.Process, error) {
	s.started = append(s.started, c)
	return desk.Process{PID: 1}, nil
}

// xdgMime is an xdg-mime that knows an application for *.txt and none for anything else.
func xdgMime(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	const script = `#!/bin/sh
case "$2 $3" in
"filetype "*.txt) echo text/plain ;;
"filetype "*) echo application/x-unknown ;;
"default text/plain") echo editor.desktop ;;
"default x-scheme-handler/https") echo browser.desktop ;;
esac
`
	if err := os.WriteFile(filepath.Join(dir, "xdg-mime"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

func TestOpen(t *testing.T) {
	const none = 99 // no portal
	for _, test := range []struct {
		rule    string
		code    uint32
		file    string
		token   string
		want    api.Code
		says    string
		viaXDG  bool
		spawned []string // environment
	}{
		{"by the portal", 0, "a.txt", "", "", "", false, nil},
		{"with a token", 0, "a.txt", "tok", "", "", false, nil},
		{"the chooser was closed", 1, "a.txt", "", api.Cancelled, "cancelled", false, nil},
		{"the portal can't", 2, "a.txt", "", "", "", true, nil},
		{"no portal", none, "a.txt", "tok", "", "", true, []string{"XDG_ACTIVATION_TOKEN=tok"}},
		{"no portal and no application", none, "a.xyz", "", api.Unavailable, "no application is set for application/x-unknown", false, nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			bustest.Start(t)
			xdgMime(t)
			p := &fakePortal{code: test.code, opened: make(chan opened, 1)}
			if test.code != none {
				p.start(t)
			}
			path := filepath.Join(t.TempDir(), test.file)
			if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
				t.Fatal(err)
			}
			var spawner fakeSpawner
			err := New(portal.New(sessionbus.New(t.Context()).Conn), &spawner).Open(t.Context(), openFile(t, path), test.token)
			if api.CodeOf(err) != test.want || (err != nil && !strings.Contains(err.Error(), test.says)) {
				t.Fatalf("error %v, want code %q and %q", err, test.want, test.says)
			}
			if test.code != none {
				want := opened{"content", nil}
				if test.token != "" {
					want.Token = test.token
				}
				if diff := cmp.Diff(want, <-p.opened); diff != "" {
					t.Errorf("the portal was asked (-want +got):\n%s", diff)
				}
			}
			var want []desk.Command
			if test.viaXDG {
				want = []desk.Command{{AppID: "xdg-open", Argv: []string{"xdg-open", path}, Env: test.spawned}}
			}
			if diff := cmp.Diff(want, spawner.started); diff != "" {
				t.Errorf("started (-want +got):\n%s", diff)
			}
		})
	}
}

func openFile(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

// TestAnotherFileByNowIsNotOpened: the portal has the open file, and xdg-open has nothing but a path.
func TestAnotherFileByNowIsNotOpened(t *testing.T) {
	xdgMime(t)
	for _, test := range []struct {
		rule string
		swap func(path, other string) error
	}{
		{"another file", func(path, other string) error { return os.Rename(other, path) }},
		{"a link", func(path, other string) error { return errors.Join(os.Remove(path), os.Symlink(other, path)) }},
		{"a link to the file itself", func(path, _ string) error {
			return errors.Join(os.Rename(path, path+".1"), os.Symlink(path+".1", path))
		}},
		{"nothing", func(path, _ string) error { return os.Remove(path) }},
	} {
		t.Run(test.rule, func(t *testing.T) {
			dir := t.TempDir()
			path, other := filepath.Join(dir, "a.txt"), filepath.Join(dir, "b.txt")
			for _, name := range []string{path, other} {
				if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			file := openFile(t, path)
			if err := test.swap(path, other); err != nil {
				t.Fatal(err)
			}
			var spawner fakeSpawner
			err := New(absentPortal{}, &spawner).Open(t.Context(), file, "")
			if api.CodeOf(err) != api.Denied || len(spawner.started) > 0 {
				t.Errorf("got %v, started %v", err, spawner.started)
			}
		})
	}
}

func TestOpenTimedOutTriesNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var spawner fakeSpawner
	err := New(slowPortal{}, &spawner).Open(t.Context(), openFile(t, path), "")
	if err == nil || len(spawner.started) > 0 {
		t.Errorf("got %v, started %v", err, spawner.started)
	}
}

type absentPortal struct{}

func (absentPortal) Request(_ context.Context, method string, _ map[string]dbus.Variant, args ...any) (map[string]dbus.Variant, error) {
	if !slices.Contains(args, any("")) {
		return nil, api.Errorf(api.InvalidInput, "%s wants a parent window first", method)
	}
	return nil, api.Errorf(api.Unavailable, "no portal")
}

// slowPortal shows a chooser that nobody answers.
type slowPortal struct{}

func (slowPortal) Request(context.Context, string, map[string]dbus.Variant, ...any) (map[string]dbus.Variant, error) {
	return nil, api.Errorf(api.Unavailable, "nobody chose: %w", context.DeadlineExceeded)
}
