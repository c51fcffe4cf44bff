package config

import (
	"fmt"

	"nerva/core/api"
)

// The tables in this file are checked, so that a file is right once and for all, and not acted on: see Later.

// Workflow is a named row of steps.
type Workflow struct {
	Name  string `toml:"name"`
	Title string `toml:"title,omitempty"`
	Steps []Step `toml:"steps"`
}

// Step is a call of a skill or a question to the agent.
type Step struct {
	Skill string         `toml:"skill,omitempty"`
	Input map[string]any `toml:"input,omitempty"`
	Ask   string         `toml:"ask,omitempty"`
}

// MCP has the servers of the Model Context Protocol whose tools nerva may use.
type MCP struct {
	Servers map[string]MCPServer `toml:"servers,omitempty"`
}

// MCPServer is either a program that speaks over its standard streams or a URL.
type MCPServer struct {
	Command []string `toml:"command,omitempty"`
	URL     string   `toml:"url,omitempty"`
}

// Later says which tables are set that this version reads and does nothing with, a sentence each.
func (c Config) Later() []string {
	var all []string
	for _, table := range []struct {
		key string
		set bool
	}{
		{"workflow", len(c.Workflows) > 0},
		{"mcp.servers", len(c.MCP.Servers) > 0},
	} {
		if table.set {
			all = append(all, fmt.Sprintf("%s is right, but this version of nerva does nothing with it yet", table.key))
		}
	}
	return all
}

func (w Workflow) validate(bad report) {
	bad.unless(w.Name != "", "name", "is missing; `nerva workflow run` takes it")
	bad.unless(len(w.Steps) > 0, "steps", "is empty; a step has a skill and its input, or ask")
	for i, s := range w.Steps {
		key := fmt.Sprintf("steps[%d]", i)
		bad.unless((s.Skill == "") != (s.Ask == ""), key, "must have either skill or ask")
		_, known := api.Floors[s.Skill]
		bad.unless(s.Skill == "" || known, key+".skill", "is %q, but there is no such skill; `nerva skills` lists them", s.Skill)
	}
}

func (s MCPServer) validate(bad report) {
	bad.unless((len(s.Command) == 0) != (s.URL == ""), "command", "and url: exactly one of them must be set")
	bad.unless(s.URL == "" || isHTTP(s.URL), "url", "is %q, but must begin with http:// or https://", s.URL)
}
