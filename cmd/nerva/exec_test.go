package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/bus/bustest"
	"nerva/core/daemon"
	"nerva/core/desk"
)

// opener is a desktop that opens files, and nothing else.
type opener struct {
	desk.Opener
	opened chan string
}

func (o opener) Open(_ context.Context, file *os.File, _ string) error {
	o.opened <- file.Name()
	return nil
}

// startDaemon runs a daemon on a bus of its own, which is the session bus of the test.
func startDaemon(t *testing.T) opener {
	t.Helper()
	bus := bustest.Start(t)
	dir := t.TempDir()
	for name, value := range map[string]string{
		"HOME": dir, "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": "", "XDG_CACHE_HOME": "", "XDG_DATA_HOME": "", "XDG_DATA_DIRS": dir,
		"NOTIFY_SOCKET": "", "OPENAI_API_KEY": "", "CREDENTIALS_DIRECTORY": "", "DBUS_SESSION_BUS_ADDRESS": bus.Address,
	} {
		t.Setenv(name, value)
	}
	config := filepath.Join(dir, ".config", "nerva", "config.toml")
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte("[llm]\nprovider = \"offline\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := opener{opened: make(chan string, 1)}
	d := desk.Absent("there is no desktop in this test; run it in one")
	d.Opener = o
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- daemon.Run(ctx, daemon.Options{Host: daemon.Nervad, Desk: d, Ready: func() { close(ready) }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	return o
}

func TestASingleSkillAsksAtTheTerminal(t *testing.T) {
	o := startDaemon(t)
	for _, c := range []struct {
		rule, typed string
		exit        int
		runs        bool
	}{
		{"Enter refuses", "\n", exitDenied, false},
		{"an end of the input refuses", "\x04", exitDenied, false},
		{"yes runs it", "y\n", exitOK, true},
	} {
		t.Run(c.rule, func(t *testing.T) {
			keys, tty := pseudoterminal(t)
			shown := &screen{prompts: make(chan struct{}, 9)}
			var out bytes.Buffer
			ended := make(chan int, 1)
			go func() {
				ended <- run(t.Context(), []string{"exec", "open_path", "--input", `{"path":"/"}`}, terminal{in: tty, out: &out, err: shown, inTTY: true})
			}()
			select {
			case <-shown.prompts:
			case code := <-ended:
				t.Fatalf("it did not ask, exit %d:\n%s", code, shown)
			}
			if !strings.Contains(shown.String(), `open_path {"path":"/"}`) {
				t.Errorf("shown:\n%s", shown)
			}
			if _, err := keys.WriteString(c.typed); err != nil {
				t.Fatal(err)
			}
			if code := <-ended; code != c.exit || (len(o.opened) == 1) != c.runs {
				t.Errorf("exit %d, opened %d, shown:\n%s", code, len(o.opened), shown)
			}
		})
	}
	t.Run("a pipe is not asked", func(t *testing.T) {
		<-o.opened
		var shown bytes.Buffer
		code := run(t.Context(), []string{"exec", "open_path", "--input", `{"path":"/"}`}, terminal{in: strings.NewReader("y\n"), out: &shown, err: &shown})
		if code != exitDenied || len(o.opened) > 0 {
			t.Errorf("exit %d: %s", code, shown.String())
		}
	})
}

func TestATerminalAsksWhatItsOwnCallAsksOnly(t *testing.T) {
	o := startDaemon(t)
	dial := func() *bus.Client {
		c, err := bus.Dial(t.Context(), bus.DialOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	mine, other := dial(), dial()
	call := func(c *bus.Client, path string) <-chan error {
		ended := make(chan error, 1)
		go func() {
			_, err := c.Execute(t.Context(), "open_path", json.RawMessage(`{"path":"`+path+`"}`), api.AskOptions{Interactive: true})
			ended <- err
		}()
		return ended
	}
	keys, tty := pseudoterminal(t)
	shown := &screen{prompts: make(chan struct{}, 9)}
	stop, err := answerOwn(t.Context(), terminal{in: tty, err: shown, inTTY: true}, mine)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	asked, err := other.Asked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	call(other, "/usr")
	<-asked
	ended := call(mine, "/")
	<-shown.prompts
	if got := shown.String(); !strings.Contains(got, `{"path":"/"}`) || strings.Contains(got, "/usr") {
		t.Errorf("shown:\n%s", got)
	}
	if _, err := keys.WriteString("y\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil || <-o.opened != "/" {
		t.Error(err)
	}
}
