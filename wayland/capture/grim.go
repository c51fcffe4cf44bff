package capture

import (
	"context"
	"errors"
	"os"
	"strings"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/sockets"
	"nerva/wayland/internal/tool"
)

// viaGrim has grim take a picture; part chooses what of, with grim's own arguments.
func (s *Screen) viaGrim(ctx context.Context, part []string, why string) (desk.Capture, error) {
	env, err := sockets.Environ()
	if err != nil {
		return desk.Capture{}, err
	}
	path, err := s.newFile()
	if err != nil {
		return desk.Capture{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	// Level 1 of compression takes a third of the time of the default, for a file half as large again.
	argv := append([]string{"grim", "-l", "1"}, part...)
	_, err = tool.Run(ctx, tool.Command{Argv: append(argv, "--", path), Package: "grim", Env: env})
	if err != nil {
		return desk.Capture{}, errors.Join(mend(err, part), os.Remove(path))
	}
	return measure(desk.Capture{Path: path, Via: "grim", Why: why})
}

// newFile makes the file that grim writes to, so that it is private before there is anything in it.
func (s *Screen) newFile() (string, error) {
	f, err := os.CreateTemp(s.dir, "screen-*.png") // 0600
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return "", api.Errorf(api.Failed, "the picture can't be kept: make room in %s or correct its permissions: %w", s.dir, err)
	}
	return f.Name(), nil
}

// mend classes what grim said (grim, main.c).
func mend(err error, part []string) error {
	said := err.Error()
	switch {
	case strings.Contains(said, "unknown output"):
		return api.Errorf(api.NotFound, "there is no output %q: take a name from list_windows: %w", part[1], err)
	case strings.Contains(said, "did not intersect"):
		return api.Errorf(api.InvalidInput, "the region %s lies outside every output: %w", part[1], err)
	case strings.Contains(said, "compositor doesn't support"):
		return api.Errorf(api.Unavailable, "this compositor lets no program copy its screen: install its portal backend: %w", err)
	default:
		return err
	}
}
