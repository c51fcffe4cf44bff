package skills

import (
	"context"

	"nerva/core/api"
)

type addNoteIn struct {
	Text  string `json:"text" jsonschema:"what to write down, Markdown"`
	Title string `json:"title,omitempty" jsonschema:"a short title; without one the text's first line serves"`
}

type addNoteOut struct {
	Path string `json:"path"`
}

type searchNotesIn struct {
	Query string `json:"query" jsonschema:"words that must all occur"`
}

type readNoteIn struct {
	Path string `json:"path" jsonschema:"path of the note as list_notes or search_notes gives it"`
}

type readNoteOut struct {
	Path  string `json:"path"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

type notesOut struct {
	Notes []Note `json:"notes"`
}

func notes(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "add_note", Title: "Add a note",
		Description: "Writes a new note into the user's folder of notes. Use it when the user wants something noted or remembered. Returns the new file's path.",
		Risk:        api.Safe, Effect: api.Local,
	}, func(ctx context.Context, in addNoteIn) (addNoteOut, error) {
		if err := required("text", in.Text); err != nil {
			return addNoteOut{}, err
		}
		path, err := d.Notes.Add(ctx, in.Text, in.Title)
		return addNoteOut{path}, err
	}))
	c.add(define(api.Skill{
		ID: "list_notes", Title: "List notes",
		Description: "Lists the user's notes, newest first, with path, title, tags and time of the last change. Texts come from read_note.",
		Risk:        api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, _ nothing) (notesOut, error) { return found(d.Notes.List(ctx)) })).takesIn("notes", "read the list of notes")
	c.add(define(api.Skill{
		ID: "search_notes", Title: "Search notes",
		Description: "Finds notes by words of their text or title. Returns path, title and a snippet of each, best first.",
		Risk:        api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, in searchNotesIn) (notesOut, error) {
		if err := required("query", in.Query); err != nil {
			return notesOut{}, err
		}
		return found(d.Notes.Search(ctx, in.Query))
	})).takesIn("notes", "searched the notes")
	c.add(define(api.Skill{
		ID: "read_note", Title: "Read a note",
		Description: "Gives the whole text of one note. Use list_notes or search_notes first to find its path.",
		Risk:        api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, in readNoteIn) (readNoteOut, error) {
		if err := required("path", in.Path); err != nil {
			return readNoteOut{}, err
		}
		title, text, err := d.Notes.Read(ctx, in.Path)
		return readNoteOut{in.Path, title, text}, err
	})).takesIn("notes", "read a note")
	return c.done()
}

// found makes empty lists of none: a script that counts them must not meet null.
func found(list []Note, err error) (notesOut, error) {
	if list == nil {
		list = []Note{}
	}
	for i := range list {
		if list[i].Tags == nil {
			list[i].Tags = []string{}
		}
	}
	return notesOut{list}, err
}
