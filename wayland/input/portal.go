package input

import (
	"context"
	"errors"
	"slices"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/xkb"
)

// Portal makes requests that the desktop portal answers later; *portal.Portal is one.
type Portal interface {
	Request(ctx context.Context, method string, options map[string]dbus.Variant, args ...any) (map[string]dbus.Variant, error)
}

// The names of the portal (XDG Desktop Portal, org.freedesktop.portal.RemoteDesktop, version 1).
const (
	portalName    = "org.freedesktop.portal.Desktop"
	portalPath    = "/org/freedesktop/portal/desktop"
	remoteDesktop = "org.freedesktop.portal.RemoteDesktop."
	selectSources = "org.freedesktop.portal.ScreenCast.SelectSources"
	closeSession  = "org.freedesktop.portal.Session.Close"

	remoteKeyboard, remotePointer = 1, 2 // AvailableDeviceTypes
	castMonitor                   = 1    // AvailableSourceTypes
)

// remote is the RemoteDesktop portal: the desktop asks the user in a dialog of its own, once for the time that nervad runs.
// Absolute positions are those in the streams of a screen cast, which the session has for that alone.
//
// It was tried against a portal of the tests' own only: neither sway nor Hyprland has the interface.
type remote struct {
	link
	portal  Portal
	bus     func() (*dbus.Conn, error)
	session dbus.ObjectPath // empty: none yet
	streams []stream
}

// stream is an output of the screen cast, in logical pixels of the global space.
type stream struct {
	node                uint32
	x, y, width, height int
}

func (p *remote) name() string { return "portal" }

func (p *remote) open(ctx context.Context, _ need) (string, error) {
	if p.portal == nil {
		return "", api.Errorf(api.Unavailable, "no desktop portal is to be asked")
	}
	if p.session == "" {
		if err := p.begin(ctx); err != nil {
			return "", err
		}
	}
	if err := p.link.open(ctx); err != nil {
		return "", err
	}
	return p.name(), nil
}

// begin opens a session that has keyboard, pointer and all outputs.
func (p *remote) begin(ctx context.Context) error {
	type options = map[string]dbus.Variant
	made, err := p.portal.Request(ctx, remoteDesktop+"CreateSession", options{"session_handle_token": dbus.MakeVariant("nerva")})
	if err != nil {
		return err
	}
	handle, ok := made["session_handle"].Value().(string)
	if !ok || !dbus.ObjectPath(handle).IsValid() {
		return api.Errorf(api.Failed, "the portal names no session: update xdg-desktop-portal and its backend")
	}
	session := dbus.ObjectPath(handle)
	_, err = p.portal.Request(ctx, remoteDesktop+"SelectDevices", options{"types": dbus.MakeVariant(uint32(remoteKeyboard | remotePointer))}, session)
	if err != nil {
		return err
	}
	_, err = p.portal.Request(ctx, selectSources, options{"types": dbus.MakeVariant(uint32(castMonitor)), "multiple": dbus.MakeVariant(true)}, session)
	if err != nil {
		return err
	}
	begun, err := p.portal.Request(ctx, remoteDesktop+"Start", nil, session, "")
	if err != nil {
		return err
	}
	p.session, p.streams = session, streams(begun)
	return nil
}

// streams reads those that say where they lie.
func streams(begun map[string]dbus.Variant) (list []stream) {
	var raw []struct {
		Node       uint32
		Properties map[string]dbus.Variant
	}
	if begun["streams"].Value() == nil || begun["streams"].Store(&raw) != nil {
		return nil
	}
	for _, r := range raw {
		var at, size struct{ A, B int32 }
		if r.Properties["position"].Value() != nil && r.Properties["position"].Store(&at) == nil &&
			r.Properties["size"].Value() != nil && r.Properties["size"].Store(&size) == nil {
			list = append(list, stream{r.Node, int(at.A), int(at.B), int(size.A), int(size.B)})
		}
	}
	return list
}

