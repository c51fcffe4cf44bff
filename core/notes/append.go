package notes

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"nerva/core/api"
	"nerva/core/beneath"
)

// attempts is how often a text is added anew where another program saves the note at the same time.
const attempts = 3

// Append adds text at the end of a note, named as for Find, and returns its path. All that stands in the note stays, byte
// for byte. The error is api.Busy where another program keeps on saving the note, which is then as that one has it.
func (f *Folder) Append(ctx context.Context, name, text string) (path string, err error) {
	text, err = tidy(text)
	if err != nil {
		return "", err
	}
	note, err := f.Find(ctx, name)
	if err != nil {
		return "", err
	}
	return note.Path, f.append(ctx, note.Path, text)
}

func (f *Folder) append(ctx context.Context, path, text string) error {
	files := f.o.Files()
	real, err := files.Resolve(path, beneath.Write)
	if err != nil {
		return err
	}
	last := "" // what the attempt before made
	for range attempts {
		if err := ctx.Err(); err != nil {
			return err
		}
		err = files.Edit(real, func(note string) (made string, err error) {
			if last != "" && strings.HasPrefix(note, last) {
				return "", errTaken
			}
			made, err = appended(note, text)
			last = made
			return made, err
		})
		if api.CodeOf(err) != api.Busy {
			break
		}
	}
	if err == nil || errors.Is(err, errTaken) {
		f.changed()
		return nil
	}
	return err
}

// errTaken says that another program has saved on top of an attempt that was undone: the text is in the note already.
var errTaken = errors.New("the text is there")

// changed has the index and Run look at the folder.
func (f *Folder) changed() {
	f.changes.Add(1)
	select {
	case f.added <- struct{}{}:
	default:
	}
}

// tidy takes off what surrounds a text, and refuses one that can't be a note's.
func tidy(text string) (string, error) {
	text = strings.Trim(strings.ToValidUTF8(text, "\uFFFD"), "\r\n")
	switch {
	case strings.TrimSpace(text) == "":
		return "", api.Errorf(api.InvalidInput, "there is nothing to add; give it some text")
	case strings.ContainsRune(text, 0):
		return "", api.Errorf(api.InvalidInput, "the text has a zero byte in it; give it text only")
	}
	return strings.ReplaceAll(text, "\r\n", "\n"), nil
}

// item is a line of a list.
// https://spec.commonmark.org/0.31.2/#list-items
var item = regexp.MustCompile(`^\s*(?:[-*+]|\d{1,9}[.)])\s`)

// appended is a note with text behind all that it has, in paragraphs of its own, or as items of the list that is there, in the
// note's kind of line ends.
func appended(note, text string) (string, error) {
	end := "\n"
	if first, _, ok := strings.Cut(note, "\n"); ok && strings.HasSuffix(first, "\r") {
		end = "\r\n"
	}
	gap := ""
	if trimmed := strings.TrimRight(note, " \t\r\n"); trimmed != "" && trimmed != "\uFEFF" {
		if !strings.HasSuffix(note, "\n") {
			gap = end
		}
		last := trimmed[strings.LastIndexByte(trimmed, '\n')+1:]
		blank := strings.Count(note[len(trimmed):], "\n") > 1
		if !blank && (!item.MatchString(last) || !item.MatchString(text)) {
			gap += end
		}
	}
	made := note + gap + strings.ReplaceAll(text, "\n", end) + end
	if len(made) > maxNote {
		return "", api.Errorf(api.InvalidInput, "the note would be larger than 1 MiB; begin another one")
	}
	return made, nil
}
