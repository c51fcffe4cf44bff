package client

import (
	"context"
	"testing"

	"nerva/core/api"
	"nerva/ui/model"
)

func (f *fake) FollowLog(ctx context.Context, l api.LogFilter) ([]api.Record, <-chan api.Record, error) {
	return f.follow(ctx, l)
}

func (f *fake) Log(_ context.Context, l api.LogFilter) ([]api.Record, error) {
	return []api.Record{{Seq: l.Before - 4}, {Seq: l.Before - 2}}, nil
}

func (f *fake) VerifyLog(context.Context) (api.Verified, error) { return api.Verified{Records: 8}, nil }

func TestTheLogIsFollowedUntilItIsLeft(t *testing.T) {
	ended, left := make(chan api.Record), make(chan struct{})
	f := &fake{follow: func(ctx context.Context, l api.LogFilter) ([]api.Record, <-chan api.Record, error) {
		if l.Text == "old" {
			<-ctx.Done()
			return nil, nil, ctx.Err()
		}
		out := make(chan api.Record)
		go func() {
			defer close(out)
			for {
				select {
				case r := <-ended:
					out <- r
				case <-ctx.Done():
					close(left)
					return
				}
			}
		}()
		return []api.Record{{Seq: 1}, {Seq: 3}}, out, nil
	}}
	c, events := start(t, f)
	c.setUp(true)
	c.Do(model.FollowLog{Number: 1, Text: "old"}, "")
	c.Do(model.FollowLog{Number: 2}, "")
	if e := (<-events).(model.LogSeen); e.Number != 2 || e.Entries[0].Seq != 3 || e.More {
		t.Errorf("got %+v, want the newest first", e)
	}
	ended <- api.Record{Seq: 5}
	ended <- api.Record{Seq: 7}
	for got := 0; got < 2; {
		got += len((<-events).(model.LogGrew).Entries)
	}
	c.Do(model.LeaveLog{}, "")
	<-left
	c.Wait()
	if len(events) > 0 {
		t.Errorf("after that came %+v", <-events)
	}
}

func TestTheLogIsFollowedOverAChangeOfDaemons(t *testing.T) {
	gone := make(chan api.Record)
	close(gone)
	answers := make(chan (<-chan api.Record), 3)
	answers <- nil // no daemon yet
	answers <- gone
	stays := make(chan api.Record)
	answers <- stays
	f := &fake{follow: func(ctx context.Context, _ api.LogFilter) ([]api.Record, <-chan api.Record, error) {
		out, ok := <-answers
		if !ok {
			return nil, nil, api.Errorf(api.Failed, "over")
		}
		if out == nil {
			return nil, nil, api.Errorf(api.Unavailable, "no daemon")
		}
		return nil, out, nil
	}}
	c, events := start(t, f)
	c.setUp(true)
	c.Do(model.FollowLog{Number: 1}, "")
	for i, failed := range []bool{true, false, false} {
		if e := (<-events).(model.LogSeen); (e.Err != nil) != failed {
			t.Errorf("%d: %+v", i, e)
		}
	}
	close(stays)
	close(answers)
}

func TestAnErrorThatStaysIsNotAskedForAgain(t *testing.T) {
	f := &fake{follow: func(context.Context, api.LogFilter) ([]api.Record, <-chan api.Record, error) {
		return nil, nil, api.Errorf(api.Failed, "too many words")
	}}
	c, events := start(t, f)
	c.Do(model.FollowLog{Number: 1}, "")
	if e := (<-events).(model.LogSeen); e.Err == nil {
		t.Errorf("got %+v", e)
	}
	c.Wait()
}

func TestAPageAndTheChainComeBack(t *testing.T) {
	c, events := start(t, &fake{})
	c.Do(model.LoadLog{Number: 1, Before: 9}, "")
	if e := (<-events).(model.LogPaged); e.More || len(e.Entries) != 2 || e.Entries[0].Seq != 7 {
		t.Errorf("got %+v", e)
	}
	c.Do(model.VerifyLog{}, "")
	if e := (<-events).(model.LogVerified); e.Verified.Records != 8 || e.Now.IsZero() {
		t.Errorf("got %+v", e)
	}
}
