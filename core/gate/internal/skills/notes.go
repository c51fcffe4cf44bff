package skills

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"

	"nerva/core/api"
	"nerva/core/beneath"
	"nerva/core/paths"
)

type addNoteIn struct {
	Text  string `json:"text" jsonschema:"what to write down, Markdown"`
	Title string `json:"title,omitempty" jsonschema:"a short title; without one the text's first line serves"`
	To    string `json:"to,omitempty" jsonschema:"instead of a new note, add the text at the end of this one: its path, title or file name, or daily for today's note"`
}

type addNoteOut struct {
	Path string `json:"path"`
}

type searchNotesIn struct {
	Query string `json:"query" jsonschema:"words, or beginnings of words, that must all occur, and tags as #tag"`
}

type readNoteIn struct {
	Path string `json:"path" jsonschema:"path of the note as list_notes or search_notes gives it"`
}

type readNoteOut struct {
	Path  string `json:"path"`
	Title string `json:"title"`
	Text  string `json:"text"`
	// LinkedFrom are the notes with a link to this one.
	LinkedFrom []noteLink `json:"linked_from,omitempty"`
}

type noteLink struct {
	Path  string `json:"path"`
	Title string `json:"title"`
}

type editNoteIn struct {
	Path    string `json:"path" jsonschema:"path of the note as list_notes or search_notes gives it"`
	Text    string `json:"text,omitempty" jsonschema:"what to add at the end of the note"`
	Find    string `json:"find,omitempty" jsonschema:"instead of text: words that stand in the note exactly once"`
	Replace string `json:"replace,omitempty" jsonschema:"what to put in the place of find; without it find is taken out"`
}

type notesOut struct {
	Notes []Note `json:"notes"`
}

func notes(d Deps) ([]*Skill, error) {
	var c collect
	inNotes := func() *beneath.Tree { return d.Places().Notes }
	add := c.add(define(api.Skill{
		ID: "add_note", Title: "Add a note",
		Description: "Writes a new note into the user's folder of notes, or adds text at the end of one with to. Use it when the user wants something noted or remembered. Returns the file's path.",
		Risk:        api.Safe, Effect: api.Local,
	}, func(ctx context.Context, in addNoteIn) (addNoteOut, error) {
		if err := required("text", in.Text); err != nil {
			return addNoteOut{}, err
		}
		path, err := in.add(ctx, d.Notes)
		return addNoteOut{path}, err
	}))
	add.Writes = true
	add.Resolve = func(input json.RawMessage) (json.RawMessage, error) {
		input, err := rewrite(input, "to", inFolder(d, beneath.Write))
		if err != nil {
			return nil, err
		}
		return input, inNotes().Takes()
	}
	c.add(define(api.Skill{
		ID: "list_notes", Title: "List notes",
		Description: "Lists the user's notes, newest first, with path, title, tags and time of the last change. Texts come from read_note.",
		Risk:        api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, _ nothing) (notesOut, error) {
		list, err := d.Notes.List(ctx)
		return found(inNotes(), list), err
	})).takesIn("notes", "read the list of notes")
	c.add(define(api.Skill{
		ID: "search_notes", Title: "Search notes",
		Description: "Finds notes by words of their text, title or tags; #tag leaves over those with the tag. Returns path, title and a snippet of each, best first.",
		Risk:        api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, in searchNotesIn) (notesOut, error) {
		if err := required("query", in.Query); err != nil {
			return notesOut{}, err
		}
		list, err := d.Notes.Search(ctx, in.Query)
		return found(inNotes(), list), err
	})).takesIn("notes", "searched the notes")
	read := c.add(define(api.Skill{
		ID: "read_note", Title: "Read a note",
		Description: "Gives the whole text of one note. Use list_notes or search_notes first to find its path.",
		Risk:        api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, in readNoteIn) (readNoteOut, error) {
		if err := required("path", in.Path); err != nil {
			return readNoteOut{}, err
		}
		note, err := d.Notes.Find(ctx, in.Path)
		if err != nil {
			return readNoteOut{}, err
		}
		if !filepath.IsAbs(in.Path) { // a title
			if in.Path, err = inNotes().Resolve(note.Path, beneath.Read); err != nil {
				return readNoteOut{}, err
			}
		}
		text, _, err := inNotes().ReadText(in.Path) // a note is never so long that it is cut
		if err != nil {
			return readNoteOut{}, err
		}
		others, err := d.Notes.Linked(ctx, note.Path)
		out := readNoteOut{in.Path, note.Title, text, nil}
		for _, n := range found(inNotes(), others).Notes {
			out.LinkedFrom = append(out.LinkedFrom, noteLink{n.Path, n.Title})
		}
		return out, err
	}))
	read.takesIn("notes", "read a note")
	read.Resolve = func(input json.RawMessage) (json.RawMessage, error) {
		return rewrite(input, "path", inFolder(d, beneath.Read))
	}
	edit := c.add(define(api.Skill{
		ID: "edit_note", Title: "Change a note",
		Description: "Adds text at the end of a note, or replaces one place in it. Use read_note first: what is to be replaced must stand in the note exactly once. The user is asked first.",
		Risk:        api.Caution, Effect: api.Write,
	}, func(ctx context.Context, in editNoteIn) (pathOut, error) {
		if err := in.check(); err != nil {
			return pathOut{}, err
		}
		if _, err := d.Notes.Find(ctx, in.Path); err != nil {
			return pathOut{}, err
		}
		return pathOut{in.Path}, inNotes().Edit(in.Path, in.change)
	}))
	edit.Resolve, edit.Writes = resolver(inNotes, beneath.Write), true
	edit.Shares = "notes" // whether something can be replaced says whether it is there
	return c.done()
}

