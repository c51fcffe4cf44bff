package sources

import (
	"fmt"
	"testing"
	"time"

	"nerva/core/desk"
)

func TestWhatTheDesktopTellsBecomesFields(t *testing.T) {
	const units = "{{.Text}}|{{.Unit}}|{{.Description}}|{{.Scope}}|{{.State}}|{{.Was}}|{{.Result}}"
	for name, c := range map[string]struct {
		rule, listener string
		told           []any
		want           []string
	}{
		"a signal": {
			rule("r", "dbus", "{{.Text}}|{{.Bus}}|{{.Sender}}|{{.Path}}|{{.Interface}}|{{.Member}}|{{.Property}}|{{index .Values 1}}",
				`match = { interface = "a.b", member = "C" }`), "dbus",
			[]any{desk.BusSignal{Sender: ":1.5", Path: "/p", Values: []string{"1", `{"a":2}`}}},
			[]string{`1 {"a":2}|session|:1.5|/p|a.b|C||{"a":2}`},
		},
		"a property": {
			rule("r", "dbus", "{{.Text}}|{{.Bus}}|{{.Sender}}|{{.Path}}|{{.Interface}}|{{.Member}}|{{.Property}}",
				`match = { interface = "a.b", property = "P", bus = "system", sender = "org.x", path = "/p" }`), "dbus org.x/p",
			[]any{desk.BusSignal{Sender: ":1.5", Path: "/p", Values: []string{"true"}}},
			[]string{"true|system|org.x|/p|a.b||P"},
		},
		"a unit": {
			rule("r", "unit", units, `match = { scope = "system", states = ["failed"] }`), "unit true",
			[]any{
				desk.UnitChange{Unit: "a.service", Description: "A", State: "active", Was: "inactive"},
				desk.UnitChange{Unit: "a.service", Description: "A", State: "failed", Was: "active", Result: "exit-code"},
				desk.UnitChange{Unit: "a.service", Description: "A", State: "failed", Was: "failed", Result: "exit-code"},
			},
			[]string{"a.service|a.service|A|system|failed|active|exit-code"},
		},
		"a user's unit": {
			rule("r", "unit", units, `match.scope = "user"`), "unit false",
			[]any{desk.UnitChange{Unit: "b", State: "active"}},
			[]string{"b|b||user|active||"},
		},
		"a notification": {
			rule("r", "notification", "{{.Text}}|{{.App}}|{{.Title}}|{{.Body}}|{{.Category}}|{{.Urgency}}"), "notification",
			[]any{desk.Notice{App: "mail", Title: "T", Body: "a\nb", Category: "email.arrived", Urgency: "low"}, desk.Notice{Title: "T"}},
			[]string{"T\na\nb|mail|T|a\nb|email.arrived|low", "T||T|||"},
		},
		"a battery": {
			rule("r", "battery", "{{.Text}}|{{.Percent}}|{{.WasPercent}}|{{.State}}|{{.Was}}|{{.Minutes}}"), "battery",
			[]any{desk.Charge{Percent: 80.4, State: "discharging", Minutes: 90}, desk.Charge{Percent: 79, State: "charging"}},
			[]string{"80 % discharging|80.4|100|discharging||90", "79 % charging|79|80.4|charging|discharging|0"},
		},
		"a battery that is low at first": {
			rule("r", "battery", "{{.Percent}}", `match = { below = 15, states = ["discharging"] }`), "battery",
			[]any{desk.Charge{Percent: 9, State: "discharging"}, desk.Charge{Percent: 8, State: "discharging"}},
			[]string{"9"},
		},
		"the network": {
			rule("r", "network", "{{.Text}}|{{.State}}|{{.Was}}|{{.Name}}|{{.Type}}|{{.Metered}}"), "network",
			[]any{desk.Connection{State: "portal", Name: "cafe", Type: "wifi", Metered: true}, desk.Connection{State: "online", Name: "cafe", Type: "wifi"}},
			[]string{"cafe|portal||cafe|wifi|true", "cafe|online|portal|cafe|wifi|false"},
		},
		"nobody": {
			rule("r", "idle", "{{.Text}}|{{.State}}|{{.Seconds}}", `match = { after = "10m", states = ["idle", "active"] }`), "idle 600",
			[]any{true, false},
			[]string{"idle|idle|600", "active|active|600"},
		},
		"part of a second": {
			rule("r", "idle", "{{.Seconds}}", `match.after = "10500ms"`), "idle 11",
			[]any{true},
			[]string{"10.5"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, c.rule).run()
			s.begin(c.listener)
			for _, what := range c.told {
				s.tell(c.listener, what)
			}
			s.does(c.want...)
		})
	}
}

func TestWhatFitsSeveralMatchesIsForEachRuleOnce(t *testing.T) {
	const signal = `match = { interface = "a.b", member = "C"`
	s := newStage(t, rule("any", "dbus", "any", signal+"}")+rule("path", "dbus", "path", signal+`, path = "/p"}`)+
		rule("also", "dbus", "also", signal+`, path = "/p", regex = "^1"}`)+rule("sender", "dbus", "sender", signal+`, sender = "org.x"}`)).run()
	s.begin("dbus", "dbus /p", "dbus org.x")
	for _, listener := range []string{"dbus", "dbus /p", "dbus org.x"} {
		s.tell(listener, desk.BusSignal{Sender: ":1.5", Path: "/p", Values: []string{"1"}})
	}
	s.does("any", "path", "also", "sender")
}

func TestAnEventHasTheTimeOfTheWallClock(t *testing.T) {
	s := newStage(t, rule("b", "battery", "{{.Time}}")).run()
	s.begin("battery")
	before := time.Now().Round(0)
	s.tell("battery", desk.Charge{})
	at, err := time.Parse("2006-01-02 15:04:05.999999999 -0700 MST", <-s.did)
	if err != nil || at.Before(before) || time.Since(at) > time.Minute { // with a monotonic clock it would not be read
		t.Error(at, err)
	}
}

// TestAFloodOfSignals: as many as 1000 a second for 20 seconds are, as fast as they can be told, through two listeners.
func TestAFloodOfSignals(t *testing.T) {
	const events = 20_000
	s := newStage(t, rule("even", "dbus", "{{.Text}}", `match = { interface = "a.b", member = "C", regex = "[02468]$" }`)+
		rule("odd", "dbus", "{{.Text}}", `match = { interface = "a.b", member = "C", path = "/p", regex = "[13579]$" }`)).run()
	s.begin("dbus", "dbus /p")
	before := heap()
	for _, listener := range []string{"dbus", "dbus /p"} {
		go func() {
			for i := range events {
				s.tell(listener, desk.BusSignal{Path: "/p", Values: []string{fmt.Sprint(i)}})
			}
		}()
	}
	s.once(events, before)
}
