package notes

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode"

	"nerva/core/api"
)

// maxSlug is how long the words of a file name may be, in bytes; with date and number it stays far below
// the 255 that file systems take.
const maxSlug = 60

// Add writes a new note and returns its path. With a title the note begins with it as a heading. The
// folder is created where it is missing. An existing file is never touched: the name is the date and the
// first words, with a number where it is taken.
func (f *Folder) Add(ctx context.Context, text, title string) (path string, err error) {
	text, title = strings.TrimSpace(text), strings.Join(strings.Fields(title), " ")
	switch {
	case text == "" && title == "":
		return "", api.Errorf(api.InvalidInput, "the note is empty; give it some text")
	case len(text)+len(title) > maxNote-10:
		return "", api.Errorf(api.InvalidInput, "the note is larger than 1 MiB; split it")
	case strings.ContainsRune(text+title, 0):
		return "", api.Errorf(api.InvalidInput, "the note has a zero byte in it; give it text only")
	}
	text = strings.ToValidUTF8(text, "\uFFFD") + "\n"
	if title != "" {
		text = strings.TrimRight("# "+strings.ToValidUTF8(title, "\uFFFD")+"\n\n"+text, "\n") + "\n"
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	rel, err := f.add(text, title)
	if err != nil {
		return "", err
	}
	return filepath.Join(f.dir, rel), nil
}

// add makes the note under the first free name.
func (f *Folder) add(text, title string) (rel string, err error) {
	name := f.now().Format("2006-01-02") + slug(title, text)
	for i := 1; i < 10_000; i++ {
		rel = name + ".md"
		if i > 1 {
			rel = fmt.Sprintf("%s-%d.md", name, i)
		}
		if err = f.create(rel, text); !errors.Is(err, fs.ErrExist) {
			return rel, err
		}
	}
	return "", api.Errorf(api.Failed, "all names %s-N.md are taken; give the note another title", name)
}

// slug makes a file name's words of the title or the first line: "-buy-milk".
func slug(title, text string) string {
	if title == "" {
		title, _, _ = strings.Cut(text, "\n")
	}
	var b strings.Builder
	gap := true
	for _, r := range strings.ToLower(title) {
		if b.Len() >= maxSlug {
			break
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
