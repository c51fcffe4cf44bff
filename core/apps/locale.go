package apps

import (
	"slices"
	"strings"
)

// localesFrom gives the wanted languages, best first. LANGUAGE is a list and goes before everything, as in
// GLib's g_get_language_names; then the first of LC_ALL, LC_MESSAGES and LANG that is set counts alone.
// "C" and "POSIX" end the list: from there on the untranslated text is what is wanted.
func localesFrom(get func(string) string) []string {
	var list []string
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := get(name); v != "" {
			list = fields(v)
			break
		}
	}
	var locales []string
	for _, l := range list {
		l = withoutEncoding(l)
		if l == "C" || l == "POSIX" {
			break
		}
		if l != "" && !slices.Contains(locales, l) {
			locales = append(locales, l)
		}
	}
	return locales
}

// withoutEncoding drops the ".ENCODING" of lang_COUNTRY.ENCODING@MODIFIER, which matching ignores.
func withoutEncoding(locale string) string {
	dot := strings.IndexByte(locale, '.')
	if dot < 0 {
		return locale
	}
	if at := strings.IndexByte(locale[dot:], '@'); at >= 0 {
		return locale[:dot] + locale[dot+at:]
	}
	return locale[:dot]
}

// ladder gives the key suffixes that serve the locales, best first, in the order of the table in section
// "Localized values for keys": lang_COUNTRY@MODIFIER, lang_COUNTRY, lang@MODIFIER, lang.
func ladder(locales []string) []string {
	var steps []string
	for _, locale := range locales {
		rest, modifier, hasModifier := strings.Cut(locale, "@")
		lang, _, hasCountry := strings.Cut(rest, "_")
		if hasModifier && hasCountry {
			steps = append(steps, locale)
		}
		if hasCountry {
			steps = append(steps, rest)
		}
		if hasModifier {
			steps = append(steps, lang+"@"+modifier)
		}
		steps = append(steps, lang)
	}
	return steps
}
