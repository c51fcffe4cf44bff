package portal

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// keeper is the state of one KeepShortcut, of its goroutine.
type keeper struct {
	*Portal
	Shortcut
	conn     *dbus.Conn
	owner    string     // of the portal's name, empty for none
	attempts chan error // how the attempt that runs has ended
	end      context.CancelFunc
}

// start begins an attempt with the portal that runs. A person may take any time to answer its dialog, so it has a
// goroutine of its own.
func (k *keeper) start(ctx context.Context) {
	if k.owner == "" {
		return
	}
	ctx, k.end = context.WithCancel(ctx)
	go func() { k.attempts <- k.bind(ctx) }()
}

// stop ends the attempt that runs, if any.
func (k *keeper) stop() {
	if k.end != nil {
		k.end()
		<-k.attempts //nolint:errcheck // it was ended, and says so
		k.end = nil
	}
}

// bind makes a session and binds the shortcut in it. Each session may bind once; what the person has agreed to
// before the desktop binds without a question.
func (k *keeper) bind(ctx context.Context) error {
	session, err := k.session(ctx)
	if err != nil {
		return err
	}
	if k.Known {
		if err := k.known(ctx, session); err != nil {
			return err
		}
	}
	list := []listed{{k.ID, map[string]dbus.Variant{
		"description": dbus.MakeVariant(k.Description), "preferred_trigger": dbus.MakeVariant(k.Trigger),
	}}}
	_, err = k.Request(ctx, shortcuts+".BindShortcuts", nil, session, list, "")
	return err
}

// listed is a shortcut as the portal takes and gives it.
type listed struct {
	ID      string
	Details map[string]dbus.Variant
}

// known fails unless the desktop has the shortcut from an earlier session. KDE keeps one that was refused, without a key,
// and the person may have given it one since.
func (k *keeper) known(ctx context.Context, session dbus.ObjectPath) error {
	ctx, cancel := context.WithTimeout(ctx, sessionLimit)
	defer cancel()
	results, err := k.Request(ctx, shortcuts+".ListShortcuts", nil, session)
	if err != nil {
		return err
	}
	var all []listed
	if v, there := results["shortcuts"]; there {
		if err := v.Store(&all); err != nil {
			return api.Errorf(api.Failed, "the portal's list of shortcuts has the wrong form: update xdg-desktop-portal and its backend: %w", err)
		}
	}
	if !slices.ContainsFunc(all, func(l listed) bool { return l.ID == k.ID }) {
		return api.Errorf(api.Denied, "the shortcut was refused before, and is not asked for again: bind the key in the desktop's settings")
	}
	return nil
}

func (k *keeper) session(ctx context.Context) (dbus.ObjectPath, error) {
	limited, cancel := context.WithTimeout(ctx, sessionLimit)
	defer cancel()
	// A portal before 1.20 has no registry, one that knows us by our unit's name refuses another: neither is an error here,
	// and the next call says what is wrong.
	_ = k.conn.Object(busName, desktopPath).CallWithContext(limited,
		"org.freedesktop.host.portal.Registry.Register", 0, k.App, map[string]dbus.Variant{}).Err
	results, err := k.Request(limited, shortcuts+".CreateSession",
		map[string]dbus.Variant{"session_handle_token": dbus.MakeVariant("nerva_" + rand.Text())})
	if api.CodeOf(err) == api.Cancelled && ctx.Err() == nil {
		// Nobody was asked yet, so that it is no person's word.
		return "", api.Errorf(api.Failed, "the portal makes no session for shortcuts: see journalctl --user -u xdg-desktop-portal for why: %w", err)
	}
	if err != nil {
		return "", err
	}
	// A string by mistake, which stays so for compatibility (the interface's own note).
	session, _ := results["session_handle"].Value().(string)
	if path := dbus.ObjectPath(session); path.IsValid() {
		return path, nil
	}
	return "", api.Errorf(api.Failed, "the portal's session for shortcuts has no path: update xdg-desktop-portal and its backend")
}
