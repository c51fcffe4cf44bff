package search

import (
	"cmp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/junegunn/fzf/src/util"

	"nerva/core/api"
)

// What is searched of one item, in runes of a name and of the list of its keywords. Window titles can be
// as long as their program likes.
const (
	maxName  = 200
	maxWords = 1000
)

// shard is the searchable form of one source. All of it but boosts is written once. Its entries are in
// the order of results that are otherwise equal: kind, title, id.
type shard struct {
	masks   []masks // one for each entry, apart from it: a query reads all of these
	entries []entry
	boosts  atomic.Pointer[[]float32]
}

type entry struct {
	result api.Result
	title  string  // folded
	names  []field // the title first
	descs  []field
	kind   uint8
}

// field is one text of an entry.
type field struct {
	text   string     // folded
	chars  util.Chars // with the case kept; of names only
	words  []word
	weight float32
}

// word is a place in a field where a query's word may begin.
type word struct {
	key uint64
	off uint16
	min uint16 // how many bytes must be typed for it to count
}

func newShard(items []Item) *shard {
	s := &shard{entries: make([]entry, len(items)), masks: make([]masks, len(items))}
	for i := range items {
		s.entries[i] = newEntry(&items[i])
	}
	slices.SortFunc(s.entries, func(a, b entry) int { return order(&a, &b) })
	for i := range s.entries {
		s.masks[i] = newMasks(&s.entries[i])
	}
	s.compact()
	return s
}

// compact moves what a query reads of the entries into a few large blocks, in the entries' order: it
// goes through them in this order, and memory that was allocated entry by entry costs it twice the time.
func (s *shard) compact() {
	var names, descs, words int
	s.each(func(e *entry) { names, descs = names+len(e.names), descs+len(e.descs) })
	s.eachField(func(f *field) { words += len(f.words) })
	allNames, allDescs := make([]field, 0, names), make([]field, 0, descs)
	allWords := make([]word, 0, words)
	s.each(func(e *entry) { e.names, allNames = move(allNames, e.names) })
	s.each(func(e *entry) { e.descs, allDescs = move(allDescs, e.descs) })
	s.eachField(func(f *field) { f.words, allWords = move(allWords, f.words) })
}

// move appends list to block and returns the part of it that list became.
func move[T any](block, list []T) (moved, grown []T) {
	from := len(block)
	block = append(block, list...)
	return block[from:len(block):len(block)], block
}

func (s *shard) each(do func(*entry)) {
	for i := range s.entries {
		do(&s.entries[i])
	}
}

func (s *shard) eachField(do func(*field)) {
	s.each(func(e *entry) {
		for i := range e.names {
			do(&e.names[i])
		}
	})
	s.each(func(e *entry) {
		for i := range e.descs {
			do(&e.descs[i])
		}
	})
}

// order sorts what has the same score.
func order(a, b *entry) int {
	return cmp.Or(
		cmp.Compare(a.kind, b.kind),
		cmp.Compare(a.title, b.title),
		cmp.Compare(a.result.ID, b.result.ID),
	)
}

func newEntry(it *Item) entry {
	e := entry{result: it.Result, kind: kindRank(it.Result.Kind)}
	e.addName(it.Result.Title, weightTitle)
	e.title = e.names[0].text
	for _, name := range it.Names {
		e.addName(name, weightName)
	}
	e.addWords(it.Generic, weightGeneric)
	e.addWords(it.Keywords, weightKeywords)
	for _, id := range it.IDs {
		e.addID(id)
	}
	return e
}

// addName adds a name that the entry does not have yet. The first one, the title, may be empty.
func (e *entry) addName(s string, weight float32) {
	folded, cased := fold(s, maxName)
	if len(e.names) > 0 && (folded == "" || slices.ContainsFunc(e.names, func(f field) bool { return f.text == folded })) {
		return
	}
	e.names = append(e.names, field{
		text: folded, chars: util.ToChars([]byte(cased)), words: newWords(folded, cased), weight: weight,
	})
}

// addWords adds descriptions, one text for all of them: a query's word has no line break in it.
func (e *entry) addWords(list []string, weight float32) {
	if folded, cased := fold(strings.Join(list, "\n"), maxWords); folded != "" {
		e.descs = append(e.descs, field{text: folded, words: newWords(folded, cased), weight: weight})
	}
}

func (e *entry) addID(id string) {
	parts := strings.Split(id, ".")
	if len(parts) < 3 {
		e.addName(id, weightID)
		return
	}
	if last := parts[len(parts)-2:]; strings.EqualFold(last[0], last[1]) {
		e.addName(last[1], weightID)
	} else {
		e.addName(strings.Join(last, "."), weightID)
	}
	folded, _ := fold(id, maxName)
	// Typing "o" must not list everything that is called org.something.
	least := len(parts[0]) + len(".x")
	e.descs = append(e.descs, field{
		text: folded, weight: weightID, words: []word{{key: key(folded), min: uint16(min(least, maxName))}},
	})
}

func newWords(folded, cased string) []word {
	starts := wordStarts(folded, cased)
	words := make([]word, len(starts))
	for i, off := range starts {
		words[i] = word{key: key(folded[off:]), off: uint16(off)}
	}
	return words
}

// reboost asks boost for every entry; what it says is clamped to the range that the ranking is made for.
func (s *shard) reboost(boost func(id string) float64) {
	boosts := make([]float32, len(s.entries))
	for i := range s.entries {
		if b := boost(s.entries[i].result.ID); b > 0 { // false for NaN
			boosts[i] = float32(min(b, 1))
		}
	}
	s.boosts.Store(&boosts)
}
