package offline

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Arithmetic in words becomes an expression for the skill "calculate"; nothing is worked out here but the
// value of a number word.

type arithmetic struct {
	before, after *regexp.Regexp
	asked         *regexp.Regexp
	forms         []form
}

// form is a way of saying that puts the operator first: "the sum of 3 and 4".
type form struct {
	re    *regexp.Regexp
	write func(operands []string) string
}

var arith = sync.OnceValue(func() arithmetic {
	return arithmetic{
		asked: regexp.MustCompile(`(?i)^(?:calculate|compute|evaluate|work out|figure out|solve)\b[:,]?\s*`),
		before: regexp.MustCompile(`(?i)^(?:calculate|compute|evaluate|work out|figure out|figure|solve|find out|find|determine|reckon|` +
			`tell me|give me|show me|let me know|get me|get|say|know|answer me|do the (?:math|maths|sum)(?: for| on)?|do|run|` +
			`what(?:'s|’s| is| are| was| does| do| will| would|s)?|how much(?:'s|’s| is| are| does| do| will| would)?|` +
			`how many (?:is|are)|the (?:result|answer|value|outcome|solution|calculation|expression)(?: of| to| for)?|` +
			`(?:result|answer|value) (?:of|to|for)|(?:a )?(?:quick )?(?:question|calculation|sum|maths?)|(?:if|when) (?:you|i|we)|you get (?:if|when) (?:you|i|we)|i get (?:if|when) i|=)(?:[:,]\s*|\s+|$)`),
		after: regexp.MustCompile(`(?i)(?:\s*(?:\bequals?(?: to| what| how much)?|\b(?:is|makes?) (?:what|how much)|\bmakes?|\bcomes? (?:out )?to|\bis|\bbe|\bgives?|\badds? up to|\bworks? out(?: to| as)?|` +
			`\bamounts? to|\bin total|\baltogether|\bdo i get|\bwould be|\b(?:and )?(?:tell|give|show) me (?:the )?(?:result|answer|it))|[\s.?!=,])*$`),
		forms: []form{
			operands(`(?:add|add up|sum|sum up|total|the sum of|sum of|the total of|total of)`, `(?:,? (?:and|to|with|plus)|,)`, joined(" + ")),
			operands(`(?:multiply|the product of|product of)`, `(?:,? (?:and|by|with|times)|,)`, joined(" * ")),
			operands(`(?:divide|the quotient of|quotient of|the ratio of)`, `(?: (?:by|and|to|through)|,)`, joined(" / ")),
			operands(`(?:the difference between|difference between|the difference of|difference of)`, `(?: and|,)`, joined(" - ")),
			operands(`(?:subtract|take|deduct|take away)`, ` (?:away )?from`, func(o []string) string { return o[1] + " - " + o[0] }),
			operands(`(?:the average of|average of|the mean of|mean of|average)`, `(?:,? and|,)`, func(o []string) string {
				return "(" + strings.Join(o, " + ") + ") / " + strconv.Itoa(len(o))
			}),
		},
	}
})

