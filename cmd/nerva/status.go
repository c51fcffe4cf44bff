package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/bus/overlay"
	"nerva/core/bus/peer"
	"nerva/core/bus/summon"
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
	compositor := s.Compositor
	if compositor == "" {
		compositor = "none that nerva knows"
	}
	attached := "not running"
	if s.Overlay {
		attached = "attached"
	}
	var plugins []string // that are wrong
	for _, p := range s.Plugins {
		plugins = append(plugins, p.Error)
	}
	callers := "known by their process (the bus gives its pidfd)"
	if s.Peers != peer.ByPIDFD {
		callers = "known by process number and start time: the bus gives no pidfd; dbus 1.15.8, or dbus-broker, does"
	}
	w := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	for _, row := range []struct{ name, says, wrong string }{
		{"nerva", fmt.Sprintf("%s, process %d (%s), up %s", s.Version, s.PID, s.Host, time.Duration(s.UptimeS)*time.Second), ""},
		{"model", model, ""},
		{"compositor", compositor, ""},
		{"plugins", "as they should be", strings.Join(plugins, "; ")},
		{"overlay", attached, ""},
		{"applications", fmt.Sprint(s.Apps), ""},
		{"open runs", fmt.Sprint(s.Runs), ""},
		{"callers", callers, ""},
		{"configuration", s.Config.Path, s.Config.Error},
	} {
		if row.wrong != "" {
			fmt.Fprintf(w, "%s\t%s%s\n", row.name, t.colour(red, "not in force: "), printable(row.wrong))
			continue
		}
		fmt.Fprintf(w, "%s\t%s\n", row.name, printable(row.says))
	}
	return w.Flush()
}

func toggleCommand() *cobra.Command {
	c := &cobra.Command{Use: "toggle", Short: "show the overlay, or hide it", Args: none}
	show := c.Flags().Bool("show", false, "show it, whether it is hidden or not")
	hide := c.Flags().Bool("hide", false, "hide it")
	c.MarkFlagsMutuallyExclusive("show", "hide")
	c.RunE = func(c *cobra.Command, _ []string) error {
		// A first start loads GTK, and nobody waits longer for a key press.
		ctx, stop := context.WithTimeout(c.Context(), 15*time.Second)
		defer stop()
		method := overlay.Toggle
		switch {
		case *show:
			method = overlay.Show
		case *hide:
			method = overlay.Hide
		}
		return summon.Call(ctx, method, os.Getenv("XDG_ACTIVATION_TOKEN"))
	}
	return c
}
