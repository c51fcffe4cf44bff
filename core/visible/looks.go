package visible

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	whyMixed = "letters of another alphabet within a word"
	whyAlike = "characters that look like others"
)

// looks marks characters that pose as others. A text in one script stays as it is: what is looked for are words
// that mix scripts (UTS #39, "Restriction-Level Detection"), words of another script that consist of nothing but
// look-alikes of ASCII, and forms of ASCII letters that are not ASCII.
func looks(chars []char) {
	if !foreign(chars) {
		return
	}
	t := text{known: map[string]bool{}, single: true}
	for i, c := range chars {
		if isSpace(chars, i) {
			t.single = false
		}
		if _, poses := lookalikes[c.r]; unicode.IsLetter(c.r) && !poses {
			t.known[script(c.r)] = true
		}
	}
	for from := range chars {
		if isSpace(chars, from) || from > 0 && !isSpace(chars, from-1) {
			continue
		}
		to := from
		for to < len(chars) && !isSpace(chars, to) {
			to++
		}
		t.token(chars[from:to])
	}
}

func foreign(chars []char) bool {
	for _, c := range chars {
		if c.r > unicode.MaxASCII && !c.bad {
			return true
		}
	}
	return false
}

// isSpace: an escape of JSON stands for a quotation mark or a control character, or it parts a path.
func isSpace(chars []char, i int) bool { return unicode.IsSpace(chars[i].r) || chars[i].json }

// text is what the whole tells about its words.
type text struct {
	known  map[string]bool // scripts of which a letter occurs that looks like nothing else
	single bool            // there is no space in it: a name, a path, an argument
}

// token is what stands between spaces.
func (t text) token(chars []char) {
	technical := isTechnical(chars)
	asian := false
	for _, c := range chars {
		asian = asian || cjk(script(c.r))
	}
	for i := range chars {
		c := &chars[i]
		if c.why == "" && !c.bad && c.r > unicode.MaxASCII &&
			(compatible(c.r, technical, asian) || separator(chars, i, technical || t.single) || latin(c.r, technical)) {
			c.why = whyAlike
		}
	}
	for from := 0; from < len(chars); from++ {
		to := from
		for to < len(chars) && inWord(chars[to]) {
			to++
		}
		if to > from {
			t.word(chars[from:to], technical || t.single)
			from = to
		}
	}
}

// isTechnical says whether a token is written for a machine: a path, a host, an address, an option.
func isTechnical(chars []char) bool {
	var b strings.Builder
	for _, c := range chars {
		b.WriteRune(c.r)
	}
	if strings.HasPrefix(b.String(), "-") {
		return true
	}
	inner := strings.Trim(b.String(), ".,:;!?()[]{}\"'“”‘’«»…")
	return strings.ContainsAny(inner, `/\@=:~$|&<>.`)
}

func inWord(c char) bool {
	return !c.bad && !c.json && c.why == "" && (unicode.IsLetter(c.r) || unicode.IsMark(c.r) || unicode.IsNumber(c.r))
}

// word marks letters that mix with those of another alphabet, and words that are ASCII to the eye alone.
func (t text) word(chars []char, technical bool) {
	scripts, posing, letters, ascii := map[string]bool{}, 0, 0, false
	for _, c := range chars {
		ascii = ascii || c.r <= unicode.MaxASCII
		s := script(c.r)
		if !unicode.IsLetter(c.r) || s == "" {
			continue
		}
		letters++
		scripts[s] = true
		if _, poses := lookalikes[c.r]; poses && s != "Latin" && !cjk(s) {
			posing++
		}
	}
	alphabets := 0
	for s := range scripts {
		if !cjk(s) {
			alphabets++
		}
	}
	whole := letters > 0 && posing == letters && alphabets == 1
	for i := range chars {
		c := &chars[i]
		s := script(c.r)
		_, poses := lookalikes[c.r]
		switch {
		case c.r <= unicode.MaxASCII || s == "Latin" || cjk(s):
		case unicode.IsDigit(c.r) && ascii:
			c.why = whyAlike
		case !unicode.IsLetter(c.r):
		case alphabets > 2 || alphabets == 2 && (!scripts["Latin"] || !mixes[s]), alphabets == 2 && poses:
			c.why = whyMixed
		case whole && (technical || !t.known[s]):
			c.why = whyAlike
		}
	}
}

// compatible marks what NFKC turns into ASCII: full-width and mathematical letters, ligatures, dots.
func compatible(r rune, technical, asian bool) bool {
	folded := norm.NFKC.String(string(r))
	switch {
	case r == 'ª' || r == 'º' || strings.ContainsFunc(folded, func(r rune) bool { return r > unicode.MaxASCII }):
		return false
	case asian && strings.ContainsRune("！（），：；？～", r):
		return false // the punctuation of Chinese and Japanese
	case len(folded) == 1 && (folded[0] < '0' || folded[0] > '9'), unicode.IsDigit(r):
		return true
	}
	return technical || r == 0x2024 || r == 0x2025
}

// separator marks what looks like the signs that part paths, hosts and options, where those would stand.
func separator(chars []char, i int, technical bool) bool {
	ascii, poses := lookalikes[chars[i].r]
	near := func(at int) bool {
		return at >= 0 && at < len(chars) && chars[at].r > ' ' && chars[at].r <= unicode.MaxASCII
	}
	switch {
	case !poses:
	case ascii == '-':
		return (technical || i == 0) && near(i+1) && unicode.IsLetter(chars[i+1].r)
	case strings.IndexByte(`/\.:`, ascii) >= 0:
		return near(i-1) || near(i+1)
	}
	return false
}

// latin marks letters that look like others of their own alphabet, which prose needs and addresses don't.
func latin(r rune, technical bool) bool {
	_, poses := lookalikes[r]
	return technical && poses && unicode.Is(unicode.Latin, r)
}
