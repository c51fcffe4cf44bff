package atspi

import (
	"context"

	"github.com/godbus/dbus/v5"

	"nerva/wayland/internal/service"
)

// label names by the labels beside them what has no name, as the items of GTK 4's menus, and combo boxes: Qt says in their
// names what they have chosen.
func (w *walk) label(ctx context.Context, nodes []*node) {
	const labelledBy = 2 // of AtspiRelationType
	calls := make([]*dbus.Call, len(nodes))
	for i, n := range nodes {
		if n.role == roleCombo || n.name == "" && roles[n.role] != "" {
			calls[i] = w.ask(ctx, n.ref, accessible+".GetRelationSet")
		}
	}
	for i, n := range nodes {
		var relations []struct {
			Type uint32
			To   []ref
		}
		if calls[i] == nil || answer(calls[i], &relations) != nil {
			continue
		}
		for _, r := range relations {
			if r.Type != labelledBy || len(r.To) == 0 || w.app(ctx, r.To[0].Bus) == "" {
				continue
			}
			if name := w.reads(ctx, r.To[0]); name != "" {
				n.name, n.holds = name, n.name
			}
		}
	}
}

// reads gives what a label says. In GTK 4 the one of a menu's item has no name, but a text.
func (w *walk) reads(ctx context.Context, label ref) string {
	name, _ := text(w.property(ctx, label, accessible, "Name"))
	if name == "" && answer(w.ask(ctx, label, textual+".GetText", int32(0), int32(-1)), &name) != nil {
		return ""
	}
	return service.Line(name)
}
