package daemon

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"nerva/core/bus"
	"nerva/core/bus/bustest"
	"nerva/core/desk"
)

// home is a user's home for one test, with one application.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{
		"HOME": dir, "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": "", "XDG_CACHE_HOME": "", "XDG_DATA_HOME": "",
		"XDG_DATA_DIRS": filepath.Join(dir, "usr"), "NOTIFY_SOCKET": "", "OPENAI_API_KEY": "", "CREDENTIALS_DIRECTORY": "",
	} {
		t.Setenv(name, value)
	}
	write(t, filepath.Join(dir, "usr", "applications", "org.example.Paint.desktop"), `[Desktop Entry]
Type=Application
Name=Paint
Keywords=picture;
Exec=true %U
Actions=new-window;
[Desktop Action new-window]
Name=New Window
Exec=true --new
`)
	write(t, filepath.Join(dir, ".config", "nerva", "config.toml"), "[llm]\nprovider = \"offline\"\n")
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// screen is the part of a desktop that tests look at.
type screen struct {
	desk.Windows
	mu      sync.Mutex
	spawned []desk.Command
	focused string
	closed  string
	copied  string
	forms   []desk.Form
	opened  string
	others  chan *copy // what others copy
}

func (s *screen) desk() desk.Desk {
	d := desk.Absent("there is no desktop in this test; run it in one")
	s.Windows = d.Windows
	d.Windows, d.Spawner, d.Clipboard, d.Opener = s, s, board{d.Clipboard, s}, s
	return d
}

func (s *screen) Watch(ctx context.Context, changed func([]desk.Window)) error {
	changed([]desk.Window{{ID: "7", AppID: "foot", Title: "Zebra", Workspace: "2"}})
	<-ctx.Done()
	return ctx.Err()
}

func (s *screen) Close(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = id
	return nil
}

func (s *screen) Focus(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.focused = id
	return nil
}

func (s *screen) Spawn(_ context.Context, c desk.Command) (desk.Process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spawned = append(s.spawned, c)
	return desk.Process{PID: 4242}, nil
}

func (s *screen) OpenURL(context.Context, string, string) error { return nil }

func (s *screen) Open(_ context.Context, file *os.File, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = file.Name()
	return nil
}

// board is a clipboard to which the test copies as another program would.
type board struct {
	desk.Clipboard
	*screen
}

// copy is something that another program has copied, until it is taken in.
type copy struct {
	desk.Form
	taken chan struct{}
}

func (c *copy) Types() []string                              { return []string{c.Type} }
func (c *copy) Read(context.Context, string) ([]byte, error) { return c.Data, nil }

func (b board) Watch(ctx context.Context, changed func(desk.Offer)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case c := <-b.others:
			changed(c)
			close(c.taken)
		}
	}
}

// copies has another program copy something, and returns once that is taken in.
func (s *screen) copies(kind, data string) {
	c := &copy{desk.Form{Type: kind, Data: []byte(data)}, make(chan struct{})}
	s.others <- c
	<-c.taken
}

func (b board) Copy(_ context.Context, forms ...desk.Form) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forms = forms
	return nil
}

// offered is what nerva copied last.
func (s *screen) offered() []desk.Form {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forms
}

func (b board) SetText(_ context.Context, text string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.copied = text
	return nil
}

// start runs a daemon until stop, which returns Run's error.
func start(t *testing.T, b bustest.Bus, o Options) (stop func() error) {
	t.Helper()
	cancel, ended := run(t, b, o)
	return func() error { cancel(); return <-ended }
}

// run is start for a daemon that ends by itself.
func run(t *testing.T, b bustest.Bus, o Options) (stop func(), ended <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	o.Address, o.Version, o.Ready = b.Address, "1.2", func() { close(ready) }
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	if o.Host == "" {
		o.Host = Nervad
	}
	if o.Desk.Windows == nil {
		o.Desk = desk.Absent("there is no desktop in this test; run it in one")
	}
	go func() { done <- Run(ctx, o) }()
	t.Cleanup(cancel)
	select {
	case <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	return cancel, done
}

func dial(t *testing.T, b bustest.Bus) *bus.Client {
	t.Helper()
	c, err := bus.Dial(t.Context(), bus.DialOptions{Address: b.Address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
