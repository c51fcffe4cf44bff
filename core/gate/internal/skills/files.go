package skills

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/paths"
)

type openPathIn struct {
	Path string `json:"path" jsonschema:"a file or folder, absolute or beginning with ~/"`
}

type openPathOut struct {
	Path string `json:"path"`
}

func files(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "open_path", Title: "Open a file or folder",
		Description: "Opens a file or folder with the application the user prefers for it. The user is asked first. Returns the absolute path.",
		Risk:        api.Caution, Effect: api.Local,
	}, func(ctx context.Context, in openPathIn) (openPathOut, error) {
		path, err := existing(d.Home, in.Path)
		if err != nil {
			return openPathOut{}, err
		}
		return openPathOut{path}, d.Desk.Opener.Open(ctx, path, token(ctx, d.Desk.Tokens))
	}))
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

// existing makes path absolute and clean and sees that something is there.
func existing(home, path string) (string, error) {
	path = paths.Expand(home, path)
	if !filepath.IsAbs(path) {
		return "", api.Errorf(api.InvalidInput, "%q is no absolute path; begin it with / or ~/", path)
	}
	path = filepath.Clean(path)
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return "", api.Errorf(api.NotFound, "there is no file or folder %s; check the path", path)
	case err != nil:
		return "", api.Errorf(api.Failed, "%s can't be opened: %w; check its permissions", path, err)
	}
	return path, nil
}
