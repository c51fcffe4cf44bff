package skills

import (
	"context"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

type captureIn struct {
	Output string       `json:"output,omitempty" jsonschema:"name of one output, such as eDP-1; without any of the three: everything"`
	Region *desk.Region `json:"region,omitempty" jsonschema:"a rectangle in logical pixels of the whole desktop"`
	Window string       `json:"window,omitempty" jsonschema:"id of one window as list_windows gives it"`
}

type captureOut struct {
	Path   string `json:"path"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Via    string `json:"via"`
	Why    string `json:"why,omitempty"`
}

// captureLimit: the first portal screenshot may show a dialog that a person has to answer.
const captureLimit = 60 * time.Second

func screen(d Deps) ([]*Skill, error) {
	var c collect
	folder := captures{d.Captures}
	capture := c.add(define(api.Skill{
		ID: "capture_screen", Title: "Take a screenshot",
		Description: "Takes a screenshot of everything, one output, one window or a region, and keeps it as a private " +
			"PNG file for an hour. Use it when the user asks for a screenshot. Returns the file's path and size in pixels.",
		Risk: api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, in captureIn) (captureOut, error) {
		if err := in.check("capture_screen"); err != nil {
			return captureOut{}, err
		}
		shot, err := d.Desk.Screen.Capture(ctx, desk.CaptureRequest(in))
		if err != nil {
			return captureOut{}, err
		}
		path, err := folder.keep(shot.Path, time.Now())
		if err != nil {
			return captureOut{}, err
		}
		return captureOut{path, shot.Width, shot.Height, shot.Via, shot.Why}, nil
	}))
	capture.Did, capture.Limit = "took a screenshot", captureLimit
	return c.done()
}

func (in captureIn) check(skill string) error {
	given := 0
	for _, set := range []bool{in.Output != "", in.Region != nil, in.Window != ""} {
		if set {
			given++
		}
	}
	if given > 1 {
		return api.Errorf(api.InvalidInput, "%s takes one of output, region and window; leave the others out", skill)
	}
	if r := in.Region; r != nil && (r.Width <= 0 || r.Height <= 0) {
		return api.Errorf(api.InvalidInput, "a region of %d×%d has no pixels; give it a width and a height above 0", r.Width, r.Height)
	}
	return nil
}
