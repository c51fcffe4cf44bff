package notes

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// vault writes n notes of about 2 KiB, of words that are as often as words are: the k-th has the share 1/k.
func vault(b *testing.B, n int) string {
	b.Helper()
	dir, r := b.TempDir(), rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 4, 20_000)
	word := func() string {
		return fmt.Sprintf("w%s", strings.Map(func(d rune) rune { return 'a' + (d - '0') }, fmt.Sprint(zipf.Uint64())))
	}
	for i := range n {
		var text strings.Builder
		fmt.Fprintf(&text, "---\ntags: [%s]\n---\n# %s %s %d\n", word(), word(), word(), i)
		for range 300 {
			text.WriteString(word())
			text.WriteString(" ")
			if r.IntN(12) == 0 {
				text.WriteString("\n")
			}
		}
		fmt.Fprintf(&text, "[[note %d]]\n", r.IntN(n))
		path := filepath.Join(dir, fmt.Sprint(i%50), fmt.Sprintf("note %d.md", i))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// BenchmarkSearch is a search over 5 000 notes: a letter that nearly every word begins with, a common and a rare word, two words.
func BenchmarkSearch(b *testing.B) {
	f := newFolder(b, vault(b, 5000))
	b.Run("first index", func(b *testing.B) {
		for b.Loop() {
			discarded := newFolder(b, f.dir)
			if _, err := discarded.List(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	if _, err := f.List(b.Context()); err != nil {
		b.Fatal(err)
	}
	f.watched.Store(true) // nothing happens here
	for _, query := range []string{"w", "wb", "wbc", "wbcde", "wb wc", "wbc wd wefg", "#wb", "none"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Search(b.Context(), query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("linked", func(b *testing.B) {
		for b.Loop() {
			if _, err := f.Linked(b.Context(), "1/note 1.md"); err != nil {
				b.Fatal(err)
			}
		}
	})
	f.watched.Store(false)
	b.Run("looking through the folder", func(b *testing.B) {
		for b.Loop() {
			if _, err := f.List(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkMentions is a keystroke over 5 000 notes, snippets included: words that are in nearly all notes, in many, in some and
// in none; and how long whoever types waits while another one writes, which is as long.
func BenchmarkMentions(b *testing.B) {
	f := newFolder(b, vault(b, 5000))
	if _, err := f.List(b.Context()); err != nil {
		b.Fatal(err)
	}
	keystroke := func(text string) func(b *testing.B) {
		return func(b *testing.B) {
			ctx, done := context.WithTimeout(b.Context(), time.Hour) // as every caller has a limit
			defer done()
			for b.Loop() {
				if _, err := f.Mentions(ctx, text, 5, nil); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	for _, text := range []string{"wbc", "wbcd", "wbcde", "wb wc", "wb wc wd w", "wbc #wb", "none"} {
		b.Run(text, keystroke(text))
	}
	<-f.turn
	defer f.pass()
	up := f.index.update()
	for i := range portion - 1 {
		err := up.put(b.Context(), fmt.Sprint(i, ".md"), entry{note: Note{Tags: []string{}}}, strings.Repeat("wbcd wbce ", 500))
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("wbc while it is written", keystroke("wbc"))
	if err := up.undo(); err != nil {
		b.Fatal(err)
	}
}
