package search

// masks say of an entry, without a look at its text, how it can match. A set bit promises nothing, a
// missing one is certain. They stand apart from the entries because a query reads all of them.
type masks struct {
	title   uint64 // key of the title
	size    int    // of the title, in bytes
	letters uint64 // bytes of the names
	inits   uint64 // first bytes of the words of the names
	firsts  uint64 // first bytes of the words of the descriptions
	lengths uint64 // lengths of the names other than the title, modulo 64
	heads   bloom  // first two and first three bytes of the words of the names
	descs   bloom  // the same of the descriptions
	pairs   bloom  // neighbouring bytes of the title
}

// bloom is a small Bloom filter with one hash.
type bloom [2]uint64

func (b *bloom) add(hash uint32)     { b[hash>>6&1] |= 1 << (hash & 63) }
func (b *bloom) covers(o bloom) bool { return b[0]&o[0] == o[0] && b[1]&o[1] == o[1] }

// addHead adds how a word begins.
func (b *bloom) addHead(s string) {
	if len(s) > 1 {
		b.add(hash2(s[0], s[1]))
	}
	if len(s) > 2 {
		b.add(hash2(s[2], s[0]+s[1]<<1))
	}
}

func (b *bloom) addPairs(s string) {
	for i := 1; i < len(s); i++ {
		b.add(hash2(s[i-1], s[i]))
	}
}

func hash2(a, b byte) uint32 {
	return (uint32(a)*0x9E3779B1 ^ uint32(b)*0x85EBCA77) * 0xC2B2AE3D >> 25
}

func newMasks(e *entry) masks {
	m := masks{title: key(e.title), size: len(e.title)}
	m.pairs.addPairs(e.title)
	for i := range e.names {
		f := &e.names[i]
		m.letters |= letters(f.text)
		if i > 0 {
			m.lengths |= 1 << (len(f.text) & 63)
		}
		for _, w := range f.words {
			m.inits |= letterBit(f.text[w.off])
			m.heads.addHead(f.text[w.off:])
		}
	}
	for _, f := range e.descs {
		for _, w := range f.words {
			m.firsts |= letterBit(f.text[w.off])
			m.descs.addHead(f.text[w.off:])
		}
	}
	return m
}

// ways are the ways in which a token may match an entry.
type ways uint8

const (
	mayWord  ways = 1 << iota // at the start of a word of a name
	mayDesc                   // at the start of a word of a description
	mayFuzzy                  // from the start of a word of a name on, with gaps
	mayInner                  // inside the title
	mayAll   = mayWord | mayDesc | mayFuzzy | mayInner
)

// mostOfDesc is the most that a description can bring.
const mostOfDesc = weightGeneric * (pointsPrefix + plusWhole + plusCover)

// mostOfName is the most that a name other than the title can bring, before its weight.
func (m *masks) mostOfName(t *token) float32 {
	if m.lengths&(1<<(len(t.text)&63)) != 0 {
		return pointsEqual
	}
	return pointsPrefix + plusWhole + plusCover
}

// ways returns how an entry with these masks may match t, and the most points that this can bring.
func (t *token) ways(m *masks) (w ways, most float32) {
	if len(t.text) > 1 && m.pairs.covers(t.pairs) {
		w, most = mayInner, pointsInner+plusCover
	}
	if m.inits&t.letter != 0 && len(t.text) > 1 && m.letters&t.set == t.set {
		w, most = w|mayFuzzy, pointsFuzzy
		if m.inits&t.set == t.set {
			most = pointsAcronym + plusCover
		}
	}
	if m.firsts&t.letter != 0 && m.descs.covers(t.head) {
		w, most = w|mayDesc, max(most, mostOfDesc)
	}
	if m.inits&t.letter != 0 && m.heads.covers(t.head) {
		w |= mayWord
		switch {
		case m.size == len(t.text):
			most = pointsEqual
		case (m.title^t.key)&t.mask == 0:
			most = max(weightName*m.mostOfName(t), pointsPrefix+plusCover*float32(len(t.text))/float32(m.size))
			if next := byte(m.title << (8 * len(t.text)) >> 56); next < 'a' || next > 'z' {
				most += plusWhole // perhaps
			}
		default:
			most = max(most, pointsWord+plusWhole+plusCover, weightName*m.mostOfName(t))
		}
	}
	if t.cased != "" {
		most += plusCase
	}
	return w, most
}
