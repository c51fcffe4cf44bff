package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"nerva/core/visible"
)

// printable makes text that is read, not judged, safe for a terminal: what could move the cursor, change the colour
// or turn the direction of writing is shown as the replacement character. Line ends and tabs stay.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && visible.Drives(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// line is printable text on one line, cut to at most n runes.
func line(s string, n int) string {
	r := []rune(printable(strings.Join(strings.Fields(s), " ")))
	if len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return string(r)
}

// listing prints rows as a table for a person, as tab-separated lines for a pipe, and as one compact JSON
// array where that was asked for.
func listing[T any](t terminal, asJSON bool, rows []T, head []string, cells func(T) []string) error {
	if asJSON {
		if rows == nil {
			rows = []T{}
		}
		return compact(t.out, rows)
	}
	w := t.out
	if t.outTTY {
		tw := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		defer tw.Flush()
		fmt.Fprintln(tw, strings.ToUpper(strings.Join(head, "\t")))
		w = tw
	}
	for _, row := range rows {
		out := cells(row)
		for i, c := range out {
			out[i] = line(c, 120)
		}
		if _, err := fmt.Fprintln(w, strings.Join(out, "\t")); err != nil {
			return err
		}
	}
	return nil
}

func compact(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// colours of the terminal's own palette, so that they fit its theme.
const (
	dim    = "2"
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	// suspicious stands out from all of them.
	suspicious = "1;7;33"
)

func (t terminal) colour(code, s string) string { return coloured(t.outTTY, code, s) }

// errColour is colour for what goes to standard error.
func (t terminal) errColour(code, s string) string { return coloured(t.errTTY, code, s) }

func coloured(tty bool, code, s string) string {
	if !tty {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}
