package bus

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// TestTheSignalOfASuggestionHasNoWordOfIt: who may search from within a sandbox hears this name's signals.
func TestTheSignalOfASuggestionHasNoWordOfIt(t *testing.T) {
	_, server, bus := startServer(t)
	conn, err := dbus.Connect(bus.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.AddMatchSignal(dbus.WithMatchInterface(WatchersInterface)); err != nil {
		t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 1)
	conn.Signal(signals)
	server.Suggested(api.Suggestion{ID: "3", Time: time.Unix(7, 0), Rule: "links", Title: "Open https://a.example/?secret", Body: "secret"})
	s := <-signals
	var news map[string]dbus.Variant
	if err := dbus.Store(s.Body, &news); err != nil {
		t.Fatal(err)
	}
	if keys := slices.Sorted(maps.Keys(news)); !slices.Equal(keys, []string{"id", "rule", "time"}) || news["id"].Value() != "3" || news["rule"].Value() != "links" {
		t.Errorf("it says %v", news)
	}
}
