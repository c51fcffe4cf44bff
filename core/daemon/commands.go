package daemon

import (
	"context"
	"fmt"
	"os"

	"nerva/core/api"
	"nerva/core/commands"
	"nerva/core/gate"
	"nerva/core/sandbox"
)

// sandbox makes the one that commands and plugins run in. What it hides is by the configuration in force.
func (p *parts) sandbox() *sandbox.Sandbox {
	return sandbox.New(sandbox.Options{
		Home: p.settings.home, Hidden: func() []string { return p.settings.now.Load().guarded.Hidden() },
		Runtime: os.Getenv("XDG_RUNTIME_DIR"), Environ: os.Environ(),
	})
}

// runner is gate.Commands: the fence of the configuration in force, and then the sandbox.
type runner struct {
	settings *settings
	box      *sandbox.Sandbox
}

func (r *runner) Check(argv []string) error { return r.settings.now.Load().fence.Check(argv) }

func (r *runner) Run(ctx context.Context, argv []string, dir string) (gate.CommandResult, error) {
	done, err := r.box.Run(ctx, sandbox.Spec{
		Argv: argv, Dir: dir, Env: commands.Environment(argv[0]), Network: r.settings.now.Load().Commands.Network,
	})
	if err == nil && done.Ended != "" {
		err = api.Errorf(api.Failed, "%s was ended: %s; ask it for less", argv[0], exceeded(done.Ended))
	}
	return gate.CommandResult{Stdout: done.Stdout, Stderr: done.Stderr, Exit: done.Exit}, err
}

// exceeded says what a limit is, for what runs with those of sandbox.DefaultLimits.
func exceeded(l sandbox.Limit) string {
	limits := sandbox.DefaultLimits
	switch l {
	case sandbox.Time:
		return fmt.Sprintf("it took longer than %v", limits.Time)
	case sandbox.CPU:
		return fmt.Sprintf("it used more than %v of the processor", limits.CPU)
	case sandbox.Output:
		return fmt.Sprintf("it printed more than %d bytes", limits.Output)
	case sandbox.FileSize:
		return fmt.Sprintf("it wrote a file of more than %d bytes", limits.FileSize)
	}
	return fmt.Sprintf("it reached the limit of %s", l)
}
