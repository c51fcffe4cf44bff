package daemon

import (
	"context"
	"path/filepath"

	"nerva/core/beneath"
	"nerva/core/config"
	"nerva/core/desk"
	"nerva/core/gate"
	"nerva/core/protected"
)

// ownFolders are nerva's own, which no skill touches, and what lies in them for skills to read.
type ownFolders struct{ own, handed []string }

func (o Options) ownFolders() ownFolders {
	return ownFolders{
		own:    []string{o.State, o.Cache, filepath.Dir(o.Paths.User), filepath.Dir(o.Paths.System)},
		handed: []string{o.captures()},
	}
}

// captures is where screenshots are kept that were handed out.
func (o Options) captures() string { return filepath.Join(o.Cache, "captures") }

// protect makes the list of what no skill touches under a configuration.
func (s *settings) protect(c config.Config) *protected.List {
	return protected.New(protected.Options{
		Home: s.home, Secrets: config.Expand(c.Secrets.Path), Keys: []string{config.Expand(c.LLM.APIKeyFile), config.Expand(c.LLM.Vision.APIKeyFile)},
		Own: s.folders.own, Handed: s.folders.handed,
	})
}

// arrange makes the folders in which paths may lie.
func (s *settings) arrange(c config.Config, list *protected.List) gate.Places {
	tree := func(roots ...string) *beneath.Tree { return beneath.New(s.home, roots, list) }
	return gate.Places{Files: tree(c.Files.Roots...), Notes: tree(c.Notes.Path), Anywhere: tree("/")}
}

func (s *settings) places() gate.Places { return s.now.Load().places }

// openPath opens a file or folder for a person who chose it.
func openPath(ctx context.Context, places gate.Places, opener desk.Opener, path, token string) error {
	path, err := places.Anywhere.Resolve(path, beneath.Read)
	if err != nil {
		return err
	}
	file, err := places.Anywhere.OpenAny(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return opener.Open(ctx, file, token)
}
