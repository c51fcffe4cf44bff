package skills

import (
	"context"
	"encoding/json"
	"strings"

	"nerva/core/api"
	"nerva/core/beneath"
)

type runIn struct {
	Argv []string `json:"argv" jsonschema:"the command and its arguments, one element each; no shell reads them"`
	Cwd  string   `json:"cwd,omitempty" jsonschema:"folder to run it in, absolute or beginning with ~/; the home folder without it"`
}

type runOut struct {
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
	Exit   int    `json:"exit"`
}

func commands(d Deps) ([]*Skill, error) {
	var c collect
	run := c.add(define(api.Skill{
		ID: "run_command", Title: "Run a command",
		Description: "Runs one of the commands that the user has allowed, in a sandbox that can read the home folder and " +
			"change nothing. There is no shell: no pipes, quotes, globs or variables. Returns what it printed and its exit status.",
		Risk: api.Caution, Effect: api.Exec, Untrusted: true,
	}, func(ctx context.Context, in runIn) (runOut, error) {
		if err := d.Commands.Check(in.Argv); err != nil {
			return runOut{}, err // it was allowed when the question was asked
		}
		r, err := d.Commands.Run(ctx, in.Argv, in.Cwd)
		return runOut{text(r.Stdout), text(r.Stderr), r.Exit}, err
	}))
	run.takesIn("files", "read what a command printed")
	run.Guard = "commands"
	run.Resolve = func(input json.RawMessage) (json.RawMessage, error) {
		var in runIn
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, api.Errorf(api.InvalidInput, "run_command can't read its input: %w", err)
		}
		if err := d.Commands.Check(in.Argv); err != nil {
			return nil, err
		}
		if in.Cwd == "" {
			in.Cwd = "~" // written out, so that policy, the question and the log see where it will run
		}
		dir, err := d.Places().Anywhere.Resolve(in.Cwd, beneath.Read)
		if err != nil {
			return nil, err
		}
		return plainJSON(runIn{in.Argv, dir})
	}
	return c.done()
}

// text: a command prints bytes, and JSON has none.
func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
