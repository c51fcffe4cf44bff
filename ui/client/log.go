package client

import (
	"context"
	"time"

	"nerva/core/api"
	"nerva/ui/model"
)

const (
	verifyLimit = time.Minute
	logLimit    = 20 * time.Second // of one page
)

// pauseTyping is how long nothing has to be typed before the log is looked through: a word that stands nowhere has
// the daemon read all of it.
const pauseTyping = 80 * time.Millisecond

// Auditor is the daemon's audit log.
type Auditor interface {
	Log(ctx context.Context, f api.LogFilter) ([]api.Record, error)
	// FollowLog returns the present records that f chooses, and then each call that f chooses when it has ended. The
	// channel is closed when ctx ends or the daemon goes away.
	FollowLog(ctx context.Context, f api.LogFilter) ([]api.Record, <-chan api.Record, error)
	VerifyLog(ctx context.Context) (api.Verified, error)
}

// doLog carries out an effect of the log.
func (c *Client) doLog(e model.Effect) {
	switch e := e.(type) {
	case model.FollowLog:
		c.followLog(e)
	case model.LeaveLog:
		c.leaveLog()
	case model.LoadLog:
		c.goDo(logLimit, func(ctx context.Context) {
			older, err := c.daemon.Log(ctx, api.LogFilter{Text: e.Text, Before: e.Before, Limit: model.LogPage})
			c.post(model.LogPaged{Number: e.Number, Entries: model.NewEntries(older), More: len(older) == model.LogPage, Err: err})
		})
	case model.VerifyLog:
		c.goDo(verifyLimit, func(ctx context.Context) {
			v, err := c.daemon.VerifyLog(ctx)
			c.post(model.LogVerified{Verified: v, Now: time.Now(), Err: err})
		})
	}
}

func (c *Client) leaveLog() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leave()
	c.leave = func() {}
}

// followLog follows the log until the next such effect, over changes of the daemon.
func (c *Client) followLog(e model.FollowLog) {
	ctx, leave := context.WithCancel(c.ctx)
	c.mu.Lock()
	c.leave()
	c.leave = leave
	c.mu.Unlock()
	c.work.Go(func() {
		defer leave()
		if e.Text != "" {
			select {
			case <-time.After(pauseTyping):
			case <-ctx.Done():
			}
		}
		for ctx.Err() == nil && c.watchLog(ctx, e) {
			c.pause(ctx)
		}
	})
}

// watchLog reports whether it is worth another try.
func (c *Client) watchLog(ctx context.Context, e model.FollowLog) bool {
	now, ended, err := c.daemon.FollowLog(ctx, api.LogFilter{Text: e.Text, Limit: model.LogPage})
	if ctx.Err() != nil {
		return false
	}
	c.post(model.LogSeen{
		Number: e.Number, Entries: model.NewEntries(now), More: len(now) == model.LogPage, Now: time.Now(), Err: err,
	})
	if err != nil {
		return api.CodeOf(err) == api.Unavailable
	}
	for batch := range batches(ended) {
		c.post(model.LogGrew{Number: e.Number, Entries: model.NewEntries(batch), Now: time.Now()})
	}
	return true
}

// batches puts together what arrives within a frame.
func batches(in <-chan api.Record) func(yield func([]api.Record) bool) {
	return func(yield func([]api.Record) bool) {
		for r := range in {
			if !yield(batch(r, in)) {
				return
			}
		}
	}
}

func batch(r api.Record, in <-chan api.Record) []api.Record {
	all := []api.Record{r}
	frame := time.NewTimer(gather)
	defer frame.Stop()
	for {
		select {
		case r, ok := <-in:
			if !ok {
				return all
			}
			all = append(all, r)
		case <-frame.C:
			return all
		}
	}
}
