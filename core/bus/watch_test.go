package bus

import (
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

func TestSignalsThatAreNoNews(t *testing.T) {
	w := &watch{path: RunPath(1), owner: ":1.5", run: api.Run{Seq: 5}}
	text := func(sender string, path dbus.ObjectPath, seq uint32) *dbus.Signal {
		return &dbus.Signal{Sender: sender, Path: path, Name: member(RunInterface, "Text"), Body: []any{seq, "x"}}
	}
	for name, s := range map[string]*dbus.Signal{
		"included in the state": text(":1.5", RunPath(1), 5),
		"of another run":        text(":1.5", RunPath(2), 6),
		"of another peer":       text(":1.6", RunPath(1), 6),
	} {
		if events, err := w.take(t.Context(), s); len(events) > 0 || err != nil {
			t.Errorf("%s: %v %v", name, events, err)
		}
	}
	events, err := w.take(t.Context(), text(":1.5", RunPath(1), 8)) // the deltas of 6 to 8
	if err != nil || len(events) != 1 || w.run.Seq != 8 {
		t.Errorf("%v %v", events, err)
	}
	events, err = w.take(t.Context(), &dbus.Signal{ // the state of 9 was merged into it
		Sender: ":1.5", Path: RunPath(1), Name: member(propertiesInt, "PropertiesChanged"),
		Body: []any{RunInterface, dict{"State": dbus.MakeVariant("running"), "Seq": dbus.MakeVariant(uint32(10))}, []string{}},
	})
	if err != nil || len(events) != 1 || events[0].Seq != 10 || w.run.Seq != 10 {
		t.Errorf("%v %v", events, err)
	}
	if _, err := w.take(t.Context(), &dbus.Signal{Sender: ":1.5", Path: RunPath(1), Name: member(RunInterface, "Step"), Body: []any{"?"}}); err == nil {
		t.Error("a signal of wrong types was taken")
	}
}

// TestLateRelayTellsWhatHappened holds that a question that was put before the relay began is still told to
// those who wait for any run's question.
func TestLateRelayTellsWhatHappened(t *testing.T) {
	f, s, bus := startServer(t)
	f.started = func(uint64) {}
	run, err := f.Ask(t.Context(), "confirm:q", api.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool {
		now, err := f.Runs(t.Context(), 0)
		return err == nil && len(now[0].Questions) == 1
	})
	asked, err := dialAt(t, bus).Asked(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.Started(run)
	same(t, "run", <-asked, run)
	same(t, "Cancel", f.Cancel(t.Context(), run), nil)
}
