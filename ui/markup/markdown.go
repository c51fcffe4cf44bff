package markup

import "strings"

// Markdown renders the little of Markdown that answers use: headings, lists, bold, emphasis, code and
// fenced code. Everything else, and whatever is not closed (yet: answers stream), stands as it came.
func Markdown(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/4)
	fenced := false
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if i > 0 && b.Len() > 0 {
			b.WriteByte('\n')
		}
		if fenced {
			b.WriteString("<tt>" + Escape(line) + "</tt>")
			continue
		}
		markdownLine(&b, line)
	}
	return b.String()
}

func markdownLine(b *strings.Builder, line string) {
	body := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(body)]
	if title := strings.TrimLeft(body, "#"); len(title) < len(body) && strings.HasPrefix(title, " ") {
		b.WriteString("<b>" + Escape(strings.TrimSpace(title)) + "</b>")
		return
	}
	for _, bullet := range []string{"- ", "* ", "+ "} {
		if rest, ok := strings.CutPrefix(body, bullet); ok {
			b.WriteString(indent + "•  ")
			spans(b, rest)
			return
		}
	}
	b.WriteString(indent)
	spans(b, body)
}

// marks are tried in this order: two stars before one.
var marks = []struct{ mark, element string }{{"`", "tt"}, {"**", "b"}, {"__", "b"}, {"*", "i"}}

func spans(b *strings.Builder, text string) {
	for text != "" {
		at := strings.IndexAny(text, "`*_")
		if at < 0 {
			b.WriteString(Escape(text))
			return
		}
		b.WriteString(Escape(text[:at]))
		text = text[at:]
		if rest, ok := span(b, text); ok {
			text = rest
			continue
		}
		run := len(text) - len(strings.TrimLeft(text, text[:1]))
		b.WriteString(text[:run])
		text = text[run:]
	}
}

// span writes the marked text that begins text and returns what follows it.
func span(b *strings.Builder, text string) (string, bool) {
	for _, m := range marks {
		inner, ok := strings.CutPrefix(text, m.mark)
		if !ok {
			continue
		}
		end := strings.Index(inner, m.mark)
		if end <= 0 || inner[0] == ' ' || inner[end-1] == ' ' {
			continue
		}
		b.WriteString("<" + m.element + ">")
		if m.element == "tt" {
			b.WriteString(Escape(inner[:end]))
		} else {
			spans(b, inner[:end])
		}
		b.WriteString("</" + m.element + ">")
		return inner[end+len(m.mark):], true
	}
	return "", false
}
