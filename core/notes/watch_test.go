package notes

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// watched runs a folder and returns the channel of its lists.
func watched(t *testing.T, dir string) (*Folder, <-chan []Note) {
	t.Helper()
	f := newFolder(t, dir)
	lists := make(chan []Note, 100)
	f.OnChange(func(n []Note) { lists <- n })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("run ended with %v", err)
		}
	})
	return f, lists
}

// await reads lists until one has these titles.
func await(t *testing.T, lists <-chan []Note, want ...string) {
	t.Helper()
	limit := time.After(10 * time.Second)
	var last []string
	for {
		select {
		case n := <-lists:
			if last = titles(n); slices.Equal(last, append([]string{}, want...)) {
				return
			}
		case <-limit:
			t.Fatalf("waited for %q, had %q", want, last)
		}
	}
}

func TestTheWatchSeesFilesComeChangeAndGo(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# A")
	_, lists := watched(t, dir)
	await(t, lists, "A")
	write(t, dir, "b.md", "# B")
	await(t, lists, "B", "A")
	write(t, dir, "a.md", "# A2")
	await(t, lists, "A2", "B")
	if err := os.Rename(filepath.Join(dir, "b.md"), filepath.Join(dir, ".b")); err != nil {
		t.Fatal(err)
	}
	await(t, lists, "A2")
	write(t, dir, "sub/deep/c.md", "# C")
	await(t, lists, "C", "A2")
	write(t, dir, "sub/deep/d.md", "# D")
	await(t, lists, "D", "C", "A2")
	if err := os.RemoveAll(filepath.Join(dir, "sub")); err != nil {
		t.Fatal(err)
	}
	await(t, lists, "A2")
}

func TestTheWatchWaitsForAMissingFolder(t *testing.T) {
	home := t.TempDir()
	dir := filepath.Join(home, "Documents", "notes")
	f, lists := watched(t, dir)
	await(t, lists)
	write(t, dir, "a.md", "# A")
	await(t, lists, "A")
	if err := os.RemoveAll(filepath.Join(home, "Documents")); err != nil {
		t.Fatal(err)
	}
	await(t, lists)
	add(t, f, "B", "")
	await(t, lists, "B")
}

func TestASearchHasWhatTheWatchHasSeen(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# A\nold")
	f, lists := watched(t, dir)
	await(t, lists, "A")
	write(t, dir, "sub/b.md", "# B\nold quokka")
	await(t, lists, "B", "A")
	if got := found(t, f, "quo"); !slices.Equal(got, []string{"B"}) {
		t.Error(got)
	}
	if !f.watched.Load() {
		t.Error("the folder is looked through for each search")
	}
	// As editors save.
	write(t, dir, "new", "# B\nnew wombat")
	if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "sub/b.md")); err != nil {
		t.Fatal(err)
	}
	await(t, lists, "B", "A")
	if got := append(found(t, f, "quo"), found(t, f, "wom")...); !slices.Equal(got, []string{"B"}) {
		t.Error(got)
	}
	add(t, f, "numbat", "")
	if got := found(t, f, "numb"); !slices.Equal(got, []string{"numbat"}) {
		t.Errorf("what was just added: %q", got)
	}
	rescanned(t, f, dir)
}
