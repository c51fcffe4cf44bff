package notes

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
	"nerva/core/beneath"
	"nerva/core/protected"
)

// day is the clock of the tests.
var day = time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)

func newFolder(t testing.TB, dir string) *Folder {
	t.Helper()
	return openFolder(t, dir, filepath.Join(t.TempDir(), "notes.db"))
}

func openFolder(t testing.TB, dir, index string) *Folder {
	t.Helper()
	f := makeFolder(dir, index)
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func makeFolder(dir, index string) *Folder {
	files := beneath.New("/", []string{dir}, protected.New(protected.Options{Home: "/nobody"}))
	f := New(dir, Options{Files: func() *beneath.Tree { return files }, Index: index, Log: slog.New(slog.DiscardHandler)})
	f.now = func() time.Time { return day }
	return f
}

// write makes a file below dir; files written later are newer.
func write(t *testing.T, dir, rel, text string) {
	t.Helper()
	path := filepath.Join(dir, rel)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	writes++
	at := day.Add(time.Duration(writes) * time.Second)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

var writes int

func list(t *testing.T, f *Folder) []Note {
	t.Helper()
	notes, err := f.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return notes
}

func titles(notes []Note) []string {
	names := []string{}
	for _, n := range notes {
		names = append(names, n.Title)
	}
	return names
}

func add(t *testing.T, f *Folder, text, title string) string {
	t.Helper()
	path, err := f.Add(t.Context(), text, title)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTitleAndTags(t *testing.T) {
	for _, c := range []struct {
		rule, text, title string
		tags              []string
	}{
		{"front matter first", "---\ntitle: \"From: above\"\n---\n# Heading\n", "From: above", nil},
		{"then a heading", "some text\n\n## The Heading ##\n", "The Heading", nil},
		{"then the first line", "\n- buy milk\nand bread\n", "buy milk", nil},
		{"then the file name", "", "name", nil},
		{"a heading in code is none", "text\n```\n# comment #no\n```\n", "text", nil},
		{"tags in the text", "# T\nfix #bug, (#later) #über-all not#this #1 a#b\n", "T", []string{"bug", "later", "über-all"}},
		{"tags in brackets", "---\ntags: [a, \"b\", '#c']\n---\nx", "x", []string{"a", "b", "c"}},
		{"tags with dashes", "---\ntags:\n  - a\n  - b\ntitle: T\n---\n#a again", "T", []string{"a", "b"}},
		{"tags as words", "---\nTags: a b\n---\nx", "x", []string{"a", "b"}},
		{"windows line ends", "---\r\ntitle: T\r\n---\r\nx\r\n", "T", nil},
		{"front matter only", "---\ntitle: T\n---", "T", nil},
		{"front matter without an end is text", "---\ntitle: T\n", "title: T", nil},
		{"a long first line is cut", strings.Repeat("ä", 300), strings.Repeat("ä", 99) + "…", nil},
	} {
		title, tags := describe(c.text, "sub/name.md")
		if title != c.title || !slices.Equal(tags, c.tags) || tags == nil {
			t.Errorf("%s: %q, %q; want %q, %q", c.rule, title, tags, c.title, c.tags)
		}
	}
}

func TestAMissingFolderIsEmptyAndAddCreatesIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Documents", "notes")
	f := newFolder(t, dir)
	if n := list(t, f); n == nil || len(n) != 0 {
		t.Errorf("list of a missing folder: %v", n)
	}
	if n, err := f.Search(t.Context(), "x"); err != nil || n == nil || len(n) != 0 {
		t.Errorf("search in a missing folder: %v, %v", n, err)
	}
	if _, err := f.Find(t.Context(), "x"); api.CodeOf(err) != api.NotFound {
		t.Errorf("read in a missing folder: %v", err)
	}
	path := add(t, f, "buy milk", "")
	if want := filepath.Join(dir, "2026-03-14-buy-milk.md"); path != want {
		t.Errorf("path %s, want %s", path, want)
	}
	for p, mode := range map[string]os.FileMode{dir: 0o700, path: 0o600} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", p, info.Mode(), err)
		}
	}
	if got := titles(list(t, f)); !slices.Equal(got, []string{"buy milk"}) {
		t.Errorf("list: %q", got)
	}
}

