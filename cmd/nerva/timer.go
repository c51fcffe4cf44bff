package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/when"
)

func timerCommand(t terminal) *cobra.Command {
	add := &cobra.Command{
		Use: "add TIME TEXT…", Short: "set a timer or a reminder",
		Example: "  nerva timer add 20 minutes: tea\n  nerva timer add call Ann tomorrow at 9\n  nerva timer add every weekday 10:00 stand up",
		Args:    words("when, and what for"),
	}
	add.RunE = func(c *cobra.Command, args []string) error {
		phrase, text, err := when.Sentence(strings.Join(args, " "), time.Now())
		if err != nil {
			return usageError{err}
		}
		if text == "" {
			return usageError{fmt.Errorf("the timer has no text; say what it is for: nerva timer add %s tea", strings.Join(args, " "))}
		}
		var set api.Timer
		return callSkill(c, t, "set_timer", map[string]any{phrase.Key: phrase.Text, "text": text}, &set, func() error {
			_, err := fmt.Fprintf(t.out, "%d rings %s%s\n", set.ID, set.Due.Local().Format("on Monday 2 January at 15:04"), repeated(set.Every))
			return err
		})
	}

	list := &cobra.Command{Use: "list", Short: "list the timers, those that have rung first", Args: none}
	asJSON := jsonFlag(list)
	list.RunE = func(c *cobra.Command, _ []string) error {
		var out struct{ Timers []api.Timer }
		return callSkill(c, t, "list_timers", map[string]any{}, &out, func() error {
			return listing(t, *asJSON, out.Timers, []string{"timer", "due", "every", "state", "text"}, func(r api.Timer) []string {
				return []string{strconv.FormatInt(r.ID, 10), stamp(r.Due), r.Every, string(r.State), line(r.Text, 60)}
			})
		})
	}

	cancel := &cobra.Command{Use: "cancel TIMER", Short: "take a timer away, by its number", Args: words("the number that nerva timer list shows")}
	cancel.RunE = func(c *cobra.Command, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || len(args) > 1 {
			return usageError{fmt.Errorf("%q is no number of a timer; nerva timer list shows them", strings.Join(args, " "))}
		}
		return callSkill(c, t, "cancel_timer", map[string]any{"id": id}, &struct{}{}, func() error { return nil })
	}
	return group("timer", "set timers and reminders", add, list, cancel)
}

func repeated(every string) string {
	if every == "" {
		return ""
	}
	return ", then every " + every
}
