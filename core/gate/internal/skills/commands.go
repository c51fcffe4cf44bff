package skills

import (
	"context"
	"strings"

	"nerva/core/api"
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
	c.add(define(api.Skill{
		ID: "run_command", Title: "Run a command",
		Description: "Runs one of the commands that the user has allowed, in a sandbox that can read the home folder and " +
			"change nothing. There is no shell: no pipes, quotes, globs or variables. Returns what it printed and its exit status.",
		Risk: api.Caution, Effect: api.Exec, Untrusted: true,
	}, func(ctx context.Context, in runIn) (runOut, error) {
		if err := d.Commands.Check(in.Argv); err != nil {
			return runOut{}, err
		}
		dir := ""
		if in.Cwd != "" {
			var err error
			if dir, err = existing(d.Home, in.Cwd); err != nil {
				return runOut{}, err
			}
		}
		r, err := d.Commands.Run(ctx, in.Argv, dir)
		return runOut{text(r.Stdout), text(r.Stderr), r.Exit}, err
	})).takesIn("files", "read what a command printed")
	return c.done()
}

// text: a command prints bytes, and JSON has none.
func text(b []byte) string { return strings.ToValidUTF8(string(b), "\uFFFD") }
