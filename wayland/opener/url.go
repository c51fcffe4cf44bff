package opener

import (
	"context"
	"net/url"

	"nerva/core/api"
	"nerva/core/desk"
)

// OpenURL implements desk.Opener. It returns once the application was started, and is api.Cancelled where the user
// closed the portal's chooser.
//
// Source: XDG Desktop Portal, org.freedesktop.portal.OpenURI.OpenURI, which takes no file: URL either.
func (o *Opener) OpenURL(ctx context.Context, address, token string) error {
	u, err := url.Parse(address)
	if err != nil || !u.IsAbs() || u.Scheme == "file" {
		return api.Errorf(api.InvalidInput, "%.64q is no address: give a URL with its scheme, and for a file its path", address)
	}
	err = o.request(ctx, "OpenURI", token, address)
	if !elsewhere(ctx, err) {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	if missing := o.handler(limited, "x-scheme-handler/"+u.Scheme); missing != nil {
		return api.Errorf(api.CodeOf(missing), "%w (portal: %w)", missing, err)
	}
	return o.viaXDGOpen(ctx, address, token)
}
