package sources

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"nerva/core/watchers"
)

// copies is how many texts may have been copied and not be posted yet; each is at most as long as clips tells one, 1 MiB.
const copies = 16

// copied takes over what is told of the clipboard while a listener runs.
type copied struct {
	log  *slog.Logger
	open atomic.Pointer[copying]
}

// copying are the texts that a listener has yet to post.
type copying struct {
	events chan watchers.Event
	ended  <-chan struct{}
}

// Follows says whether a rule wants what is copied. With Copied it makes Sources a clips.Follower.
func (s *Sources) Follows() bool { return s.copied.open.Load() != nil }

// Copied tells a text. Where more are copied than the rules take it waits for them, and the clipboard's watch with it, which
// then leaves out what has come and gone: the last one is always told.
func (s *Sources) Copied(ctx context.Context, text, kind, app string) {
	c := s.copied.open.Load()
	if c == nil {
		return
	}
	select {
	case c.events <- watchers.Event{Source: "clipboard", Time: time.Now(), Fields: fields{"Text": text, "App": app, "Type": kind}}:
	case <-c.ended:
	case <-ctx.Done():
	}
}

func (c *copied) listen(ctx context.Context, post post) error {
	now := &copying{make(chan watchers.Event, copies), ctx.Done()}
	c.open.Store(now)
	defer c.open.Store(nil)
	c.log.Debug("the clipboard is watched")
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-now.events:
			post(e)
		}
	}
}
