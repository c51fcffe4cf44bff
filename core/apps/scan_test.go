package apps

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Section "Desktop File ID", and what becomes of files that are not what they should be.
func TestScan(t *testing.T) {
	for rule, c := range map[string]struct {
		make func(h *home)
		env  func(e *Env)
		want string // id=Name of the visible ones
		log  int    // lines
	}{
		"a sub folder becomes a dash": {
			make: func(h *home) { h.write("sys/applications/kde/sub/org.x.desktop", app("X")) },
			want: "kde-sub-org.x=X",
		},
		"the first folder wins": {
			make: func(h *home) {
				h.write("home/applications/a.desktop", app("Mine"))
				h.write("sys/applications/a.desktop", app("Theirs"))
			},
			want: "a=Mine",
		},
		"ids compare, not paths": {
			make: func(h *home) {
				h.write("home/applications/kde-a.desktop", app("Mine"))
				h.write("sys/applications/kde/a.desktop", app("Theirs"))
			},
			want: "kde-a=Mine",
		},
		"a hidden winner hides the others": {
			make: func(h *home) {
				h.write("home/applications/a.desktop", "[Desktop Entry]\nHidden=true\n")
				h.write("sys/applications/a.desktop", app("Theirs"))
			},
		},
		"a broken winner hides the others": {
			make: func(h *home) {
				h.write("home/applications/a.desktop", "rubbish\n")
				h.write("sys/applications/a.desktop", app("Theirs"))
			},
			log: 1,
		},
		"a winner of another type hides the others": {
			make: func(h *home) {
				h.write("home/applications/a.desktop", "[Desktop Entry]\nType=Link\nName=a\nURL=x:\n")
				h.write("sys/applications/a.desktop", app("Theirs"))
			},
		},
		"a link to /dev/null hides the others": {
			make: func(h *home) {
				h.link("/dev/null", "home/applications/a.desktop")
				h.write("sys/applications/a.desktop", app("Theirs"))
			},
			log: 1,
		},
		"an empty file is broken":   {make: func(h *home) { h.write("sys/applications/a.desktop", "") }, log: 1},
		"a dangling link is broken": {make: func(h *home) { h.link("nowhere", "sys/applications/a.desktop") }, log: 1},
		"a link to itself is broken": {
			make: func(h *home) { h.link("a.desktop", "sys/applications/a.desktop") }, log: 1,
		},
		"a link to a file is a file": {
			make: func(h *home) {
				h.write("opt/x.desktop", app("X"))
				h.link("../../opt/x.desktop", "sys/applications/a.desktop")
			},
			want: "a=X",
		},
		"a link to a folder is a folder": {
			make: func(h *home) {
				h.write("opt/apps/x.desktop", app("X"))
				h.link("../../opt/apps", "sys/applications/sub")
			},
			want: "sub-x=X",
		},
		"a loop of folders ends": {
			make: func(h *home) {
				h.write("sys/applications/a.desktop", app("A"))
				h.link(".", "sys/applications/self")
				h.link("../../sys/applications", "sys/applications/up")
			},
			want: "a=A",
		},
		"a folder called x.desktop is a folder": {
			make: func(h *home) {
				h.write("sys/applications/x.desktop/a.desktop", app("A"))
				h.write("sys/applications/a.desktop", app("B"))
			},
			want: "x.desktop-a=A a=B",
		},
		"a named pipe does not hang": {
			make: func(h *home) {
				h.write("sys/applications/a.desktop", app("A"))
				h.must(syscall.Mkfifo(h.path("sys/applications/p.desktop"), 0o644))
			},
			want: "a=A", log: 1,
		},
		"a file name that is no UTF-8 makes no id": {
			make: func(h *home) { h.write("sys/applications/\xff.desktop", app("A")) }, log: 1,
		},
		"a file without a name makes no id": {make: func(h *home) { h.write("sys/applications/.desktop", app("A")) }, log: 1},
		"other files are no entries": {
			make: func(h *home) {
				h.write("sys/applications/a.directory", app("A"))
				h.write("sys/applications/mimeinfo.cache", "")
				h.write("sys/applications/a.desktop~", app("A"))
			},
		},
		"a file that is too large is broken": {
			make: func(h *home) { h.write("sys/applications/a.desktop", app("A")+strings.Repeat("#\n", maxFile)) }, log: 1,
		},
		"data folders that are missing are no fault": {
			make: func(h *home) {}, env: func(e *Env) { e.DataDirs = append(e.DataDirs, "/nonexistent") },
		},
		"a data folder named twice counts once": {
			make: func(h *home) { h.write("sys/applications/a.desktop", "rubbish") },
			env:  func(e *Env) { e.DataDirs = append(e.DataDirs, e.DataDirs[0]+"/") }, log: 1,
		},
		"NoDisplay is not shown": {make: func(h *home) { h.write("sys/applications/a.desktop", app("A", "NoDisplay=true")) }},
		"TryExec by name, installed": {
			make: func(h *home) { h.program("tool"); h.write("sys/applications/a.desktop", app("A", "TryExec=tool")) }, want: "a=A",
		},
		"TryExec by path, installed": {
			make: func(h *home) {
				h.program("tool")
				h.write("sys/applications/a.desktop", app("A", "TryExec="+h.path("bin/tool")))
			},
			want: "a=A",
		},
		"TryExec missing": {make: func(h *home) { h.write("sys/applications/a.desktop", app("A", "TryExec=tool")) }},
		"TryExec not executable": {
			make: func(h *home) {
				h.write("bin/tool", "")
				h.write("sys/applications/a.desktop", app("A", "TryExec=tool"))
			},
		},
		"TryExec is a folder": {
			make: func(h *home) {
				h.write("bin/tool/x", "")
				h.write("sys/applications/a.desktop", app("A", "TryExec=tool"))
			},
		},
		"an Exec that can't be used is not shown": {
			make: func(h *home) {
				h.write("sys/applications/a.desktop", "[Desktop Entry]\nType=Application\nName=A\nExec=a %x\n")
			}, log: 1,
		},
	} {
		t.Run(rule, func(t *testing.T) {
			h := newHome(t)
			c.make(h)
			env := h.env()
			if c.env != nil {
				c.env(&env)
			}
			s := h.scan(env)
			var got []string
			for _, e := range s.Visible() {
				got = append(got, e.ID+"="+e.Name)
			}
			if d := cmp.Diff(c.want, strings.Join(got, " ")); d != "" {
				t.Error(d)
			}
			if n := len(h.log.lines()); n != c.log {
				t.Errorf("%d log lines, want %d:\n%s", n, c.log, strings.Join(h.log.lines(), "\n"))
			}
		})
	}
}

