package client

import (
	"context"
	"time"

	"nerva/core/api"
	"nerva/ui/model"
)

// retry is the pause before a run is asked for again while the daemon is changing.
const retry = 200 * time.Millisecond

// gather is how long the pieces of a streamed text are put together: one frame at 60 Hz. A model may send
// thousands of pieces, and each costs a layout.
const gather = 16 * time.Millisecond

// Run follows the daemon's presence until ctx or the connection ends. Each time there is a daemon it takes
// over the runs that are open there; absent is called each time there is none.
func (c *Client) Run(ctx context.Context, absent func()) error {
	presence, err := c.daemon.Presence(ctx)
	if err != nil {
		return err
	}
	asked, err := c.daemon.Asked(ctx)
	if err != nil {
		return err
	}
	c.work.Go(func() {
		for run := range asked {
			c.Follow(run)
		}
	})
	for there := range presence {
		c.setUp(there)
		if !there {
			c.post(model.LinkChanged{Link: model.LinkPending})
			absent()
			continue
		}
		c.post(model.LinkChanged{Link: model.LinkUp})
		c.goDo(listLimit, c.attach)
	}
	return ctx.Err()
}

func (c *Client) setUp(there bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.up:
		if !there {
			c.up = make(chan struct{})
		}
	default:
		if there {
			close(c.up)
		}
	}
}

// attach takes over what is going on: the overlay may have been started in the middle of it.
func (c *Client) attach(ctx context.Context) {
	runs, err := c.daemon.Runs(ctx, 0)
	if err != nil {
		c.log.Warn("the open runs can't be listed", "err", err)
	}
	for _, r := range runs {
		if !r.State.Final() && (r.Caller == "overlay" || len(r.Questions) > 0) {
			c.Follow(r.ID)
		}
	}
	status, err := c.daemon.Status(ctx)
	if err != nil {
		c.log.Warn("the daemon's status can't be read", "err", err)
		return
	}
	c.post(model.StatusChanged{Warning: status.Config.Error})
}

// Follow posts the state of a run and then its events until it has ended, over changes of the daemon.
func (c *Client) Follow(run uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.followed[run] {
		return
	}
	c.followed[run] = true
	c.work.Go(func() {
		defer func() {
			c.mu.Lock()
			delete(c.followed, run)
			c.mu.Unlock()
		}()
		for c.ctx.Err() == nil && !c.watch(run) {
			c.pause(c.ctx)
		}
	})
}

// pause waits for a daemon.
func (c *Client) pause(ctx context.Context) {
	select {
	case <-time.After(retry):
	case <-ctx.Done():
	}
	c.mu.Lock()
	up := c.up
	c.mu.Unlock()
	select {
	case <-up:
	case <-ctx.Done():
	}
}

// watch reports whether there is nothing more to see of the run.
func (c *Client) watch(run uint64) bool {
	now, events, err := c.daemon.Watch(c.ctx, run)
	if err != nil {
		c.post(model.RunLost{Run: run, Err: err})
		return api.CodeOf(err) == api.NotFound
	}
	c.post(model.RunSeen{Run: now})
	ended := now.State.Final()
	for e := range gathered(events) {
		ended = ended || e.Type == api.EventFinished
		c.post(model.RunMoved{Run: run, Event: e})
	}
	if !ended {
		c.post(model.RunLost{Run: run, Err: api.Errorf(api.Unavailable, "the daemon went away")})
	}
	return ended
}

// gathered puts together the text of events that follow each other closely; nothing is reordered.
func gathered(events <-chan api.Event) func(yield func(api.Event) bool) {
	return func(yield func(api.Event) bool) {
		for e := range events {
			var next *api.Event
			if e.Type == api.EventText {
				e, next = gatherText(e, events)
			}
			if !yield(e) || next != nil && !yield(*next) {
				return
			}
		}
	}
}

// gatherText adds to a text event those that follow within a frame, and returns the other event that ended
// that, if one did.
func gatherText(e api.Event, events <-chan api.Event) (api.Event, *api.Event) {
	frame := time.NewTimer(gather)
	defer frame.Stop()
	for {
		select {
		case more, ok := <-events:
			if !ok {
				return e, nil
			}
			if more.Type != api.EventText {
				return e, &more
			}
			e.Seq, e.Delta = more.Seq, e.Delta+more.Delta
		case <-frame.C:
			return e, nil
		}
	}
}
