package view

import (
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/diamondburned/gotk4/pkg/gdk/v4"
	"github.com/diamondburned/gotk4/pkg/gio/v2"
	"github.com/diamondburned/gotk4/pkg/gtk/v4"
)

// iconLimit bounds the cache: several screens full of rows, at about 10 kB for an icon.
const iconLimit = 256

// icons looks icons up once. GTK loads them in a thread of its own (PRELOAD), so that drawing a row for the
// first time does not read a file.
type icons struct {
	theme *gtk.IconTheme
	scale int
	known map[iconKey]gdk.Paintabler // nil: the theme has no such icon
}

type iconKey struct {
	name string
	size int
}

func newIcons(display *gdk.Display) *icons {
	i := &icons{theme: gtk.IconThemeGetForDisplay(display), scale: 1, known: map[iconKey]gdk.Paintabler{}}
	i.theme.ConnectChanged(i.forget)
	return i
}

func (i *icons) forget() { clear(i.known) }

func (i *icons) setScale(scale int) {
	if scale != i.scale {
		i.scale = scale
		i.forget()
	}
}

// lookup returns nil where there is no such icon.
func (i *icons) lookup(name string, size int) gdk.Paintabler {
	if name == "" {
		return nil
	}
	key := iconKey{name, size}
	p, ok := i.known[key]
	if ok {
		return p
	}
	if len(i.known) >= iconLimit {
		i.forget()
	}
	p = i.load(name, size)
	i.known[key] = p
	return p
}

func (i *icons) load(name string, size int) gdk.Paintabler {
	if filepath.IsAbs(name) {
		return gtk.NewIconPaintableForFile(gio.NewFileForPath(name), size, i.scale)
	}
	// Icon Theme Specification: names come without an extension, but desktop files often have one.
	for _, ext := range []string{".png", ".svg", ".xpm"} {
		name = strings.TrimSuffix(name, ext)
	}
	if !i.theme.HasIcon(name) {
		name += "-symbolic" // what a small theme has of an icon, coloured as the text is
	}
	if !i.theme.HasIcon(name) {
		return nil
	}
	return i.theme.LookupIcon(name, nil, size, i.scale, gtk.TextDirNone, gtk.IconLookupPreload)
}

// letter stands in for an icon that is missing.
func letter(title string) string {
	for _, r := range title {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return strings.ToUpper(string(r))
		}
	}
	if r, _ := utf8.DecodeRuneInString(title); r != utf8.RuneError && unicode.IsGraphic(r) {
		return string(r)
	}
	return "?"
}
