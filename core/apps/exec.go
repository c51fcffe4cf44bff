package apps

import (
	"errors"
	"fmt"
	"strings"
)

// word is one argument of an Exec line before field codes are expanded.
type word []piece

// piece is literal text or, where code is set, a field code.
type piece struct {
	text string
	code byte
}

// alone says whether the word is nothing but one field code, and which.
func (w word) alone() (code byte, ok bool) {
	if len(w) == 1 && w[0].code != 0 {
		return w[0].code, true
	}
	return 0, false
}

// has says whether one of the field codes occurs in the word.
func (w word) has(codes string) bool {
	for _, p := range w {
		if p.code != 0 && strings.IndexByte(codes, p.code) >= 0 {
			return true
		}
	}
	return false
}

// literal is the word's own text, without what its field codes will bring.
func (w word) literal() string {
	var b strings.Builder
	for _, p := range w {
		b.WriteString(p.text)
	}
	return b.String()
}

const (
	fileCodes       = "fFuU"
	deprecatedCodes = "dDnNvm" // "should be removed from the command line and ignored"
)

// parseExec takes an Exec value, string escapes already undone, apart into words (section "The Exec key").
//
// Quoting is the specification's double quotes, in which a backslash escapes " ` $ and itself. Beyond that
// it understands what GLib's g_shell_parse_argv does, because such files exist: single quotes, quotes in
// the middle of an argument, and a backslash outside quotes. Unlike GLib, # starts no comment and nothing
// else is special: ~, $, * and the like are ordinary letters, since no shell ever sees them.
//
// A field code that is not in the specification makes the line invalid: "must not be processed". So does
// a quote that is not closed.
func parseExec(line string) ([]word, error) {
	p := execParser{line: line}
	for p.pos < len(p.line) {
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	p.endWord()
	switch {
	case len(p.words) == 0:
		return nil, errors.New("the command line is empty")
	case p.words[0].has("fFuUick"):
		return nil, errors.New("the program's name is a field code")
	case p.words[0].literal() == "":
		return nil, errors.New("the program's name is empty")
	}
	return p.words, nil
}

type execParser struct {
	line   string
	pos    int
	words  []word
	text   strings.Builder
	word   word
	inWord bool // an argument has begun; "" is one
}

func (p *execParser) next() error {
	switch c := p.take(); c {
	case ' ', '\t', '\n', '\r':
		p.endWord()
	case '"', '\'':
		p.inWord = true
		return p.quoted(c)
	case '\\':
		if p.pos == len(p.line) {
			return errors.New("it ends in a backslash")
		}
		p.add(p.take())
	case '%':
		return p.fieldCode()
	default:
		p.add(c)
	}
	return nil
}

func (p *execParser) quoted(quote byte) error {
	for p.pos < len(p.line) {
		c := p.take()
		switch {
		case c == quote:
			return nil
		case c == '\\' && quote == '"' && p.pos < len(p.line) && strings.IndexByte("\"`$\\", p.line[p.pos]) >= 0:
			p.add(p.take())
		case c == '%':
			if err := p.fieldCode(); err != nil {
				return err
			}
		default:
			p.add(c)
		}
	}
	return fmt.Errorf("a %c is not closed", quote)
}

func (p *execParser) fieldCode() error {
	if p.pos == len(p.line) {
		return errors.New("it ends in a bare %, which must be written %%")
	}
	c := p.take()
	switch {
	case c == '%':
		p.add('%')
	case strings.IndexByte(deprecatedCodes, c) >= 0:
		// "%d" alone vanishes, "--x=%d" keeps its text.
	case strings.IndexByte(fileCodes+"ick", c) >= 0:
		p.inWord = true
		p.flush()
		p.word = append(p.word, piece{code: c})
	default:
		return fmt.Errorf("%s is no field code of the Desktop Entry Specification", clip("%"+string(rune(c))))
	}
	return nil
}

func (p *execParser) take() byte {
	c := p.line[p.pos]
	p.pos++
	return c
}

func (p *execParser) add(c byte) {
	p.inWord = true
	p.text.WriteByte(c)
}

func (p *execParser) flush() {
	if p.text.Len() > 0 {
		p.word = append(p.word, piece{text: p.text.String()})
		p.text.Reset()
	}
}

func (p *execParser) endWord() {
	p.flush()
	if p.inWord {
		p.words = append(p.words, p.word)
	}
	p.word, p.inWord = nil, false
}
