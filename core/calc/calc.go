// Package calc is a calculator: it evaluates one expression exactly and answers in one line.
//
// Numbers are rational (math/big.Rat), so 0.1+0.2 is 0.3 and 2^200 has all its digits; what is irrational
// (sqrt(2), sin, powers with a fraction) goes through float64 and is rounded to 12 digits. Everything is
// pure: no state, no goroutine, no clock. Length, depth and size of the numbers are bounded: what
// people type takes microseconds, the worst that fits takes a fraction of a second, and Instant, which is
// asked at each keystroke, takes shorter texts only. It must not know about sentences ("what is 2+2"):
// taking those apart is the interpreter's work.
//
// The grammar is our own small one rather than that of a library for expressions in programs: those read
// literals into int64 and float64, which loses the digits that exact arithmetic is about, and know no
// percent, factorial, ×, ÷, √ or 2(3+4).
//
//	expression = operand { operator operand }
//	operand    = number | constant | function "(" expression { "," expression } ")" | "(" expression ")"
//	           | ( "-" | "+" | "√" ) operand | operand ( "%" | "!" )
//
// From weak to strong: + -, then * / mod % of and a factor written without a sign, then unary minus, then ^
// (also **, from the right: 2^3^2 is 512, and -2^2 is -4), then postfix % and !. A % that is followed by an
// operand is the remainder, otherwise per cent: 10 % 3 is 1, 15% of 80 is 12, 80 + 10% is 88. The remainder
// has the sign of the divisor. Angles are radians; 30° and 30 deg convert.
package calc

import (
	"regexp"
	"strings"

	"nerva/core/api"
)

// maxLength is how long an expression may be, in bytes.
const maxLength = 1000

// bad is an error that is the expression's fault.
func bad(format string, args ...any) error { return api.Errorf(api.InvalidInput, format, args...) }

// Eval evaluates an expression. The result is plain text that Eval reads again: "42", "0.3", "1.5e30". An
// error is one sentence with code InvalidInput that says what is wrong with the expression.
func Eval(expression string) (result string, err error) {
	n, err := parse(expression)
	if err != nil {
		return "", err
	}
	v, err := n.eval()
	if err != nil {
		return "", err
	}
	return v.String(), nil
}

// noSum are texts that would parse but are something else: dates, months, phone numbers, ISBNs.
var noSum = regexp.MustCompile(`^(` +
	`\+\d[\d -]*` + // +49-170-1234567
	`|\d+(-\d+){2,}` + // 2024-11-05, 555-123-4567
	`|0\d+([-/]\d+)+` + // 0170-1234567, 030/123456
	`|\d{3}-\d{4}` + // 555-1234
	`|(19|20)\d\d[-/](0?[1-9]|1[0-2])` + // 2024-11
	`|\d{1,4}/\d{1,2}/\d{1,4}` + // 5/11/2024
	`)$`)

// Looks says whether text is clearly meant to be calculated: a complete expression with a number and an
// operator or function. What may well be a date, a version or a phone number is not.
func Looks(text string) bool {
	text = strings.TrimSpace(text)
	if !strings.ContainsAny(text, "0123456789") || noSum.MatchString(text) {
		return false
	}
	n, err := parse(text)
	return err == nil && computes(n)
}

// computes says whether n does more than to write a number down.
func computes(n node) bool {
	switch n := n.(type) {
	case binary, call:
		return true
	case unary:
		return n.op == '!' || computes(n.x)
	default:
		return false
	}
}

// maxInstant is the length up to which a text is evaluated while it is being typed.
const maxInstant = 200

// Instant answers a text that looks like an expression; it is a search.Instant.
func Instant(text string) []api.Result {
	if len(text) > maxInstant || !Looks(text) {
		return nil
	}
	result, err := Eval(text)
	if err != nil {
		return nil
	}
	text = strings.TrimSpace(text)
	return []api.Result{{
		ID: api.KindCalc + ":" + text, Kind: api.KindCalc, Title: result, Subtitle: text,
		Icon: "accessories-calculator", Actions: []api.Action{{ID: "copy", Title: "Copy"}},
	}}
}
