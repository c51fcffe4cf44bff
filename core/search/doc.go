// Package search finds what a person means while it is still being typed: applications, windows, notes
// and files by name, and answers that are computed from the text itself.
//
// An Engine holds one immutable shard for each source behind an atomic pointer. Set builds a new shard and
// swaps the list of shards; Query loads that list once and works on it without a lock, so any number of
// goroutines may call either. No goroutine is started. Nothing in here touches a disk, a network or a
// clock, and it must not know where items come from or what an action does.
//
// A query is a list of words. Each of them must match some field of an item; the order does not matter.
// Names (the title, other names, ids) match at the start of a word, by the initials of their words, as a
// subsequence from the start of a word scored by fzf's matcher, and inside a word. Descriptions (generic
// name, keywords) match at the start of a word only, because letters scattered over a long list of
// keywords match nearly everything.
package search
