package capture

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/sockets"
	"nerva/wayland/internal/tool"
)

// grim is its own arguments for the part.
func (p part) grim() []string {
	switch {
	case p.output != "":
		return []string{"-o", p.output}
	case p.region != nil:
		return []string{"-g", fmt.Sprintf("%d,%d %dx%d", p.region.X, p.region.Y, p.region.Width, p.region.Height)}
	}
	return nil
}

func (s *Screen) viaGrim(ctx context.Context, p part) (desk.Capture, error) {
	env, err := sockets.Environ()
	if err != nil {
		return desk.Capture{}, err
	}
	file, err := s.newFile()
	if err != nil {
		return desk.Capture{}, err
	}
	path := file.Name()
	if err := file.Close(); err != nil {
		return desk.Capture{}, errors.Join(s.unkept(err), os.Remove(path))
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	// Level 1 of compression takes a third of the time of the default, for a file half as large again.
	argv := append([]string{"grim", "-l", "1"}, p.grim()...)
	_, err = tool.Run(ctx, tool.Command{Argv: append(argv, "--", path), Package: "grim", Env: env})
	if err != nil {
		return desk.Capture{}, errors.Join(p.mend(err), os.Remove(path))
	}
	return measure(desk.Capture{Path: path, Via: "grim"})
}

// mend classes what grim said (grim, main.c).
func (p part) mend(err error) error {
	said := err.Error()
	switch {
	case strings.Contains(said, "unknown output"):
		return p.noOutput(err)
	case strings.Contains(said, "did not intersect"):
		return p.outside(err)
	case strings.Contains(said, "compositor doesn't support"):
		return api.Errorf(api.Unavailable, "this compositor lets no program copy its screen: install its portal backend: %w", err)
	default:
		return err
	}
}

func (p part) noOutput(err error) error {
	return api.Errorf(api.NotFound, "there is no output %q: take a name from list_windows: %w", p.output, err)
}

func (p part) outside(err error) error {
	r := p.region
	return api.Errorf(api.InvalidInput, "the region %d,%d %dx%d lies outside every output: %w", r.X, r.Y, r.Width, r.Height, err)
}
