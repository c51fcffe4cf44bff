package notices

import (
	"html"
	"regexp"
	"strings"
)

// tagLimit is how many bytes a tag may have, most of which are an address.
const tagLimit = 1 << 10

var (
	// tag is one of those that bodies have (Desktop Notifications Specification 1.2, "Markup"), or that services understand as well,
	// as those by Pango and Qt do.
	tag = regexp.MustCompile(`(?i)^<(/?)(b|i|u|s|a|img|br|p|span|tt|small|big|sub|sup|strong|em)((?:\s+[a-z_-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*/?>`)
	// entity has no names but those of XML and one that is common: without its semicolon, or by HTML's names, it may be part of an
	// address.
	entity = regexp.MustCompile(`&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});`)
	alt    = regexp.MustCompile(`(?i)\salt\s*=\s*(?:"([^"]*)"|'([^']*)')`)
)

// withoutMarkup takes out tags, with a picture's alt in its place and the end of the line for a break, and gives entities
// their characters. A body that is no markup, since its sender knows of none, stays as it is but for what looks like it.
func withoutMarkup(body string) string {
	var b strings.Builder
	for {
		before, _, found := strings.Cut(body, "<")
		b.WriteString(unescape(before))
		body = body[len(before):]
		if !found {
			return b.String()
		}
		// Tried here alone: the cost of looking for the next one grows with all that follows.
		at := tag.FindStringSubmatchIndex(body[:min(len(body), tagLimit)])
		if at == nil {
			b.WriteByte('<')
			body = body[1:]
			continue
		}
		b.WriteString(inPlaceOf(strings.ToLower(body[at[4]:at[5]]), body[at[6]:at[7]]))
		body = body[at[1]:]
	}
}

func inPlaceOf(name, attributes string) string {
	switch name {
	case "br":
		return "\n"
	case "img":
		if text := alt.FindStringSubmatch(attributes); text != nil {
			return unescape(text[1] + text[2])
		}
	}
	return ""
}

func unescape(s string) string { return entity.ReplaceAllStringFunc(s, html.UnescapeString) }