// Key OnlyShowIn/NotShowIn: "the first match wins", in the order of XDG_CURRENT_DESKTOP.
func TestShowIn(t *testing.T) {
	for _, c := range []struct {
		desktops, only, not string
		want                bool
	}{
		{"", "", "", true},
		{"sway", "", "", true},
		{"sway", "GNOME;", "", false},
		{"", "GNOME;", "", false},
		{"sway", "sway", "", true},
		{"Sway", "sway", "", false}, // case matters
		{"sway", "", "GNOME;", true},
		{"sway", "", "GNOME;sway;", false},
		{"ubuntu:GNOME", "GNOME;", "", true},
		{"ubuntu:GNOME", "GNOME;", "ubuntu;", false},
		{"GNOME:ubuntu", "GNOME;", "ubuntu;", true},
		{"ubuntu:GNOME", "ubuntu;", "GNOME;", true},
		{"x", "GNOME;", "KDE;", false},
		{"", "", "GNOME;", true},
	} {
		e := &Entry{onlyShowIn: splitList(c.only), notShowIn: splitList(c.not)}
		if got := e.shownIn(fields(c.desktops)); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}

// A version of a file is read and complained about once, however often the folders are scanned.
func TestScanReadsAVersionOnce(t *testing.T) {
	h := newHome(t)
	h.write("sys/applications/bad.desktop", "rubbish")
	h.write("sys/applications/good.desktop", app("Good"))
	s := newScanner(h.env(), h.log.logger(), nil)
	first, second := s.scan(), s.scan()
	if !first.equal(second) || len(h.log.lines()) != 1 {
		t.Errorf("equal %v, log %q", first.equal(second), h.log.lines())
	}
	h.write("sys/applications/bad.desktop", "rubbish too")
	s.scan()
	if len(h.log.lines()) != 2 {
		t.Errorf("a new version of a broken file: %q", h.log.lines())
	}
	h.must(os.Remove(h.path("sys/applications/bad.desktop")))
	s.scan()
	if len(s.cache) != 1 {
		t.Errorf("the cache keeps what is gone: %d", len(s.cache))
	}
}

func BenchmarkScan10000(b *testing.B) {
	dir := b.TempDir()
	if err := os.MkdirAll(dir+"/applications", 0o755); err != nil {
		b.Fatal(err)
	}
	for i := range 10_000 {
		text := app(fmt.Sprint("App ", i), "Name[de]=Programm", "Icon=x", "Keywords=a;b;c;", "Categories=Utility;")
		if err := os.WriteFile(fmt.Sprintf("%s/applications/a%d.desktop", dir, i), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	var log logbook
	for b.Loop() {
		if n := len(newScanner(Env{DataHome: dir}, log.logger(), nil).scan().Visible()); n != 10_000 {
			b.Fatal(n)
		}
	}
}
