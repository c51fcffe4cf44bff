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

// Search returns the notes that have every word of query in title, tags or text, in any case: those with
// all words in the title or tags first, each part with the newest first.
func (f *Folder) Search(ctx context.Context, query string) ([]Note, error) {
	words := strings.Fields(strings.ToLower(query))
	if len(words) == 0 {
		return nil, api.Errorf(api.InvalidInput, "there is nothing to search for; give one or more words")
	}
	list, err := f.List(ctx)
	if err != nil {
		return nil, err
	}
	root, err := f.open()
	if errors.Is(err, fs.ErrNotExist) {
		return list, nil // empty
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	named, found := []Note{}, []Note{}
	for _, n := range list {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rel, err := filepath.Rel(f.dir, n.Path)
		if err != nil {
			return nil, err
		}
		text, err := readText(root, rel)
		if err != nil {
			continue // it went away or changed since it was listed
		}
		name := strings.ToLower(n.Title + " " + strings.Join(n.Tags, " "))
		_, body := split(text)
		switch {
		case containsAll(name, words):
			n.Snippet = snippet(body, words)
			named = append(named, n)
		case containsAll(name+"\n"+strings.ToLower(body), words):
			n.Snippet = snippet(body, words)
			found = append(found, n)
		}
	}
	return slices.Concat(named, found), nil
}

func containsAll(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// snippet is the line with most of the words in it, cut around the first of them.
func snippet(body string, words []string) string {
	best, most := "", 0
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		lower, n := strings.ToLower(line), 0
		for _, w := range words {
			if strings.Contains(lower, w) {
				n++
			}
		}
		if n > most || best == "" {
			best, most = line, n
		}
	}
	return around(best, words)
}

func around(line string, words []string) string {
	runes, lower := []rune(line), []rune(strings.ToLower(line))
	// ToLower may change the number of runes in rare scripts; then the start must do.
	if len(runes) <= maxSnippet || len(lower) != len(runes) {
		return cut(line, maxSnippet)
	}
	at := len(runes)
	for _, w := range words {
		if i := strings.Index(string(lower), w); i >= 0 {
			at = min(at, len([]rune(string(lower)[:i])))
		}
	}
	if at < maxSnippet/2 || at == len(runes) {
		return cut(line, maxSnippet)
	}
	return "…" + cut(string(runes[at-maxSnippet/4:]), maxSnippet-1)
}
