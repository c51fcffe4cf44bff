package search

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/junegunn/fzf/src/util"

	"nerva/core/api"
)

// Instant computes results from the text itself. It is called at every keystroke: it must be quick, and
// touch nothing that can block.
type Instant func(text string) []api.Result

// scoreInstant puts a computed answer above everything that is found.
const scoreInstant = 2000

// Engine finds items. Its methods may be called from any goroutine.
type Engine struct {
	boost func(id string) float64
	last  atomic.Pointer[narrowing]
	state atomic.Pointer[state]
	// mu is held by those who write state or boosts, never by a query.
	mu   sync.Mutex
	pool sync.Pool
}

// state is immutable.
type state struct {
	sources  []source
	instants []Instant
}

type source struct {
	name  string
	shard *shard
}

// New returns an empty engine. boost says how much an item is used, from 0 (never) to 1; it may be nil. It
// is asked by Set and Reboost, not by Query.
func New(boost func(id string) float64) *Engine {
	if boost == nil {
		boost = func(string) float64 { return 0 }
	}
	e := &Engine{boost: boost}
	e.state.Store(&state{})
	e.pool.New = func() any {
		// As large as a matrix of the longest name and the longest sensible word; fzf's matcher falls
		// back to its simpler algorithm for more.
		return &scanner{slab: util.MakeSlab(16*1024, 2*1024)}
	}
	return e
}

// Register adds an Instant. Its results come first, in the order of registration.
func (e *Engine) Register(i Instant) {
	e.mu.Lock()
	defer e.mu.Unlock()
	old := e.state.Load()
	e.state.Store(&state{sources: old.sources, instants: append(slices.Clone(old.instants), i)})
}

// Set replaces the items of one source; no items remove it.
func (e *Engine) Set(name string, items []Item) {
	s := newShard(items)
	e.mu.Lock()
	defer e.mu.Unlock()
	s.reboost(e.boost)
	old := e.state.Load()
	sources := slices.DeleteFunc(slices.Clone(old.sources), func(o source) bool { return o.name == name })
	if len(items) > 0 {
		sources = append(sources, source{name, s})
	}
	e.state.Store(&state{sources: sources, instants: old.instants})
}

// Reboost asks boost again for every item. Call it after something has been used.
func (e *Engine) Reboost() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.state.Load().sources {
		s.shard.reboost(e.boost)
	}
}

// Query returns the best limit results, best first; 0 returns all. An empty text returns what is used
// most, and then the rest by kind and title. Capitals in the text prefer titles with the same capitals
// but exclude nothing.
func (e *Engine) Query(text string, limit int) []api.Result {
	st := e.state.Load()
	text = strings.TrimSpace(text)
	results := st.instant(text, limit)
	q, ok := parse(text)
	if limit > 0 {
		if limit -= len(results); limit == 0 {
			return results
		}
	}
	if !ok {
		return results
	}
	sc := e.pool.Get().(*scanner)
	defer e.pool.Put(sc)
	sc.top = top{hits: sc.top.hits[:0], limit: limit}
	if len(q.tokens) == 0 {
		sc.recent(st.sources)
	} else {
		e.find(sc, st.sources, &q)
	}
	for _, h := range sc.top.sorted() {
		r := h.entry().result
		r.Score = float64(h.score)
		r.Matches = h.entry().matches(&q, sc.slab)
		results = append(results, r)
	}
	// The hits point to shards that may be replaced soon.
	clear(sc.top.hits[:cap(sc.top.hits)])
	return results
}

func (st *state) instant(text string, limit int) []api.Result {
	results := []api.Result{}
	if text == "" {
		return results
	}
	for _, i := range st.instants {
		results = append(results, i(text)...)
	}
	if limit > 0 && len(results) > limit {
		results = results[:limit]
	}
	for i := range results {
		results[i].Score = scoreInstant
	}
	return results
}

// find scans every source and remembers what is left for the next letter.
func (e *Engine) find(sc *scanner, sources []source, q *query) {
	last := e.last.Load()
	next := &narrowing{tokens: q.texts(), parts: make([]part, 0, len(sources))}
	for _, s := range sources {
		if refs := sc.scan(s.shard, q, last); refs != nil {
			next.parts = append(next.parts, part{s.shard, refs})
		}
	}
	// A single letter matches the starts of words only; with one more it matches inside words, too.
	if !q.tokens[len(q.tokens)-1].single() {
		e.last.Store(next)
	}
}

// recent offers everything, scored by use alone.
func (sc *scanner) recent(sources []source) {
	for _, s := range sources {
		boosts := *s.shard.boosts.Load()
		for i := range s.shard.entries {
			sc.top.offer(hit{score: maxLift * boosts[i], shard: s.shard, ref: int32(i)})
		}
	}
}
