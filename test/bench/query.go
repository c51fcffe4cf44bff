package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/junegunn/fzf/src/algo"
	"github.com/junegunn/fzf/src/util"

	"nerva/core/api"
	"nerva/core/search"
)

// typed are the texts that are typed letter by letter.
var typed = []string{"firefox", "calc", "text ed", "gcal", "settings", "visual st", "term", "qzx", "librew", "network mon"}

// entries makes n titles out of the words that names of programs, files and notes are made of.
func entries(n int) []search.Item {
	words := strings.Fields(`Firefox Web Browser Calculator Text Editor Files Terminal Settings Network Monitor Image Viewer
		Document Scanner Disk Usage Analyzer Visual Studio Code LibreOffice Writer Calc Music Player Video Mail Contacts
		Calendar Maps Weather Clocks Photos Camera Archive Manager System Password Keys Printer Fonts Logs Boxes Remote
		Desktop Chess Mines Sudoku Paint Notes Tasks Budget Report Draft Invoice Holiday Recipe Meeting`)
	r := rand.New(rand.NewPCG(1, 2))
	items := make([]search.Item, n)
	for i := range items {
		title := make([]string, 1+r.IntN(4))
		for j := range title {
			title[j] = words[r.IntN(len(words))]
		}
		items[i].Result = api.Result{ID: fmt.Sprint("app:", i), Kind: api.KindApp, Title: strings.Join(title, " ")}
	}
	return items
}

// measureQueries gives the same keystrokes over the same titles to the engine and to fzf's matcher, one
// after the other for each keystroke.
func measureQueries(ctx context.Context, r *report) error {
	algo.Init("default")
	for _, n := range []int{10_000, 100_000} {
		items := entries(n)
		e := search.New(func(string) float64 { return 0 })
		e.Set("bench", items)
		chars := make([]util.Chars, n)
		for i := range items {
			chars[i] = util.ToChars([]byte(items[i].Result.Title))
		}
		slab := util.MakeSlab(100*1024, 2048)
		var ours, fzf []float64
		for range 400_000 / n {
			for _, text := range typed {
				for i := 1; i <= len(text); i++ {
					start := time.Now()
					e.Query(text[:i], 50)
					ours = append(ours, milliseconds(time.Since(start)))

					pattern := []rune(text[:i])
					start = time.Now()
					for j := range chars {
						algo.FuzzyMatchV2(false, true, true, &chars[j], pattern, false, slab)
					}
					fzf = append(fzf, milliseconds(time.Since(start)))
				}
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		sum := func(of []float64) (total float64) {
			for _, v := range of {
				total += v
			}
			return total
		}
		ratio := sum(ours) / sum(fzf)
		q := r.add(fmt.Sprintf("query per keystroke, %d entries", n), ours)
		r.add(fmt.Sprintf("fzf's matcher, %d entries", n), fzf)
		r.atMost(fmt.Sprintf("typed sequence / fzf, %d entries", n), "ratio", ratio, 0.5)
		if n == 10_000 {
			r.atMost("query p99, 10000 entries", "ms", q.P99, 0.5)
		}
	}
	return nil
}
