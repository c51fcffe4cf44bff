package tool

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
)

// script puts a program of that name and nothing else into PATH. The kernel runs it by its first line.
func script(t *testing.T, name, body string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+body), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return dir
}

func TestRun(t *testing.T) {
	for _, test := range []struct {
		rule, body string
		code       api.Code
		want, says string
	}{
		{"arguments are no shell's", `printf '%s\n' "$1"`, "", "$(id); *", ""},
		{"its standard input", `read line; echo "<$line>"`, "", "<in>", ""},
		{"what it says when it fails", `echo "no such
  thing" >&2; exit 3`, api.Failed, "", "helper failed: no such thing: mend that and try again: exit status 3"},
		{"it fails in silence", `exit 1`, api.Failed, "", "helper failed"},
		{"a flood", `head -c 100000 /dev/zero | tr '\0' x`, "", strings.Repeat("x", maxOutput), ""},
		// wl-copy stays like this; waiting for the end of its output would wait for ever.
		{"it goes into the background", `echo done; sleep 300 & echo $! >"$PIDFILE"`, "", "done", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			dir := script(t, "helper", test.body)
			pidFile := filepath.Join(dir, "pid")
			got, err := Run(t.Context(), Command{
				Argv: []string{"helper", "$(id); *"}, Stdin: strings.NewReader("in\n"), Env: append(os.Environ(), "PIDFILE="+pidFile),
			})
			if pid, err := os.ReadFile(pidFile); err == nil {
				defer kill(t, string(pid))
			}
			if got != test.want || api.CodeOf(err) != test.code || (err != nil && !strings.Contains(err.Error(), test.says)) {
				t.Errorf("got %.80q, %v", got, err)
			}
		})
	}
}

func TestRunMissing(t *testing.T) {
	_, err := Run(t.Context(), Command{Argv: []string{"nerva-no-such-program"}, Package: "some-package"})
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "install the package some-package") {
		t.Errorf("error %v", err)
	}
}

// TestRunCancelled: what the program started goes with it. The grandchild holds the FIFO open; reading it
// ends when it is gone.
func TestRunCancelled(t *testing.T) {
	dir := script(t, "helper", `sleep 300 >"$FIFO" & echo >"$FIFO"; wait`)
	fifo := filepath.Join(dir, "fifo")
	mkfifo(t, fifo)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		f, err := os.Open(fifo)
		if err != nil {
			gone <- err
			return
		}
		defer f.Close()
		_, err = f.Read(make([]byte, 1)) // it runs
		cancel()
		for err == nil {
			_, err = f.Read(make([]byte, 1))
		}
		gone <- err
	}()
	_, err := Run(ctx, Command{Argv: []string{"helper"}, Env: append(os.Environ(), "FIFO="+fifo)})
	if api.CodeOf(err) != api.Cancelled {
		t.Errorf("error %v", err)
	}
	if err := <-gone; err.Error() != "EOF" {
		t.Error(err)
	}
}
