package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/visible"
)

func policyCommand(t terminal) *cobra.Command {
	return group("policy", "explain what is decided, list its rules, take an answer back",
		explainCommand(t), rulesCommand(t), forgetCommand())
}

func explainCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "explain SKILL", Short: "say what would become of a call, and which rule decides", Args: words("the name of a skill")}
	input, asJSON := inputFlag(c), jsonFlag(c)
	tainted := c.Flags().Bool("tainted", false, "in a run that has taken in what others may have written")
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := oneSkill(c, args, *input); err != nil {
			return err
		}
		return withClient(c.Context(), func(b *bus.Client) error {
			e, err := b.Explain(c.Context(), args[0], json.RawMessage(*input), api.ExplainOptions{Tainted: *tainted})
			if err != nil {
				return err
			}
			if *asJSON {
				return compact(t.out, e)
			}
			colour := map[string]string{"allow": green, "ask": yellow, "deny": red}[e.Decision]
			_, err = fmt.Fprintf(t.out, "%s by %s\n%s\n%s is %s, effect %s\n", t.colour(colour, e.Decision), visible.Line(e.DecidedBy),
				visible.Line(e.Reason), visible.String(visible.Call(e.Skill, e.Input)), e.Risk, e.Effect)
			return err
		})
	}
	return c
}

func rulesCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: "list the configuration's rules, and what was answered with always", Args: none}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withClient(c.Context(), func(b *bus.Client) error {
			rules, err := b.Rules(c.Context())
			if err != nil {
				return err
			}
			return listing(t, *asJSON, rules, []string{"rule", "origin", "decision", "what"}, func(r api.Rule) []string {
				return []string{r.Name, r.Origin, r.Decision, ruled(r)}
			})
		})
	}
	return c
}

// ruled says what a rule is about.
func ruled(r api.Rule) string {
	switch {
	case r.Share != "":
		return fmt.Sprintf("showing %s to %s", r.Share, r.Host)
	case r.Plugin != "":
		return "the plugin " + r.Plugin + " as it is"
	}
	return strings.TrimSpace(r.Skill + " " + string(r.Match) + string(r.Input))
}

func forgetCommand() *cobra.Command {
	c := &cobra.Command{Use: "forget NAME", Short: "take back what was answered with always", Args: words("the name of an answer, as `nerva policy rules` lists it")}
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usageError{fmt.Errorf("nerva policy forget takes one name, but was given %q as well", args[1])}
		}
		return withClient(c.Context(), func(b *bus.Client) error { return b.Forget(c.Context(), args[0]) })
	}
	return c
}

func inputFlag(c *cobra.Command) *string {
	return c.Flags().String("input", "{}", "the skill's input, a JSON object")
}

// oneSkill is what exec and explain want to be given.
func oneSkill(c *cobra.Command, args []string, input string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("%s takes one skill, but was given %q as well", c.CommandPath(), args[1])}
	}
	if !json.Valid([]byte(input)) {
		return usageError{errors.New("--input is not JSON; write it like --input '{\"expression\":\"21*2\"}'")}
	}
	return nil
}
