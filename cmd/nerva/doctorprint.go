package main

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

var stateColours = map[string]string{"ok": green, "warn": yellow, "fail": red}

// most bounds a detail and a fix, in runes: an error may be anything.
const most = 1000

// printFindings prints JSON, tab-separated lines for a pipe, and for a person a block a check that fits the terminal:
// state, check, detail, and beneath what mends it.
func printFindings(t terminal, asJSON bool, found []finding) error {
	switch {
	case asJSON:
		return compact(t.out, found)
	case !t.outTTY:
		for _, f := range found { // uncut: a fix is there to be run
			if _, err := fmt.Fprintf(t.out, "%s\t%s\t%s\t%s\n", f.Check, f.State, line(f.Detail, most), line(f.Fix, most)); err != nil {
				return err
			}
		}
		return nil
	}
	column := 0
	for _, f := range found {
		column = max(column, utf8.RuneCountInString(f.Check))
	}
	indent := len("warn  ") + column + 2
	text := max(t.width()-indent, 20)
	counts := map[string]int{}
	var b strings.Builder
	for _, f := range found {
		counts[f.State]++
		fmt.Fprintf(&b, "%s%*s%-*s  ", t.colour(stateColours[f.State], f.State), 6-len(f.State), "", column, f.Check)
		b.WriteString(strings.Join(wrap(line(f.Detail, most), text), "\n"+strings.Repeat(" ", indent)) + "\n")
		if f.Fix != "" {
			for i, part := range wrap(line(f.Fix, most), text-2) {
				mark := map[bool]string{true: "→ ", false: "  "}[i == 0]
				b.WriteString(strings.Repeat(" ", indent) + mark + t.colour(bold, part) + "\n")
			}
		}
	}
	fmt.Fprintf(&b, "\n%d ok, %d warn, %d fail\n", counts["ok"], counts["warn"], counts["fail"])
	_, err := t.out.Write([]byte(b.String()))
	return err
}

// width is the terminal's in columns: 80 where it is not known, 100 at most, beyond which lines are hard to read.
func (t terminal) width() int {
	if f, file := t.out.(*os.File); file {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return min(width, 100)
		}
	}
	return 80
}

// wrap breaks a line between words; a word that is longer than a line has one of its own.
func wrap(s string, width int) []string {
	var lines []string
	now := ""
	for _, word := range strings.Fields(s) {
		if now != "" && utf8.RuneCountInString(now)+1+utf8.RuneCountInString(word) > width {
			lines, now = append(lines, now), ""
		}
		now = strings.TrimPrefix(now+" "+word, " ")
	}
	return append(lines, now)
}