// daily is what add_note's argument to has for today's note.
const daily = "daily"

func (in addNoteIn) add(ctx context.Context, notes NoteWriter) (path string, err error) {
	switch {
	case in.To == "":
		return notes.Add(ctx, in.Text, in.Title)
	case in.Title != "":
		return "", api.Errorf(api.InvalidInput, "a title is for a new note, and to names one that is there; give one of them")
	case in.To == daily:
		return notes.Daily(ctx, in.Text)
	}
	return notes.Append(ctx, in.To, in.Text)
}

// inFolder resolves the path of a note and leaves a title, or a path within the folder, as it is.
func inFolder(d Deps, use beneath.Use) func(name string) (string, error) {
	return func(path string) (string, error) {
		if !filepath.IsAbs(paths.Expand(d.Home, path)) {
			return path, nil
		}
		return d.Places().Notes.Resolve(path, use)
	}
}

func (in editNoteIn) check() error {
	if (in.Text == "") == (in.Find == "") || in.Text != "" && in.Replace != "" {
		return api.Errorf(api.InvalidInput, "edit_note takes either text, to add, or find and replace; give one of them")
	}
	return nil
}

// change never loses text that find does not name: whoever knows an older version of the note finds nothing.
func (in editNoteIn) change(note string) (string, error) {
	if in.Find == "" {
		return strings.TrimRight(note, "\n") + "\n\n" + strings.TrimRight(in.Text, "\n") + "\n", nil
	}
	if n := strings.Count(note, in.Find); n != 1 {
		return "", api.Errorf(api.InvalidInput, "%.80q stands in the note %d times; read it again and give words that stand there once", in.Find, n)
	}
	return strings.Replace(note, in.Find, in.Replace, 1), nil
}

// found leaves out what is protected, where the folder of notes lies around or in such: titles and snippets are read from
// files, too. It makes empty lists of none: a script that counts them must not meet null.
func found(tree *beneath.Tree, list []Note) notesOut {
	shows := tree.Shows()
	out := notesOut{[]Note{}}
	for _, note := range list {
		if !shows(note.Path) {
			continue
		}
		if note.Tags == nil {
			note.Tags = []string{}
		}
		out.Notes = append(out.Notes, note)
	}
	return out
}
