package bus

import (
	"fmt"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// The methods and the signals of a run's object.

func (s *Server) cancelRun(c *call) ([]any, error) {
	id, err := ParseRunPath(c.path)
	if err != nil {
		return nil, err
	}
	return nil, c.svc.Agent.Cancel(s.ctx, id)
}

func (s *Server) decide(c *call) ([]any, error) {
	id, err := ParseRunPath(c.path)
	if err != nil {
		return nil, err
	}
	d := api.Decision(c.text(1))
	if !d.Valid() {
		return nil, api.Errorf(api.InvalidInput, "%q is no decision; decide once, run, always or refuse", c.text(1))
	}
	return nil, c.svc.Agent.Decide(s.ctx, id, c.text(0), d, c.by)
}

// relay is one run whose signals are being sent; relayMu guards it.
type relay struct{ atEnd []func() }

// relay sees to it that the signals of a run are sent: when it returns, every later event of the run will
// be. It does nothing for a run that has ended, unless that one is fresh: then nobody was told yet.
func (s *Server) relay(id uint64) error {
	s.relayMu.Lock()
	defer s.relayMu.Unlock()
	fresh := s.fresh[id]
	delete(s.fresh, id)
	if s.relays[id] != nil {
		return nil
	}
	now, events, err := s.svc.Agent.Watch(s.ctx, id)
	if err != nil {
		return err
	}
	if now.State.Final() && !fresh {
		return nil
	}
	release, err := s.tenure.hold(s.ctx)
	if err != nil {
		return err
	}
	s.relays[id] = &relay{atEnd: []func(){release}}
	s.relaying.Add(1)
	go func() {
		defer s.relaying.Done()
		s.send(id, now, events)
		s.ended(id)
	}()
	return nil
}

func (s *Server) ended(id uint64) {
	s.relayMu.Lock()
	atEnd := s.relays[id].atEnd
	delete(s.relays, id)
	s.relayMu.Unlock()
	for _, f := range atEnd {
		f()
	}
}

// whenEnded calls f when a run's last signal is sent, at once if it has been.
func (s *Server) whenEnded(id uint64, f func()) {
	s.relayMu.Lock()
	r := s.relays[id]
	if r != nil {
		r.atEnd = append(r.atEnd, f)
	}
	s.relayMu.Unlock()
	if r == nil {
		f()
	}
}

// send emits a run's signals: first what happened before the relay began, for those who follow every run
// and ask for no present state, then each event.
func (s *Server) send(id uint64, now api.Run, events <-chan api.Event) {
	for _, e := range between(api.Run{State: api.Thinking}, now) {
		s.emit(id, e)
	}
	for e := range events {
		s.emit(id, e)
	}
}

func (s *Server) emit(id uint64, e api.Event) {
	path := RunPath(id)
	emit := func(name string, values ...any) {
		if err := s.conn.Emit(path, name, values...); err != nil && s.ctx.Err() == nil {
			s.log.Warn("a signal could not be sent", "run", id, "signal", name, "error", err)
		}
	}
	changed := func(d dict) {
		emit(member(propertiesInt, "PropertiesChanged"), RunInterface, d, []string{})
	}
	signal := func(name string, values ...any) {
		emit(member(RunInterface, name), append([]any{e.Seq}, values...)...)
	}
	switch e.Type {
	case api.EventText:
		signal("Text", clean(e.Delta))
	case api.EventStep:
		signal("Step", encode(e.Step))
	case api.EventConfirm:
		signal("Confirm", encode(e.Question))
	case api.EventDecided:
		signal("Decided", clean(e.Question.ID))
	case api.EventNotice:
		signal("Notice", clean(e.Notice))
	case api.EventState:
		changed(dict{"State": dbus.MakeVariant(string(e.State)), "Seq": dbus.MakeVariant(e.Seq)})
	case api.EventFinished:
		changed(dict{"State": dbus.MakeVariant(string(e.State))})
		signal("Finished", string(e.State), clean(e.Answer))
	default:
		s.log.Error("an event without a signal", "run", id, "type", fmt.Sprint(e.Type))
	}
}
