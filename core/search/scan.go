package search

import (
	"slices"
	"strings"

	"github.com/junegunn/fzf/src/util"
)

// narrowing remembers which entries a query left, so that the next letter looks at those only. It is
// immutable. A shard that has been replaced since is not in it and is scanned as a whole.
type narrowing struct {
	tokens []string
	parts  []part
}

type part struct {
	shard *shard
	refs  []int32 // ascending
}

// of returns the entries of s that q can match at most; ok is false where all must be looked at.
func (n *narrowing) of(s *shard, q *query) (refs []int32, ok bool) {
	if n == nil || !q.narrows(n.tokens) {
		return nil, false
	}
	for _, p := range n.parts {
		if p.shard == s {
			return p.refs, true
		}
	}
	return nil, false
}

// scanner is the working memory of one query.
type scanner struct {
	slab       *util.Slab
	top        top
	candidates []candidate
	refs       []int32
}

// candidate is an entry that may match, with the most that its match can bring.
type candidate struct {
	ref  int32
	most float32
}

// rounds are what candidates must promise to be looked at in each round. The best are looked at first:
// once they fill the list, most of the others need no look.
var rounds = [...]float32{pointsPrefix, mostOfDesc + plusCase + 1, pointsFuzzy + plusCase + 1, 0}

// scan looks for q in a shard and returns the entries that a longer query may still match; nil where
// these are so many that looking at all again costs as little.
func (sc *scanner) scan(s *shard, q *query, last *narrowing) []int32 {
	sc.candidates, sc.refs = sc.candidates[:0], sc.refs[:0]
	if refs, ok := last.of(s, q); ok {
		for _, i := range refs {
			sc.propose(&s.masks[i], q, i)
		}
	} else {
		for i := range s.masks {
			sc.propose(&s.masks[i], q, int32(i))
		}
	}
	boosts := *s.boosts.Load()
	below := float32(2 * pointsEqual)
	for _, least := range rounds {
		for _, c := range sc.candidates {
			if c.most >= least && c.most < below {
				sc.consider(s, q, c, boosts[c.ref])
			}
		}
		below = least
	}
	if len(sc.refs) > len(s.entries)/3 {
		return nil
	}
	return append(make([]int32, 0, len(sc.refs)), sc.refs...)
}

// propose makes an entry a candidate if its masks allow.
func (sc *scanner) propose(m *masks, q *query, i int32) {
	var sum float32
	for k := range q.tokens {
		w, most := q.tokens[k].ways(m)
		if w == 0 {
			return
		}
		sum += most
	}
	most := sum / float32(len(q.tokens))
	if len(q.tokens) > 1 && (m.title^q.phrase.key)&q.phrase.mask == 0 {
		most = pointsEqual
	}
	sc.candidates = append(sc.candidates, candidate{i, most})
}

// consider scores one candidate and offers it to the best. One that can't be among them is kept for the
// next letter without a look.
func (sc *scanner) consider(s *shard, q *query, c candidate, boost float32) {
	lift := maxLift * boost
	floor := sc.top.floor() - lift
	if c.most < floor {
		sc.refs = append(sc.refs, c.ref)
		return
	}
	if len(q.tokens) > 1 {
		floor = 0
	}
	points, kept := s.entries[c.ref].score(q, &s.masks[c.ref], floor-plusCase, sc.slab)
	if kept {
		sc.refs = append(sc.refs, c.ref)
	}
	if points > 0 {
		sc.top.offer(hit{score: points + lift, shard: s, ref: c.ref})
	}
}

// score is the mean of what the words of q bring, 0 where one of them does not match. kept says whether
// a longer query may match.
func (e *entry) score(q *query, m *masks, floor float32, slab *util.Slab) (points float32, kept bool) {
	var sum float32
	missing := false
	for i := range q.tokens {
		p, k := e.scoreToken(&q.tokens[i], m, floor, slab)
		if !k {
			return 0, false
		}
		missing = missing || p == 0
		sum += p
	}
	if missing {
		return 0, true
	}
	points = sum / float32(len(q.tokens))
	if len(q.tokens) > 1 && strings.HasPrefix(e.title, q.phrase.text) {
		points = max(points, pointsPrefix+plusCover)
		if len(e.title) == len(q.phrase.text) {
			points = pointsEqual
		}
	}
	return points, true
}

func (e *entry) scoreToken(t *token, mk *masks, floor float32, slab *util.Slab) (points float32, kept bool) {
	w, _ := t.ways(mk)
	if w&^mayDesc != 0 {
		for i := range e.names {
			f := &e.names[i]
			if kept && f.weight*mk.mostOfName(t) <= points {
				break // the later ones weigh less
			}
			m := f.match(t, w, max(floor, points), slab)
			points, kept = max(points, m.points), kept || m.kept
		}
	}
	if w&mayDesc != 0 && !(kept && points >= mostOfDesc) {
		for i := range e.descs {
			m := e.descs[i].describe(t)
			points, kept = max(points, m.points), kept || m.kept
		}
	}
	if t.cased != "" && points > 0 && strings.Contains(e.names[0].chars.ToString(), t.cased) {
		points += plusCase
	}
	return points, kept
}

// matches are the runes of the title that q matches, ascending, each once.
func (e *entry) matches(q *query, slab *util.Slab) []int {
	var list []int
	for i := range q.tokens {
		list = e.names[0].positions(list, &q.tokens[i], slab)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
