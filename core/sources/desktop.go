package sources

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"nerva/core/desk"
	"nerva/core/watchers"
)

// fields are those of an event.
type fields = map[string]any

// signals are heard once for each distinct match. What fits several is told several times, each for the rules of that match.
func (s *Sources) signals(ctx context.Context, what desk.BusMatch, post post) error {
	bus := "session"
	if what.System {
		bus = "system"
	}
	only := func(m watchers.Match) bool { return busMatch(m) == what }
	return s.o.Desk.Signals.Hear(ctx, what, func(heard desk.BusSignal) {
		sender := what.Sender // a name that is owned; heard has the owner's own
		if sender == "" {
			sender = heard.Sender
		}
		post(watchers.Event{Source: "dbus", Only: only, Fields: fields{
			"Text": strings.Join(heard.Values, " "), "Bus": bus, "Sender": sender, "Path": heard.Path,
			"Interface": what.Interface, "Member": what.Member, "Property": what.Property, "Values": heard.Values,
		}})
	})
}

func (s *Sources) units(ctx context.Context, scope string, post post) error {
	return s.o.Desk.Units.FollowUnits(ctx, scope == "system", func(u desk.UnitChange) {
		post(watchers.Event{Source: "unit", Fields: fields{
			"Text": u.Unit, "Unit": u.Unit, "Description": u.Description, "Scope": scope, "State": u.State, "Was": u.Was, "Result": u.Result,
		}})
	})
}

func (s *Sources) notices(ctx context.Context, post post) error {
	return s.o.Desk.Notices.FollowNotices(ctx, func(n desk.Notice) {
		text := n.Title
		if n.Body != "" {
			text += "\n" + n.Body
		}
		post(watchers.Event{Source: "notification", Fields: fields{
			"Text": text, "App": n.App, "Title": n.Title, "Body": n.Body, "Category": n.Category, "Urgency": n.Urgency,
		}})
	})
}

// battery remembers the charge before: full at first, so that one which is low already falls below what a rule names.
func (s *Sources) battery(ctx context.Context, post post) error {
	was := desk.Charge{Percent: 100}
	return s.o.Desk.PowerSupply.FollowBattery(ctx, func(c desk.Charge) {
		post(watchers.Event{Source: "battery", Fields: fields{
			"Text": fmt.Sprintf("%.0f %% %s", c.Percent, c.State), "Percent": c.Percent, "WasPercent": was.Percent,
			"State": c.State, "Was": was.State, "Minutes": c.Minutes,
		}})
		was = c
	})
}

func (s *Sources) network(ctx context.Context, post post) error {
	was := ""
	return s.o.Desk.Network.FollowNetwork(ctx, func(c desk.Connection) {
		post(watchers.Event{Source: "network", Fields: fields{
			"Text": c.Name, "State": c.State, "Was": was, "Name": c.Name, "Type": c.Type, "Metered": c.Metered,
		}})
		was = c.State
	})
}

// presence counts whole seconds, and never fewer than a rule names.
func (s *Sources) presence(ctx context.Context, after time.Duration, post post) error {
	return s.o.Desk.Presence.FollowPresence(ctx, int(math.Ceil(after.Seconds())), func(idle bool) {
		state := "active"
		if idle {
			state = "idle"
		}
		post(watchers.Event{Source: "idle", Fields: fields{"Text": state, "State": state, "Seconds": after.Seconds()}})
	})
}
