// Package capture takes pictures of the screen: by the desktop portal, by the compositor's own protocols
// (ext-image-copy-capture, wlr-screencopy), and by grim where nothing else works.
//
// A Screen has no state; every request lives in its caller's goroutine, which alone reads from the connection
// that it makes, and what it executes has ended when it returns. The package must not know what a picture is
// taken for.
package capture

import (
	"context"
	"fmt"
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
	// Forbidden is the api.Denied error of a person who has said no before, for good.
	Forbidden(ctx context.Context) error
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
	var made desk.Capture
	part, err := s.begin(ctx, r)
	if err != nil {
		return made, err
	}
	portal := way{"portal", func() (err error) { made, err = s.viaPortal(ctx); return err }}
	direct := way{"in process", func() (err error) { made, err = s.save(s.copy(ctx, part)); return err }}
	grim := way{"grim", func() (err error) { made, err = s.viaGrim(ctx, part); return err }}
	ways := []way{portal, direct, grim}
	if !part.whole() {
		ways = ways[1:] // the portal knows whole screens only
	}
	made.Why, err = first(ways)
	return made, err
}

// Picture implements desk.Screen. The portal comes after the compositor's own protocols here: it writes a file for
// every picture, which takes longer than all else together, and does not say what the picture shows.
func (s *Screen) Picture(ctx context.Context, r desk.CaptureRequest) (desk.Picture, error) {
	var made desk.Picture
	part, err := s.begin(ctx, r)
	if err != nil {
		return made, err
	}
	direct := way{"in process", func() (err error) { made, err = s.copy(ctx, part); return err }}
	loaded := func(c desk.Capture, err error) error { made, err = s.load(ctx, part, c, err); return err }
	portal := way{"portal", func() error { return loaded(s.viaPortal(ctx)) }}
	grim := way{"grim", func() error { return loaded(s.viaGrim(ctx, part)) }}
	ways := []way{direct, portal, grim}
	if !part.whole() {
		ways = []way{direct, grim}
	}
	made.Why, err = first(ways)
	return made, err
}

// begin finds out what is meant and makes room for it.
func (s *Screen) begin(ctx context.Context, r desk.CaptureRequest) (part, error) {
	p, err := s.part(ctx, r)
	if err != nil {
		return part{}, err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return part{}, api.Errorf(api.Failed, "pictures can't be kept: correct the permissions above %s: %w", s.dir, err)
	}
	return p, s.portal.Forbidden(ctx)
}

// way is one of those to a picture.
type way struct {
	name string
	take func() error
}

// first goes the ways in their order until one leads to a picture, and says what was wrong with those before it.
func first(ways []way) (why string, err error) {
	var failed error
	for _, w := range ways {
		err := w.take()
		switch {
		case err == nil && failed == nil:
			return "", nil
		case err == nil:
			return fmt.Sprintf("%v; used %s", failed, w.name), nil
		case final(err):
			return "", err
		case failed == nil:
			failed = fmt.Errorf("%s: %w", w.name, err)
		default:
			failed = fmt.Errorf("%w; %s: %w", failed, w.name, err)
		}
	}
	return "", api.Errorf(api.Unavailable, "the screen can't be captured: "+
		"make the screenshot portal work, or install grim on a wlroots compositor or Hyprland (%w)", failed)
}

// final says whether trying another way would go against a person's word, be for nobody, or be asked the same wrong
// question.
func final(err error) bool {
	switch api.CodeOf(err) {
	case api.Cancelled, api.Denied, api.NotFound, api.InvalidInput:
		return true
	}
	return false
}

// part is what of the screen is meant; the zero value is all of it.
type part struct {
	output string
	region *desk.Region
}

func (p part) whole() bool { return p == part{} }

func (s *Screen) part(ctx context.Context, r desk.CaptureRequest) (part, error) {
	switch given := count(r.Output != "", r.Region != nil, r.Window != ""); {
	case given > 1:
		return part{}, api.Errorf(api.InvalidInput, "output, region and window exclude each other: give one of them")
	case r.Window != "":
		place, visible, err := s.places.Place(ctx, r.Window)
		if err != nil {
			return part{}, err
		}
		if !visible {
			return part{}, api.Errorf(api.Unavailable, "window %s is on a workspace that is not shown: focus it first", r.Window)
		}
		r.Region = &place
	}
	if region := r.Region; region != nil && (region.Width <= 0 || region.Height <= 0) {
		return part{}, api.Errorf(api.InvalidInput, "a region of %d×%d has nothing in it: give a width and a height above 0", region.Width, region.Height)
	}
	return part{r.Output, r.Region}, nil
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
