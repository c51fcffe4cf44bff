package apps

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// logbook collects log lines; it may be read while they are written.
type logbook struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	wrote chan struct{} // told of each line where it is not nil
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wrote != nil {
		l.wrote <- struct{}{}
	}
	return l.buf.Write(p)
}

func (l *logbook) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.FieldsFunc(l.buf.String(), func(r rune) bool { return r == '\n' })
}

func (l *logbook) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// home is a private set of data folders: home/applications, then sys/applications.
type home struct {
	t   *testing.T
	dir string
	log logbook
}

func newHome(t *testing.T) *home { return &home{t: t, dir: t.TempDir()} }

func (h *home) env() Env {
	return Env{DataHome: h.path("home"), DataDirs: []string{h.path("sys")}, Path: []string{h.path("bin")}, Home: h.dir}
}

func (h *home) path(rel string) string { return filepath.Join(h.dir, rel) }

func (h *home) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// write puts a file below the home, atomically as package managers do.
func (h *home) write(rel, text string) {
	h.t.Helper()
	p := h.path(rel)
	h.must(os.MkdirAll(filepath.Dir(p), 0o755))
	h.must(os.WriteFile(p+".new", []byte(text), 0o644))
	h.must(os.Rename(p+".new", p))
}

func (h *home) link(target, rel string) {
	h.t.Helper()
	h.must(os.MkdirAll(filepath.Dir(h.path(rel)), 0o755))
	h.must(os.Symlink(target, h.path(rel)))
}

func (h *home) program(name string) {
	h.t.Helper()
	h.write("bin/"+name, "#!/bin/sh\n")
	h.must(os.Chmod(h.path("bin/"+name), 0o755))
}

// app is a minimal desktop file.
func app(name string, more ...string) string {
	return "[Desktop Entry]\nType=Application\nName=" + name + "\nExec=true\n" + strings.Join(more, "\n") + "\n"
}

func (h *home) scan(env Env) *Snapshot { return newScanner(env, h.log.logger(), nil).scan() }

// run starts an index and gives a channel of the visible names after each change.
func (h *home) run(env Env) (*Index, <-chan string) {
	x := New(env, h.log.logger())
	changes := make(chan string, 100)
	x.OnChange(func(s *Snapshot) { changes <- names(s) })
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- x.Run(ctx) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			h.t.Errorf("Run: %v", err)
		}
	})
	return x, changes
}

// await waits until the visible names are as wanted.
func (h *home) await(changes <-chan string, want string) {
	h.t.Helper()
	limit := time.After(10 * time.Second)
	last := "(none)"
	for {
		select {
		case last = <-changes:
			if last == want {
				return
			}
		case <-limit:
			h.t.Fatalf("want %q, last was %q", want, last)
		}
	}
}

func names(s *Snapshot) string {
	var list []string
	for _, e := range s.Visible() {
		list = append(list, e.Name)
	}
	return strings.Join(list, " ")
}
