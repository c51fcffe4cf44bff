package search

import (
	"strings"
	"unicode/utf8"
)

// maxQuery is how long a query may be, in bytes, to be looked for among the names; a longer one has no
// match. It bounds the time that a pasted text takes.
const maxQuery = 200

// query is a text taken apart.
type query struct {
	tokens []token
	phrase token // the tokens with one space between them
}

// token is one word of a query, folded.
type token struct {
	text   string
	runes  []rune
	cased  string // as typed, where it has a capital
	key    uint64
	mask   uint64 // the bytes of key that are set
	letter uint64 // letterBit of the first byte
	set    uint64 // letters of text
	pairs  bloom
	head   bloom
}

// parse takes a text apart. It is not ok where the text is too long to be a query.
func parse(text string) (q query, ok bool) {
	if len(text) > maxQuery {
		return query{}, false
	}
	for _, w := range strings.Fields(text) {
		q.tokens = append(q.tokens, newToken(w))
	}
	if len(q.tokens) > 1 {
		q.phrase = newToken(strings.Join(q.texts(), " "))
	}
	return q, true
}

func newToken(w string) token {
	folded, cased := fold(w, maxQuery)
	t := token{
		text: folded, runes: []rune(folded), key: key(folded), mask: keyMask(len(folded)),
		letter: letterBit(folded[0]), set: letters(folded),
	}
	t.head.addHead(folded)
	t.pairs.addPairs(folded)
	if cased != folded {
		t.cased = cased
	}
	return t
}

// single says whether the token is one byte: it then matches at the start of words only.
func (t *token) single() bool { return len(t.text) == 1 }

// narrows says whether everything that q matches was also matched by a query of these tokens: q has the
// same ones, or more, and where it was typed on the last of them is longer.
func (q *query) narrows(tokens []string) bool {
	last := len(tokens) - 1
	if len(q.tokens) <= last {
		return false
	}
	for i, t := range tokens[:last] {
		if q.tokens[i].text != t {
			return false
		}
	}
	return strings.HasPrefix(q.tokens[last].text, tokens[last])
}

// texts are the tokens' texts.
func (q *query) texts() []string {
	list := make([]string, len(q.tokens))
	for i := range q.tokens {
		list[i] = q.tokens[i].text
	}
	return list
}

// runeRange appends the positions of n runes from the byte offset off of text.
func runeRange(list []int, text string, off, n int) []int {
	from := utf8.RuneCountInString(text[:off])
	for i := range n {
		list = append(list, from+i)
	}
	return list
}
