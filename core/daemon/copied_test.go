package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"nerva/core/api"
	"nerva/core/bus/bustest"
)

func TestWhatWasCopiedIsFoundAndCopiedAgain(t *testing.T) {
	dir := home(t)
	b := bustest.Start(t)
	s := &screen{others: make(chan *copy)}
	hangups := make(chan os.Signal)
	stop := start(t, b, Options{Desk: s.desk(), Reload: hangups})
	c := dial(t, b)
	find := func(text string, limit int) (ids []string) {
		t.Helper()
		results, err := c.Query(t.Context(), text, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			ids = append(ids, r.ID)
		}
		return ids
	}
	do := func(id, action string) {
		t.Helper()
		if err := c.Activate(t.Context(), id, action, api.ActivateOptions{}); err != nil {
			t.Errorf("%s %s: %v", action, id, err)
		}
	}
	if got := find("clip ", 5); len(got) > 0 && got[0] == "clip:1" {
		t.Errorf("at first there is %q", got)
	}
	s.copies("text/plain", "the paint is green")
	s.copies("image/bmp", "BM")
	s.copies("text/plain", "password=hunter2hunter2")
	s.copies("TEXT", "zebra crossing\nin the rain")
	for _, q := range []struct {
		text  string
		limit int
		want  []string
	}{
		{"clip ", 5, []string{"clip:3", "clip:2", "clip:1"}},
		{" CLIP  ", 2, []string{"clip:3", "clip:2"}},
		{"clip green", 5, []string{"clip:1"}},
		{"clip rain", 5, []string{"clip:3"}},
		{"clip hunter2", 5, nil},
		{"zebra", 5, []string{"window:7"}}, // only where it is asked for
		{"clip", 5, nil},
	} {
		if got := find(q.text, q.limit); !slices.Equal(got, q.want) {
			t.Errorf("%q finds %q, want %q", q.text, got, q.want)
		}
	}
	do("clip:3", "")
	if got := fmt.Sprintf("%s", s.offered()); got != "[{text/plain;charset=utf-8 zebra crossing\nin the rain}]" {
		t.Errorf("copied again is %s", got)
	}
	do("clip:2", "forget")
	if got := find("clip ", 5); !slices.Equal(got, []string{"clip:3", "clip:1"}) {
		t.Errorf("after one is forgotten: %q", got)
	}
	write(t, filepath.Join(dir, ".config", "nerva", "config.toml"), "[llm]\nprovider = \"offline\"\n[clipboard]\nhistory = false\n")
	if err := c.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := find("clip ", 5); len(got) > 0 {
		t.Errorf("without a history: %q", got)
	}
	for _, a := range []struct{ id, action string }{{"clip:1", ""}, {"clip:x", ""}, {"clip:1", "fly"}} {
		if err := c.Activate(t.Context(), a.id, a.action, api.ActivateOptions{}); api.CodeOf(err) != api.NotFound {
			t.Errorf("%v: %v", a, err)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
