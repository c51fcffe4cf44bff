package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/junegunn/fzf/src/algo"
	"github.com/junegunn/fzf/src/util"
)

// typed are the queries of the benchmarks; each is typed letter by letter.
var typed = []string{"firefox", "calc", "text ed", "gcal", "settings", "visual st", "term", "qzx", "librew", "network mon"}

// bigList makes n items from the desktop's: the list of somebody with many programs, files and notes.
func bigList(n int) []Item {
	base := desktopItems()
	r := rand.New(rand.NewPCG(1, 2))
	items := make([]Item, n)
	for i := range items {
		it := base[i%len(base)]
		other := base[r.IntN(len(base))]
		it.Result.ID = fmt.Sprintf("app:%d", i)
		if i >= len(base) {
			it.Result.Title = fmt.Sprintf("%s %s %d", it.Result.Title, other.Result.Title, i/len(base))
		}
		items[i] = it
	}
	return items
}

func BenchmarkTyped10k(b *testing.B)  { benchTyped(b, 10_000) }
func BenchmarkTyped100k(b *testing.B) { benchTyped(b, 100_000) }
func BenchmarkFZF10k(b *testing.B)    { benchFZF(b, 10_000) }
func BenchmarkFZF100k(b *testing.B)   { benchFZF(b, 100_000) }

// usedSome boosts a hundred items or so, which is what somebody uses.
func usedSome(id string) float64 {
	if n, err := strconv.Atoi(strings.TrimPrefix(id, "app:")); err == nil && n%97 == 0 && n < 9700 {
		return float64(n%10) / 10
	}
	return 0
}

// benchTyped types all of typed; ns/query is for one keystroke.
func benchTyped(b *testing.B, n int) {
	e := New(usedSome)
	e.Set("apps", bigList(n))
	b.ReportAllocs()
	queries := 0
	for b.Loop() {
		for _, text := range typed {
			for i := 1; i <= len(text); i++ {
				e.Query(text[:i], 50)
				queries++
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(queries), "ns/query")
}

// benchFZF gives the same keystrokes to fzf's matcher over the same titles, and does nothing with what it says.
func benchFZF(b *testing.B, n int) {
	match := fzf(bigList(n))
	queries := 0
	for b.Loop() {
		for _, text := range typed {
			for i := 1; i <= len(text); i++ {
				match(text[:i])
				queries++
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(queries), "ns/query")
}

func fzf(items []Item) func(text string) {
	chars := make([]util.Chars, len(items))
	for i := range items {
		chars[i] = util.ToChars([]byte(items[i].Result.Title))
	}
	slab := util.MakeSlab(100*1024, 2048)
	return func(text string) {
		pattern := []rune(text)
		for i := range chars {
			algo.FuzzyMatchV2(false, true, true, &chars[i], pattern, false, slab)
		}
	}
}

func BenchmarkRatio10k(b *testing.B)  { benchRatio(b, 10_000) }
func BenchmarkRatio100k(b *testing.B) { benchRatio(b, 100_000) }

// benchRatio takes turns with fzf's matcher at every keystroke, so that what else the machine does hits
// both. "ratio" is the whole time over fzf's, "p99-ns" the slowest keystrokes of ours.
func benchRatio(b *testing.B, n int) {
	items := bigList(n)
	match := fzf(items)
	e := New(usedSome)
	e.Set("apps", items)
	var ours []time.Duration
	var total, theirs time.Duration
	for b.Loop() {
		for _, text := range typed {
			for i := 1; i <= len(text); i++ {
				start := time.Now()
				e.Query(text[:i], 50)
				middle := time.Now()
				match(text[:i])
				theirs += time.Since(middle)
				ours = append(ours, middle.Sub(start))
				total += middle.Sub(start)
			}
		}
	}
	slices.Sort(ours)
	b.ReportMetric(float64(total)/float64(theirs), "ratio")
	b.ReportMetric(float64(total.Nanoseconds())/float64(len(ours)), "ns/query")
	b.ReportMetric(float64(theirs.Nanoseconds())/float64(len(ours)), "fzf-ns/query")
	b.ReportMetric(float64(ours[len(ours)*99/100].Nanoseconds()), "p99-ns")
}
