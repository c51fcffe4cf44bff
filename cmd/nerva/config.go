package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nerva/core/config"
)

func configCommand(t terminal) *cobra.Command {
	check := &cobra.Command{Use: "check [FILE]", Short: "check a configuration file, the user's by default", Args: cobra.MaximumNArgs(1)}
	check.RunE = func(_ *cobra.Command, args []string) error {
		c, err := checked(args)
		for _, what := range c.Later() {
			fmt.Fprintln(t.err, "nerva:", what)
		}
		return err
	}

	show := &cobra.Command{Use: "show", Short: "print the configuration in force, defaults included", Args: none}
	show.RunE = func(*cobra.Command, []string) error {
		c, err := config.Load(config.DefaultPaths())
		if err != nil {
			return err
		}
		text, err := c.TOML()
		if err == nil {
			_, err = t.out.Write(text)
		}
		return err
	}

	path := &cobra.Command{Use: "path", Short: "print where the user's configuration file is", Args: none}
	path.RunE = func(*cobra.Command, []string) error {
		_, err := fmt.Fprintln(t.out, config.DefaultPaths().User)
		return err
	}
	return group("config", "check and show the configuration", check, show, path)
}

// checked reads the named file by itself, or else what is in force together.
func checked(args []string) (config.Config, error) {
	if len(args) == 0 {
		return config.Load(config.DefaultPaths())
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return config.Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	return config.Check(args[0], text)
}
