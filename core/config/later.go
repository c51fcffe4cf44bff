package config

import "fmt"

// The tables in this file are checked, so that a file is right once and for all, and not acted on: see Later.

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
		{"mcp.servers", len(c.MCP.Servers) > 0},
	} {
		if table.set {
			all = append(all, fmt.Sprintf("%s is right, but this version of nerva does nothing with it yet", table.key))
		}
	}
	return all
}

func (s MCPServer) validate(bad report) {
	bad.unless((len(s.Command) == 0) != (s.URL == ""), "command", "and url: exactly one of them must be set")
	bad.unless(s.URL == "" || isHTTP(s.URL), "url", "is %q, but must begin with http:// or https://", s.URL)
}
