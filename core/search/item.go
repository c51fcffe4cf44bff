package search

import "nerva/core/api"

// Item is one thing that can be found. Result is what Query returns for it, with Score and Matches filled
// in; its Title is the field that counts most. The engine keeps the item's slices: leave them unchanged.
type Item struct {
	Result api.Result
	// Names are other names that somebody would type: the untranslated name, the executable's name.
	Names []string
	// Generic says what the thing is ("Web Browser").
	Generic []string
	// Keywords are found by the start of any of their words.
	Keywords []string
	// IDs are identifiers such as a desktop file id or a window's app id. The last two parts of a
	// reverse DNS name are searched as a name ("gnome.Calculator"), the whole of it is found when it is
	// typed out.
	IDs []string
}

// The weight of a match by the field it is in.
const (
	weightTitle    = 1
	weightName     = 0.9
	weightGeneric  = 0.75
	weightKeywords = 0.6
	weightID       = 0.5
)

// kindRank orders results that are otherwise equal.
func kindRank(kind string) uint8 {
	switch kind {
	case api.KindApp:
		return 0
	case api.KindWindow:
		return 1
	case api.KindNote:
		return 2
	case api.KindFile:
		return 3
	default:
		return 4
	}
}
