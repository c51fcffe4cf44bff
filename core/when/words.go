package when

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// words splits a text at blanks and between figures and letters, in small letters: "1h30m" is 1, h, 30, m.
func words(text string) []string {
	return piece.FindAllString(strings.ToLower(text), -1)
}

// piece is a date, a time of day, a number, a word or a single sign.
var piece = regexp.MustCompile(`\d{4}-\d{1,2}-\d{1,2}|\d{1,2}:\d{2}|\d+(?:[.,]\d+)?|\p{L}+\.?|\S`)

func isNumber(word string) bool { return word != "" && unicode.IsDigit(rune(word[0])) }

var units = map[string]time.Duration{}

func init() {
	day := 24 * time.Hour
	for unit, names := range map[time.Duration]string{
		time.Second: "s sec secs second seconds", time.Minute: "m min mins minute minutes", time.Hour: "h hr hrs hour hours",
		day: "d day days", 7 * day: "w week weeks",
	} {
		for _, name := range strings.Fields(names) {
			units[name] = unit
		}
	}
}

var counts = map[string]float64{
	"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}

func count(word string) (float64, bool) {
	if n, ok := counts[word]; ok {
		return n, true
	}
	n, err := strconv.ParseFloat(strings.Replace(word, ",", ".", 1), 64)
	return n, err == nil && isNumber(word)
}

// duration reads all of the words: "1 hour and 30 minutes", "half an hour", "a quarter of an hour", "an hour and a half",
// "1:30 h".
func duration(w []string) (d time.Duration, ok bool) {
	last := time.Duration(0) // the unit before, for "and a half"
	for len(w) > 0 {
		switch {
		case ok && (w[0] == "and" || w[0] == ","):
			w = w[1:]
			if len(w) == 0 {
				return 0, false
			}
			continue
		case ok && len(w) >= 2 && w[0] == "a" && w[1] == "half":
			d, w = d+last/2, w[2:]
			continue
		}
		n, unit, rest := amount(w)
		if unit == 0 || n > 1e6 {
			return 0, false
		}
		d, w, ok, last = d+time.Duration(n*float64(unit)), rest, true, unit
		if d > 2*longest {
			return d, true
		}
	}
	return d, ok
}

// amount reads a number and its unit; a unit of 0 says that there is none.
func amount(w []string) (n float64, unit time.Duration, rest []string) {
	skip := func(words ...string) bool {
		if len(w) < len(words) {
			return false
		}
		for i, word := range words {
			if w[i] != word {
				return false
			}
		}
		w = w[len(words):]
		return true
	}
	switch {
	case skip("half", "an"), skip("half", "a"):
		n = 0.5
	case skip("a", "quarter", "of", "an"), skip("a", "quarter", "of", "a"), skip("quarter", "of", "an"):
		n = 0.25
	case skip("three", "quarters", "of", "an"):
		n = 0.75
	case len(w) > 0:
		var ok bool
		if n, ok = count(w[0]); !ok {
			return 0, 0, nil
		}
		w = w[1:]
	}
	if len(w) == 0 {
		return 0, 0, nil
	}
	return n, units[strings.TrimSuffix(w[0], ".")], w[1:]
}
