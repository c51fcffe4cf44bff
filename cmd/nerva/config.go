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
		if len(args) == 0 {
			_, err := config.Load(config.DefaultPaths())
			return err
		}
		text, err := os.ReadFile(args[0])
		if err != nil {
			return fmt.Errorf("read the configuration: %w", err)
		}
		return config.Check(args[0], text)
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
