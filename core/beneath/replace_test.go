package beneath

import (
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// duel is a file between our own text, written and labelled, and the name.
type duel struct {
	house
	path      string
	folder    *os.File
	temporary string
	own, old  *original
}

// newDuel stands where replace does just before the exchange: what happens now happens after the last look.
func newDuel(t *testing.T) *duel {
	t.Helper()
	d := &duel{house: newHouse(t)}
	d.path = filepath.Join(d.home, "docs/letter.txt")
	var err error
	must := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	d.folder, err = d.room(d.path)
	must()
	t.Cleanup(func() { _ = d.folder.Close() })
	before, err := target(d.folder, d.path)
	must()
	d.old, err = d.hold(d.path, before)
	must()
	text := "dear"
	d.old.text = &text
	file, err := part(d.folder, "ours", d.old)
	must()
	d.own = &original{file: file, stat: new(unix.Stat_t)}
	err = unix.Fstat(int(file.Fd()), d.own.stat)
	must()
	d.temporary, err = label(d.folder, d.own, d.old, "letter.txt")
	must()
	if !d.own.lease() || !d.old.lease() {
		t.Fatal("no lease")
	}
	t.Cleanup(d.letGo)
	return d
}

func (d *duel) letGo() { _, _ = d.own.file.Close(), d.old.file.Close() }

// save is what an editor does that writes a new file and renames it.
func (d *duel) save(t *testing.T, text string) {
	t.Helper()
	d.write(t, "home/docs/editor~", text)
	if err := os.Rename(filepath.Join(d.home, "docs/editor~"), d.path); err != nil {
		t.Fatal(err)
	}
}

// names are those of the letter: hidden ones and copies.
func (d *duel) names(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(d.home, "docs"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".nerva-") || strings.HasPrefix(e.Name(), "letter") {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestWhoSavesInTheMomentOfTheExchangeGetsTheNameBack(t *testing.T) {
	d := newDuel(t)
	d.save(t, "an editor's")
	if err := exchange(d.folder, d.temporary, d.path, d.own, d.old); api.CodeOf(err) != api.Busy {
		t.Error(err)
	}
	if got := d.text(t, "home/docs/letter.txt"); got != "an editor's" || !slices.Equal(d.names(t), []string{"letter.txt"}) {
		t.Errorf("%q, %q", got, d.names(t))
	}
}

func TestWhoWritesInPlaceInTheMomentOfTheExchangeWaitsAndIsKept(t *testing.T) {
	d := newDuel(t)
	waits := make(chan os.Signal, 1)
	signal.Notify(waits, unix.SIGIO) // by which the kernel tells that somebody waits in open(2)
	defer signal.Stop(waits)
	wrote := make(chan error, 1)
	go func() { wrote <- os.WriteFile(d.path, []byte("in place"), 0o600) }()
	<-waits
	if err := exchange(d.folder, d.temporary, d.path, d.own, d.old); api.CodeOf(err) != api.Busy {
		t.Error(err)
	}
	d.letGo()
	if err := <-wrote; err != nil {
		t.Error(err)
	}
	if got := d.text(t, "home/docs/letter.txt"); got != "in place" || !slices.Equal(d.names(t), []string{"letter.txt"}) {
		t.Errorf("%q, %q", got, d.names(t))
	}
}

func TestAFileThatIsRemovedInTheMomentOfTheExchangeStaysSo(t *testing.T) {
	d := newDuel(t)
	if err := os.Remove(d.path); err != nil {
		t.Fatal(err)
	}
	if err := exchange(d.folder, d.temporary, d.path, d.own, d.old); api.CodeOf(err) != api.Busy || len(d.names(t)) != 0 {
		t.Errorf("%v, %q", err, d.names(t))
	}
}

func TestWhoSavesTwiceKeepsBoth(t *testing.T) {
	d := newDuel(t)
	d.save(t, "first")
	if err := unix.Renameat2(int(d.folder.Fd()), d.temporary, int(d.folder.Fd()), "letter.txt", unix.RENAME_EXCHANGE); err != nil {
		t.Fatal(err)
	}
	d.save(t, "second")
	if err := back(d.folder, d.temporary, d.path, d.own); api.CodeOf(err) != api.Busy {
		t.Error(err)
	}
	if got := d.text(t, "home/docs/letter.txt") + ", " + d.text(t, "home/docs/letter (conflict).txt"); got != "second, first" {
		t.Error(got)
	}
	if !slices.Equal(d.names(t), []string{"letter (conflict).txt", "letter.txt"}) {
		t.Error(d.names(t))
	}
}

func TestAFileThatIsOpenForWritingIsBusy(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(h.home, "docs/letter.txt")
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	add := func(text string) (string, error) { return text + "!", nil }
	if err := h.Edit(path, add); api.CodeOf(err) != api.Busy || h.text(t, "home/docs/letter.txt") != "dear" {
		t.Error(err)
	}
	if err := h.WriteFile(path, "x"); api.CodeOf(err) != api.Busy {
		t.Error(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := h.Edit(path, add); err != nil || h.text(t, "home/docs/letter.txt") != "dear!" {
		t.Error(err)
	}
}

func TestWhatAFileHasBesidesItsTextIsKept(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(h.home, "docs/letter.txt")
	if err := os.Chmod(path, 0o664); err != nil {
		t.Fatal(err)
	}
	tagged := unix.Setxattr(path, "user.xdg.tags", []byte("dear"), 0)
	if err := h.Edit(path, func(string) (string, error) { return "new", nil }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o664 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	value := make([]byte, 10)
	if n, err := unix.Getxattr(path, "user.xdg.tags", value); tagged == nil && (err != nil || string(value[:n]) != "dear") {
		t.Errorf("the attribute: %v", err)
	}
	if err := os.Link(path, filepath.Join(h.home, "second")); err != nil {
		t.Fatal(err)
	}
	err := h.Edit(path, func(string) (string, error) { return "x", nil })
	if api.CodeOf(err) != api.Denied || !strings.Contains(err.Error(), "hard link") || h.text(t, "home/second") != "new" {
		t.Error(err)
	}
	if err := h.WriteFile(path, "x"); err != nil || h.text(t, "home/docs/letter.txt") != "x" || h.text(t, "home/second") != "new" {
		t.Errorf("a file that is written whole takes one name: %v", err)
	}
}

func TestNothingIsCreatedOverAnything(t *testing.T) {
	h := newHouse(t)
	if err := h.Create(filepath.Join(h.home, "docs/letter.txt"), "x"); !errors.Is(err, fs.ErrExist) || h.text(t, "home/docs/letter.txt") != "dear" {
		t.Error(err)
	}
	if err := h.Create(filepath.Join(h.home, "docs/same"), "x"); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if err := h.Create(filepath.Join(h.home, "docs/fresh"), "x"); err != nil || h.text(t, "home/docs/fresh") != "x" {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(h.home, "docs", ".nerva-*")); left != nil {
		t.Errorf("%v are left", left)
	}
}

// TestAfterACrash has the process end at each place of a replacement; then something is written in the folder.
func TestAfterACrash(t *testing.T) {
	swap := func(t *testing.T, d *duel) {
		t.Helper()
		if err := unix.Renameat2(int(d.folder.Fd()), d.temporary, int(d.folder.Fd()), "letter.txt", unix.RENAME_EXCHANGE); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		rule  string
		crash func(t *testing.T, d *duel)
		want  map[string]string
	}{
		{"before the exchange", func(*testing.T, *duel) {}, map[string]string{"letter.txt": "dear"}},
		{"half written", func(t *testing.T, d *duel) {
			d.write(t, "home/docs/.nerva-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ou")
		}, map[string]string{"letter.txt": "dear"}},
		{"after it", swap, map[string]string{"letter.txt": "ours"}},
		{"after it, and then another program saved", func(t *testing.T, d *duel) {
			swap(t, d)
			d.save(t, "theirs")
		}, map[string]string{"letter.txt": "theirs"}},
		{"after one that brought out what was not read", func(t *testing.T, d *duel) {
			d.save(t, "theirs")
			swap(t, d)
		}, map[string]string{"letter.txt": "theirs"}},
		{"after such a one, and then another program saved", func(t *testing.T, d *duel) {
			d.save(t, "theirs")
			swap(t, d)
			d.save(t, "theirs on ours")
		}, map[string]string{"letter.txt": "theirs on ours", "letter (conflict).txt": "theirs"}},
		{"after such a one, and then the file was removed", func(t *testing.T, d *duel) {
			d.save(t, "theirs")
			swap(t, d)
			_ = os.Remove(d.path)
		}, map[string]string{"letter (conflict).txt": "theirs"}},
		{"a name that is not ours", func(t *testing.T, d *duel) {
			d.write(t, "home/docs/.nerva-notes", "x")
		}, map[string]string{"letter.txt": "dear", ".nerva-notes": "x"}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			d := newDuel(t)
			d.letGo()
			c.crash(t, d)
			_ = d.folder.Close()
			if err := d.Sweep(filepath.Dir(d.path)); err != nil {
				t.Fatal(err)
			}
			if len(d.names(t)) != len(c.want) {
				t.Errorf("there are %q", d.names(t))
			}
			for name, text := range c.want {
				if got := d.text(t, "home/docs/"+name); got != text {
					t.Errorf("%s: %q, want %q", name, got, text)
				}
			}
		})
	}
}

// TestALockThatIsNeverGivenBackHoldsUpNoWrite: any program that may read the folder can take it.
func TestALockThatIsNeverGivenBackHoldsUpNoWrite(t *testing.T) {
	h := newHouse(t)
	folder, err := os.Open(filepath.Join(h.home, "docs"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	if err := unix.Flock(int(folder.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(h.home, "docs/letter.txt")
	if err := h.WriteFile(path, "dear"); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "dear" {
		t.Errorf("%q, %v", text, err)
	}
}
