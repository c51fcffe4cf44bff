package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/bus"
)

func jsonFlag(c *cobra.Command) *bool { return c.Flags().Bool("json", false, "print compact JSON") }

func limitFlag(c *cobra.Command, preset int) *int {
	return c.Flags().IntP("limit", "n", preset, "at most so many; 0 for all")
}

func searchCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "search TEXT…", Short: "find applications, windows, notes and answers", Args: words("something to search for")}
	asJSON, limit := jsonFlag(c), limitFlag(c, 20)
	c.RunE = func(c *cobra.Command, args []string) error {
		return withClient(c.Context(), func(b *bus.Client) error {
			found, err := b.Query(c.Context(), strings.Join(args, " "), *limit)
			if err != nil {
				return err
			}
			return listing(t, *asJSON, found, []string{"id", "title", "subtitle"}, func(r api.Result) []string {
				return []string{r.ID, r.Title, r.Subtitle}
			})
		})
	}
	return c
}

func skillsCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "skills", Short: "list what the agent can do, and how risky it is", Args: none}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withClient(c.Context(), func(b *bus.Client) error {
			skills, err := b.Skills(c.Context())
			if err != nil {
				return err
			}
			return listing(t, *asJSON, skills, []string{"skill", "risk", "effect", "title"}, func(s api.Skill) []string {
				return []string{s.ID, string(s.Risk), string(s.Effect), s.Title}
			})
		})
	}
	return c
}

func runsCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "runs", Short: "list what was asked, newest first", Args: none}
	asJSON, limit := jsonFlag(c), limitFlag(c, 20)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withClient(c.Context(), func(b *bus.Client) error {
			runs, err := b.Runs(c.Context(), *limit)
			if err != nil {
				return err
			}
			return listing(t, *asJSON, runs, []string{"run", "time", "state", "prompt", "answer"}, func(r api.Run) []string {
				return []string{strconv.FormatUint(r.ID, 10), stamp(r.Time), string(r.State), line(r.Prompt, 50), line(r.Answer, 60)}
			})
		})
	}
	return c
}

func execCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "exec SKILL", Short: "run one skill and print its output as JSON", Args: words("the name of a skill")}
	input := inputFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := oneSkill(c, args, *input); err != nil {
			return err
		}
		return execute(c, t, args[0], *input, func(output json.RawMessage) error {
			return compact(t.out, output)
		})
	}
	return c
}

// execute runs a skill for the person at the terminal, who is asked there, and hands its output to show.
func execute(c *cobra.Command, t terminal, skill, input string, show func(json.RawMessage) error) error {
	return withClient(c.Context(), func(b *bus.Client) error {
		if t.inTTY {
			stop, err := answerOwn(c.Context(), t, b)
			if err != nil {
				return err
			}
			defer stop()
		}
		output, err := b.Execute(c.Context(), skill, json.RawMessage(input), api.AskOptions{Interactive: t.inTTY})
		if err != nil {
			return err
		}
		return show(output)
	})
}

// callSkill calls a skill, and shows what it brings once out has it.
func callSkill(c *cobra.Command, t terminal, skill string, in, out any, show func() error) error {
	input, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return execute(c, t, skill, string(input), func(output json.RawMessage) error {
		if err := json.Unmarshal(output, out); err != nil {
			return fmt.Errorf("read the daemon's answer: %w", err)
		}
		return show()
	})
}
