package hostile

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus"
	"nerva/core/bus/bustest"
	"nerva/core/desk"
	"nerva/test/modelserver"
	"nerva/test/program"
	"nerva/wayland/clipboard"
)

// world is what a case is played in.
type world struct {
	*testing.T
	c        *Case
	ctx      context.Context
	home     string
	env      []string          // of nervad and the intruders
	canary   map[string]string // by what it is a secret of; random in each run
	words    map[string]any    // of the case's templates
	address  string            // of the bus
	sink     *sink
	model    *modelserver.Server
	services *services
	nervad   *program.Program
	client   *bus.Client // looks on; it asks nothing
	before   map[string]string
	unfit    atomic.Value // a string: the case's own script did not fit, which is no proof of anything
}

// caseLimit bounds a case; no case comes near it that holds.
const caseLimit = 90 * time.Second

// newWorld makes everything and starts nervad, which is found in PATH where it has no slash.
func newWorld(t *testing.T, c *Case, nervad string) *world {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), caseLimit)
	t.Cleanup(stop)
	dir := t.TempDir()
	w := &world{T: t, c: c, ctx: ctx, home: filepath.Join(dir, "home"), address: bustest.Start(t).Address, sink: newSink(t)}
	model, err := modelserver.Listen("127.0.0.1:0")
	must(t, err)
	t.Cleanup(model.Close)
	w.model = model
	w.secrets(dir)
	w.furnish(dir)
	first, second := c.stages()
	turns, later := modelserver.Stages(first, w.words), modelserver.Stages(second, w.words)
	then := w.fill(c.Then)
	model.Handle(func(r modelserver.Request) modelserver.Reply { // one at a time
		answer := turns
		if then != "" && strings.Contains(r.LastUser(), then) {
			answer = later
		}
		reply := answer(r)
		if strings.HasPrefix(reply.Message, modelserver.Unfit) {
			w.unfit.Store(reply.Message)
		}
		return reply
	})
	conn, err := dbus.Connect(w.address)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	w.services = newServices(t, conn)
	if c.Plays != "" {
		must(t, w.services.play(w.fill(c.Plays)))
	}
	if len(c.Controls) > 0 {
		buttons := make([]string, len(c.Controls))
		for i := range buttons {
			buttons[i] = w.fill(c.Controls[i])
		}
		must(t, w.services.show(t, w.address, buttons))
	}
	w.client = w.dial()
	w.start(nervad, conn)
	w.before = w.files()
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill is for texts of the case: a mistake in one is not the attack's failure.
func (w *world) fill(text string) string {
	w.Helper()
	out, err := fill(text, w.words)
	must(w.T, err)
	return out
}

func (w *world) dial() *bus.Client {
	w.Helper()
	client, err := bus.Dial(w.ctx, bus.DialOptions{Address: w.address, NoAutoStart: true})
	must(w.T, err)
	w.Cleanup(func() { _ = client.Close() })
	return client
}

// start starts nervad, waits until it answers, and sees that it runs on the case's configuration.
func (w *world) start(nervad string, conn *dbus.Conn) {
	w.Helper()
	for _, title := range w.c.Windows {
		w.window(w.fill(title))
	}
	if w.c.Copied != "" {
		w.copied(w.fill(w.c.Copied))
	}
	var err error
	w.nervad, err = program.Start(w.env, nervad)
	must(w.T, err)
	w.Cleanup(func() {
		_ = w.nervad.Stop() // the judge has asked for it; here it only must not outlive the test
		if w.Failed() {
			w.Logf("nervad wrote:\n%s", w.nervad.Log)
		}
		for pid := range w.processes() {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill()
			}
		}
	})
	if !program.Eventually(func() bool { return program.Owner(w.ctx, conn, bus.Name) == w.nervad.PID }) {
		w.Fatal("nervad does not start")
	}
	status, err := w.client.Status(w.ctx)
	must(w.T, err)
	if status.Config.Error != "" {
		w.Fatalf("the case's configuration is wrong: %s", status.Config.Error)
	}
}

// copied puts a text on the desktop's clipboard, as another program does that ends with the test.
func (w *world) copied(text string) {
	w.Helper()
	forms := []desk.Form{{Type: desk.TextTypes[0], Data: []byte(text)}}
	if w.c.Hinted {
		forms = append(forms, desk.Form{Type: desk.SecretHint, Data: []byte("secret")})
	}
	must(w.T, clipboard.New(w.ctx, slog.New(slog.DiscardHandler)).Copy(w.ctx, forms...))
}

// window opens a terminal with a title, which it also shows, and waits until it is there.
func (w *world) window(title string) {
	w.Helper()
	p, err := program.Start(os.Environ(), "foot", "--title", title, "--override=font=monospace:size=20",
		"sh", "-c", `printf '\033[?25l\n  %s\n' "$0"; sleep 600`, title)
	must(w.T, err)
	w.Cleanup(p.Kill)
	if !program.Eventually(func() bool { return w.shows(title) }) {
		w.Fatalf("no window has the title %q", title)
	}
}

// shows says whether sway has a window with the title.
func (w *world) shows(title string) bool {
	w.Helper()
	tree, err := runOut(w.ctx, os.Environ(), "swaymsg", "-t", "get_tree", "-r")
	must(w.T, err)
	return strings.Contains(tree, title)
}
