package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus"
	"nerva/core/bus/overlay"
	"nerva/test/program"
)

// session is a nerva of its own in the shared desktop.
type session struct {
	*testing.T
	ctx    context.Context
	env    []string // of every program that is started
	config string   // path of the configuration file
	data   string   // $XDG_DATA_HOME
	notes  string
	client *bus.Client
	conn   *dbus.Conn
}

// start makes a session with folders and configuration, but no program yet.
func start(t *testing.T, config string) *session {
	t.Helper()
	if os.Getenv("NERVA_DESKTOP") == "" {
		t.Skip("no private desktop: `make test` runs this by dev/desktop")
	}
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(stop)
	dir := t.TempDir()
	s := &session{T: t, ctx: ctx, data: filepath.Join(dir, "data"), notes: filepath.Join(dir, "notes")}
	s.config = filepath.Join(dir, "config", "nerva", "config.toml")
	s.env = append(os.Environ(),
		"XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "XDG_STATE_HOME="+filepath.Join(dir, "state"),
		"XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "XDG_DATA_HOME="+s.data)
	s.write(s.config, fmt.Sprintf("%s\n[notes]\npath = %q\n", config, s.notes))
	s.write(filepath.Join(s.data, "applications", "README"), "made before the daemon starts\n")

	client, err := bus.Dial(ctx, bus.DialOptions{NoAutoStart: true})
	s.must(err)
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	s.must(err)
	s.client, s.conn = client, conn
	t.Cleanup(func() {
		_ = client.Close()
		_ = conn.Close()
	})
	return s
}

// offline is the configuration without any model.
const offline = "[llm]\nprovider = \"offline\"\n"

// withDaemon starts a session whose nervad answers.
func withDaemon(t *testing.T, config string) *session {
	t.Helper()
	s := start(t, config)
	s.nervad()
	return s
}

func (s *session) nervad() *program.Program {
	s.Helper()
	p := s.program("nervad")
	s.waitOwner(bus.Name, p.PID)
	return p
}

// overlay starts the resident overlay, hidden, and waits until it can be told to show itself.
func (s *session) overlay(args ...string) *program.Program {
	s.Helper()
	p := s.program(overlayPath(s.T), args...)
	s.waitOwner(overlay.Name, p.PID)
	return p
}

// overlayPath is where nerva-overlay lies: beside the folder of the commands.
func overlayPath(t *testing.T) string {
	t.Helper()
	nerva, err := exec.LookPath("nerva")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(filepath.Dir(nerva), "..", "libexec", "nerva-overlay")
}

func (s *session) program(name string, args ...string) *program.Program {
	s.Helper()
	p, err := program.Start(s.env, name, args...)
	s.must(err)
	s.Cleanup(func() {
		if err := p.Stop(); err != nil {
			s.Error(err)
		}
		if s.Failed() {
			s.Logf("%s wrote:\n%s", name, p.Log)
		}
	})
	return p
}

// waitOwner waits until a process owns a bus name.
func (s *session) waitOwner(name string, pid int) {
	s.Helper()
	s.eventually(fmt.Sprintf("process %d owns %s", pid, name), func() bool { return s.owner(name) == pid })
}

// owner is the process that owns a bus name, 0 for none.
func (s *session) owner(name string) int { return program.Owner(s.ctx, s.conn, name) }

// eventually asks again until something is so. It is for what sends no event that could be waited for.
func (s *session) eventually(what string, so func() bool) {
	s.Helper()
	if !program.Eventually(so) {
		s.Fatalf("%s: not so after %v", what, program.Patience)
	}
}

// run runs a command to its end and returns what it printed.
func (s *session) run(name string, args ...string) (stdout, stderr string, exit int) {
	s.Helper()
	c := exec.CommandContext(s.ctx, name, args...)
	var out, err bytes.Buffer
	c.Env, c.Stdout, c.Stderr = s.env, &out, &err
	if e := c.Run(); e != nil && c.ProcessState == nil {
		s.Fatal(e)
	}
	return out.String(), err.String(), c.ProcessState.ExitCode()
}

// output is run for a command that must succeed.
func (s *session) output(name string, args ...string) string {
	s.Helper()
	out, errs, exit := s.run(name, args...)
	if exit != 0 {
		s.Fatalf("%s %q: exit status %d: %s%s", name, args, exit, out, errs)
	}
	return strings.TrimSpace(out)
}

// json runs a command and reads what it prints.
func (s *session) json(into any, name string, args ...string) {
	s.Helper()
	out := s.output(name, args...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		s.Fatalf("%s %q printed %q: %v", name, args, out, err)
	}
}

func (s *session) write(path, text string) {
	s.Helper()
	s.must(os.MkdirAll(filepath.Dir(path), 0o700))
	s.must(os.WriteFile(path, []byte(text), 0o600))
}

func (s *session) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// application installs a desktop entry of the test's own.
func (s *session) application(id, entry string) {
	s.Helper()
	s.write(filepath.Join(s.data, "applications", id+".desktop"), "[Desktop Entry]\nType=Application\n"+entry)
}
