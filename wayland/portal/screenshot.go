package portal

import (
	"context"
	"slices"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
)

// Screenshot has the portal take a picture of the whole screen, without a dialog of its own, and returns
// the path of a new PNG file in dir that only the user may read and that belongs to the caller.
//
// Its errors are those of Request; the code is api.Denied also where the user has forbidden screenshots
// before, which the portal itself reports like any failure.
func (p *Portal) Screenshot(ctx context.Context, dir string) (string, error) {
	results, err := p.Request(ctx, "org.freedesktop.portal.Screenshot.Screenshot",
		map[string]dbus.Variant{"interactive": dbus.MakeVariant(false)}, "")
	if api.CodeOf(err) == api.Failed {
		if forbidden := p.Forbidden(ctx); forbidden != nil {
			return "", forbidden
		}
	}
	if err != nil {
		return "", err
	}
	uri, ok := results["uri"].Value().(string)
	if !ok {
		return "", api.Errorf(api.Failed, "the portal's screenshot names no file: update xdg-desktop-portal and its backend")
	}
	return take(uri, dir)
}

// Forbidden is the api.Denied error of a person who has forbidden screenshots for good: the permission store holds a
// "no" for unsandboxed programs, which the portal knows by the empty application id (xdg-desktop-portal, screenshot.c).
// Where the store can't be asked nobody has forbidden anything.
func (p *Portal) Forbidden(ctx context.Context) error {
	conn, err := p.conn()
	if err != nil {
		return nil // no bus, no store
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	var permissions map[string][]string
	var data dbus.Variant
	err = conn.Object("org.freedesktop.impl.portal.PermissionStore", "/org/freedesktop/impl/portal/PermissionStore").
		CallWithContext(ctx, "org.freedesktop.impl.portal.PermissionStore.Lookup", 0, "screenshot", "screenshot").
		Store(&permissions, &data)
	if err != nil || !slices.Equal(permissions[""], []string{"no"}) {
		return nil // no store, no word of anybody
	}
	return api.Errorf(api.Denied, "screenshots are forbidden in the desktop's permission store: "+
		"allow them in the privacy settings, or with flatpak permission-set screenshot screenshot '' yes")
}
