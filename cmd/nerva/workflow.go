package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/visible"
)

func workflowCommand(t terminal) *cobra.Command {
	list := &cobra.Command{Use: "list", Short: "list the workflows of the configuration", Args: none}
	asJSON := jsonFlag(list)
	list.RunE = func(c *cobra.Command, _ []string) error {
		return withClient(c.Context(), func(b *bus.Client) error {
			all, err := b.Workflows(c.Context())
			if err != nil {
				return err
			}
			return listing(t, *asJSON, all, []string{"workflow", "title", "parameters", "steps"}, func(w api.Workflow) []string {
				return []string{w.Name, line(w.Title, 60), paramsOf(w), fmt.Sprint(len(w.Steps))}
			})
		})
	}

	show := &cobra.Command{Use: "show NAME", Short: "show the steps of a workflow", Args: words("the name of a workflow")}
	showJSON := jsonFlag(show)
	show.RunE = func(c *cobra.Command, args []string) error {
		return withClient(c.Context(), func(b *bus.Client) error {
			w, err := findWorkflow(c.Context(), b, strings.Join(args, " "))
			if err != nil {
				return err
			}
			if *showJSON {
				return compact(t.out, w)
			}
			printWorkflow(t, w)
			return nil
		})
	}

	run := &cobra.Command{
		Use: "run NAME [PARAM=TEXT…]", Short: "run a workflow, and answer its questions", Args: words("the name of a workflow"),
		Example: "  nerva workflow run standup\n  nerva workflow run weather city=Ulm",
	}
	ask := askFlags(run, t)
	run.RunE = func(_ *cobra.Command, args []string) error {
		name, params, err := workflowArgs(args)
		if err != nil {
			return err
		}
		return ask("", api.AskOptions{Result: api.KindWorkflow + ":" + name, Params: params})
	}
	return group("workflow", "list and run the workflows of the configuration", list, show, run)
}

// workflowArgs tells the words of a name from the parameters after it.
func workflowArgs(args []string) (name string, params map[string]string, err error) {
	at := slices.IndexFunc(args, func(word string) bool { return strings.Contains(word, "=") })
	if at < 0 {
		return strings.Join(args, " "), nil, nil
	}
	if at == 0 {
		return "", nil, usageError{fmt.Errorf("the name of a workflow is missing before %s", line(args[0], 40))}
	}
	params = map[string]string{}
	for _, word := range args[at:] {
		param, text, ok := strings.Cut(word, "=")
		if !ok || param == "" {
			return "", nil, usageError{fmt.Errorf("%q is no parameter; write one as NAME=TEXT, in quotes where the text has spaces", line(word, 40))}
		}
		if _, twice := params[param]; twice {
			return "", nil, usageError{fmt.Errorf("%s is given twice", line(param, 40))}
		}
		params[param] = text
	}
	return strings.Join(args[:at], " "), params, nil
}

func findWorkflow(ctx context.Context, b *bus.Client, name string) (api.Workflow, error) {
	all, err := b.Workflows(ctx)
	if err != nil {
		return api.Workflow{}, err
	}
	i := slices.IndexFunc(all, func(w api.Workflow) bool { return w.Name == name })
	if i < 0 {
		return api.Workflow{}, api.Errorf(api.NotFound, "there is no workflow %q; `nerva workflow list` has those that there are", name)
	}
	return all[i], nil
}

func paramsOf(w api.Workflow) string {
	var all []string
	for _, p := range w.Params {
		if p.Default != nil {
			all = append(all, fmt.Sprintf("%s=%s", p.Name, line(*p.Default, 20)))
		} else {
			all = append(all, p.Name)
		}
	}
	return strings.Join(all, " ")
}

func printWorkflow(t terminal, w api.Workflow) {
	fmt.Fprintf(t.out, "%s %s\n", visible.Line(w.Name), t.colour(dim, visible.Line(w.Title)))
	if params := paramsOf(w); params != "" {
		fmt.Fprintln(t.out, "takes", visible.Line(params))
	}
	for i, s := range w.Steps {
		what := "ask: " + visible.Line(s.Ask)
		if s.Skill != "" {
			what = visible.String(visible.Call(s.Skill, s.Input))
		}
		fmt.Fprintf(t.out, "%d. %s\n", i+1, what)
	}
}
