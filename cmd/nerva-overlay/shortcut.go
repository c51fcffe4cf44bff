package main

import (
	"context"
	"log/slog"

	"nerva/core/api"
	"nerva/core/bus/overlay"
	"nerva/core/config"
	"nerva/core/shortcut"
	"nerva/wayland/portal"
	"nerva/wayland/sessionbus"
)

// keepShortcut has the desktop's portal bind the key of the configuration, so that it calls this process over the bus
// and starts none, until ctx ends. It has a connection of its own: by the first call on it the portal learns who asks.
func keepShortcut(ctx context.Context, key, state string, log *slog.Logger, toggle func(token string)) {
	if key == "" {
		return
	}
	trigger, err := shortcut.Trigger(key)
	if err != nil {
		log.Warn("no key is asked for: keybindings.toggle "+err.Error(), "key", key)
		return
	}
	refused, err := shortcut.Refused(state, key)
	if err != nil {
		log.Warn("whether the key was refused before is not known, so it is not asked for", "err", err)
		refused = true
	}
	err = portal.New(sessionbus.New(ctx).Conn).KeepShortcut(ctx, portal.Shortcut{
		App: overlay.Name, ID: shortcut.ID, Description: "Open nerva", Trigger: trigger, Known: refused,
	}, toggle, func(err error) {
		if err != nil {
			log.Info("the desktop binds no key for nerva; bind one to nerva-ui in its configuration", "err", err)
			return
		}
		log.Info("the desktop binds the key", "key", key)
	})
	switch {
	case ctx.Err() != nil:
	case api.CodeOf(err) == api.Cancelled:
		log.Info("the key was refused; it is not asked for again until keybindings.toggle is another one", "key", key)
		if err := shortcut.Refuse(state, key); err != nil {
			log.Warn("the refusal could not be kept, so the next start asks again", "err", err)
		}
	default:
		log.Warn("the desktop binds no key for nerva any more", "err", err)
	}
}

// shortcutKey is the key of the configuration; of one that is wrong, which nervad says, it is none: what was meant is
// not known, and the desktop would ask the person.
func shortcutKey() string {
	c, err := config.Load(config.DefaultPaths())
	if err != nil {
		return ""
	}
	return c.Keybindings.Toggle
}
