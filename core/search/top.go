package search

import (
	"cmp"
	"container/heap"
	"slices"
)

// hit is an entry with its score.
type hit struct {
	score float32
	shard *shard
	ref   int32
}

func (h hit) entry() *entry { return &h.shard.entries[h.ref] }

// compare orders hits, the better one first.
func (h hit) compare(o hit) int {
	if c := cmp.Compare(o.score, h.score); c != 0 {
		return c
	}
	if h.shard == o.shard {
		return cmp.Compare(h.ref, o.ref)
	}
	return order(h.entry(), o.entry())
}

// top keeps the best limit hits: a heap with the worst of them at its root. Without a limit it is a list.
type top struct {
	hits  []hit
	limit int
}

// Len, Less, Swap, Push and Pop are heap.Interface; the last two are never called, since heap.Fix does for
// both cases without making an interface value of each hit.
func (t *top) Len() int           { return len(t.hits) }
func (t *top) Less(i, j int) bool { return t.hits[i].compare(t.hits[j]) > 0 }
func (t *top) Swap(i, j int)      { t.hits[i], t.hits[j] = t.hits[j], t.hits[i] }
func (t *top) Push(any)           { panic("search: unused") }
func (t *top) Pop() any           { panic("search: unused") }

func (t *top) full() bool { return t.limit > 0 && len(t.hits) == t.limit }

// floor is a score below which no hit is taken.
func (t *top) floor() float32 {
	if t.full() {
		return t.hits[0].score
	}
	return 0
}

func (t *top) offer(h hit) {
	switch {
	case t.limit <= 0:
		t.hits = append(t.hits, h)
	case !t.full():
		t.hits = append(t.hits, h)
		heap.Fix(t, len(t.hits)-1)
	case h.compare(t.hits[0]) < 0:
		t.hits[0] = h
		heap.Fix(t, 0)
	}
}

func (t *top) sorted() []hit {
	slices.SortFunc(t.hits, hit.compare)
	return t.hits
}
