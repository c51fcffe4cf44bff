package session

import (
	"strings"
	"testing"

	"nerva/core/api"
)

func TestAWatchersQueueStaysShort(t *testing.T) {
	w := &watcher{wake: make(chan struct{}, 1)}
	for i := range uint32(1000) {
		w.push(api.Event{Seq: i + 1, Type: api.EventText, Delta: "x"})
	}
	for i, state := range []api.State{api.Running, api.Thinking, api.Running} {
		w.push(api.Event{Seq: 1001 + uint32(i), Type: api.EventState, State: state})
	}
	w.push(api.Event{Seq: 1004, Type: api.EventText, Delta: "y"})
	w.end()
	var got []api.Event
	for {
		e, ok, over := w.next()
		if over {
			break
		}
		if !ok {
			t.Fatal("neither an event nor the end")
		}
		got = append(got, e)
	}
	if len(got) != 3 || got[0].Delta != strings.Repeat("x", 1000) || got[0].Seq != 1000 ||
		got[1].State != api.Running || got[1].Seq != 1003 || got[2].Delta != "y" {
		t.Errorf("got %d events: %+v", len(got), got)
	}
}
