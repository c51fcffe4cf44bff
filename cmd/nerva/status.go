package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/bus"
)

func statusCommand(t terminal) *cobra.Command {
	c := &cobra.Command{Use: "status", Short: "show how the daemon is", Args: none}
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return withClient(c.Context(), func(b *bus.Client) error {
			s, err := b.Status(c.Context())
			if err != nil {
				return err
			}
			if *asJSON {
				return compact(t.out, s)
			}
			return printStatus(t, s)
		})
	}
	return c
}

func printStatus(t terminal, s api.Status) error {
	model := s.LLM.Provider
	if s.LLM.Model != "" {
		model += ", " + s.LLM.Model
	}
	if !s.LLM.Reachable {
		model += " (" + s.LLM.Detail + ")"
	}
	config := s.Config.Path
	if s.Config.Error != "" {
		config = t.colour(red, "not in force: ") + s.Config.Error
	}
	compositor := s.Compositor
	if compositor == "" {
		compositor = "none that nerva knows"
	}
	attached := "not running"
	if s.Overlay {
		attached = "attached"
	}
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	for _, row := range [][2]string{
		{"nerva", fmt.Sprintf("%s, process %d (%s), up %s", s.Version, s.PID, s.Host, time.Duration(s.UptimeS)*time.Second)},
		{"model", model},
		{"compositor", compositor},
		{"overlay", attached},
		{"applications", fmt.Sprint(s.Apps)},
		{"open runs", fmt.Sprint(s.Runs)},
		{"configuration", config},
	} {
		fmt.Fprintf(w, "%s\t%s\n", row[0], printable(row[1]))
	}
	return w.Flush()
}

func toggleCommand() *cobra.Command {
	c := &cobra.Command{Use: "toggle", Short: "show the overlay, or hide it", Args: none}
	c.RunE = func(*cobra.Command, []string) error { return becomeUI() }
	return c
}

// becomeUI replaces this process by nerva-ui, which knows how to reach or start the overlay: the one beside
// this program, else the one in PATH.
func becomeUI() error {
	path := "nerva-ui"
	if self, err := os.Executable(); err == nil {
		path = filepath.Join(filepath.Dir(self), path)
	}
	if _, err := os.Stat(path); err != nil {
		if path, err = exec.LookPath("nerva-ui"); err != nil {
			return fmt.Errorf("find nerva-ui: %w; it is installed beside nerva", err)
		}
	}
	return fmt.Errorf("run %s: %w", path, syscall.Exec(path, []string{"nerva-ui"}, os.Environ()))
}
