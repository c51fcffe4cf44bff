package offline

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// maxPieces bounds the places at which a request may be divided; the rest stays with the last piece.
const maxPieces = 24

// quoteBase is the first of the private-use characters that stand for quoted texts while a request is
// taken apart.
const quoteBase = '\uE000'

// request is a text whose quoted parts are out of reach.
type request struct {
	masked string
	quotes []string // with their marks
}

var marks = map[rune]rune{'"': '"', '“': '”', '„': '“', '«': '»', '`': '`', '\'': '\'', '‘': '’'}

// mask replaces each quoted text by one private-use character.
func mask(text string) request {
	text = strings.Map(func(r rune) rune {
		if r >= quoteBase && r < quoteBase+maxPrompt || unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	var r request
	var out strings.Builder
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		end := closing(runes, i)
		if end < 0 {
			out.WriteRune(runes[i])
			continue
		}
		out.WriteRune(quoteBase + rune(len(r.quotes)))
		r.quotes = append(r.quotes, string(runes[i:end+1]))
		i = end
	}
	r.masked = strings.TrimSpace(out.String())
	return r
}

// closing finds the end of the quotation that begins at i, -1 where none does. A mark opens only before a
// word and closes only after one, so that the apostrophe of "don't" does neither.
func closing(runes []rune, i int) int {
	end, ok := marks[runes[i]]
	if !ok || i > 0 && (unicode.IsLetter(runes[i-1]) || unicode.IsDigit(runes[i-1])) {
		return -1
	}
	for j := i + 1; j < len(runes); j++ {
		after := j+1 == len(runes) || !unicode.IsLetter(runes[j+1]) && !unicode.IsDigit(runes[j+1])
		if runes[j] == end && j > i+1 && after {
			return j
		}
	}
	return -1
}

// text puts the quoted parts back; where s is one quotation and nothing else, it loses its marks.
func (r request) text(s string) string {
	s = strings.TrimSpace(s)
	if runes := []rune(s); len(runes) == 1 {
		if q, ok := r.quote(runes[0]); ok {
			inner := []rune(q)
			return strings.TrimSpace(string(inner[1 : len(inner)-1]))
		}
	}
	var b strings.Builder
	for _, c := range s {
		if q, ok := r.quote(c); ok {
			b.WriteString(q)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func (r request) quote(c rune) (string, bool) {
	if i := int(c - quoteBase); i >= 0 && i < len(r.quotes) {
		return r.quotes[i], true
	}
	return "", false
}

var separator = sync.OnceValue(func() *regexp.Regexp {
	const then = `(?:then|afterwards|after that|next|finally|lastly|also)`
	return regexp.MustCompile(`(?i)\s*(?:[;\n]|[,.!?](?:\s|$))\s*(?:and,?\s+)?(?:` + then + `\b,?\s*)*` +
		`|\s+(?:and\s+|&\s+)?(?:` + then + `,?\s+)+` +
		`|\s+(?:and|&|followed by|as well as|along with|together with)(?:,\s*|\s+)`)
})

// pieces are the places [start, end) between separators.
func pieces(s string) [][2]int {
	var out [][2]int
	start := 0
	for _, m := range separator().FindAllStringIndex(s, -1) {
		if m[0] == start || len(out) == maxPieces-1 {
			continue
		}
		out = append(out, [2]int{start, m[0]})
		start = m[1]
	}
	if start < len(s) {
		return append(out, [2]int{start, len(s)})
	}
	if len(out) > 0 { // a mark at the very end may belong to a text
		out[len(out)-1][1] = len(s)
	}
	return out
}

// understand gives the steps of a request. Where a part of it is no sentence that is known, it gives that
// part and no step.
func understand(text string) (steps []step, rest string) {
	if len(text) > maxPrompt {
		return nil, text
	}
	r := mask(text)
	if r.masked == "" || isHelp(r.masked) {
		return nil, ""
	}
	d := division{request: r, pieces: pieces(r.masked), tried: map[int][]step{}}
	if steps = d.from(0); steps == nil {
		return nil, r.text(r.masked[d.stuck:])
	}
	return steps, checkReferences(steps)
}

// division looks for the way to divide a request into sentences that are all understood.
type division struct {
	request request
	pieces  [][2]int
	tried   map[int][]step // by the first piece, nil where there is no way
	stuck   int            // where the first sentence begins that nothing understood
}

// from takes the shortest first sentence after which all of the rest is understood too.
func (d *division) from(first int) []step {
	if got, ok := d.tried[first]; ok {
		return got
	}
	var found []step
	for last := first; last < len(d.pieces) && found == nil; last++ {
		here := d.sentence(d.pieces[first][0], d.pieces[last][1])
		if here == nil {
			continue
		}
		if last == len(d.pieces)-1 {
			found = here
			break
		}
		end := here[len(here)-1]
		n, more := d.repeat(last+1, end.verb)
		here = append(here, more...)
		if last+1+n == len(d.pieces) {
			found = here
			break
		}
		next := d.from(last + 1 + n)
		if next == nil {
			if !end.free {
				d.stuck = max(d.stuck, d.pieces[last+1+n][0])
			}
			continue
		}
		if !end.free || !next[0].bare {
			found = append(here, next...)
		}
	}
	d.tried[first] = found
	return found
}

// repeat reads pieces that are names only, after a verb that they share: "open foot, firefox and mako".
func (d *division) repeat(at int, verb string) (n int, steps []step) {
	if verb == "" {
		return 0, nil
	}
	for at+n < len(d.pieces) {
		p := d.pieces[at+n]
		name := d.request.masked[p[0]:p[1]]
		if len(strings.Fields(name)) > 3 || isReference(name) || knownVerb(name) || d.from(at+n) != nil {
			break
		}
		more := d.clause(verb + " " + name)
		if more == nil {
			break
		}
		n, steps = n+1, append(steps, more...)
	}
	return n, steps
}

func (d *division) sentence(start, end int) []step { return d.clause(d.request.masked[start:end]) }

// clause is what one sentence asks for.
func (d *division) clause(s string) []step {
	return clause(s, d.request.text)
}
