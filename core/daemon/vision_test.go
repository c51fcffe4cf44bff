package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/bus/bustest"
	"nerva/core/desk"
	"nerva/test/modelserver"
)

// wall is a screen of 4000×1000 pixels.
type wall struct{ desk.Screen }

func (wall) Picture(context.Context, desk.CaptureRequest) (desk.Picture, error) {
	return desk.Picture{Image: image.NewRGBA(image.Rect(0, 0, 4000, 1000)), Area: desk.Region{Width: 4000, Height: 1000}}, nil
}

func TestTheModelForPicturesSeesTheScreen(t *testing.T) {
	dir := home(t)
	server, err := modelserver.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	server.Script(modelserver.Reply{Text: "a wall"}, modelserver.Reply{Status: 400, Message: "no pictures here"}, modelserver.Reply{Text: ""})
	d := desk.Absent("there is no more of a desktop in this test")
	d.Screen = wall{}
	config := filepath.Join(dir, ".config", "nerva", "config.toml")
	write(t, config, "[llm]\nprovider = \"offline\"\n")
	b := bustest.Start(t)
	stop := start(t, b, Options{Desk: d})
	c := dial(t, b)
	look := func() (string, error) {
		out, err := c.Execute(t.Context(), "describe_screen", json.RawMessage(`{"question":"Is it high?"}`), api.AskOptions{})
		return string(out), err
	}
	if out, err := look(); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "[llm.vision]") {
		t.Errorf("without a model: %s, %v", out, err)
	}
	write(t, config, fmt.Sprintf("[llm]\nprovider = \"offline\"\n[llm.vision]\nbase_url = %q\nmodel = \"eyes\"\n", server.URL))
	if err := c.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out, err := look(); err != nil || out != `{"text":"a wall"}` {
		t.Errorf("got %s, %v", out, err)
	}
	r := server.Requests()[0]
	content := r.Messages[len(r.Messages)-1].Content
	if r.Model != "eyes" || len(r.Tools) > 0 || content.Text != "Is it high?" || len(content.Pictures) != 1 {
		t.Fatalf("the model was sent %+v", r.Messages)
	}
	if size := content.Pictures[0].Image.Bounds().Size(); size != image.Pt(1568, 392) || content.Pictures[0].Type != "image/jpeg" {
		t.Errorf("the picture has %v, %s", size, content.Pictures[0].Type)
	}
	if out, err := look(); api.CodeOf(err) != api.Failed || !strings.Contains(err.Error(), "that sees no pictures") {
		t.Errorf("refused: %s, %v", out, err)
	}
	if out, err := look(); api.CodeOf(err) != api.Failed {
		t.Errorf("nothing said: %s, %v", out, err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