var mathToken = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:` +
		`(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[+-]?\d+\b)?|\.\d+)|` + // 1: a number
		`(to the power of|raised to the power of|raised to|multiplied (?:by|with)|divided (?:by|through)|added to|increased by|` +
		`decreased by|reduced by|take away|modulo|mod|plus|minus|less|times|over|\*\*|[-+*/^×÷·−–(),]|` +
		`percent of|per cent of|% of|%|percent|per cent|squared|cubed|` +
		`the square root of|square root of|the root of|the square of|square of|the cube of|cube of|` +
		`half of|half|a third of|one third of|a quarter of|one quarter of|twice|double|triple|x\b)|` + // 2: an operator
		`((?:sqrt|abs|sin|cos|tan|log|ln|exp|floor|ceil|round|min|max)\s*\(|\b(?:pi|π)\b)|` + // 3: a function or constant
		`([a-z]+))`) // 4: a number word
})

func operands(before, between string, write func([]string) string) form {
	divide := regexp.MustCompile(`(?i)` + between + `\s+`)
	return form{regexp.MustCompile(`(?i)^` + before + `\s+(.+)$`), func(o []string) string {
		parts := divide.Split(o[0], -1)
		if len(parts) < 2 {
			return ""
		}
		for i, p := range parts {
			e, ok := translate(p)
			if !ok {
				return ""
			}
			if strings.ContainsAny(e, "+-*/^ ") {
				e = "(" + e + ")"
			}
			parts[i] = e
		}
		return write(parts)
	}}
}

func joined(operator string) func([]string) string {
	return func(o []string) string { return strings.Join(o, operator) }
}

// expression reads a question such as "what is 21*2" or "twelve times seven"; asked are the words before it
// that only a calculation has. It must have something to calculate.
func expression(s string) (string, bool) {
	a := arith()
	asked := a.asked.MatchString(s)
	for {
		if e, ok := calculation(s, asked); ok {
			return e, true
		}
		m := a.before.FindStringIndex(s)
		if m == nil || m[1] == 0 {
			return "", false
		}
		s = s[m[1]:]
	}
}

func calculation(s string, asked bool) (string, bool) {
	a := arith()
	if m := a.after.FindStringIndex(s); m != nil {
		s = s[:m[0]]
	}
	s = strings.TrimSpace(s)
	for _, f := range a.forms {
		if m := f.re.FindStringSubmatch(s); m != nil {
			if e := f.write(m[1:]); e != "" {
				return e, true
			}
		}
	}
	e, ok := translate(s)
	if !ok || !asked && !hasOperator(e) {
		return "", false
	}
	if !strings.ContainsFunc(s, isLetter) && !strings.ContainsAny(s, "×÷·−–%,") {
		return s, true // it is one already: it stays as it was typed
	}
	return e, true
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// hasOperator says whether an expression is more than a number, a sign or a date (1-2-2024 is none: but two
// numbers with an operator between them are taken for arithmetic).
func hasOperator(e string) bool {
	return strings.ContainsAny(strings.TrimLeft(e, "-+("), "+-*/^%") || strings.Contains(e, "sqrt") || strings.ContainsAny(e, "(")
}

// suffix and prefix forms of operators, with what the expression has for them.
var operators = map[string]string{
	"to the power of": "^", "raised to the power of": "^", "raised to": "^", "**": "^",
	"multiplied by": "*", "multiplied with": "*", "times": "*", "x": "*", "×": "*", "·": "*",
	"divided by": "/", "divided through": "/", "over": "/", "÷": "/",
	"plus": "+", "added to": "+", "increased by": "+",
	"minus": "-", "less": "-", "take away": "-", "decreased by": "-", "reduced by": "-", "−": "-", "–": "-",
	"modulo": "%", "mod": "%",
	"percent of": "% of", "per cent of": "% of", "% of": "% of", "percent": "%", "per cent": "%",
	"squared": "^ 2", "cubed": "^ 3",
	"half of": "1 / 2 *", "half": "1 / 2 *", "a third of": "1 / 3 *", "one third of": "1 / 3 *",
	"a quarter of": "1 / 4 *", "one quarter of": "1 / 4 *", "twice": "2 *", "double": "2 *", "triple": "3 *",
}

// wraps are operators that take the operand after them.
var wraps = map[string][2]string{
	"the square root of": {"sqrt(", ")"}, "square root of": {"sqrt(", ")"}, "the root of": {"sqrt(", ")"},
	"the square of": {"", " ^ 2"}, "square of": {"", " ^ 2"}, "the cube of": {"", " ^ 3"}, "cube of": {"", " ^ 3"},
}

// translate reads a whole text as an expression, or says that it is none.
func translate(s string) (string, bool) {
	var (
		out  []string
		open []string // what closes the wraps that wait for their operand
		need = true   // an operand must come next
		deep int
	)
	for rest := strings.TrimSpace(s); rest != ""; rest = strings.TrimSpace(rest) {
		m := mathToken().FindStringSubmatch(rest)
		if m == nil {
			return "", false
		}
		taken := m[0]
		operand := ""
		switch op := strings.Join(strings.Fields(strings.ToLower(m[2])), " "); {
		case m[1] != "":
			operand = strings.ReplaceAll(m[1], ",", "")
		case m[4] != "":
			var ok bool
			if operand, taken, ok = numberWords(rest); !ok {
				return "", false
			}
		case strings.HasSuffix(m[3], "("):
			if !need {
				return "", false
			}
			out, deep = append(out, strings.ToLower(strings.ReplaceAll(m[3], " ", ""))), deep+1
		case m[3] != "":
			operand = "pi"
		case wraps[op] != [2]string{}:
			if !need {
				return "", false
			}
			out, open = append(out, wraps[op][0]), append(open, wraps[op][1])
		case op == "(":
			if !need {
				return "", false
			}
			out, deep = append(out, "("), deep+1
		case op == ")":
			if need || deep == 0 {
				return "", false
			}
			out, deep = append(out, ")"), deep-1
		case op == ",":
			if need || deep == 0 {
				return "", false
			}
			out, need = append(out, ","), true
		case op == "%":
			// Before an operand it is the remainder, after one a percentage.
			if need {
				return "", false
			}
			if next := strings.TrimSpace(rest[len(taken):]); next != "" && startsOperand(next) {
				out, need = append(out, "%"), true
			} else {
				out[len(out)-1] += "%"
			}
		default:
			written, ok := operators[op]
			if !ok {
				written = op
			}
			first := strings.HasSuffix(written, " *") // "half of"
			last := strings.HasPrefix(written, "^ ") || op == "percent" || op == "per cent"
			switch {
			case need && !first && written != "-" && written != "+", !need && first:
				return "", false
			case need && (written == "-" || written == "+") && len(out) > 0 && (out[len(out)-1] == "-" || out[len(out)-1] == "+"):
				return "", false // "1 - - 2": more likely a rule of dashes
			}
			if strings.HasPrefix(written, "%") && op != "mod" && op != "modulo" {
				out[len(out)-1] += written // 15% belongs together
			} else {
				out = append(out, written)
			}
			need = !last
		}
		if operand != "" {
			if !need {
				return "", false
			}
			out, need = append(out, operand), false
			for ; len(open) > 0; open = open[:len(open)-1] {
				out = append(out, open[len(open)-1])
			}
		}
		rest = rest[len(taken):]
	}
	if need || deep != 0 || len(open) != 0 {
		return "", false
	}
	return spaced(out), true
}

func startsOperand(s string) bool {
	return s[0] >= '0' && s[0] <= '9' || s[0] == '(' || s[0] == '.'
}

// spaced joins tokens with spaces where people put them.
func spaced(tokens []string) string {
	s := " " + strings.Join(tokens, " ") + " "
	for _, r := range [][2]string{{"( ", "("}, {" )", ")"}, {" ,", ","}, {"  ", " "}} {
		s = strings.ReplaceAll(s, r[0], r[1])
	}
	s = sign().ReplaceAllString(s, "$1-$2")
	return strings.TrimSpace(s)
}

var sign = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(^ |[-+*/^%(,] ?)- ([\d.(])`) })

