package skills

import (
	"context"
	"time"

	"nerva/core/api"
	"nerva/core/when"
)

type setTimerIn struct {
	Text  string `json:"text" jsonschema:"what the user is to be told then"`
	In    string `json:"in,omitempty" jsonschema:"how long from now: 20 minutes, 1h30m, 2 days. Give exactly one of in, at and every"`
	At    string `json:"at,omitempty" jsonschema:"when: 9:30, tomorrow at 9, friday 18:00, 2026-12-24 18:00"`
	Every string `json:"every,omitempty" jsonschema:"again and again: hour, day 9:00, weekday 10:00, monday at 9, or five fields of cron"`
}

type setTimerOut struct {
	ID    int64     `json:"id"`
	Due   time.Time `json:"due"`
	Every string    `json:"every,omitempty"`
	Text  string    `json:"text"`
}

type cancelTimerIn struct {
	ID int64 `json:"id" jsonschema:"the number that set_timer or list_timers gives"`
}

type cancelTimerOut struct {
	ID int64 `json:"id"`
}

type timersOut struct {
	Timers []api.Timer `json:"timers"`
}

// reminders has the skills that ring later.
func reminders(d Deps) ([]*Skill, error) {
	var c collect
	c.add(define(api.Skill{
		ID: "set_timer", Title: "Set a timer",
		Description: "Sets a timer or a reminder, once or again and again; the user is told by a notification. Use it for every wish to be " +
			"reminded of something. Returns its number and when it is due.",
		Risk: api.Safe, Effect: api.Local,
	}, func(ctx context.Context, in setTimerIn) (setTimerOut, error) {
		due, err := in.read(d.Timers.Now())
		if err != nil {
			return setTimerOut{}, err
		}
		t, err := d.Timers.Add(ctx, due, in.Text)
		return setTimerOut{t.ID, t.Due, t.Every, t.Text}, err
	}))
	// What a timer says may have been set by a run that had read what others wrote.
	c.add(define(api.Skill{
		ID: "list_timers", Title: "List timers",
		Description: "Lists the timers and reminders: those that have rung and were not answered, then those that are to come.",
		Risk:        api.Safe, Effect: api.Observe,
	}, func(ctx context.Context, _ nothing) (timersOut, error) {
		list, err := d.Timers.List(ctx)
		if list == nil {
			list = []api.Timer{}
		}
		return timersOut{list}, err
	})).takesIn("notes", "read the timers")
	c.add(define(api.Skill{
		ID: "cancel_timer", Title: "Cancel a timer",
		Description: "Takes a timer or a reminder away, and what is shown of it. Take the number from list_timers.",
		Risk:        api.Safe, Effect: api.Local,
	}, func(ctx context.Context, in cancelTimerIn) (cancelTimerOut, error) {
		return cancelTimerOut(in), d.Timers.Cancel(ctx, in.ID)
	}))
	return c.done()
}

// read takes the one time that is given.
func (in setTimerIn) read(now time.Time) (when.Time, error) {
	if err := required("text", in.Text); err != nil {
		return when.Time{}, err
	}
	var given []when.Phrase
	for _, p := range []when.Phrase{{Key: "in", Text: in.In}, {Key: "at", Text: in.At}, {Key: "every", Text: in.Every}} {
		if p.Text != "" {
			given = append(given, p)
		}
	}
	if len(given) != 1 {
		return when.Time{}, api.Errorf(api.InvalidInput, "a timer needs exactly one of in, at and every, and has %d of them", len(given))
	}
	return given[0].Read(now)
}
