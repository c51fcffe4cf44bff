// Package opener opens files, folders and addresses with the application that the user prefers for them: by the
// desktop portal, or by xdg-open where there is none.
//
// An Opener has no state; what it starts belongs to the portal or the spawner. It must not know why
// something is opened.
package opener

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/tool"
)

// askLimit is how long the portal may take. It answers when the application has been started, and it
// shows a chooser first where it is not sure of the user's preference: that is a question to a person, who
// gets as long as for any of nerva's own. Then the request is closed, and the chooser with it.
const askLimit = time.Minute

// Portal makes portal requests; wayland/portal implements it.
type Portal interface {
	Request(ctx context.Context, method string, options map[string]dbus.Variant, args ...any) (map[string]dbus.Variant, error)
}

// Opener implements desk.Opener.
type Opener struct {
	portal  Portal
	spawner desk.Spawner
}

// New returns an Opener; spawner starts xdg-open where there is no portal.
func New(portal Portal, spawner desk.Spawner) *Opener { return &Opener{portal, spawner} }

// Open implements desk.Opener; token is an activation token or empty. It returns once the application was started,
// and is api.Cancelled where the user closed the portal's chooser.
//
// The portal gets the open file itself (XDG Desktop Portal, org.freedesktop.portal.OpenURI.OpenFile). xdg-open takes a
// path, so that must still be the open file's. A swap within a moment from then goes unseen.
func (o *Opener) Open(ctx context.Context, file *os.File, token string) error {
	err := o.request(ctx, "OpenFile", token, dbus.UnixFD(file.Fd()))
	if !elsewhere(ctx, err) {
		return err
	}
	path := file.Name()
	if missing := o.preferred(ctx, path); missing != nil {
		return api.Errorf(api.CodeOf(missing), "%w (portal: %w)", missing, err)
	}
	if !same(file, path) {
		return api.Errorf(api.Denied, "%s is another file by now, so nothing was opened: ask again", path)
	}
	return o.viaXDGOpen(ctx, path, token)
}

func same(file *os.File, path string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(open, there)
}

// elsewhere says whether what the portal could not do is worth another way: not where a person said no or did not
// answer, or the request itself was wrong.
func elsewhere(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	code := api.CodeOf(err)
	return code == api.Unavailable || code == api.Failed
}

// request asks the portal to open what. It asks the user only where no preference is known.
func (o *Opener) request(ctx context.Context, method, token string, what any) error {
	options := map[string]dbus.Variant{"ask": dbus.MakeVariant(false)}
	if token != "" {
		options["activation_token"] = dbus.MakeVariant(token)
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	_, err := o.portal.Request(ctx, "org.freedesktop.portal.OpenURI."+method, options, "", what)
	return err
}

// viaXDGOpen starts xdg-open on its own, in a scope like any application: it may stay for as long as what
// it opens. So its failure would not be seen, and the usual one, that nothing is set for the kind of file,
// is looked for by its callers first.
func (o *Opener) viaXDGOpen(ctx context.Context, what, token string) error {
	command := desk.Command{AppID: "xdg-open", Argv: []string{"xdg-open", what}}
	if token != "" {
		command.Env = []string{"XDG_ACTIVATION_TOKEN=" + token}
	}
	_, err := o.spawner.Spawn(ctx, command)
	return err
}

// preferred fails where no application is set for the file's type.
func (o *Opener) preferred(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	kind, err := o.mime(ctx, "filetype", path)
	if err != nil {
		return err
	}
	return o.handler(ctx, kind)
}

// handler fails where no application is set for a type.
func (o *Opener) handler(ctx context.Context, kind string) error {
	app, err := o.mime(ctx, "default", kind)
	if err == nil && app == "" {
		err = api.Errorf(api.Unavailable, "no application is set for %s: set one with xdg-mime default APP.desktop %s", kind, kind)
	}
	return err
}

func (o *Opener) mime(ctx context.Context, what, of string) (string, error) {
	return tool.Run(ctx, tool.Command{Argv: []string{"xdg-mime", "query", what, of}, Package: "xdg-utils"})
}
