package notes

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func mentions(t *testing.T, f *Folder, text string, limit int, except ...string) []Note {
	t.Helper()
	ctx, done := context.WithTimeout(t.Context(), 10*time.Second)
	defer done()
	list, err := f.Mentions(ctx, text, limit, except)
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	return list
}

func mentioned(t *testing.T, f *Folder, text string) []string {
	t.Helper()
	return titles(mentions(t, f, text, 5))
}

func TestNotesAreFoundByTheirTextWhileItIsTyped(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# First\nThe quick zebra crosses, öfter als früher. #road/wet\n")
	write(t, dir, "b.md", "# Second\nA zebra\n")
	write(t, dir, "c.md", "# Zebra crossing\nin the rain\n")
	write(t, dir, "d.md", "# 日本\n今日は東京へ行く\n")
	f := newFolder(t, dir)
	list(t, f)
	for _, c := range []struct {
		rule, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"a letter", "z", nil},
		{"two letters", "ze", nil},
		{"two letters and spaces", " ze  ", nil},
		{"two letters that are one with its accent", "öf", nil},
		{"three letters, the newest note first", "zeb", []string{"Zebra crossing", "Second", "First"}},
		{"a word", "zebra", []string{"Zebra crossing", "Second", "First"}},
		{"more than there is", "zebras", nil},
		{"no middle", "ebra", nil},
		{"the last word is a beginning", "zebra cro", []string{"Zebra crossing", "First"}},
		{"the others are whole", "zeb cros", nil},
		{"in any order", "cross zebra", nil},
		{"in any order", "crosses zebra", []string{"First"}},
		{"some in the title, some in the text", "zebra rai", []string{"Zebra crossing"}},
		{"all of them", "zebra quokka", nil},
		{"accents left out", "fruher", []string{"First"}},
		{"accents typed", "FRÜH", []string{"First"}},
		{"a letter of a script that has many", "東", nil},
		{"two of them", "東京", []string{"日本"}},
		{"a tag", "#ro", []string{"First"}},
		{"a tag with one letter", "#r", nil},
		{"a tag and a word", "zebra #road", []string{"First"}},
		{"a tag of another note", "rain #road", nil},
	} {
		if got := mentioned(t, f, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q gives %q, want %q", c.rule, c.text, got, c.want)
		}
	}
	if got := titles(mentions(t, f, "zebra", 2)); !slices.Equal(got, []string{"Zebra crossing", "Second"}) {
		t.Errorf("at most two: %q", got)
	}
	got := mentions(t, f, "zebra", 2, filepath.Join(dir, "c.md"), filepath.Join(dir, "other.md"))
	if !slices.Equal(titles(got), []string{"Second", "First"}) {
		t.Errorf("without one that is known: %q", titles(got))
	}
	if want := (Note{Path: filepath.Join(dir, "a.md"), Title: "First", Modified: got[1].Modified}); got[1].Path != want.Path ||
		!slices.Equal(got[1].Tags, []string{"road/wet"}) || got[1].Modified.IsZero() {
		t.Errorf("%+v", got[1])
	}
}

