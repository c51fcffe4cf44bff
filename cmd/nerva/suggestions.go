package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/bus"
)

func suggestionsCommand(t terminal) *cobra.Command {
	list := &cobra.Command{Use: "list", Short: "list what watchers' rules suggest, newest first", Args: none}
	listJSON, limit := jsonFlag(list), limitFlag(list, 0)
	list.RunE = func(c *cobra.Command, _ []string) error {
		return withClient(c.Context(), func(b *bus.Client) error {
			all, err := b.Suggestions(c.Context(), *limit)
			if err != nil {
				return err
			}
			return listing(t, *listJSON, all, []string{"suggestion", "time", "rule", "title", "body"}, func(s api.Suggestion) []string {
				return []string{s.ID, stamp(s.Time), s.Rule, line(s.Title, 60), line(s.Body, 60)}
			})
		})
	}
	c := group("suggestions", "list what was suggested, and answer it", list,
		acceptCommand(t),
		answerCommand("dismiss", "take a suggestion away", func(ctx context.Context, b *bus.Client, id string) error { return b.Dismiss(ctx, id) }),
		answerCommand("never", "take it away, and hear no more of its rule", func(ctx context.Context, b *bus.Client, id string) error { return b.Never(ctx, id) }),
	)
	// Alone it lists, as the documentation of scripts has it.
	c.Args, c.RunE = none, list.RunE
	c.Flags().AddFlagSet(list.Flags())
	return c
}

// acceptCommand shows the answer where a suggestion is a request.
func acceptCommand(t terminal) *cobra.Command {
	c := answerCommand("accept", "do what a suggestion offers", nil)
	ask := askFlags(c, t)
	c.RunE = func(c *cobra.Command, args []string) error {
		id, err := oneSuggestion(c, args)
		if err != nil {
			return err
		}
		answers := false
		err = withClient(c.Context(), func(b *bus.Client) error {
			all, err := b.Suggestions(c.Context(), 0)
			answers = slices.ContainsFunc(all, func(s api.Suggestion) bool { return s.ID == id && s.Answers })
			if err != nil || answers {
				return err
			}
			return b.Accept(c.Context(), id, api.Caller{})
		})
		if err != nil || !answers {
			return err
		}
		return ask("", api.AskOptions{Result: api.KindSuggestion + ":" + id})
	}
	return c
}

func oneSuggestion(c *cobra.Command, args []string) (string, error) {
	if len(args) > 1 {
		return "", usageError{fmt.Errorf("%s takes one suggestion, but was given %q as well", c.CommandPath(), args[1])}
	}
	return args[0], nil
}

func answerCommand(name, short string, answer func(context.Context, *bus.Client, string) error) *cobra.Command {
	c := &cobra.Command{Use: name + " SUGGESTION", Short: short, Args: words("the number that nerva suggestions list shows")}
	c.RunE = func(c *cobra.Command, args []string) error {
		id, err := oneSuggestion(c, args)
		if err != nil {
			return err
		}
		return withClient(c.Context(), func(b *bus.Client) error { return answer(c.Context(), b, id) })
	}
	return c
}
