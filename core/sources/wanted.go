package sources

import (
	"context"
	"fmt"
	"time"

	"nerva/core/desk"
	"nerva/core/watchers"
)

// wanted gives what must be listened to, by a name for each. A listener goes on while its name is wanted: what is in it is
// all that it depends on, so that a change of other rules costs no event, and does not make it forget the state before.
func (s *Sources) wanted() map[string]listen {
	all := map[string]listen{}
	for source, listen := range map[string]listen{
		"clipboard": s.copied.listen, "window": s.windows.listen, "battery": s.battery, "network": s.network, "notification": s.notices,
	} {
		if len(s.o.Engine.Wants(source)) > 0 {
			all[source] = listen
		}
	}
	s.wantedFiles(all)
	s.wantedMeetings(all)
	for _, m := range s.o.Engine.Wants("dbus") {
		what := busMatch(m)
		all[fmt.Sprintf("dbus %+v", what)] = func(ctx context.Context, post post) error { return s.signals(ctx, what, post) }
	}
	for _, m := range s.o.Engine.Wants("unit") {
		for _, scope := range []string{"user", "system"} {
			if m.Scope == "" || m.Scope == scope {
				all["unit "+scope] = func(ctx context.Context, post post) error { return s.units(ctx, scope, post) }
			}
		}
	}
	for _, m := range s.o.Engine.Wants("idle") {
		after, _ := time.ParseDuration(m.After) // the rule was compiled, so that it is one
		all["idle "+after.String()] = func(ctx context.Context, post post) error { return s.presence(ctx, after, post) }
	}
	return all
}

// busMatch is what a rule listens for.
func busMatch(m watchers.Match) desk.BusMatch {
	return desk.BusMatch{
		System: m.Bus == "system", Sender: m.Sender, Path: m.Path, Interface: m.Interface, Member: m.Member, Property: m.Property,
	}
}
