// Package capture takes pictures of the screen: by the desktop portal where it can, by grim
// (wlr-screencopy) where it must.
//
// A Screen has no state; every request lives in its caller's goroutine, and what it executes has ended
// when it returns. The package must not know what a picture is taken for.
package capture

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

// portalLimit is how long the portal may take: a first request may show a dialog that asks the user.
const portalLimit = 15 * time.Second

// Portal takes a picture of the whole screen into a new private PNG file in dir. The error's code is
// api.Cancelled or api.Denied where a person said no.
type Portal interface {
	Screenshot(ctx context.Context, dir string) (path string, err error)
}

// Places tells where a window's content lies, in logical pixels of the global space, and whether its
// workspace is shown.
type Places interface {
	Place(ctx context.Context, window string) (place desk.Region, visible bool, err error)
}

// Screen implements desk.Screen.
type Screen struct {
	dir    string
	portal Portal
	places Places
}

// New returns a Screen that leaves its pictures in dir, which it makes (0700) where it is missing.
func New(dir string, portal Portal, places Places) *Screen { return &Screen{dir, portal, places} }

// Capture implements desk.Screen. The picture of a window is that of its place on the screen, with
// whatever lies above it; a window on a hidden workspace has none and is api.Unavailable.
func (s *Screen) Capture(ctx context.Context, r desk.CaptureRequest) (desk.Capture, error) {
	part, err := s.part(ctx, r)
	if err != nil {
		return desk.Capture{}, err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return desk.Capture{}, api.Errorf(api.Failed, "pictures can't be kept: correct the permissions above %s: %w", s.dir, err)
	}
	if len(part) > 0 {
		// The portal knows whole screens only; cutting one up would need each output's scale.
		return s.viaGrim(ctx, part, "the portal gives whole screens only; used grim")
	}
	picture, err := s.viaPortal(ctx)
	if err == nil || final(err) {
		return picture, err
	}
	picture, second := s.viaGrim(ctx, nil, fmt.Sprintf("portal: %v; used grim", err))
	if second != nil && !final(second) {
		return desk.Capture{}, api.Errorf(api.Unavailable,
			"the screen can't be captured: make the screenshot portal work, or install grim on a wlroots compositor or Hyprland (portal: %w; grim: %w)", err, second)
	}
	return picture, second
}

// final says whether trying another way would go against a person's word, or be for nobody.
func final(err error) bool {
	code := api.CodeOf(err)
	return code == api.Cancelled || code == api.Denied
}

// part returns grim's arguments for the part of the screen that r means, none for all of it.
func (s *Screen) part(ctx context.Context, r desk.CaptureRequest) ([]string, error) {
	region := r.Region
	switch given := count(r.Output != "", r.Region != nil, r.Window != ""); {
	case given > 1:
		return nil, api.Errorf(api.InvalidInput, "output, region and window exclude each other: give one of them")
	case r.Output != "":
		return []string{"-o", r.Output}, nil
	case r.Window != "":
		place, visible, err := s.places.Place(ctx, r.Window)
		if err != nil {
			return nil, err
		}
		if !visible {
			return nil, api.Errorf(api.Unavailable, "window %s is on a workspace that is not shown: focus it first", r.Window)
		}
		region = &place
	}
	if region == nil {
		return nil, nil
	}
	if region.Width <= 0 || region.Height <= 0 {
		return nil, api.Errorf(api.InvalidInput, "a region of %d×%d has nothing in it: give a width and a height above 0", region.Width, region.Height)
	}
	return []string{"-g", fmt.Sprintf("%d,%d %dx%d", region.X, region.Y, region.Width, region.Height)}, nil
}

func count(conditions ...bool) (n int) {
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}

func (s *Screen) viaPortal(ctx context.Context) (desk.Capture, error) {
	ctx, cancel := context.WithTimeout(ctx, portalLimit)
	defer cancel()
	path, err := s.portal.Screenshot(ctx, s.dir)
	if err != nil {
		return desk.Capture{}, err
	}
	return measure(desk.Capture{Path: path, Via: "portal"})
}

// measure fills in the size of the picture at c.Path, and removes the file if it is no picture.
func measure(c desk.Capture) (desk.Capture, error) {
	f, err := os.Open(c.Path)
	if err != nil {
		return desk.Capture{}, fmt.Errorf("open the picture: %w", err)
	}
	defer f.Close()
	config, err := png.DecodeConfig(f)
	if err != nil {
		return desk.Capture{}, errors.Join(api.Errorf(api.Failed, "%s made no picture: try again: %w", c.Via, err), os.Remove(c.Path))
	}
	c.Width, c.Height = config.Width, config.Height
	return c, nil
}
