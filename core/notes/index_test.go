package notes

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func found(t *testing.T, f *Folder, query string) []string {
	t.Helper()
	list, err := f.Search(t.Context(), query)
	if err != nil {
		t.Errorf("%q: %v", query, err)
	}
	return titles(list)
}

func TestWordsAreFoundAsTheyAreTyped(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Größe des Cafés\nStraße 12, well-known foo_bar Æsir, Łódź\n")
	write(t, dir, "b.md", "# Zebra\nA text of zebras ☎️. #animals/striped\n")
	write(t, dir, "c.md", "---\ntags: [Ärger, 2026]\n---\n# Other\nIt says zebra zebra zebra zebra zebra zebra zebra zebra zebra zebra.\n")
	write(t, dir, "d.md", "# 日本\n今日は東京へ行く\n")
	write(t, dir, "e.md", "# Nfd\nu\u0308ber den Fluss\n")
	f := newFolder(t, dir)
	for _, c := range []struct {
		rule, query string
		want        []string
	}{
		{"a beginning", "zeb", []string{"Zebra", "Other"}},
		{"titles before texts, however often they say it", "zebra", []string{"Zebra", "Other"}},
		{"no middle", "ebra", nil},
		{"accents left out", "grosse cafe", []string{"Größe des Cafés"}},
		{"umlauts left out", "große", []string{"Größe des Cafés"}},
		{"accents typed that are not there", "zébra", []string{"Zebra", "Other"}},
		{"letters of their own", "aesir lodz strasse", []string{"Größe des Cafés"}},
		{"capitals", "GRÖSSE", []string{"Größe des Cafés"}},
		{"accents as signs of their own", "über flu", []string{"Nfd"}},
		{"words joined by signs", "well-kno", []string{"Größe des Cafés"}},
		{"in their order", "known-well", nil},
		{"a script without spaces", "東京", []string{"日本"}},
		{"a tag", "#animals", []string{"Zebra"}},
		{"a tag below another", "#animals/str", []string{"Zebra"}},
		{"a tag by word", "tag:ärger", []string{"Other"}},
		{"a tag without accents and capitals", "tag:arg", []string{"Other"}},
		{"a tag of digits", "tag:#2026", []string{"Other"}},
		{"a tag and a word", "zebra #arger", []string{"Other"}},
		{"a tag that is not there", "zebra #none", nil},
		{"a word is no tag", "#zebra", nil},
		{"what is no tag is a word", "#12", []string{"Größe des Cafés"}},
		{"an emoji, which is no word, and how it is drawn", "zebra ❤️", []string{"Zebra", "Other"}},
		{"signs beside words", `zebra " - ( * ^ AND`, nil},
		{"operators are words", "zebra AND text", nil},
		{"quotes", `"a text" of`, []string{"Zebra"}},
		{"signs alone are left out", `zebra -- "" *`, []string{"Zebra", "Other"}},
		{"a column's name is a word", "title:zebra", nil},
	} {
		if got := found(t, f, c.query); !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: %q, want %q", c.rule, c.query, got, c.want)
		}
	}
	list, err := f.Search(t.Context(), "strasse")
	if err != nil || len(list) != 1 || list[0].Snippet != "Straße 12, well-known foo_bar Æsir, Łódź" {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestALongLineIsCutAroundAWordWithoutAccents(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", strings.Repeat("ßß ", 100)+"Übermut "+strings.Repeat("wort ", 100))
	list, err := newFolder(t, dir).Search(t.Context(), "ubermut")
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Snippet, "Übermut") || strings.Contains(list[0].Snippet, "\n") {
		t.Errorf("%+v, %v", list, err)
	}
}