var units = map[string]int64{
	"zero": 0, "nought": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
	"nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
	"seventeen": 17, "eighteen": 18, "nineteen": 19, "dozen": 12,
	"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}

var scales = map[string]int64{"thousand": 1e3, "million": 1e6, "billion": 1e9}

var numberWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)^([a-z]+)[\s-]*`) })

// numberWords reads "one hundred and twenty-five", "a thousand", "three point one four"; taken is how much
// of s that was.
func numberWords(s string) (number, taken string, ok bool) {
	var total, part int64
	seen, tens := false, false
	end, at := 0, 0
	for at < len(s) {
		m := numberWord().FindStringSubmatch(s[at:])
		if m == nil {
			break
		}
		w := strings.ToLower(m[1])
		v, isUnit := units[w]
		scale, isScale := scales[w]
		switch {
		case w == "a" && !seen:
			next := numberWord().FindStringSubmatch(s[at+len(m[0]):])
			if next == nil || !isScaleWord(strings.ToLower(next[1])) {
				return "", "", false
			}
		case w == "and" && seen && part >= 100 || w == "and" && seen && part == 0 && total > 0:
			at += len(m[0])
			continue // only what follows decides whether it belongs to the number
		case w == "point" && seen:
			digits, n := decimals(s[at+len(m[0]):])
			if digits == "" {
				return finishNumber(total+part, "", s[:end], seen)
			}
			return finishNumber(total+part, "."+digits, s[:at+len(m[0])+n], seen)
		case w == "hundred":
			part, seen, tens = max(part, 1)*100, true, false
		case isScale:
			total, part, seen, tens = total+max(part, 1)*scale, 0, true, false
		case isUnit && v >= 20 && !tens && part%100 == 0:
			part, seen, tens = part+v, true, true
		case isUnit && v < 20 && (tens && v < 10 && v > 0 && part%10 == 0 || !tens && part%100 == 0 && (!seen || part > 0 || total > 0)):
			part, seen, tens = part+v, true, false
			if part%100 == v { // a unit ends the hundred
				tens = true
			}
		default:
			return finishNumber(total+part, "", s[:end], seen)
		}
		at += len(m[0])
		end = at
	}
	return finishNumber(total+part, "", s[:end], seen)
}

func isScaleWord(w string) bool { return w == "hundred" || w == "dozen" || scales[w] != 0 }

func finishNumber(n int64, fraction, taken string, ok bool) (string, string, bool) {
	return strconv.FormatInt(n, 10) + fraction, taken, ok
}

// decimals reads the digits after "point".
func decimals(s string) (digits string, taken int) {
	for {
		m := numberWord().FindStringSubmatch(s[taken:])
		if m == nil {
			return digits, taken
		}
		v, ok := units[strings.ToLower(m[1])]
		if !ok || v > 9 {
			return digits, taken
		}
		digits, taken = digits+strconv.FormatInt(v, 10), taken+len(m[0])
	}
}
