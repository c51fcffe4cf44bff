package visible

import "unicode"

// mixes has the alphabets that may stand beside Latin within a word (UTS #39, "Moderately Restrictive", over the
// recommended scripts of UAX #31). Cyrillic and Greek are left out there, and Armenian here: too many of their
// letters are ASCII to the eye.
var mixes = map[string]bool{
	"Arabic": true, "Bengali": true, "Devanagari": true, "Ethiopic": true, "Georgian": true, "Gujarati": true,
	"Gurmukhi": true, "Hebrew": true, "Kannada": true, "Khmer": true, "Lao": true, "Malayalam": true, "Myanmar": true,
	"Oriya": true, "Sinhala": true, "Tamil": true, "Telugu": true, "Thaana": true, "Thai": true, "Tibetan": true,
}

// cjk says whether a script is written together with Latin without spaces (UTS #39, "Highly Restrictive").
func cjk(script string) bool {
	switch script {
	case "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo":
		return true
	}
	return false
}

// frequent are looked at first: there are more than 160 scripts.
var frequent = []string{
	"Latin", "Common", "Inherited", "Han", "Cyrillic", "Greek", "Arabic", "Hebrew", "Hiragana", "Katakana", "Hangul", "Devanagari", "Thai",
}

// script names the script of r, empty where it belongs to none or to all.
func script(r rune) string {
	if r <= unicode.MaxASCII {
		if unicode.IsLetter(r) {
			return "Latin"
		}
		return ""
	}
	for _, name := range frequent {
		if unicode.Is(unicode.Scripts[name], r) {
			return particular(name)
		}
	}
	for name, table := range unicode.Scripts {
		if unicode.Is(table, r) {
			return name
		}
	}
	return ""
}

func particular(name string) string {
	if name == "Common" || name == "Inherited" {
		return ""
	}
	return name
}
