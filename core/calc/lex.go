package calc

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind of a token; an operator's kind is its own character.
type kind rune

const (
	tokenEnd    kind = 0
	tokenNumber kind = 'n'
	tokenName   kind = 'a'
)

type token struct {
	kind  kind
	text  string   // as written, for messages
	value *big.Rat // of a number
}

// operand says whether a token may end an operand, so that an x behind it is a multiplication sign.
func (t token) operand() bool {
	return t.kind == tokenNumber || t.kind == ')' || t.kind == '%' || t.kind == '!' ||
		t.kind == tokenName && constants[t.text] != nil
}

// operators maps what people write to what is meant.
var operators = map[rune]kind{
	'+': '+', '-': '-', '−': '-', '–': '-', '*': '*', '×': '*', '·': '*', '∙': '*', '⋅': '*', '✕': '*',
	'/': '/', '÷': '/', '∕': '/', '%': '%', '^': '^', '!': '!', '(': '(', ')': ')', ',': ',', '√': '√',
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹"

// lexer splits an expression. In the arguments of a function a comma separates them, elsewhere it can
// only be a thousands separator.
type lexer struct {
	rest   string
	tokens []token
	args   []bool // for each open parenthesis, whether a function's
}

func lex(s string) ([]token, error) {
	if len(s) > maxLength {
		return nil, bad("the expression is longer than %d characters; shorten it", maxLength)
	}
	if !utf8.ValidString(s) {
		return nil, bad("the expression is not text; type it again")
	}
	l := &lexer{rest: s}
	for {
		l.rest = strings.TrimLeftFunc(l.rest, unicode.IsSpace)
		if l.rest == "" {
			return append(l.tokens, token{kind: tokenEnd, text: "the end"}), nil
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
}

func (l *lexer) last() token {
	if len(l.tokens) == 0 {
		return token{}
	}
	return l.tokens[len(l.tokens)-1]
}

func (l *lexer) add(k kind, text string) {
	l.tokens = append(l.tokens, token{kind: k, text: text})
}

func (l *lexer) next() error {
	r, size := utf8.DecodeRuneInString(l.rest)
	switch {
	case digit(l.rest, 0), r == '.' && digit(l.rest, 1):
		return l.number()
	case strings.ContainsRune(superscripts, r):
		return l.superscript()
	case r == 'π':
		l.add(tokenName, "pi")
	case r == '°':
		l.add(tokenName, "deg")
	case strings.HasPrefix(l.rest, "**"):
		l.add('^', "**")
		size = 2
	case operators[r] != 0:
		l.parenthesis(operators[r])
		l.add(operators[r], string(r))
	case unicode.IsLetter(r):
		l.name()
		return nil
	default:
		return bad("%q does not belong in an expression; remove it", r)
	}
	l.rest = l.rest[size:]
	return nil
}

// parenthesis keeps account of whose parentheses are open.
func (l *lexer) parenthesis(k kind) {
	switch last := l.last(); {
	case k == '(':
		l.args = append(l.args, last.kind == tokenName && functions[last.text].call != nil)
	case k == ')' && len(l.args) > 0:
		l.args = l.args[:len(l.args)-1]
	}
}

// name reads a word. An x behind an operand multiplies, also without spaces: 21x2.
func (l *lexer) name() {
	if l.last().operand() && (l.rest[0] == 'x' || l.rest[0] == 'X') && (len(l.rest) == 1 || !letter(l.rest[1])) {
		l.add('*', "x")
		l.rest = l.rest[1:]
		return
	}
	end := strings.IndexFunc(l.rest, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(l.rest)
	}
	l.add(tokenName, strings.ToLower(l.rest[:end]))
	l.rest = l.rest[end:]
}

func (l *lexer) superscript() error {
	var digits strings.Builder
	for {
		r, size := utf8.DecodeRuneInString(l.rest)
		at := strings.IndexRune(superscripts, r)
		if size == 0 || at < 0 {
			break
		}
		digits.WriteByte('0' + byte(utf8.RuneCountInString(superscripts[:at])))
		l.rest = l.rest[size:]
	}
	v, _ := new(big.Rat).SetString(digits.String())
	l.add('^', "^")
	l.tokens = append(l.tokens, token{tokenNumber, digits.String(), v})
	return nil
}

// number reads 12, 1_000, 1,000, 1'000, .5, 2.5e-3, 0xff, 0b101 and 0o17.
func (l *lexer) number() error {
	s := l.rest
	if len(s) > 2 && s[0] == '0' && strings.IndexByte("xXbBoO", s[1]) >= 0 && hexDigit(s[2]) {
		return l.based()
	}
	var digits strings.Builder
	end := l.whole(&digits)
	places := 0
	if end < len(s) && s[end] == '.' {
		for end++; digit(s, end); end++ {
			digits.WriteByte(s[end])
			places++
		}
	}
	exponent := 0
	if e := exponentLen(s[end:]); e > 0 {
		var err error
		if exponent, err = strconv.Atoi(s[end+1 : end+e]); err != nil || max(exponent, -exponent) > maxDigits {
			return tooLarge()
		}
		end += e
	}
	if end < len(s) && (s[end] == '.' || s[end] == '_' || s[end] == '\'') {
		return bad("%q is not a number; write it with one point, as in 1234.5", s[:end+1])
	}
	if len(l.args) == 0 || !l.args[len(l.args)-1] {
		if end < len(s)-1 && s[end] == ',' && digit(s, end+1) {
			return bad("the comma in %q is unclear; write a decimal point, or thousands as in 1,000", s[:end+2])
		}
	}
	m, _ := new(big.Int).SetString(digits.String(), 10)
	v, err := scale(new(big.Rat).SetInt(m), exponent-places)
	if err != nil {
		return err
	}
	l.tokens = append(l.tokens, token{tokenNumber, s[:end], v})
	l.rest = s[end:]
	return nil
}

// whole reads the digits before the point, with thousands separators where they can be nothing else, and
// returns where they end.
func (l *lexer) whole(digits *strings.Builder) int {
	s, end := l.rest, 0
	commas := len(l.args) == 0 || !l.args[len(l.args)-1]
	for end < len(s) {
		switch {
		case digit(s, end):
			digits.WriteByte(s[end])
			end++
		case s[end] == '_' && end > 0 && digit(s, end+1):
			end++
		case (s[end] == ',' && commas || s[end] == '\'') && thousands(s, end):
			end++
		default:
			return max(end, 0)
		}
	}
	return end
}

// thousands says whether the separator at s[at] stands between groups: one to three digits that begin
// with no 0 or a group before it, and exactly three behind it.
func thousands(s string, at int) bool {
	if !digit(s, at+1) || !digit(s, at+2) || !digit(s, at+3) || digit(s, at+4) {
		return false
	}
	from := at
	for digit(s, from-1) {
		from--
	}
	if from > 0 && s[from-1] == s[at] {
		return at-from == 3
	}
	return at-from >= 1 && at-from <= 3 && s[from] != '0'
}

func (l *lexer) based() error {
	end := 2
	for end < len(l.rest) && hexDigit(l.rest[end]) {
		end++
	}
	v, ok := new(big.Int).SetString(l.rest[:end], 0)
	if !ok {
		return bad("%q is not a number of that base; check its digits", l.rest[:end])
	}
	l.tokens = append(l.tokens, token{tokenNumber, l.rest[:end], new(big.Rat).SetInt(v)})
	l.rest = l.rest[end:]
	return nil
}

// exponentLen is the length of e12, E+12 or e-12 at the start of s; 0 where it is none.
func exponentLen(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	end := 1
	if end < len(s) && (s[end] == '+' || s[end] == '-') {
		end++
	}
	if !digit(s, end) {
		return 0
	}
	for digit(s, end) {
		end++
	}
	return end
}

func digit(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

func letter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= utf8.RuneSelf }

func hexDigit(b byte) bool {
	return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'f'
}
