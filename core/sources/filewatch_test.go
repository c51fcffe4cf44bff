package sources

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nerva/core/watchers"
)

// idle is a watch of a folder's whole tree that takes what has happened when the test says so.
func idle(t *testing.T, home string) (w *fileWatch, take func() []string) {
	t.Helper()
	queue, err := newInotify()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = queue.file.Close() })
	var told []string
	w = &fileWatch{fits: func(string) bool { return true }, anew: func() {}, seen: map[string]bool{}, post: func(e watchers.Event) {
		told = append(told, strings.ReplaceAll(e.Fields["Event"].(string)+" "+e.Fields["Path"].(string), home, "~"))
	}}
	w.folders = folders{
		queue: queue, limit: 1000, watched: map[string]folder{}, byWatch: map[int32][]string{}, at: map[int32]bool{},
		found: func(string, fs.DirEntry) {}, reaches: reaches(home + "/**"),
	}
	w.settle()
	w.found = w.come
	return w, func() []string {
		t.Helper()
		for {
			if n, err := queue.queued(); err != nil || n == 0 {
				return told
			}
			events, bytes, err := queue.read()
			if err != nil {
				t.Fatal(err)
			}
			if err := w.take(events, bytes); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOfManyWritesTheLastIsTold(t *testing.T) {
	home := t.TempDir()
	_, take := idle(t, home)
	for range 10 {
		write(t, filepath.Join(home, "a"), "1")
		write(t, filepath.Join(home, "b"), "1")
	}
	if got := take(); !slices.Equal(got, []string{"created ~/a", "created ~/b", "changed ~/a", "changed ~/b"}) {
		t.Error(got)
	}
}

// A file that came while its folder began to be watched is found there, and the kernel tells of it, too.
func TestWhatWasFoundIsNotToldAgain(t *testing.T) {
	for name, c := range map[string]struct {
		again bool // it is removed and made again before that is told
		want  []string
	}{
		"once":      {false, []string{"created ~/a"}},
		"and again": {true, []string{"created ~/a", "removed ~/a", "created ~/a"}},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			w, take := idle(t, home)
			path := filepath.Join(home, "a")
			write(t, path, "")
			entries, err := os.ReadDir(home)
			if err != nil {
				t.Fatal(err)
			}
			w.come(path, entries[0])
			if err := w.take(nil, 0); err != nil {
				t.Fatal(err)
			}
			if c.again {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				write(t, path, "")
			}
			if got := take(); !slices.Equal(got, c.want) || len(w.seen) > 0 {
				t.Error(got, w.seen)
			}
		})
	}
}

// TestWhoReadsWhatIsInAFileIsToldOfItAgain: another file may have taken its place since it was found.
func TestWhoReadsWhatIsInAFileIsToldOfItAgain(t *testing.T) {
	for name, from := range map[string]func(home string) string{
		"from beside":    func(home string) string { return home },
		"from elsewhere": func(string) string { return t.TempDir() },
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			w, take := idle(t, home)
			w.again = true
			path, other := filepath.Join(home, "a"), filepath.Join(from(home), "b")
			write(t, path, "old")
			entries, err := os.ReadDir(home)
			if err != nil {
				t.Fatal(err)
			}
			w.come(path, entries[0])
			write(t, other, "new")
			if err := os.Rename(other, path); err != nil {
				t.Fatal(err)
			}
			if err := w.take(nil, 0); err != nil {
				t.Fatal(err)
			}
			if got := take(); !slices.Contains(got, "moved ~/a") {
				t.Error(got)
			}
		})
	}
}