func TestAddWritesTitleAndTextAndLeavesNothingElse(t *testing.T) {
	dir := t.TempDir()
	f := newFolder(t, dir)
	path := add(t, f, "  eggs\nflour \n", "Cake:  for Ann/Bob…")
	if got, want := read(t, path), "# Cake: for Ann/Bob…\n\neggs\nflour\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if base := filepath.Base(path); base != "2026-03-14-cake-for-ann-bob.md" {
		t.Errorf("name %q", base)
	}
	if got := read(t, add(t, f, "", "Only a title")); got != "# Only a title\n" {
		t.Errorf("title only: %q", got)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

func TestFileNamesAreSafeAndReadable(t *testing.T) {
	for in, want := range map[string]string{
		"../../etc/passwd":       "-etc-passwd",
		"Größe: 5 m²":            "-größe-5-m",
		"...":                    "",
		"a\tb":                   "-a-b",
		strings.Repeat("x", 300): "-" + strings.Repeat("x", 59),
	} {
		if got := slug(in, ""); got != want {
			t.Errorf("slug(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAddNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "2026-03-14-x.md", "mine")
	if err := os.Symlink(filepath.Join(t.TempDir(), "outside"), filepath.Join(dir, "2026-03-14-x-2.md")); err != nil {
		t.Fatal(err)
	}
	f := newFolder(t, dir)
	var wg sync.WaitGroup
	var mu sync.Mutex
	paths := map[string]bool{}
	for range 20 {
		wg.Go(func() {
			path, err := f.Add(context.Background(), "x", "")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			paths[path] = true
		})
	}
	wg.Wait()
	if len(paths) != 20 || paths[filepath.Join(dir, "2026-03-14-x-2.md")] {
		t.Errorf("%d different paths: %v", len(paths), paths)
	}
	if got := read(t, filepath.Join(dir, "2026-03-14-x.md")); got != "mine" {
		t.Errorf("the existing note became %q", got)
	}
}

func TestWhatCannotBeAddedIsSaid(t *testing.T) {
	f := newFolder(t, t.TempDir())
	for _, c := range []struct{ text, title, want string }{
		{"", "", "empty"},
		{" \n", "\t", "empty"},
		{"a\x00b", "", "zero byte"},
		{strings.Repeat("x", maxNote+1), "", "1 MiB"},
	} {
		if _, err := f.Add(t.Context(), c.text, c.title); api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.10q: %v", c.text, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, filepath.Dir(file), "file", "no folder")
	if _, err := newFolder(t, file).Add(t.Context(), "x", ""); err == nil || !strings.Contains(err.Error(), "check that the folder") {
		t.Errorf("a file as the folder: %v", err)
	}
	if _, err := newFolder(t, file).List(t.Context()); api.CodeOf(err) != api.Unavailable {
		t.Errorf("a file as the folder: %v", err)
	}
}

func TestListIsNewestFirstAndReadsSubfolders(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# First #one")
	write(t, dir, "sub/deep/b.MD", "# Second")
	write(t, dir, "c.markdown", "# Third")
	f := newFolder(t, dir)
	if got, want := titles(list(t, f)), []string{"Third", "Second", "First #one"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	n := list(t, f)[2]
	want := Note{Path: filepath.Join(dir, "a.md"), Title: "First #one", Tags: []string{"one"}, Modified: n.Modified}
	if d := cmp.Diff(want, n); d != "" || n.Modified.IsZero() {
		t.Error(d)
	}
	write(t, dir, "a.md", "# Changed")
	if err := os.Remove(filepath.Join(dir, "c.markdown")); err != nil {
		t.Fatal(err)
	}
	if got, want := titles(list(t, f)), []string{"Changed", "Second"}; !slices.Equal(got, want) {
		t.Errorf("after a change: %q, want %q", got, want)
	}
}

func TestWhatIsNoNoteIsLeftOut(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "note.md", "# Note")
	write(t, dir, "picture.png", "# No")
	write(t, dir, "binary.md", "# No\x00")
	write(t, dir, "latin1.md", "# \xe4")
	write(t, dir, "big.md", strings.Repeat("x", maxNote+1))
	write(t, dir, ".hidden.md", "# No")
	write(t, dir, ".git/x.md", "# No")
	write(t, dir, "dir.md/inner.md", "# Inner")
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo.md"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := titles(list(t, newFolder(t, dir))), []string{"Inner", "Note"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestNothingEscapesTheFolder(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "secret.md", "# Secret")
	dir := t.TempDir()
	write(t, dir, "note.md", "# Note")
	for link, target := range map[string]string{
		"file.md": filepath.Join(outside, "secret.md"), "dir": outside, "up.md": "../../../../etc/passwd", "inside.md": "note.md",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	f := newFolder(t, dir)
	if got, want := titles(list(t, f)), []string{"Note", "Note"}; !slices.Equal(got, want) {
		t.Errorf("list: %q, want %q", got, want)
	}
	for _, name := range []string{
		"file.md", "dir/secret.md", "up.md", "../" + filepath.Base(outside) + "/secret.md", filepath.Join(outside, "secret.md"),
		"/etc/passwd", "Secret", "..", "", "\x00.md", strings.Repeat("a/", 3000) + ".md",
	} {
		if n, err := f.Find(t.Context(), name); api.CodeOf(err) != api.NotFound || n.Path != "" {
			t.Errorf("%.40q: %v, %v", name, n, err)
		}
	}
}

func TestFindTakesPathsAndTitles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sub/a.md", "# Weekly plan\nold")
	write(t, dir, "b.md", "# Weekly plan\nnew")
	f := newFolder(t, dir)
	for name, want := range map[string]string{
		"sub/a.md": "old", filepath.Join(dir, "sub/a.md"): "old", "weekly PLAN ": "new", "./b.md": "new",
	} {
		n, err := f.Find(t.Context(), name)
		if err != nil || n.Title != "Weekly plan" {
			t.Fatalf("%s: %v, %v", name, n, err)
		}
		if text, err := os.ReadFile(n.Path); err != nil || string(text) != "# Weekly plan\n"+want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	link := filepath.Join(t.TempDir(), "notes")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	linked := newFolder(t, link)
	for _, path := range []string{filepath.Join(link, "sub/a.md"), filepath.Join(dir, "sub/a.md")} {
		if n, err := linked.Find(t.Context(), path); err != nil || n.Path != filepath.Join(link, "sub/a.md") {
			t.Errorf("%s in a folder that is a link: %v, %v", path, n, err)
		}
	}
	write(t, dir, "bin.md", "\x00")
	if _, err := f.Find(t.Context(), "bin.md"); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("a binary file: %v", err)
	}
}

func TestSearch(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Garden\nPlant the tomatoes in May.\nWater them daily.\n")
	write(t, dir, "b.md", "# Shopping\ntomatoes, bread\n")
	write(t, dir, "c.md", "# Tomatoes\nA history. #food\n")
	write(t, dir, "d.md", "# Long\n"+strings.Repeat("word ", 100)+"needle "+strings.Repeat("word ", 100))
	f := newFolder(t, dir)
	for _, c := range []struct {
		rule, query string
		want        []string
		snippet     string
	}{
		{"titles first, then the newest", "tomatoes", []string{"Tomatoes", "Shopping", "Garden"}, "# Tomatoes"},
		{"every word", "TOMATOES may", []string{"Garden"}, "Plant the tomatoes in May."},
		{"words of title and text together", "garden daily", []string{"Garden"}, "# Garden"},
		{"tags", "food", []string{"Tomatoes"}, "A history. #food"},
		{"nothing", "zebra", []string{}, ""},
	} {
		got, err := f.Search(t.Context(), c.query)
		if err != nil || !slices.Equal(titles(got), c.want) {
			t.Errorf("%s: %q, %v; want %q", c.rule, titles(got), err, c.want)
		}
		if len(got) > 0 && got[0].Snippet != c.snippet {
			t.Errorf("%s: snippet %q, want %q", c.rule, got[0].Snippet, c.snippet)
		}
	}
	got, err := f.Search(t.Context(), "needle")
	if err != nil || len(got) != 1 || !strings.Contains(got[0].Snippet, "needle") || utf8.RuneCountInString(got[0].Snippet) > maxSnippet {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := f.Search(t.Context(), "  "); api.CodeOf(err) != api.InvalidInput {
		t.Errorf("an empty query: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Search(ctx, "tomatoes"); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled search: %v", err)
	}
}

func FuzzDescribe(f *testing.F) {
	for _, s := range []string{"---\ntitle: x\ntags: [a]\n---\n# H #t", "```\n#", "---\n---", "\ufeff---\r\n", "# \n#\n-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		title, tags := describe(s, "name.md")
		if title == "" && utf8.ValidString(s) && !strings.Contains(s, "#") && !strings.ContainsAny(s, "->*\ufeff") {
			t.Errorf("no title for %q", s)
		}
		if strings.Contains(title, "\n") || utf8.RuneCountInString(title) > maxTitle || slices.Contains(tags, "") {
			t.Errorf("title %q, tags %q", title, tags)
		}
		if got := around(title, []string{"a"}, maxSnippet); utf8.RuneCountInString(got) > maxSnippet {
			t.Errorf("snippet %q", got)
		}
	})
}
