package notes

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"nerva/core/api"
)

// maxSnippet is how long a snippet is, in runes.
const maxSnippet = 160

// Search returns the notes that have every word of query in title, tags or text, the best ones first: at first those with
// all words in title and tags. A word is found by its beginning, in any case, with its accents or without. "#tag" and "tag:tag"
// leave over the notes with such a tag, which may be its beginning, too. There are at most 100 notes.
func (f *Folder) Search(ctx context.Context, query string) ([]Note, error) {
	q := parse(query)
	if len(q.words)+len(q.tags) == 0 {
		return nil, api.Errorf(api.InvalidInput, "there is nothing to search for; give one or more words")
	}
	list, err := f.ask(ctx, func(ix *index) ([]string, error) { return ix.search(ctx, q) })
	if err != nil || len(list) == 0 {
		return list, err
	}
	return f.quote(ctx, list, maxFound, func(_ Note, body string) string { return snippet(body, q.words) })
}

// quote gives notes the snippets of their texts, up to limit of them that can still be read.
func (f *Folder) quote(ctx context.Context, list []Note, limit int, snippet func(n Note, body string) string) ([]Note, error) {
	root, err := f.open()
	if errors.Is(err, fs.ErrNotExist) {
		return []Note{}, nil // it went away since
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	found := list[:0]
	for _, n := range list {
		if len(found) == limit {
			break
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rel, err := filepath.Rel(f.dir, n.Path)
		if err != nil {
			return nil, err
		}
		text, err := readText(root, rel)
		if err != nil {
			continue // it went away or changed since it was indexed
		}
		_, body := split(text)
		n.Snippet = snippet(n, body)
		found = append(found, n)
	}
	return found, nil
}

// snippet is the line with most of the words in it, cut around the first of them.
func snippet(body string, sought []string) string {
	line, _ := best(body, sought, func(string) bool { return false })
	return around(line, sought, maxSnippet)
}

// best is the line with most of the words in it, and how many these are; the first line where none has any.
func best(body string, sought []string, known func(line string) bool) (best string, most int) {
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		if known(line) {
			continue
		}
		folded, n := words(line), 0
		for _, w := range sought {
			if strings.Contains(folded, w) {
				n++
			}
		}
		if n > most || best == "" {
			best, most = line, n
		}
		if n == len(sought) && best != "" {
			break
		}
	}
	return best, most
}

// around cuts a line to limit runes, with the first of the words in it.
func around(line string, sought []string, limit int) string {
	runes := []rune(line)
	if len(runes) <= limit {
		return line
	}
	at := place(runes, sought)
	if at < limit/2 {
		return cut(line, limit)
	}
	return "…" + cut(string(runes[at-limit/4:]), limit-1)
}

// place is where the first of the words begins; 0 where there is none near enough to look for.
func place(runes []rune, sought []string) int {
	const far, longest = 1 << 14, 64
	for i := range min(len(runes), far) {
		if i > 0 && inWord(runes[i-1]) && runes[i] < 0x2E80 || !inWord(runes[i]) { // from there on scripts have no spaces
			continue
		}
		rest := words(string(runes[i:min(len(runes), i+longest)]))
		if slices.ContainsFunc(sought, func(w string) bool { return strings.HasPrefix(rest, w) }) {
			return i
		}
	}
	return 0
}
