package clips

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"time"
	"unicode"

	"nerva/core/api"
	"nerva/core/desk"
)

const (
	entryLimit = desk.ClipLimit // bytes of all forms
	textLimit  = 1 << 20        // bytes of a form that is text
	titleLimit = 200            // runes
	startLimit = 2 << 10        // bytes of a text that are searched
)

// textual are the other forms that are kept of a text, and those of files.
var textual = []string{"text/html", "text/rtf", "text/uri-list", "x-special/gnome-copied-files"}

// wanted gives the types of an offer that are kept, the one first that the entry is known by: its text; files; a picture
// where there is no text, in the one form that every program knows. The many other forms of the same are not asked for, since
// some programs compute each.
func wanted(types []string) []string {
	text := desk.TextType(types)
	var kinds []string
	if text != "" {
		kinds = append(kinds, text)
	} else if i := slices.Index(types, "image/png"); i >= 0 {
		kinds = append(kinds, "image/png")
	} else if i := slices.IndexFunc(types, func(kind string) bool { return strings.HasPrefix(kind, "image/") }); i >= 0 {
		kinds = append(kinds, types[i])
	}
	for _, kind := range textual {
		if slices.Contains(types, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// take reads what is kept of an offer in these types; nothing where nothing is.
func (k *Keeper) take(ctx context.Context, o desk.Offer, kinds []string) ([]desk.Form, error) {
	var forms []desk.Form
	size := 0
	for i, kind := range kinds {
		data, err := o.Read(ctx, kind)
		if code := api.CodeOf(err); i > 0 && (code == api.Unavailable || code == api.Failed) {
			continue // what it is known by is there
		}
		if err != nil {
			return nil, err
		}
		if desk.TextType([]string{kind}) != "" {
			kind = desk.TextTypes[0]
		}
		picture := strings.HasPrefix(kind, "image/")
		secret := !picture && len(data) <= textLimit && k.o.Secret(string(data))
		switch {
		case i == 0 && secret:
			return nil, errors.New("it looks like a secret")
		case i == 0 && !picture && len(data) > textLimit:
			return nil, fmt.Errorf("the text has %d bytes, more than %d", len(data), textLimit)
		case i == 0 && !picture && len(bytes.TrimSpace(data)) == 0:
			return nil, nil
		case secret || !picture && len(data) > textLimit || size+len(data) > entryLimit:
			continue
		}
		size += len(data)
		forms = append(forms, desk.Form{Type: kind, Data: data})
	}
	return forms, nil
}

// Entry is something that was copied.
type Entry struct {
	ID    int64
	Title string // one line
	Text  string // the beginning of its text, to be searched
	Type  string // of the form that it is known by
	App   string // that had the focus
	Bytes int64
	Time  time.Time // when it was copied last
}

// describe makes an entry of forms, of which there is one.
func describe(forms []desk.Form, app string, now time.Time) Entry {
	e := Entry{Type: forms[0].Type, App: app, Time: now}
	for _, f := range forms {
		e.Bytes += int64(len(f.Data))
	}
	first := forms[0].Data
	if strings.HasPrefix(e.Type, "image/") {
		e.Title = "Image"
		if about, err := png.DecodeConfig(bytes.NewReader(first)); err == nil {
			e.Title = fmt.Sprintf("Image, %d×%d", about.Width, about.Height)
		}
		return e
	}
	e.Text = strings.ToValidUTF8(string(first[:min(len(first), startLimit)]), "")
	e.Title = title(e.Text)
	return e
}

// title is the first line that has something on it.
func title(text string) string {
	for line := range strings.Lines(text) {
		line = strings.Join(strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
		if runes := []rune(line); len(runes) > titleLimit {
			line = string(runes[:titleLimit]) + "…"
		}
		if line != "" {
			return line
		}
	}
	return "Text"
}
