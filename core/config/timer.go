package config

import (
	"fmt"
	"time"

	"nerva/core/when"
)

// Timer is a reminder that is declared: it rings again and again for as long as it stands in the file.
type Timer struct {
	Name string `toml:"name"`
	// Every is when, as `nerva timer add` takes it after "every": "weekday 10:00", "hour", or five fields of cron(5).
	Every string `toml:"every"`
	// Text is what the person is told; empty: Name.
	Text string `toml:"text,omitempty"`
}

// Says is what the person is told.
func (t Timer) Says() string {
	if t.Text == "" {
		return t.Name
	}
	return t.Text
}

func (t Timer) validate(bad report) {
	bad.unless(t.Name != "", "name", "is missing; the timer is known by it")
	bad.unless(len(t.Says()) <= 1000, "text", "has %d bytes, but at most 1000 are shown", len(t.Says()))
	if _, err := when.Every(t.Every, time.Now()); err != nil {
		bad("every", fmt.Sprintf("is wrong: %v", err))
	}
}

func (c Config) validateTimers(bad report) {
	named := map[string]bool{}
	for i, t := range c.Timers {
		under := bad.under(fmt.Sprintf("timer[%d]", i))
		t.validate(under)
		under.unless(!named[t.Name] || t.Name == "", "name", "is %q, as another timer's", t.Name)
		named[t.Name] = true
	}
}
