// Package wayland puts the desktop together: every part of core/desk by its implementation for a
// Wayland session.
//
// It owns no state and starts no goroutine: what a part connects later closes itself when the context
// ends. It must not know who uses the desktop.
package wayland

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"nerva/core/desk"
	"nerva/wayland/activation"
	"nerva/wayland/appbus"
	"nerva/wayland/atspi"
	"nerva/wayland/busevents"
	"nerva/wayland/capture"
	"nerva/wayland/clipboard"
	"nerva/wayland/compositor"
	"nerva/wayland/convert"
	"nerva/wayland/input"
	"nerva/wayland/internal/sockets"
	"nerva/wayland/logind"
	"nerva/wayland/media"
	"nerva/wayland/network"
	"nerva/wayland/notices"
	"nerva/wayland/notify"
	"nerva/wayland/ocr"
	"nerva/wayland/opener"
	"nerva/wayland/portal"
	"nerva/wayland/presence"
	"nerva/wayland/sessionbus"
	"nerva/wayland/spawn"
	"nerva/wayland/system"
	"nerva/wayland/units"
	"nerva/wayland/volume"
)

// Desk returns the desktop of this session. Nothing is connected or started until it is used, so neither
// a compositor nor a session bus need be there yet; what is connected then ends with ctx.
func Desk(ctx context.Context, log *slog.Logger) desk.Desk {
	bus, systemBus := sessionbus.New(ctx), sessionbus.NewSystem(ctx)
	windows := compositor.New(ctx, compositor.Environ(), log)
	requests := portal.New(bus.Conn)
	spawner := spawn.New(bus.Conn, log)
	controls := atspi.New(bus.Conn, sessionbus.NewAccessible(ctx, bus).Conn, windows)
	return desk.Desk{
		Windows:   windows,
		Screen:    capture.New(pictures(), requests, windows),
		Reader:    ocr.New(),
		Notifier:  notify.New(bus.Conn),
		Spawner:   spawner,
		AppBus:    appbus.New(bus.Conn),
		Tokens:    activation.New(ctx),
		Opener:    opener.New(requests, spawner),
		Clipboard: clipboard.New(ctx, log),
		Input: input.New(ctx, input.Options{
			Windows: windows, Editor: controls, Portal: requests, Bus: bus.Conn, Only: os.Getenv("NERVA_INPUT"),
		}),
		Media:     media.New(bus.Conn),
		Volume:    volume.New(),
		Power:     logind.New(systemBus.Conn),
		System:    system.New(systemBus.Conn),
		Converter: convert.New(),

		Accessibility: controls,

		Signals:     busevents.New(bus.Private, systemBus.Private, log),
		Units:       units.New(bus.Private, systemBus.Private, log),
		PowerSupply: system.NewSupply(systemBus.Private, log),
		Network:     network.New(systemBus.Private, log),
		Presence:    presence.New(log),
		Notices:     notices.New(bus.Private, bus.Conn, log),
	}
}

// pictures is the folder for captures: below the cache, or, without a home, below the runtime folder.
func pictures() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = sockets.RuntimeDir()
	}
	return filepath.Join(dir, "nerva", "captures")
}
