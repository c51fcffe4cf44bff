package skills

import (
	"context"
	"strings"

	"nerva/core/api"
	"nerva/core/beneath"
	"nerva/core/desk"
)

type pathIn struct {
	Path string `json:"path" jsonschema:"a file, absolute or beginning with ~/"`
}

type openPathIn struct {
	Path string `json:"path" jsonschema:"a file or folder, absolute or beginning with ~/"`
}

type pathOut struct {
	Path string `json:"path"`
}

type readFileOut struct {
	Path      string `json:"path"`
	Text      string `json:"text"`
	Truncated bool   `json:"truncated,omitempty"`
}

type writeFileIn struct {
	Path string `json:"path" jsonschema:"the file, absolute or beginning with ~/"`
	Text string `json:"text" jsonschema:"the whole new content"`
}

type deleteFileOut struct {
	Path  string `json:"path"`
	Trash string `json:"trash"`
}

// maxWords bounds what each name is compared with.
const maxWords = 32

type searchFilesIn struct {
	Query string `json:"query" jsonschema:"at most 32 words that must all occur in the file's name"`
}

type searchFilesOut struct {
	Files     []beneath.File `json:"files"`
	Truncated bool           `json:"truncated,omitempty"`
}

func files(d Deps) ([]*Skill, error) {
	var c collect
	inFiles := func() *beneath.Tree { return d.Places().Files }
	read := c.add(define(api.Skill{
		ID: "read_file", Title: "Read a file",
		Description: "Gives the text of one file, of a long one the first mebibyte. Use search_files to find its path. The user is asked first.",
		Risk:        api.Caution, Effect: api.Observe, Untrusted: true,
	}, func(_ context.Context, in pathIn) (readFileOut, error) {
		text, cut, err := inFiles().ReadText(in.Path)
		return readFileOut{in.Path, text, cut}, err
	}))
	read.takesIn("files", "read a file")
	read.Resolve = resolver(inFiles, beneath.Read)
	write := c.add(define(api.Skill{
		ID: "write_file", Title: "Write a file",
		Description: "Makes a text the whole content of a file, which is made if it is missing; its folder must exist. What the file held before is lost. The user is asked first.",
		Risk:        api.Dangerous, Effect: api.Write,
	}, func(_ context.Context, in writeFileIn) (pathOut, error) {
		return pathOut{in.Path}, inFiles().WriteFile(in.Path, in.Text)
	}))
	write.Resolve, write.Writes = resolver(inFiles, beneath.Write), true
	c.add(define(api.Skill{
		ID: "delete_file", Title: "Move a file to the trash",
		Description: "Moves a file or folder to the trash, from which the user can take it back. The user is asked first. Returns where it is now.",
		Risk:        api.Dangerous, Effect: api.Write,
	}, func(_ context.Context, in openPathIn) (deleteFileOut, error) {
		where, err := inFiles().Trash(in.Path)
		return deleteFileOut{in.Path, where}, err
	})).Resolve = resolver(inFiles, beneath.Remove)
	c.add(define(api.Skill{
		ID: "search_files", Title: "Search files",
		Description: "Finds the user's files by words of their name and gives path, name, size in bytes and time of the last change of up to 100, newest first.",
		Risk:        api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, in searchFilesIn) (searchFilesOut, error) {
		words := strings.Fields(in.Query)
		switch {
		case len(words) == 0:
			return searchFilesOut{}, required("query", "")
		case len(words) > maxWords:
			return searchFilesOut{}, api.Errorf(api.InvalidInput, "query has %d words, and at most %d are looked for; leave some out", len(words), maxWords)
		}
		found, more, err := inFiles().Find(ctx, words)
		return searchFilesOut{found, more}, err
	})).takesIn("files", "searched the files")
	c.add(define(api.Skill{
		ID: "open_path", Title: "Open a file or folder",
		Description: "Opens a file or folder with the application the user prefers for it. The user is asked first. Returns the absolute path.",
		Risk:        api.Caution, Effect: api.Local,
	}, func(ctx context.Context, in openPathIn) (pathOut, error) {
		file, err := d.Places().Anywhere.OpenAny(in.Path)
		if err != nil {
			return pathOut{}, err
		}
		defer func() { _ = file.Close() }()
		return pathOut(in), d.Desk.Opener.Open(ctx, file, token(ctx, d.Desk.Tokens))
	})).Resolve = resolver(func() *beneath.Tree { return d.Places().Anywhere }, beneath.Read)
	return c.done()
}

// token: a compositor without xdg-activation opens the window too, only without the focus.
func token(ctx context.Context, t desk.Tokens) string {
	token, err := t.Token(ctx, "")
	if err != nil {
		return ""
	}
	return token
}
