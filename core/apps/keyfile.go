package apps

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// keyFile is a parsed file: for each group its keys, for each key its values by locale ("" without one).
type keyFile map[string]group

type group map[string]map[string]string

// mainGroup must be the first group of a desktop file (section "Basic format of the file").
const mainGroup = "Desktop Entry"

// parseKeyFile reads the basic format. It is as strict as GLib where a line makes no sense, because a
// half-understood file would start the wrong program, and as lenient where the meaning is plain: a byte
// order mark, CRLF, blanks round keys and values and after a group's header are dropped, a group that
// comes again goes on, and of a key that comes again the last value counts.
func parseKeyFile(data []byte) (keyFile, error) {
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, fmt.Errorf("it has NUL bytes, so it is no text")
	}
	file := keyFile{}
	var current group
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		number++
		line = strings.Trim(line, " \t\r\n\v\f")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			name, ok := strings.CutSuffix(line[1:], "]")
			if !ok || name == "" || strings.ContainsAny(name, "[]") {
				return nil, fmt.Errorf("line %d: %s is no group header", number, clip(line))
			}
			if len(file) == 0 && name != mainGroup {
				return nil, fmt.Errorf("line %d: the first group is %s, not [%s]", number, clip(line), mainGroup)
			}
			if file[name] == nil {
				file[name] = group{}
			}
			current = file[name]
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimRight(key, " \t")
		switch {
		case !ok || key == "":
			return nil, fmt.Errorf("line %d: %s is no comment, group or KEY=VALUE", number, clip(line))
		case current == nil:
			return nil, fmt.Errorf("line %d: %s stands before the first group", number, clip(key))
		}
		current.set(key, strings.TrimLeft(value, " \t"))
	}
	if len(file) == 0 {
		return nil, fmt.Errorf("it has no group [%s]", mainGroup)
	}
	return file, nil
}

func (g group) set(key, value string) {
	key, locale, localized := strings.Cut(key, "[")
	if localized {
		var closed bool
		if locale, closed = strings.CutSuffix(locale, "]"); !closed || locale == "" {
			return // a malformed key is one that nobody knows
		}
		locale = withoutEncoding(locale)
	}
	if g[key] == nil {
		g[key] = map[string]string{}
	}
	g[key][locale] = value
}

// text gives a value of type string.
func (g group) text(key string) string { return unescape(g[key][""]) }

// localized gives a value of type localestring or iconstring by the first step of the ladder that exists.
func (g group) localized(key string, steps []string) string {
	return valid(unescape(g.raw(key, steps)))
}

// list gives a value of type string(s).
func (g group) list(key string) []string { return splitList(g[key][""]) }

// localizedList gives a value of type localestring(s).
func (g group) localizedList(key string, steps []string) []string {
	return splitList(g.raw(key, steps))
}

func (g group) raw(key string, steps []string) string {
	for _, s := range steps {
		if v, ok := g[key][s]; ok {
			return v
		}
	}
	return g[key][""]
}

// flag gives a value of type boolean; like GLib it takes "1" for true, which files from before 1.0 have.
func (g group) flag(key string) bool {
	v := g[key][""]
	return v == "true" || v == "1"
}

// unescape undoes the escapes of string values: \s \n \t \r \\ (section "Possible value types"). What
// follows any other backslash is kept together with it, as GLib does: many Exec lines have \" escaped once.
func unescape(s string) string {
	out, _ := unescapeUntil(s, false)
	return out
}

// splitList takes a list apart at its semicolons; \; is a literal one, the last semicolon is optional and
// empty items are dropped.
func splitList(s string) []string {
	var items []string
	for s != "" {
		var item string
		item, s = unescapeUntil(s, true)
		if item = valid(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

var escapes = map[byte]byte{'s': ' ', 'n': '\n', 't': '\t', 'r': '\r', '\\': '\\'}

// unescapeUntil undoes escapes up to the end or, in a list, the first bare semicolon, and gives the rest.
func unescapeUntil(s string, list bool) (item, rest string) {
	if !strings.ContainsAny(s, `\;`) {
		return s, ""
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if list && c == ';' {
			return b.String(), s[i+1:]
		}
		if c != '\\' || i+1 == len(s) {
			b.WriteByte(c)
			continue
		}
		i++
		if plain, ok := escapes[s[i]]; ok {
			b.WriteByte(plain)
		} else if list && s[i] == ';' {
			b.WriteByte(';')
		} else {
			b.WriteByte('\\')
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// valid makes text that can be shown and sent over D-Bus, whatever encoding the file was written in.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// clip quotes a piece of a foreign file for a log line.
func clip(s string) string {
	const most = 60
	if len(s) > most {
		s = s[:most] + "…"
	}
	return fmt.Sprintf("%q", s)
}