// dump is all that an index says, in an order of its own.
func dump(t *testing.T, f *Folder) []string {
	t.Helper()
	if _, err := f.List(t.Context()); err != nil { // up to date
		t.Fatal(err)
	}
	<-f.turn
	defer f.pass()
	var all []string
	collect := func(statement string) {
		lines, err := f.index.paths(t.Context(), statement)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, lines...)
	}
	collect(`SELECT path || ' ' || title || ' ' || tags || ' ' || modified || ' ' || skip FROM note ORDER BY 1`)
	collect(`SELECT path || ' #' || name FROM tag JOIN note ON note = id ORDER BY 1`)
	collect(`SELECT path || ' → ' || target FROM link JOIN note ON note = id ORDER BY 1`)
	if _, err := f.index.db.ExecContext(t.Context(), `CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, instance)`); err != nil {
		t.Fatal(err)
	}
	collect(`SELECT path || ' ' || col || ' ' || "offset" || ' ' || term FROM temp.vocabulary JOIN note ON doc = id ORDER BY 1`)
	if _, err := f.index.db.ExecContext(t.Context(), `DROP TABLE temp.vocabulary`); err != nil {
		t.Fatal(err)
	}
	collect(`SELECT 'left over: ' || id FROM words_docsize WHERE id NOT IN (SELECT id FROM note WHERE NOT skip)`)
	return all
}

// rescanned holds that an index is what a new one would be.
func rescanned(t *testing.T, f *Folder, dir string) {
	t.Helper()
	got, want := dump(t, f), dump(t, newFolder(t, dir))
	if !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("the index differs from a new one:\n%.2000s", cmp.Diff(want, got))
	}
}

func TestAnIndexThatIsKeptIsBroughtUpToDate(t *testing.T) {
	dir, path := t.TempDir(), filepath.Join(t.TempDir(), "cache", "notes.db")
	for i := range 2*portion + 10 {
		write(t, dir, fmt.Sprintf("%d.md", i), fmt.Sprintf("# Note %d\nold words #tag%d [[%d]]", i, i, i+1))
	}
	write(t, dir, "binary.md", "\x00")
	first := openFolder(t, dir, path)
	if got := found(t, first, "note 17"); !slices.Contains(got, "Note 17") {
		t.Error(got)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "17.md", "# Changed\nnew words")
	write(t, dir, "new/1000.md", "# Fresh\nnew words")
	if err := os.Remove(filepath.Join(dir, "18.md")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "19.md"), filepath.Join(dir, "moved.md")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "binary.md", "# A text by now\n")
	second := openFolder(t, dir, path)
	if got := found(t, second, "new wor"); !slices.Equal(got, []string{"Fresh", "Changed"}) {
		t.Error(got)
	}
	if got := append(found(t, second, "tag17"), found(t, second, "tag18")...); slices.Contains(got, "Note 17") || slices.Contains(got, "Note 18") {
		t.Error(got)
	}
	rescanned(t, second, dir)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestFilesThatHaveNotChangedAreNotReadAgain(t *testing.T) {
	dir, path := t.TempDir(), filepath.Join(t.TempDir(), "notes.db")
	write(t, dir, "a.md", "# One")
	old, err := os.Stat(filepath.Join(dir, "a.md"))
	if err != nil {
		t.Fatal(err)
	}
	if _, settled := state(old); settled {
		t.Error("a file that was changed just now may change again within the same tick, and counted as settled")
	}
	f := openFolder(t, dir, path)
	list(t, f)
	<-f.turn
	settled(t, f, "a.md")
	e := f.index.known["a.md"]
	e.note.Title = "as the index has it"
	f.index.known["a.md"] = e
	f.pass()
	if got := titles(list(t, f)); !slices.Equal(got, []string{"as the index has it"}) {
		t.Errorf("the file was read again: %q", got)
	}
	// The same size, and the same date by the clock of the one who wrote it.
	if err := os.WriteFile(filepath.Join(dir, "a.md"), []byte("# Two"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "a.md"), old.ModTime(), old.ModTime()); err != nil {
		t.Fatal(err)
	}
	if got := titles(list(t, f)); !slices.Equal(got, []string{"Two"}) {
		t.Errorf("the file was not read again: %q", got)
	}
}

// settled has the index take a file for one that has not changed lately, for whoever has the turn.
func settled(t *testing.T, f *Folder, rel string) {
	t.Helper()
	info, err := os.Stat(filepath.Join(f.dir, rel))
	if err != nil {
		t.Fatal(err)
	}
	e := f.index.known[rel]
	e.state, _ = state(info)
	f.index.known[rel] = e
}

func TestAnIndexThatIsOfNoUseIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Zebra")
	for _, c := range []struct {
		rule  string
		spoil func(t *testing.T, path string)
		lines int
	}{
		{"missing", func(t *testing.T, path string) { remove(t, path) }, 0},
		{"empty", func(t *testing.T, path string) { replace(t, path, nil) }, 0},
		{"no database", func(t *testing.T, path string) { replace(t, path, bytes.Repeat([]byte("no database "), 1000)) }, 1},
		{"cut off", func(t *testing.T, path string) { replace(t, path, contents(t, path)[:5000]) }, 1},
		{"overwritten in the middle", func(t *testing.T, path string) {
			data := contents(t, path)
			replace(t, path, append(append(data[:4096:4096], bytes.Repeat([]byte{0xAA}, len(data)-4096)...), data[:0]...))
		}, 1},
		{"of another folder", func(t *testing.T, path string) {
			remove(t, path)
			other := openFolder(t, t.TempDir(), path)
			list(t, other)
			if err := other.Close(); err != nil {
				t.Fatal(err)
			}
		}, 1},
		{"of another format", func(t *testing.T, path string) {
			old := openFolder(t, dir, path)
			list(t, old)
			<-old.turn
			defer old.pass()
			if _, err := old.index.db.ExecContext(t.Context(), `UPDATE about SET format = format - 1`); err != nil {
				t.Fatal(err)
			}
		}, 1},
		{"a folder is in its place", func(t *testing.T, path string) {
			remove(t, path)
			if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, 2}, // and that it is kept in memory
	} {
		t.Run(c.rule, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "notes.db")
			f := openFolder(t, dir, path)
			found(t, f, "zebra")
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			c.spoil(t, path)
			var log bytes.Buffer
			f = openFolder(t, dir, path)
			f.o.Log = slog.New(slog.NewTextHandler(&log, nil))
			if got := found(t, f, "zebra"); !slices.Equal(got, []string{"Zebra"}) {
				t.Error(got)
			}
			if n := strings.Count(log.String(), "\n"); n != c.lines {
				t.Errorf("%d lines in the log:\n%s", n, log.String())
			}
			rescanned(t, f, dir)
		})
	}
}

func TestAnIndexThatBreaksWhileItIsUsedIsMadeAnew(t *testing.T) {
	dir, path := t.TempDir(), filepath.Join(t.TempDir(), "notes.db")
	for i := range 300 {
		write(t, dir, fmt.Sprintf("%d.md", i), fmt.Sprintf("# Zebra %d\n%s", i, strings.Repeat("word", i)))
	}
	f := openFolder(t, dir, path)
	found(t, f, "zebra")
	<-f.turn
	if _, err := f.index.db.ExecContext(t.Context(), `DROP TABLE words`); err != nil {
		t.Fatal(err)
	}
	f.pass()
	if got := found(t, f, "zebra"); len(got) != maxFound {
		t.Errorf("%d found", len(got))
	}
	remove(t, path)
	write(t, dir, "new.md", "# Quokka")
	if got := found(t, f, "quok"); !slices.Equal(got, []string{"Quokka"}) {
		t.Error(got)
	}
	rescanned(t, f, dir)
}

func TestAFolderThatIsClosedLeavesTheIndexToTheNext(t *testing.T) {
	f := newFolder(t, t.TempDir())
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Search(t.Context(), "x"); err == nil {
		t.Error("it was searched")
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := discard(path); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func replace(t *testing.T, path string, data []byte) {
	t.Helper()
	remove(t, path)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzSearch holds that no text is a syntax error, and that what is found has what was sought.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"zebra", `"`, `a" OR "b`, "tag:", "#", "tag:#x", "a\x00b", "\xff", "NEAR(a b)", "{title}:x", "-a ^b*", "東 ", strings.Repeat("a ", 1000)} {
		f.Add(s)
	}
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.md"), []byte("# Zebra\nfür alle 東京 #tag/x"), 0o600); err != nil {
		f.Fatal(err)
	}
	folder := newFolder(f, dir)
	if _, err := folder.List(context.Background()); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := parse(s)
		if _, err := folder.index.search(t.Context(), q); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if _, err := folder.Mentions(t.Context(), s, 5, nil); err != nil {
			t.Fatalf("%q is typed: %v", s, err)
		}
		for _, w := range q.words {
			if !strings.HasPrefix(w, " ") || words(w) != w {
				t.Errorf("%q has the word %q, which is %q", s, w, words(w))
			}
		}
	})
}
