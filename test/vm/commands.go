package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nerva/test/vm/wire"
)

// user runs a command as the user in the session, and returns what it prints. A status other than zero is an error.
func (m *machine) user(ctx context.Context, argv ...string) (string, error) {
	return m.do(ctx, wire.Request{Argv: argv, Env: m.env})
}

// asRoot runs a command as root.
func (m *machine) asRoot(ctx context.Context, argv ...string) (string, error) {
	return m.do(ctx, wire.Request{Argv: argv, Root: true})
}

func (m *machine) do(ctx context.Context, r wire.Request) (string, error) {
	if r.Seconds == 0 {
		r.Seconds = commandSeconds
	}
	reply, err := m.guest.do(ctx, r)
	if err == nil && reply.Exit != 0 {
		err = fmt.Errorf("%s: status %d: %s %s", strings.Join(r.Argv, " "), reply.Exit, reply.Out, reply.Err)
	}
	return reply.Out, err
}

// exec has nervad run a skill; a question is answered with yes at the terminal.
func (m *machine) exec(ctx context.Context, skill, input string) (string, error) {
	return m.do(ctx, wire.Request{
		Argv: []string{"nerva", "exec", skill, "--input", input}, Env: m.env,
		Terminal: true, Prompt: "Enter refuses", Type: "y\n",
	})
}

// picture takes a picture of the screen for people to look at, and returns where it is.
func (m *machine) picture(what string) (string, error) {
	path := filepath.Join(m.out, m.name+"-"+what+".png")
	if m.screen != nil {
		return path, m.screen.save(path)
	}
	return path, m.qmp.screen(path)
}

// shows waits until these words can be read on the screen, or, with there false, until they can't. Reading takes the
// processors that the machine needs, so only a picture that has changed is read.
func (m *machine) shows(ctx context.Context, picture, words string, there bool) error {
	var last [sha256.Size]byte
	var unchanged error
	return eventually(ctx, stepLimit, func() error {
		path, err := m.picture(picture)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		if sum == last {
			return unchanged
		}
		last = sum
		text, err := read(ctx, path)
		if err == nil && strings.Contains(text, words) != there {
			err = fmt.Errorf("%q is on the screen: %v; %s has %.300q", words, !there, path, text)
		}
		unchanged = err
		return err
	})
}

// terminal starts a program as a user's application, with a window of this id.
func (m *machine) terminal(ctx context.Context, appID, script string) (window, error) {
	argv := []string{"systemd-run", "--user", "--quiet", "--collect", "--unit=" + appID}
	for _, v := range m.env {
		argv = append(argv, "--setenv="+v)
	}
	if _, err := m.user(ctx, append(argv, "foot", "--app-id="+appID, "--title="+appID, "--font=monospace:size=20", "sh", "-c", script)...); err != nil {
		return window{}, err
	}
	return m.window(ctx, appID)
}

func (m *machine) closeTerminal(ctx context.Context, appID string) error {
	if _, err := m.user(ctx, "systemctl", "--user", "stop", appID); err != nil {
		return err
	}
	return m.gone(ctx, appID)
}
