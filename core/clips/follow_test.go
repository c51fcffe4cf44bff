package clips

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"nerva/core/desk"
)

// ear is a Follower.
type ear struct {
	deaf  bool
	heard []string
}

func (e *ear) Follows() bool { return !e.deaf }
func (e *ear) Copied(_ context.Context, text, kind, app string) {
	e.heard = append(e.heard, fmt.Sprintf("%s|%s|%s", text, kind, app))
}

// series is a clipboard on which things are copied one after the other.
type series struct {
	*room
	offers []desk.Offer
}

func (s series) Watch(_ context.Context, changed func(desk.Offer)) error {
	for _, o := range s.offers {
		changed(o)
	}
	return nil
}

func TestAFollowerIsToldTheTextsThatOthersCopy(t *testing.T) {
	const plain = "text/plain;charset=utf-8"
	for name, c := range map[string]struct {
		first, then *thing
		noHistory   bool
		deaf        bool
		focus       string
		own         string
		want, asked string
	}{
		"a text":                       {then: copies("text/plain", "a"), want: "a|" + plain + "|foot", asked: "text/plain"},
		"a text without history":       {then: copies("UTF8_STRING", "a", "text/html", "b"), noHistory: true, want: "a|" + plain + "|foot", asked: "UTF8_STRING"},
		"no UTF-8":                     {then: copies(plain, "a\xff"), want: "a\uFFFD|" + plain + "|foot", asked: plain},
		"what was there before":        {first: copies(plain, "a")},
		"a picture":                    {then: copies("image/png", "a"), noHistory: true},
		"files":                        {then: copies("text/uri-list", "file:///a"), noHistory: true},
		"what looks like a secret":     {then: copies(plain, "hunter2"), noHistory: true, asked: plain},
		"a password manager's":         {then: copies(plain, "a", desk.SecretHint, "secret"), noHistory: true},
		"a denied application's":       {then: copies(plain, "a"), focus: "org.keepassxc.KeePassXC", noHistory: true},
		"blanks":                       {then: copies(plain, " \n"), noHistory: true, asked: plain},
		"too long to be remembered":    {then: copies(plain, strings.Repeat("a", textLimit+1)), noHistory: true, asked: plain},
		"what nerva itself has copied": {then: copies(plain, "a"), own: "a", asked: plain},
		"another text than nerva's":    {then: copies(plain, "a"), own: "b", want: "a|" + plain + "|foot", asked: plain},
		"nobody follows":               {then: copies(plain, "a"), noHistory: true, deaf: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			e := &ear{deaf: c.deaf}
			r.o.Follower, r.o.Log, r.limits.History = e, slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)), !c.noHistory
			if c.focus == "" {
				c.focus = "foot"
			}
			r.windows = []desk.Window{{AppID: c.focus, Focused: true}}
			s := series{r, []desk.Offer{nil}}
			if c.first != nil {
				s.offers[0] = c.first
			}
			if c.then != nil {
				s.offers = append(s.offers, c.then)
			}
			r.o.Clipboard = s
			if c.own != "" {
				if err := r.Keeper.SetText(t.Context(), c.own); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(e.heard, " "); got != c.want {
				t.Errorf("it was told %q, want %q", got, c.want)
			}
			if c.then != nil && !slices.Equal(c.then.asked, strings.Fields(c.asked)) {
				t.Errorf("%q were read, want %q", c.then.asked, c.asked)
			}
			if c.noHistory && len(r.list) > 0 {
				t.Errorf("%v are remembered", r.titles())
			}
		})
	}
}
