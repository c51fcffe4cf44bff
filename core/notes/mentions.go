package notes

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxGlimpse is how long the snippet of a note is for somebody who types, in runes: what has room in a row.
	maxGlimpse = 80
	// maxSeen is how much of a note is looked through for it, in bytes: a book takes longer than a keystroke may.
	maxSeen = 1 << 16
)

// Mentions returns at most limit notes that have all words of text in title, tags or text, the newest first, for somebody
// who is still typing: the last word is a beginning, the others are whole. Tags are as for Search. Those with a path in except
// are left out. A text of one or two letters finds nothing.
//
// What the index has now is all that is asked: it is not brought up to date first, and whoever does that meanwhile is not
// waited for, nor has to wait. When ctx ends the answer is its error, even where a disk hangs.
func (f *Folder) Mentions(ctx context.Context, text string, limit int, except []string) ([]Note, error) {
	q, r := parse(text), f.reader.Load()
	if r == nil || !q.enough() {
		return nil, nil
	}
	select {
	case f.reading <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	type answer struct {
		list []Note
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		defer func() { <-f.reading }()
		list, err := f.mentions(ctx, r, q, limit, except)
		answers <- answer{list, err}
	}()
	select {
	case a := <-answers:
		return a.list, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *Folder) mentions(ctx context.Context, r *reader, q query, limit int, except []string) ([]Note, error) {
	list, err := r.newest(ctx, q, limit+len(except))
	if err != nil {
		if broken(err) && f.reader.Load() == r {
			f.spoilt.Store(&err)
			f.changed()
		}
		return nil, err
	}
	for i := range list {
		list[i].Path = filepath.Join(f.dir, list[i].Path)
	}
	list = slices.DeleteFunc(list, func(n Note) bool { return slices.Contains(except, n.Path) })
	return f.quote(ctx, list, limit, func(n Note, body string) string { return glimpse(n.Title, body, q.words) })
}

// glimpse is the snippet of a note for a row that has its title already; empty where no word is near enough to look for.
func glimpse(title, body string, sought []string) string {
	if len(body) > maxSeen {
		end := maxSeen
		for !utf8.RuneStart(body[end]) {
			end--
		}
		body = body[:end]
	}
	line, n := best(body, sought, func(line string) bool { return strings.Trim(line, "#>*- ") == title })
	if n == 0 {
		return ""
	}
	return around(line, sought, maxGlimpse)
}

// enough says that so much has been typed that it may mean something: two letters or more that have three bytes, since a
// letter of a script that has many says more.
func (q query) enough() bool {
	letters := strings.ReplaceAll(strings.Join(q.words, ""), " ", "")
	for _, t := range q.tags {
		letters += "#" + t
	}
	return len(letters) > 2 && utf8.RuneCountInString(letters) > 1
}
