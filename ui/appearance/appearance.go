// Package appearance follows the desktop's wishes for colours: light or dark, high contrast, the accent. It
// reads them from the settings portal (org.freedesktop.portal.Settings, namespace org.freedesktop.appearance),
// which GNOME, KDE, wlroots desktops with xdg-desktop-portal-gtk and darkman all serve.
//
// Watch's goroutine owns what was read so far. The package must not know GTK.
package appearance

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/ui/style"
)

const (
	portalName = "org.freedesktop.portal.Desktop"
	portalPath = dbus.ObjectPath("/org/freedesktop/portal/desktop")
	settings   = "org.freedesktop.portal.Settings"
	namespace  = "org.freedesktop.appearance"
)

// readLimit bounds the first answer: the bus may have to start the portal for it.
const readLimit = 5 * time.Second

// Look is what the desktop wishes. The zero Look means that it has said nothing.
type Look struct {
	Scheme style.Scheme
	Accent string // a CSS colour, or empty
}

// Watch calls changed with the look at first and after each change, from one goroutine, until ctx or the
// connection ends. Without a portal it returns an error and has called nothing.
func Watch(ctx context.Context, conn *dbus.Conn, changed func(Look)) error {
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	defer conn.RemoveSignal(signals)
	match := []dbus.MatchOption{
		dbus.WithMatchSender(portalName), dbus.WithMatchInterface(settings), dbus.WithMatchMember("SettingChanged"),
		dbus.WithMatchArg(0, namespace),
	}
	if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
		return fmt.Errorf("listen to the settings portal: %w", err)
	}
	defer func() { _ = conn.RemoveMatchSignal(match...) }()

	values, err := read(ctx, conn)
	if err != nil {
		return err
	}
	changed(look(values))
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s, ok := <-signals:
			if !ok {
				return nil
			}
			if setting(s, values) {
				changed(look(values))
			}
		}
	}
}

func read(ctx context.Context, conn *dbus.Conn) (map[string]dbus.Variant, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	var all map[string]map[string]dbus.Variant
	call := conn.Object(portalName, portalPath).CallWithContext(ctx, settings+".ReadAll", 0, []string{namespace})
	if err := call.Store(&all); err != nil {
		return nil, fmt.Errorf("read the desktop's colours from the settings portal: %w", err)
	}
	values := all[namespace]
	if values == nil {
		values = map[string]dbus.Variant{}
	}
	return values, nil
}

// setting takes over a SettingChanged(s namespace, s key, v value).
func setting(s *dbus.Signal, values map[string]dbus.Variant) bool {
	var space, key string
	var value dbus.Variant
	if s.Name != settings+".SettingChanged" || dbus.Store(s.Body, &space, &key, &value) != nil || space != namespace {
		return false
	}
	values[key] = value
	return true
}

// look reads the keys as the portal's documentation defines them: color-scheme 1 prefers dark and 2 light,
// contrast 1 prefers high contrast, accent-color is (ddd) in sRGB from 0 to 1; anything outside means
// that the desktop has none.
func look(values map[string]dbus.Variant) Look {
	l := Look{Scheme: style.Light, Accent: accent(values["accent-color"])}
	if scheme, _ := values["color-scheme"].Value().(uint32); scheme == 1 {
		l.Scheme = style.Dark
	}
	if contrast, _ := values["contrast"].Value().(uint32); contrast == 1 {
		l.Scheme = style.Contrast
	}
	return l
}

func accent(v dbus.Variant) string {
	var c struct{ R, G, B float64 }
	if v.Signature().String() != "(ddd)" || dbus.Store([]any{v.Value()}, &c) != nil {
		return ""
	}
	for _, part := range []float64{c.R, c.G, c.B} {
		if !(part >= 0 && part <= 1) {
			return ""
		}
	}
	return fmt.Sprintf("#%02x%02x%02x", int(c.R*255+0.5), int(c.G*255+0.5), int(c.B*255+0.5))
}
