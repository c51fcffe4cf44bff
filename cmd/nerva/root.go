package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"nerva/core/api"
	"nerva/core/bus"
)

// The exit codes, as documented in nerva(1).
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitDenied      = 3
	exitNoDaemon    = 4
	exitInterrupted = 130
)

// terminal is where the command talks to: standard streams, and what is known of them.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	// inTTY says that a person can be asked; outTTY that colour, spinners and tables are welcome, errTTY that colour
	// is on standard error.
	inTTY, outTTY, errTTY bool
}

func std() terminal {
	_, plain := os.LookupEnv("NO_COLOR") // https://no-color.org
	colour := !plain && os.Getenv("TERM") != "dumb"
	tty := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	return terminal{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		inTTY:  tty(os.Stdin) && tty(os.Stderr),
		outTTY: tty(os.Stdout) && colour,
		errTTY: tty(os.Stderr) && colour,
	}
}

// usageError marks what the person typed as wrong, apart from what failed.
type usageError struct{ error }

// noBus marks that not even the bus could be reached, let alone a daemon.
type noBus struct{ error }

func (n noBus) Unwrap() error { return n.error }

// silent is an exit code whose reason has been printed already.
type silent int

func (s silent) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func run(ctx context.Context, args []string, t terminal) int {
	root := commands(t)
	root.SetArgs(args)
	root.SetIn(t.in)
	root.SetOut(t.out)
	root.SetErr(t.err)
	err := root.ExecuteContext(ctx)
	var quiet silent
	switch {
	case errors.As(err, &quiet):
		return int(quiet)
	case err != nil:
		fmt.Fprintln(t.err, "nerva:", printable(err.Error()))
	}
	return exitCode(ctx, err)
}

func exitCode(ctx context.Context, err error) int {
	var usage usageError
	var unreachable noBus
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.Is(err, bus.ErrNoDaemon), errors.As(err, &unreachable):
		return exitNoDaemon
	case api.CodeOf(err) == api.Denied:
		return exitDenied
	default:
		return exitFailed
	}
}

func commands(t terminal) *cobra.Command {
	root := &cobra.Command{
		Use:           "nerva",
		Short:         "ask, search and act through the nerva daemon",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{unknownCommand(c, args[0])}
			}
			return c.Help()
		},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see `%s --help`", err, c.CommandPath())}
	})
	root.SetVersionTemplate("nerva {{.Version}}\n")
	root.AddCommand(
		askCommand(t), searchCommand(t), execCommand(t), skillsCommand(t), logCommand(t), runsCommand(t),
		noteCommand(t), timerCommand(t), watchersCommand(t), suggestionsCommand(t),
		workflowCommand(t), policyCommand(t), toggleCommand(), statusCommand(t), doctorCommand(t), configCommand(t),
	)
	return root
}

func unknownCommand(c *cobra.Command, name string) error {
	c.SuggestionsMinimumDistance = 2 // letters; cobra sets it only for its own message
	if near := c.SuggestionsFor(name); len(near) > 0 {
		return fmt.Errorf("%q is not a command of %s; did you mean %q?", name, c.CommandPath(), near[0])
	}
	return fmt.Errorf("%q is not a command of %s; see `%s --help`", name, c.CommandPath(), c.CommandPath())
}

// group is a command that only has commands below it.
func group(use, short string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs}
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usageError{unknownCommand(c, args[0])}
		}
		return usageError{fmt.Errorf("%s needs one of its commands; see `%s --help`", c.CommandPath(), c.CommandPath())}
	}
	c.AddCommand(below...)
	return c
}

// words wants at least one word.
func words(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError{fmt.Errorf("%s needs %s; see `%s --help`", c.CommandPath(), what, c.CommandPath())}
		}
		return nil
	}
}

// none wants no words at all.
func none(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no words, but was given %q", c.CommandPath(), args[0])}
	}
	return nil
}

// withClient dials the daemon, which D-Bus starts where it can, and hangs up afterwards.
func withClient(ctx context.Context, do func(*bus.Client) error) (err error) {
	c, err := bus.Dial(ctx, bus.DialOptions{})
	if err != nil {
		return noBus{err}
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return do(c)
}
