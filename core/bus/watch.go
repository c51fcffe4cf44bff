package bus

import (
	"context"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// Watch implements api.Agent. It subscribes before it asks for the present state, so nothing falls in
// between: signals up to the state's Seq are in it already, and later ones follow without a gap.
func (c *Client) Watch(ctx context.Context, run uint64) (api.Run, <-chan api.Event, error) {
	path := RunPath(run)
	sub, err := subscribe(ctx, c.conn, []dbus.MatchOption{dbus.WithMatchSender(Name), dbus.WithMatchObjectPath(path)}, nameMatch(Name))
	w := &watch{c: c, path: path, sub: sub, out: make(chan api.Event), id: run}
	if err == nil {
		err = w.start(ctx)
	}
	if err != nil {
		sub.end()
		return api.Run{}, nil, err
	}
	now := w.run
	now.Steps, now.Questions = slices.Clone(now.Steps), slices.Clone(now.Questions)
	go w.follow(ctx)
	return now, w.out, nil
}

// watch is the state of one Watch; after start it belongs to the goroutine in follow.
type watch struct {
	c     *Client
	id    uint64
	path  dbus.ObjectPath
	owner string // the daemon's unique name: signals of anyone else at the same path are not its own
	run   api.Run
	sub   *subscription
	out   chan api.Event
}

func (w *watch) start(ctx context.Context) error {
	if err := w.fetch(ctx); err != nil {
		return err
	}
	call := w.c.conn.BusObject().CallWithContext(ctx, member(busName, "GetNameOwner"), 0, Name)
	return fromBus(ctx, call.Store(&w.owner))
}

func (w *watch) fetch(ctx context.Context) error {
	var d dict
	var p runProperties
	method := member(propertiesInt, "GetAll")
	if err := w.c.call(ctx, w.path, method, []any{RunInterface}, &d); err != nil {
		return err
	}
	if err := decode(d, &p); err != nil {
		return foreign(method, err)
	}
	w.run = p.run(w.id)
	return nil
}

func (w *watch) follow(ctx context.Context) {
	defer close(w.out)
	defer w.sub.end()
	for !w.run.State.Final() {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-w.sub.signals:
			if !ok || isNameChange(s, Name) {
				return
			}
			events, err := w.take(ctx, s)
			if err != nil || !w.pass(ctx, events) {
				return
			}
		}
	}
}

// take turns a signal into the events that it brings: none for one that is of no concern or included
// already, several where the ones before it got lost.
func (w *watch) take(ctx context.Context, s *dbus.Signal) ([]api.Event, error) {
	if s.Path != w.path || s.Sender != w.owner {
		return nil, nil
	}
	e, err := decodeEvent(s)
	if err != nil {
		return nil, err
	}
	if e == nil || e.Seq <= w.run.Seq {
		return nil, nil
	}
	if e.Seq == w.run.Seq+1 || e.Type.Merges() {
		fold(&w.run, *e)
		return []api.Event{*e}, nil
	}
	old := w.run
	if err := w.fetch(ctx); err != nil {
		return nil, err
	}
	return between(old, w.run), nil
}

func (w *watch) pass(ctx context.Context, events []api.Event) bool {
	for _, e := range events {
		select {
		case w.out <- e:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// decodeEvent decodes a signal; it is nil for signals that carry none.
func decodeEvent(s *dbus.Signal) (*api.Event, error) {
	e := api.Event{}
	var d dict
	var err error
	switch s.Name {
	case member(RunInterface, "Text"):
		e.Type = api.EventText
		err = dbus.Store(s.Body, &e.Seq, &e.Delta)
	case member(RunInterface, "Step"):
		e.Type, e.Step = api.EventStep, new(api.Step)
		if err = dbus.Store(s.Body, &e.Seq, &d); err == nil {
			err = decode(d, e.Step)
		}
	case member(RunInterface, "Confirm"):
		e.Type, e.Question = api.EventConfirm, new(api.Question)
		if err = dbus.Store(s.Body, &e.Seq, &d); err == nil {
			err = decode(d, e.Question)
		}
	case member(RunInterface, "Finished"):
		e.Type = api.EventFinished
		err = dbus.Store(s.Body, &e.Seq, (*string)(&e.State), &e.Answer)
	case member(RunInterface, "Decided"):
		e.Type, e.Question = api.EventDecided, new(api.Question)
		err = dbus.Store(s.Body, &e.Seq, &e.Question.ID)
	case member(RunInterface, "Notice"):
		e.Type = api.EventNotice
		err = dbus.Store(s.Body, &e.Seq, &e.Notice)
	case member(propertiesInt, "PropertiesChanged"):
		return stateChange(s)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("signal %s: %w", s.Name, err)
	}
	return &e, nil
}

// stateChange decodes a change of the State property where it is an event of its own: then it names Seq.
func stateChange(s *dbus.Signal) (*api.Event, error) {
	var iface string
	var d dict
	var gone []string
	var p runProperties
	if err := dbus.Store(s.Body, &iface, &d, &gone); err != nil {
		return nil, fmt.Errorf("signal %s: %w", s.Name, err)
	}
	if _, numbered := d["Seq"]; !numbered || iface != RunInterface {
		return nil, nil
	}
	if err := decode(d, &p); err != nil {
		return nil, fmt.Errorf("signal %s: %w", s.Name, err)
	}
	return &api.Event{Seq: p.Seq, Type: api.EventState, State: p.State}, nil
}
