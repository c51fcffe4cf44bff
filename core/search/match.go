package search

import (
	"strings"
	"unicode/utf8"

	"github.com/junegunn/fzf/src/algo"
	"github.com/junegunn/fzf/src/util"
)

// The points of a match, before the field's weight. Each way to match has a span of its own, so that a
// better way always wins over a closer fit; the boost of a much used item (maxLift) bridges one step at
// most, and never the one to an exact title.
const (
	pointsEqual   = 1200 // the field is the word
	pointsPrefix  = 900  // the field begins with it
	pointsAcronym = 870  // the initials of the field's words; 100 less where they are not the first ones
	pointsWord    = 800  // a later word begins with it
	pointsFuzzy   = 700  // at best; fzf's matcher says how good
	pointsVague   = 250  // a fuzzy match that is just good enough
	pointsInner   = 300  // inside a word; two letters inside a word say little, they get 100 less
	plusWhole     = 40   // it ends where the word ends
	plusCover     = 50   // times the part of the field that it covers
	plusCase      = 20   // its capitals are capitals in the title
	minusLater    = 100
	maxLift       = 150
)

// ScoreText is for what is found by its text and not by name: below whatever a word of the query begins, a part of an id at
// least, and above what has the word inside another one or its letters scattered, unless that is much used.
const ScoreText = weightID*pointsWord - 1

// How fzf's matcher counts (algo.go, "Scoring criteria"): 16 for a letter, twice 10 more where the first
// one begins a word after a space, 10 for each other letter in a row with such a one or beginning a word.
const (
	fzfLetter = 16
	fzfFirst  = 36
	fzfNext   = 26
	// fzfLeast is what a match of n letters must have over 16 n: 12 less than a first letter brings at
	// the start of a word, which is what gaps may cost. Beyond it letters are scattered by chance.
	fzfLeast = 8
)

// way says how a word matched a field.
type way uint8

const (
	wayNone  way = iota
	wayRun       // letters in a row
	wayInits     // initials of successive words
	wayFuzzy     // fzf's matcher
)

// match is a word in a field. kept says that the word may still match when more of it is typed, even
// where it is not good enough now.
type match struct {
	points float32
	way    way
	off    int // of the field's text, for wayRun; of its words, for wayInits
	kept   bool
}

func init() { algo.Init("default") }

// match finds the best match of t in a name, of the ways that are possible. Points that would be below
// floor need not be found.
func (f *field) match(t *token, w ways, floor float32, slab *util.Slab) match {
	var m match
	if w&mayWord != 0 {
		m = f.atWord(t)
	}
	if m.points > 0 {
		return f.weigh(m)
	}
	if from := f.firstWith(t); w&mayFuzzy != 0 && from >= 0 && subsequence(f.text[from:], t.text) {
		m.kept = true
		if at := f.acronym(t); at >= 0 {
			m.way, m.off, m.points = wayInits, at, pointsAcronym+f.cover(t)
			if at > 0 {
				m.points -= minusLater
			}
			return f.weigh(m)
		}
		if f.weight*pointsFuzzy >= floor {
			if m.points = f.fuzzy(t, slab); m.points > 0 {
				m.way = wayFuzzy
			}
		}
	}
	if w&mayInner != 0 && f.weight == weightTitle {
		m = f.inner(t, m)
	}
	return f.weigh(m)
}

// describe finds the best match of t in a description.
func (f *field) describe(t *token) match {
	var best match
	for i := range f.words {
		w := &f.words[i]
		if !f.begins(w, t) {
			continue
		}
		best.kept = true
		if len(t.text) < int(w.min) {
			continue
		}
		points := pointsPrefix + f.cover(t)
		if wholeWord(f.text, int(w.off)+len(t.text)) {
			points += plusWhole
		}
		best.points = max(best.points, points)
	}
	return f.weigh(best)
}

func (f *field) weigh(m match) match {
	m.points *= f.weight
	return m
}

// cover rewards a word that is much of the field: of two names that begin alike the shorter one is meant.
func (f *field) cover(t *token) float32 {
	return plusCover * float32(len(t.text)) / float32(len(f.text))
}

// begins says whether t stands at w. Keys tell up to their eight bytes.
func (f *field) begins(w *word, t *token) bool {
	return (w.key^t.key)&t.mask == 0 && (len(t.text) <= 8 || strings.HasPrefix(f.text[w.off:], t.text))
}

// atWord matches the starts of a name's words.
func (f *field) atWord(t *token) match {
	var best match
	for i := range f.words {
		w := &f.words[i]
		if !f.begins(w, t) {
			continue
		}
		best.kept = true
		end := int(w.off) + len(t.text)
		points := float32(pointsWord)
		switch {
		case w.off == 0 && end == len(f.text):
			return match{points: pointsEqual, way: wayRun, kept: true}
		case w.off == 0:
			points = pointsPrefix
		}
		points += f.cover(t)
		if wholeWord(f.text, end) {
			points += plusWhole
		}
		if points > best.points {
			best.points, best.way, best.off = points, wayRun, int(w.off)
		}
	}
	return best
}

func wholeWord(text string, end int) bool {
	r, _ := utf8.DecodeRuneInString(text[end:])
	return !isWord(r)
}

// firstWith is the offset of the first word that begins with t's first byte, or -1.
func (f *field) firstWith(t *token) int {
	for i := range f.words {
		if byte(f.words[i].key>>56) == t.text[0] {
			return int(f.words[i].off)
		}
	}
	return -1
}

// acronym returns the first of the successive words whose initials are t, or -1.
func (f *field) acronym(t *token) int {
	n := len(t.text)
next:
	for i := 0; i+n <= len(f.words); i++ {
		for j := range n {
			if byte(f.words[i+j].key>>56) != t.text[j] {
				continue next
			}
		}
		return i
	}
	return -1
}

// fuzzy is what fzf's matcher thinks of t in f; 0 where that is too little.
func (f *field) fuzzy(t *token, slab *util.Slab) float32 {
	n := len(t.runes)
	res, _ := algo.FuzzyMatchV2(false, false, true, &f.chars, t.runes, false, slab)
	least, most := fzfLetter*n+fzfLeast, fzfFirst+fzfNext*(n-1)
	if res.Start < 0 || res.Score < least {
		return 0
	}
	return pointsVague + (pointsFuzzy-pointsVague)*min(1, float32(res.Score-least)/float32(most-least))
}

// inner matches inside a word, if that is better than m.
func (f *field) inner(t *token, m match) match {
	off := strings.Index(f.text, t.text)
	if off < 0 {
		return m
	}
	m.kept = true
	points := pointsInner + f.cover(t)
	if len(t.text) == 2 {
		points -= minusLater
	}
	if points > m.points {
		m.points, m.way, m.off = points, wayRun, off
	}
	return m
}

// positions appends the runes of the title that t matches, none where it does not.
func (f *field) positions(list []int, t *token, slab *util.Slab) []int {
	may := mayAll
	if t.single() {
		may = mayWord
	}
	switch m := f.match(t, may, 0, slab); m.way {
	case wayRun:
		return runeRange(list, f.text, m.off, len(t.runes))
	case wayInits:
		for _, w := range f.words[m.off : m.off+len(t.text)] {
			list = runeRange(list, f.text, int(w.off), 1)
		}
	case wayFuzzy:
		if _, at := algo.FuzzyMatchV2(false, false, true, &f.chars, t.runes, true, slab); at != nil {
			return append(list, *at...)
		}
	}
	return list
}
