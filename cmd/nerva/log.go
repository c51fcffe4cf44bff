package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/bus"
)

func logCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "log", Short: "show the audit log: every call, who decided it and how it ended", Args: none}
	l := logging{terminal: t}
	c.Flags().BoolVar(&l.asJSON, "json", false, "print one compact JSON record a line")
	limit := limitFlag(c, 50)
	run := c.Flags().Uint64("run", 0, "only the calls of this run")
	skill := c.Flags().String("skill", "", "only the calls of this skill")
	since := c.Flags().String("since", "", "only calls that began since then: 2h, 7d, 2026-01-31 or 2026-01-31T14:02; all of them, without -n")
	follow := c.Flags().BoolP("follow", "f", false, "go on with each call that ends, until Ctrl-C")
	verify := c.Flags().Bool("verify", false, "recompute the hash chain; exits 1 naming the first bad record")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if *verify && (*follow || l.asJSON) {
			return usageError{errors.New("--verify prints no records: give it alone")}
		}
		from, err := parseSince(*since, time.Now())
		if err != nil {
			return err
		}
		if *since != "" && !c.Flags().Changed("limit") {
			*limit = 0
		}
		f := api.LogFilter{Limit: *limit, Run: *run, Skill: *skill, Since: from}
		return withClient(c.Context(), func(b *bus.Client) error {
			switch {
			case *verify:
				return l.verify(c.Context(), b)
			case *follow:
				return l.follow(c.Context(), b, f)
			}
			records, err := b.Log(c.Context(), f)
			if err != nil {
				return err
			}
			return l.print(records)
		})
	}
	return c
}

// parseSince takes how long ago something was, or the local time when it was. Nothing is the zero time.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.AddDate(0, 0, -int(n)), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if at, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("--since %q is no time; write how long ago, like 2h or 7d, or when, like 2026-01-31T14:02", text)}
}

// logging is how the log is to be shown.
type logging struct {
	terminal
	asJSON bool
}

func (l logging) verify(ctx context.Context, b *bus.Client) error {
	v, err := b.VerifyLog(ctx)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%d records, every one in its place", v.Records)
	if v.Cut > 0 {
		text += fmt.Sprintf("; %d older ones were cut, which an anchor among these stands for", v.Cut)
	}
	_, err = fmt.Fprintln(l.out, text)
	return err
}

// follow prints a call once it has ended, so that each is printed once and whole.
func (l logging) follow(ctx context.Context, b *bus.Client, f api.LogFilter) error {
	records, ended, err := b.FollowLog(ctx, f)
	if err != nil {
		return err
	}
	records = slices.DeleteFunc(records, func(r api.Record) bool { return r.Outcome == "" })
	if err := l.print(records); err != nil {
		return err
	}
	for r := range ended {
		if err := l.printOne(r); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return silent(exitInterrupted) // it is how to end it
	}
	return api.Errorf(api.Unavailable, "the daemon went away; follow the log again once it is back")
}

func (l logging) print(records []api.Record) error {
	if !l.asJSON {
		return listing(l.terminal, false, records, []string{"seq", "time", "run", "caller", "skill", "input", "decision", "outcome"}, logRow)
	}
	for _, r := range records {
		if err := compact(l.out, r); err != nil {
			return err
		}
	}
	return nil
}

// printOne prints a record whose table has been printed: its columns can't be known before.
func (l logging) printOne(r api.Record) error {
	if l.asJSON {
		return compact(l.out, r)
	}
	cells := logRow(r)
	between := "\t"
	if l.outTTY {
		between = "  "
	}
	for i := range cells {
		cells[i] = line(cells[i], 120)
	}
	_, err := fmt.Fprintln(l.out, strings.Join(cells, between))
	return err
}

func logRow(r api.Record) []string {
	return []string{
		strconv.FormatUint(r.Seq, 10), stamp(r.Time), strconv.FormatUint(r.Run, 10), r.Caller, r.Skill,
		line(string(r.Input), 60), decided(r), strings.TrimSpace(r.Outcome + " " + r.Error),
	}
}

// decided says who decided, and marks a call of a tainted run: --json has by what.
func decided(r api.Record) string {
	text := r.Decision + " (" + r.DecidedBy + ")"
	if r.Tainted {
		text += " tainted"
	}
	return text
}
