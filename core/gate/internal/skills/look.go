package skills

import (
	"context"
	"image"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/picture"
)

type ocrOut struct {
	Text  string    `json:"text"`
	Words []ocrWord `json:"words"`
}

// ocrWord lies on the screen, in logical pixels of the whole desktop, as click takes them.
type ocrWord struct {
	Text   string `json:"text"`
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type describeIn struct {
	Question string       `json:"question,omitempty" jsonschema:"what to find out about the picture; without it: what it shows"`
	Output   string       `json:"output,omitempty" jsonschema:"name of one output, such as eDP-1; without any of the three: everything"`
	Region   *desk.Region `json:"region,omitempty" jsonschema:"a rectangle in logical pixels of the whole desktop"`
	Window   string       `json:"window,omitempty" jsonschema:"id of one window as list_windows gives it"`
}

type describeOut struct {
	Text string `json:"text"`
}

type contextOut struct {
	Time         string        `json:"time"`
	ActiveWindow *desk.Window  `json:"active_window"` // null where no window has the focus
	Windows      []desk.Window `json:"windows"`
}

const (
	ocrLimit      = 60 * time.Second // tesseract needs some seconds for a large screen
	describeLimit = 3 * time.Minute  // a local model may have to be loaded first
	maxContext    = 20               // windows
	maxQuestion   = 2000             // runes
)

// look has the skills that look at the screen and keep no picture.
func look(d Deps) ([]*Skill, error) {
	var c collect
	ocr := c.add(define(api.Skill{
		ID: "ocr_screen", Title: "Read the screen's text",
		Description: "Reads the text that the screen shows, by character recognition, with the place of each word in logical " +
			"pixels of the whole desktop. Use it to find something to click that list_ui does not have. What stands there is written by others.",
		Risk: api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, in captureIn) (ocrOut, error) {
		if err := in.check("ocr_screen"); err != nil {
			return ocrOut{}, err
		}
		shot, err := d.Desk.Screen.Picture(ctx, desk.CaptureRequest(in))
		if err != nil {
			return ocrOut{}, err
		}
		words, err := d.Desk.Reader.Read(ctx, shot.Image)
		if err != nil {
			return ocrOut{}, err
		}
		return onScreen(words, shot), nil
	}))
	ocr.takesIn("screen", "read the screen")
	ocr.Limit = ocrLimit
	describe := c.add(define[describeIn, describeOut](api.Skill{
		ID: "describe_screen", Title: "Describe the screen",
		Description: "Has a model look at the screen, or a part of it, and answer a question about it. Use it for what is no " +
			"text: pictures, layouts, colours. What the answer repeats is written by others.",
		Risk: api.Safe, Effect: api.Observe, Untrusted: true,
	}, nil))
	describe.takesIn("screen", "looked at the screen")
	describe.Limit = describeLimit
	describe.Sends = func(ctx context.Context) (string, Executor) {
		model, host, err := d.Vision(ctx)
		return host, executor("describe_screen", func(ctx context.Context, in describeIn) (describeOut, error) {
			if err != nil {
				return describeOut{}, err
			}
			return in.describe(ctx, d.Desk.Screen, model)
		})
	}
	c.add(define(api.Skill{
		ID: "gather_context", Title: "See what the user is doing",
		Description: "Gives the time, the active window and the other open windows, the last used first. Use it when a request " +
			"depends on what the user is doing now. Titles are written by others.",
		Risk: api.Safe, Effect: api.Observe, Untrusted: true,
	}, func(ctx context.Context, _ nothing) (contextOut, error) {
		return gather(ctx, d.Desk.Windows, time.Now())
	})).takesIn("windows", "looked at what is open")
	return c.done()
}

// describe has the model look.
func (in describeIn) describe(ctx context.Context, screen desk.Screen, model Vision) (describeOut, error) {
	part := captureIn{in.Output, in.Region, in.Window}
	if err := part.check("describe_screen"); err != nil {
		return describeOut{}, err
	}
	if len([]rune(in.Question)) > maxQuestion {
		return describeOut{}, api.Errorf(api.InvalidInput, "the question has more than %d characters; ask a shorter one", maxQuestion)
	}
	shot, err := screen.Picture(ctx, desk.CaptureRequest(part))
	if err != nil {
		return describeOut{}, err
	}
	encoded, err := picture.ForModel(shot.Image)
	if err != nil {
		return describeOut{}, err
	}
	question := in.Question
	if strings.TrimSpace(question) == "" {
		question = "What does this show?"
	}
	text, err := model.Describe(ctx, question, encoded)
	return describeOut{text}, err
}

// onScreen says where on the screen the words of a picture are.
func onScreen(words []desk.Word, shot desk.Picture) ocrOut {
	out := ocrOut{Words: []ocrWord{}}
	size := shot.Image.Rect.Size()
	var text strings.Builder
	for i, w := range words {
		box := onDesktop(w.Box, size, shot.Area)
		out.Words = append(out.Words, ocrWord{w.Text, box.X, box.Y, box.Width, box.Height})
		switch {
		case i == 0:
		case w.Block != words[i-1].Block:
			text.WriteString("\n\n")
		case w.Line != words[i-1].Line:
			text.WriteString("\n")
		default:
			text.WriteString(" ")
		}
		text.WriteString(w.Text)
	}
	out.Text = text.String()
	return out
}

// onDesktop is the smallest region in whole logical pixels that has a box of a picture of area in it.
func onDesktop(box image.Rectangle, size image.Point, area desk.Region) desk.Region {
	down := func(v, pixels, logical int) int { return v * logical / pixels }
	up := func(v, pixels, logical int) int { return (v*logical + pixels - 1) / pixels }
	x, y := down(box.Min.X, size.X, area.Width), down(box.Min.Y, size.Y, area.Height)
	return desk.Region{
		X: area.X + x, Y: area.Y + y,
		Width: up(box.Max.X, size.X, area.Width) - x, Height: up(box.Max.Y, size.Y, area.Height) - y,
	}
}

func gather(ctx context.Context, w desk.Windows, now time.Time) (contextOut, error) {
	list, err := w.List(ctx)
	if err != nil {
		return contextOut{}, err
	}
	out := contextOut{Time: now.Format(time.RFC3339), Windows: append([]desk.Window{}, list[:min(len(list), maxContext)]...)}
	for i := range list {
		if list[i].Focused {
			out.ActiveWindow = &list[i]
			break
		}
	}
	return out, nil
}