// call is one of the Notify methods, which answer at once.
func (p *remote) call(ctx context.Context, method string, args ...any) error {
	conn, err := p.bus()
	if err != nil {
		return err
	}
	args = append([]any{p.session, map[string]dbus.Variant{}}, args...)
	err = conn.Object(portalName, portalPath).CallWithContext(ctx, remoteDesktop+method, 0, args...).Err
	var answer dbus.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return stopped(ctx)
	case errors.As(err, &answer):
		p.session = "" // it was closed by the desktop, and the next request asks for another
		return api.Errorf(api.Denied, "the desktop has ended what it allowed: %w; try again and allow it anew", err)
	}
	return api.Errorf(api.Unavailable, "the portal does not answer: %w", err)
}

func (p *remote) check([]rune) error { return nil }

// keysym is the number that X11 gives a character (Xlib, "Keysym Encoding").
func keysym(r rune) int32 {
	switch {
	case r == '\n':
		return 0xff0d
	case r == '\t':
		return 0xff09
	case r < 0x100:
		return r
	}
	return 0x01000000 | r
}

func (p *remote) write(ctx context.Context, text []rune, before func(done int) error) error {
	for done, r := range text {
		if done%chunk == 0 {
			if err := before(done); err != nil {
				return err
			}
		}
		if err := p.held(ctx, "NotifyKeyboardKeysym", keysym(r)); err != nil {
			return err
		}
	}
	return nil
}

// held presses and lets go, however it ends.
func (p *remote) held(ctx context.Context, method string, codes ...int32) (err error) {
	free, cancel := context.WithTimeout(context.WithoutCancel(ctx), desk.Limit)
	defer cancel()
	for _, code := range codes {
		defer func() { err = errors.Join(err, p.call(free, method, code, uint32(0))) }()
		if err := p.call(ctx, method, code, uint32(1)); err != nil {
			return err
		}
	}
	return nil
}

// press takes the codes of the compositor's keymap.
func (p *remote) press(ctx context.Context, keys string) error {
	if err := p.parse(); err != nil {
		return err
	}
	stroke, err := p.parsed.Chord(keys, xkb.State{})
	if err != nil {
		return err
	}
	var codes []int32
	for _, code := range append(slices.Clone(stroke.Hold), stroke.Code) {
		codes = append(codes, int32(code))
	}
	return p.held(ctx, "NotifyKeyboardKeycode", codes...)
}

func (p *remote) point(ctx context.Context, steps ...step) error {
	for _, s := range steps {
		if err := p.act(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *remote) act(ctx context.Context, s step) error {
	switch {
	case s.to != nil:
		for _, t := range p.streams {
			x, y := s.to.X-t.x, s.to.Y-t.y
			if x < 0 || y < 0 || x >= t.width || y >= t.height {
				continue
			}
			if s.aim {
				return nil
			}
			return p.call(ctx, "NotifyPointerMotionAbsolute", t.node, float64(x)+0.5, float64(y)+0.5)
		}
		return api.Errorf(api.InvalidInput, "no output that the desktop's dialog has allowed is at %d,%d", s.to.X, s.to.Y)
	case s.button != "":
		var state uint32
		if s.down {
			state = 1
		}
		return p.call(ctx, "NotifyPointerButton", int32(buttons[s.button]), state)
	}
	for axis, n := range []int{s.dy, s.dx} { // vertical first
		if n != 0 {
			if err := p.call(ctx, "NotifyPointerAxisDiscrete", uint32(axis), int32(n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// stop closes the session: the desktop shows it as long as it is there.
func (p *remote) stop() {
	p.link.stop()
	if p.session == "" {
		return
	}
	if conn, err := p.bus(); err == nil {
		conn.Object(portalName, p.session).Go(closeSession, dbus.FlagNoReplyExpected, nil)
	}
}
