package xkb

import (
	"slices"
	"strconv"
	"strings"

	"nerva/core/api"
)

// tokenKind is a class of tokens, or the character itself where it stands alone.
type tokenKind byte

const (
	end     tokenKind = 0
	ident   tokenKind = 'i'
	number  tokenKind = '0'
	quoted  tokenKind = '"'
	keyName tokenKind = '<'
)

type token struct {
	kind tokenKind
	text string
	at   int // offset of its beginning
}

// lexer splits the text into tokens. Once something is wrong there is only the end, so that no loop goes on.
type lexer struct {
	text string
	pos  int
	tok  token
	err  error
}

// fail keeps the first thing that is wrong, with its line.
func (l *lexer) fail(format string, args ...any) {
	if l.err == nil {
		line := 1 + strings.Count(l.text[:min(l.tok.at, len(l.text))], "\n")
		args = append([]any{line}, args...)
		l.err = api.Errorf(api.InvalidInput, "line %d of the keymap: "+format+"; choose another keyboard layout", args...)
	}
	l.pos, l.tok = len(l.text), token{at: len(l.text)}
}

// next goes on to the next token.
func (l *lexer) next() {
	l.space()
	start := l.pos
	if start == len(l.text) {
		l.tok = token{at: start}
		return
	}
	switch c := l.text[start]; {
	case letter(c):
		l.take(ident, func(c byte) bool { return letter(c) || digit(c) })
	case digit(c):
		l.take(number, func(c byte) bool { return letter(c) || digit(c) || c == '.' })
	case c == '"':
		l.enclosed(quoted, '"')
	case c == '<':
		l.enclosed(keyName, '>')
	default:
		l.pos++
		l.tok = token{tokenKind(c), l.text[start:l.pos], start}
	}
}

func (l *lexer) space() {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f':
			l.pos++
		case c == '#' || strings.HasPrefix(l.text[l.pos:], "//"):
			if n := strings.IndexByte(l.text[l.pos:], '\n'); n >= 0 {
				l.pos += n
			} else {
				l.pos = len(l.text)
			}
		default:
			return
		}
	}
}

func (l *lexer) take(kind tokenKind, more func(byte) bool) {
	start := l.pos
	for l.pos < len(l.text) && more(l.text[l.pos]) {
		l.pos++
	}
	l.tok = token{kind, l.text[start:l.pos], start}
}

// enclosed takes what lies between two delimiters. A string's escapes stay as they are: only names are looked at.
func (l *lexer) enclosed(kind tokenKind, closing byte) {
	start := l.pos
	for i := start + 1; i < len(l.text) && l.text[i] != '\n'; i++ {
		switch c := l.text[i]; {
		case c == '\\' && kind == quoted:
			i++
		case c == closing:
			l.pos = i + 1
			l.tok = token{kind, l.text[start+1 : i], start}
			return
		}
	}
	l.tok.at = start
	l.fail("a %q is not closed", l.text[start:start+1])
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// is says whether the next token is of this kind.
func (l *lexer) is(kind tokenKind) bool { return l.tok.kind == kind }

// accept goes past a token of this kind if one is next.
func (l *lexer) accept(kind tokenKind) bool {
	if !l.is(kind) {
		return false
	}
	l.next()
	return true
}

// want goes past a token of this kind and returns its text.
func (l *lexer) want(kind tokenKind) string {
	text := l.tok.text
	if !l.is(kind) {
		l.fail("%q stands where %s is expected", text, describe(kind))
		return ""
	}
	l.next()
	return text
}

func describe(kind tokenKind) string {
	switch kind {
	case end:
		return "the end"
	case ident:
		return "a word"
	case number:
		return "a number"
	case quoted:
		return "a string"
	case keyName:
		return "a key's name"
	}
	return strconv.Quote(string(rune(kind)))
}

// word takes a word, in lower case: XKB's keywords have none.
func (l *lexer) word() string { return strings.ToLower(l.want(ident)) }

// number takes a whole number of at most limit.
func (l *lexer) number(limit uint32) uint32 {
	n, err := strconv.ParseUint(l.tok.text, 0, 32)
	if !l.is(number) || err != nil || uint32(n) > limit {
		l.fail("%q stands where a number up to %d is expected", l.tok.text, limit)
		return 0
	}
	l.next()
	return uint32(n)
}

// skipTo goes up to one of these outside all brackets, whatever lies before it, or to what closes a bracket from before.
func (l *lexer) skipTo(kinds ...tokenKind) {
	for depth := 0; !l.is(end); l.next() {
		switch l.tok.kind {
		case '{', '(', '[':
			depth++
		case '}', ')', ']':
			if depth == 0 {
				return
			}
			depth--
		default:
			if depth == 0 && slices.Contains(kinds, l.tok.kind) {
				return
			}
		}
	}
}

// skip goes past the rest of a statement.
func (l *lexer) skip() {
	l.skipTo(';')
	l.want(';')
}
