package daemon

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/bus/bustest"
)

func timersOf(t *testing.T, c *bus.Client) string {
	t.Helper()
	output, err := c.Execute(t.Context(), "list_timers", json.RawMessage(`{}`), api.AskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return string(output)
}

func TestTheTimersOfTheConfigurationAreTakenOver(t *testing.T) {
	file := filepath.Join(home(t), ".config", "nerva", "config.toml")
	config := func(timers string) { write(t, file, "[llm]\nprovider = \"offline\"\n"+timers) }
	config("[[timer]]\nname = \"pills\"\nevery = \"day 15:00\"\n")
	b := bustest.Start(t)
	stop := start(t, b, Options{})
	c := dial(t, b)
	if list := timersOf(t, c); !strings.Contains(list, `"every":"day 15:00","text":"pills","state":"waiting"`) {
		t.Errorf("at first: %s", list)
	}
	config("[[timer]]\nname = \"pills\"\nevery = \"day 16:00\"\ntext = \"take them\"\n")
	if err := c.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list := timersOf(t, c); !strings.Contains(list, `"id":1,`) || !strings.Contains(list, `"every":"day 16:00","text":"take them"`) {
		t.Errorf("after a change: %s", list)
	}
	config("")
	if err := c.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list := timersOf(t, c); list != `{"timers":[]}` {
		t.Errorf("in the end: %s", list)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
