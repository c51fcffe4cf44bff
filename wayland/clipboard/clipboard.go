// Package clipboard puts text on the Wayland clipboard by wl-copy, which stays in the background for as
// long as the text is on offer.
//
// A Clipboard has no state: what is copied belongs to the wl-copy that offers it. The package must not
// know who copies.
package clipboard

import (
	"context"
	"strings"

	"nerva/core/desk"
	"nerva/wayland/internal/sockets"
	"nerva/wayland/internal/tool"
)

// Clipboard implements desk.Clipboard.
type Clipboard struct{}

// New returns a Clipboard.
func New() Clipboard { return Clipboard{} }

// SetText implements desk.Clipboard. The empty text clears the clipboard.
func (Clipboard) SetText(ctx context.Context, text string) error {
	env, err := sockets.Environ()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	// With the type given wl-copy does not run xdg-mime to guess it from the text.
	argv := []string{"wl-copy", "--type", "text/plain"}
	if text == "" {
		argv = []string{"wl-copy", "--clear"}
	}
	_, err = tool.Run(ctx, tool.Command{Argv: argv, Package: "wl-clipboard", Env: env, Stdin: strings.NewReader(text)})
	return err
}
