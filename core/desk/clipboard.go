package desk

import (
	"context"
	"slices"
	"strings"
)

// SecretHint is a type that is offered beside what no history may keep and nobody else is to see: password managers
// do so, by the convention of KDE's clipboard, and `wl-copy --sensitive`.
const SecretHint = "x-kde-passwordManagerHint"

// ClipLimit is how many bytes one form of what is copied may have.
const ClipLimit = 16 << 20

// TextTypes are the names of plain text, best first: that of the Internet (RFC 2046) and those of X11 (ICCCM, 2.6.2),
// which many programs look for alone.
var TextTypes = []string{"text/plain;charset=utf-8", "text/plain", "UTF8_STRING", "STRING", "TEXT"}

// TextType gives the best of types that is plain text, and the empty string where none is.
func TextType(types []string) string {
	for _, text := range TextTypes {
		if i := slices.IndexFunc(types, func(t string) bool { return strings.EqualFold(t, text) }); i >= 0 {
			return types[i]
		}
	}
	return ""
}

// Form is one of the forms that something copied can be had in.
type Form struct {
	Type string // a MIME type, or a name of X11
	Data []byte
}

// Offer is something that was copied. It can be read until something else is.
type Offer interface {
	// Types are in the order in which they were offered. They are others' words.
	Types() []string
	// Read waits for whoever offers it. What is not offered in the type, or not any more, is api.NotFound; more than
	// ClipLimit is api.Failed, and one who sends nothing for Limit is api.Unavailable.
	Read(ctx context.Context, kind string) ([]byte, error)
}

// Clipboard holds what is copied.
type Clipboard interface {
	// SetText copies a text; the empty one clears the clipboard.
	SetText(ctx context.Context, text string) error
	// Copy copies one thing in all its forms, best first; no form clears the clipboard. A plain text is offered by
	// each of its names. It can be pasted until something else is copied, or this process ends.
	Copy(ctx context.Context, forms ...Form) error
	// Offered is what is copied now, nil where nothing is.
	Offered(ctx context.Context) (Offer, error)
	// Watch calls changed with what is copied, at first and after each change, from the goroutine that called it,
	// until ctx ends; what comes and goes while changed runs is left out. While there is no clipboard it waits for
	// one; it returns only ctx's error.
	Watch(ctx context.Context, changed func(Offer)) error
}
