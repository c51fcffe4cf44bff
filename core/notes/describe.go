package notes

import (
	"iter"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxTitle is the length in runes to which a title is cut; a first line may be a paragraph.
const maxTitle = 100

// tag is a # at the start of a word, followed by a letter: neither a heading nor "#1" nor a URL's fragment.
var tag = regexp.MustCompile(`(?:^|[\s(,])#(\p{L}[\p{L}\p{N}_/-]*)`)

// describe returns the title and the tags of a note.
func describe(text, rel string) (title string, tags []string) {
	front, body := split(text)
	title, tags = frontMatter(front)
	heading, first := "", ""
	for line := range prose(body) {
		if h := strings.TrimLeft(line, "#"); heading == "" && h != line && strings.HasPrefix(h, " ") {
			heading = strings.TrimSpace(strings.TrimRight(h, "# "))
		}
		if first == "" {
			first = strings.TrimLeft(line, "#>*- ")
		}
		for _, m := range tag.FindAllStringSubmatch(line, -1) {
			tags = append(tags, m[1])
		}
	}
	if title == "" {
		title = heading
	}
	if title == "" {
		title = first
	}
	if title == "" {
		title = strings.TrimSuffix(filepath.Base(rel), filepath.Ext(rel))
	}
	return cut(title, maxTitle), unique(tags)
}

// prose are the lines of a text that are neither empty nor code, trimmed.
func prose(body string) iter.Seq[string] {
	return func(yield func(string) bool) {
		fenced := false
		for line := range strings.Lines(body) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") {
				fenced = !fenced
				continue
			}
			if !fenced && line != "" && !yield(line) {
				return
			}
		}
	}
}

// split takes the front matter off: the lines between a first line "---" and the next one.
// https://jekyllrb.com/docs/front-matter/
func split(text string) (front, body string) {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\uFEFF")
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return "", text
	}
	if front, body, ok = strings.Cut("\n"+rest, "\n---\n"); ok {
		return front, body
	}
	if front, ok = strings.CutSuffix("\n"+rest, "\n---"); ok {
		return front, ""
	}
	return "", text
}

// frontMatter reads the two keys that matter from YAML as people write it for notes: a title, and tags as
// words, in brackets, or one in each line with a dash.
func frontMatter(front string) (title string, tags []string) {
	list := false
	for line := range strings.Lines(front) {
		line = strings.TrimRight(line, "\n ")
		if item, ok := strings.CutPrefix(strings.TrimSpace(line), "- "); ok && list {
			tags = append(tags, plain(item))
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		list = false
		switch value = strings.TrimSpace(value); strings.ToLower(key) {
		case "title":
			title = plain(value)
		case "tags", "tag":
			list = value == ""
			for _, t := range strings.FieldsFunc(strings.Trim(value, "[]"), func(r rune) bool { return r == ',' || r == ' ' }) {
				tags = append(tags, plain(t))
			}
		}
	}
	return title, tags
}

// plain takes quotes and a leading # off.
func plain(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		s = s[1 : len(s)-1]
	}
	return strings.TrimPrefix(s, "#")
}

// unique removes empty and double tags, keeping the order.
func unique(tags []string) []string {
	list := []string{}
	for _, t := range tags {
		if t != "" && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

// cut shortens s to n runes, with an ellipsis.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n-1])) + "…"
	}
	return s
}