// TestNothingThatIsTypedIsSyntax holds for both searches that FTS5's language never shows through.
// https://www.sqlite.org/fts5.html#full_text_query_syntax
func TestNothingThatIsTypedIsSyntax(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# Signs\nwell-known near the zebra, not time:12 or c; it's 5 o'clock and 50% (over)\n")
	write(t, dir, "b.md", "# Others\n😀 größer 東京 ☎️ quokka\n")
	f := newFolder(t, dir)
	list(t, f)
	signs, others := []string{"Signs"}, []string{"Others"}
	for _, c := range []struct {
		text string
		want []string
	}{
		{`zebra`, signs},
		{`"zebra`, signs},
		{`zebra"`, signs},
		{`"" zebra`, signs},
		{`"zebra" "near"`, signs},
		{`'zebra'`, signs},
		{`it's`, signs},
		{`zeb*`, signs},
		{`*zebra`, signs},
		{`^zebra`, signs},
		{`zebra*quokka`, nil},
		{`well-known`, signs},
		{`well-kno`, signs},
		{`-zebra`, signs},
		{`zebra -quokka`, nil}, // it excludes nothing
		{`+zebra + near`, signs},
		{`time:12`, signs},
		{`time:1`, signs},
		{`time: 12`, signs},
		{`title:zebra`, nil},
		{`title: zebra`, nil},
		{`body : zebra`, nil},
		{`{title} : zebra`, nil},
		{`zebra AND near`, signs},
		{`zebra AND quokka`, nil},
		{`zebra OR quokka`, nil},
		{`quokka OR größer`, nil},
		{`zebra NOT quokka`, nil},
		{`zebra NOT near`, signs},
		{`NEAR(the zebra)`, signs},
		{`NEAR(zebra the)`, nil}, // what stands together is in this order
		{`NEAR(zebra quokka, 5)`, nil},
		{`zebra NEAR`, signs},
		{`(zebra`, signs},
		{`zebra)`, signs},
		{`(over)`, signs},
		{`50%`, nil}, // two letters
		{`zebra ; DROP TABLE words`, nil},
		{`zebra;--`, signs},
		{`zebra\`, signs},
		{"the\x00zebra", signs},
		{"zebra\xff", signs},
		{`grosser`, others},
		{`GRÖSSER`, others},
		{"gro\u0308\u00dfer", others},
		{`東京`, others},
		{`"東京"`, others},
		{`京東`, nil},
		{`😀`, nil}, // no word
		{`zebra 😀`, signs},
		{`❤️ zebra`, signs}, // that another emoji is drawn in colour is no word of a note
		{`quokka ❤️`, others},
		{`❤️❤️❤️`, nil},
		{`👩‍👩‍👧`, nil},
		{strings.Repeat(`zebra `, 200), signs},
	} {
		if got := mentioned(t, f, c.text); !slices.Equal(got, c.want) {
			t.Errorf("typed %q: %q, want %q", c.text, got, c.want)
		}
		list, err := f.Search(t.Context(), c.text)
		if q := parse(c.text); len(q.words) == 0 {
			if err == nil {
				t.Errorf("%q was sought", c.text)
			}
			continue
		} else if !q.enough() {
			continue
		}
		if got := titles(list); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("sought %q: %q, %v, want %q", c.text, got, err, c.want)
		}
	}
}

func TestAGlimpseIsOneLineAroundAWord(t *testing.T) {
	long := strings.Repeat("long ", 40)
	for _, c := range []struct{ rule, text, typed, want string }{
		{"the line that has the word", "# T\none\n\n  two zebra two  \nthree", "zeb", "two zebra two"},
		{"the one that has more of them", "a zebra\nin the rain\na zebra in the rain", "zebra rain", "a zebra in the rain"},
		{"not the title, which the row has", "# Zebra facts\nthey like rain", "zebra rain", "they like rain"},
		{"not the first line where that is the title", "- zebra\nthey like rain", "zebra rain", "they like rain"},
		{"nothing where no line has any", "---\ntags: [zebra]\n---\n# T\ntext", "zebra", ""},
		{
			"a long line is cut around the word", "# T\n" + long + "zebra " + long, "zebra",
			"…" + strings.Repeat("long ", 4) + "zebra " + strings.Repeat("long ", 10) + "lo…",
		},
		{
			"a long line that has it near its beginning is cut at the end", "# T\n" + "zebra " + long, "zebra",
			"zebra " + strings.Repeat("long ", 14) + "lon…",
		},
		{"a book is not read to its end", "# T\n" + strings.Repeat("page\n", maxSeen/5) + "zebra\n", "zebra", ""},
		{"where a book is left no letter is broken", "# T\n" + strings.Repeat("ü", maxSeen), "u", strings.Repeat("ü", maxGlimpse-1) + "…"},
	} {
		title, _ := describe(c.text, "x.md")
		_, body := split(c.text)
		got := glimpse(title, body, parse(c.typed).words)
		if got != c.want || utf8.RuneCountInString(got) > maxGlimpse {
			t.Errorf("%s: %q, want %q", c.rule, got, c.want)
		}
	}
}

func TestAGlimpseIsTakenOfWhatIsThereNow(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# One\nzebra\n")
	write(t, dir, "b.md", "# Two\nzebra\n")
	f := newFolder(t, dir)
	list(t, f)
	if err := os.Remove(filepath.Join(dir, "b.md")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "a.md", "# One\nthe zebra is striped\n")
	if got := mentions(t, f, "zebra", 5); len(got) != 1 || got[0].Snippet != "the zebra is striped" {
		t.Errorf("%+v", got)
	}
}

func TestWhoTypesWaitsForNoWriterAndTheWriterNotForThem(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# One\nzebra\n")
	f := newFolder(t, dir)
	list(t, f)

	// As in the middle of a long update.
	<-f.turn
	up := f.index.update()
	if err := up.put(t.Context(), "b.md", entry{note: Note{Title: "Two", Tags: []string{}}}, "zebra"); err != nil {
		t.Fatal(err)
	}
	if got := mentioned(t, f, "zebra"); !slices.Equal(got, []string{"One"}) {
		t.Errorf("while the index is written: %q", got)
	}
	if err := up.undo(); err != nil {
		t.Fatal(err)
	}
	f.pass()

	// As in the middle of a long search.
	tx, err := f.reader.Load().db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	var n int
	if err := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM note`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	ctx, done := context.WithTimeout(t.Context(), 2*time.Second) // SQLite would wait for 5 s
	defer done()
	write(t, dir, "c.md", "# Three\nzebra\n")
	if got, err := f.List(ctx); err != nil || len(got) != 2 {
		t.Errorf("while it is read: %q, %v", titles(got), err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := mentioned(t, f, "zebra"); !slices.Equal(got, []string{"Three", "One"}) {
		t.Errorf("afterwards: %q", got)
	}
}

func TestAnAnswerIsNeverLate(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# One\nzebra\n")
	f := newFolder(t, dir)
	list(t, f)
	ctx, done := context.WithTimeout(t.Context(), time.Millisecond)
	defer done()
	f.reading <- struct{}{} // a search that does not end
	if got, err := f.Mentions(ctx, "zebra", 5, nil); !errors.Is(err, context.DeadlineExceeded) || got != nil {
		t.Errorf("%q, %v", titles(got), err)
	}
	<-f.reading
	tx, err := f.reader.Load().db.BeginTx(t.Context(), nil) // a connection that does not answer
	if err != nil {
		t.Fatal(err)
	}
	late, done := context.WithTimeout(t.Context(), time.Millisecond)
	defer done()
	if got, err := f.Mentions(late, "zebra", 5, nil); !errors.Is(err, context.DeadlineExceeded) || got != nil {
		t.Errorf("%q, %v", titles(got), err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if got := mentioned(t, f, "zebra"); !slices.Equal(got, []string{"One"}) {
		t.Errorf("afterwards: %q", got)
	}
}

func TestWithoutAnIndexNothingIsMentioned(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# One\nzebra\n")
	f := newFolder(t, dir)
	if got := mentioned(t, f, "zebra"); got == nil || len(got) > 0 {
		t.Errorf("before the first index: %q", got)
	}
	list(t, f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := mentioned(t, f, "zebra"); len(got) > 0 {
		t.Errorf("of a folder that is closed: %q", got)
	}
}

func TestAnIndexInMemoryIsAskedToo(t *testing.T) {
	dir, path := t.TempDir(), filepath.Join(t.TempDir(), "notes.db")
	write(t, dir, "a.md", "# One\nzebra\n")
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	f := openFolder(t, dir, path)
	list(t, f)
	if got := mentioned(t, f, "zebra"); !slices.Equal(got, []string{"One"}) {
		t.Error(got)
	}
}

func TestAnIndexThatProvesBrokenWhileSomebodyTypesIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# One\nzebra\n")
	f := newFolder(t, dir)
	var log bytes.Buffer
	f.o.Log = slog.New(slog.NewTextHandler(&log, nil))
	list(t, f)
	<-f.turn
	settled(t, f, "a.md") // there is nothing to write, which would show it as well
	if _, err := f.index.db.ExecContext(t.Context(), `DROP TABLE words`); err != nil {
		t.Fatal(err)
	}
	f.pass()
	if got, err := f.Mentions(t.Context(), "zebra", 5, nil); err == nil {
		t.Errorf("%q", titles(got))
	}
	select {
	case <-f.added:
	default:
		t.Error("nobody is told")
	}
	list(t, f)
	if got := mentioned(t, f, "zebra"); !slices.Equal(got, []string{"One"}) || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("%q, and the log says %s", got, log.String())
	}
}

func TestAFileEventMakesANoteMentioned(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.md", "# One\n")
	f := newFolder(t, dir)
	changed := make(chan []Note, 9)
	f.OnChange(func(list []Note) { changed <- list })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	<-changed
	write(t, dir, "a.md", "# One\nzebra\n")
	<-changed
	if got := mentioned(t, f, "zeb"); !slices.Equal(got, []string{"One"}) {
		t.Error(got)
	}
	stop()
	<-ended
}
