package bus

import (
	"context"
	"slices"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// FollowLog returns the present records that f chooses, those of calls under way among them, and then each call that
// f chooses when it has ended: none is lost in between and none comes twice. The channel is closed when ctx ends or the
// daemon goes away. f.EndedAfter must be 0; f.Limit is about the present records alone.
func (c *Client) FollowLog(ctx context.Context, f api.LogFilter) ([]api.Record, <-chan api.Record, error) {
	// Before it asks for what is there, so that nothing falls in between.
	sub, err := subscribe(ctx, c.conn, []dbus.MatchOption{
		dbus.WithMatchSender(Name), dbus.WithMatchObjectPath(Path), dbus.WithMatchInterface(ManagerInterface), dbus.WithMatchMember("Logged"),
	}, nameMatch(Name))
	l := &logFollower{c: c, filter: f, sub: sub, out: make(chan api.Record)}
	var now []api.Record
	if err == nil {
		now, err = l.start(ctx)
	}
	if err != nil {
		sub.end()
		return nil, nil, err
	}
	go l.follow(ctx)
	return now, l.out, nil
}

// logFollower is the state of one FollowLog; after start it belongs to the goroutine in follow.
type logFollower struct {
	c      *Client
	filter api.LogFilter
	seen   uint64 // Ended of the last call that was sent or need not be
	sub    *subscription
	out    chan api.Record
}

func (l *logFollower) start(ctx context.Context) ([]api.Record, error) {
	// The call that ended last, whether f chooses it or not: all that ended before it is among the present records, or
	// f's limit leaves it out.
	latest, err := l.c.Log(ctx, api.LogFilter{EndedAfter: 1, Limit: 1})
	if err != nil {
		return nil, err
	}
	now, err := l.c.Log(ctx, l.filter)
	for _, r := range slices.Concat(latest, now) {
		l.seen = max(l.seen, r.Ended)
	}
	l.filter.Limit = 0
	return now, err
}

func (l *logFollower) follow(ctx context.Context) {
	defer close(l.out)
	defer l.sub.end()
	for {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-l.sub.signals:
			if !ok || isNameChange(s, Name) {
				return
			}
			if s.Name == member(ManagerInterface, "Logged") && !l.pass(ctx) {
				return
			}
		}
	}
}

// pass sends on what has ended since.
func (l *logFollower) pass(ctx context.Context) bool {
	l.filter.EndedAfter = l.seen
	records, err := l.c.Log(ctx, l.filter)
	if err != nil {
		return false
	}
	for _, r := range records {
		if r.Ended == 0 {
			continue // nothing had ever ended, so all were given
		}
		select {
		case l.out <- r:
		case <-ctx.Done():
			return false
		}
		l.seen = max(l.seen, r.Ended)
	}
	return true
}
