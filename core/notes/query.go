package notes

import (
	"context"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"nerva/core/api"
)

const (
	// maxFound is how many notes a search gives at most, the best ones.
	maxFound = 100
	// maxWords is how many words of a query count: each is a node of a tree whose depth SQLite bounds.
	maxWords = 32
)

// query is what a text asks for.
type query struct {
	words []string // folded, each as words gives it
	tags  []string // folded
}

// parse reads words and tags, written "#tag" or "tag:tag". Nothing is a syntax error.
func parse(text string) query {
	var q query
	for _, field := range strings.Fields(text) {
		if len(q.words)+len(q.tags) == maxWords {
			break
		}
		name, isTag := strings.CutPrefix(field, "#")
		if first, _ := utf8.DecodeRuneInString(name); isTag && !unicode.IsLetter(first) {
			isTag = false
		}
		if len(field) > 4 && strings.EqualFold(field[:4], "tag:") {
			name, isTag = strings.TrimPrefix(field[4:], "#"), true
		}
		if isTag && name != "" {
			q.tags = append(q.tags, strings.ToValidUTF8(strings.ReplaceAll(fold(name), "\x00", ""), ""))
			continue
		}
		if w := words(field); w != "" {
			q.words = append(q.words, w)
		}
	}
	return q
}

// match is the query in FTS5's language, in which the last word of each phrase is one's beginning.
func (q query) match() string {
	if len(q.words) == 0 {
		return ""
	}
	return `"` + strings.Join(q.words, `"* AND "`) + `"*`
}

// typed is the same while the query is typed: its last word alone is a beginning.
func (q query) typed() string {
	if len(q.words) == 0 {
		return ""
	}
	return `"` + strings.Join(q.words, `" AND "`) + `"*`
}

// fits is the part of a statement for the notes that fit; match is what their words must.
func (q query) fits(match string) (from string, args []any) {
	from = ` WHERE NOT skip`
	if len(q.words) > 0 {
		from = ` JOIN words ON words.rowid = note.id WHERE words MATCH ?`
		args = append(args, match)
	}
	for _, t := range q.tags {
		from += ` AND note.id IN (SELECT note FROM tag WHERE name >= ? AND name < ?)`
		args = append(args, t, t+string(unicode.MaxRune))
	}
	return from, args
}

// search gives the paths within the folder of the notes that fit, the best ones first.
func (ix *index) search(ctx context.Context, q query) ([]string, error) {
	from, args := q.fits(q.match())
	order := ``
	if len(q.words) > 0 {
		// A word counts in a title and in tags for as much as ten and eight times in the text, and all of them there for more
		// than any text.
		order = `note.id IN (SELECT rowid FROM words WHERE words MATCH ?) DESC, bm25(words, 10, 8, 1), `
		args = append(args, `{title tags} : (`+q.match()+`)`)
	}
	args = append(args, maxFound)
	return ix.paths(ctx, `SELECT path FROM note`+from+` ORDER BY `+order+`modified DESC, path LIMIT ?`, args...)
}

// linked gives the paths of the notes with a link to one of targets, the newest first.
func (ix *index) linked(ctx context.Context, targets []string) ([]string, error) {
	args := make([]any, len(targets))
	for i, t := range targets {
		args[i] = t
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ")
	return ix.paths(ctx, `SELECT path FROM note WHERE id IN (SELECT note FROM link WHERE target IN (`+marks+`)) ORDER BY modified DESC, path`, args...)
}

func (ix *index) paths(ctx context.Context, statement string, args ...any) ([]string, error) {
	rows, err := ix.db.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var rel string
		if err := rows.Scan(&rel); err != nil {
			return nil, err
		}
		list = append(list, rel)
	}
	return list, rows.Err()
}

// Linked returns the notes with a link to the note at path, or of this title, the newest first.
func (f *Folder) Linked(ctx context.Context, path string) ([]Note, error) {
	note, err := f.Find(ctx, path)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(f.dir, note.Path)
	if err != nil {
		return nil, api.Errorf(api.Failed, "find the links to %s: %w; check notes.path", path, err)
	}
	list, err := f.ask(ctx, func(ix *index) ([]string, error) { return ix.linked(ctx, keys(rel, note.Title)) })
	others := []Note{}
	for _, n := range list {
		if n.Path != note.Path {
			others = append(others, n)
		}
	}
	return others, err
}
