package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/commands"
	"nerva/core/policy"
	"nerva/core/shortcut"
)

// report takes a dotted key and the end of a sentence.
type report func(key, problem string)

func (bad report) unless(right bool, key, format string, args ...any) {
	if !right {
		bad(key, fmt.Sprintf(format, args...))
	}
}

func (bad report) oneOf(key, value string, allowed ...string) {
	bad.unless(slices.Contains(allowed, value), key, "is %q, but must be one of %s", value, strings.Join(allowed, ", "))
}

func (bad report) absolute(key, path string) {
	bad.unless(path == "" || filepath.IsAbs(Expand(path)), key, "is %q, but must be an absolute path or begin with ~/", path)
}

// under reports what is inside of a table.
func (bad report) under(table string) report {
	return func(key, problem string) { bad(table+"."+key, problem) }
}

// validate checks what types can't.
func (c Config) validate(bad report) {
	bad.oneOf("llm.provider", c.LLM.Provider, "auto", "openai", "ollama", "llamacpp", "offline")
	bad.oneOf("policy.safe", c.Policy.Safe, "allow", "ask", "deny")
	bad.oneOf("policy.caution", c.Policy.Caution, "allow", "ask", "deny")
	bad.oneOf("policy.dangerous", c.Policy.Dangerous, "ask", "deny")
	bad.unless(c.LLM.MaxRounds >= 1 && c.LLM.MaxRounds <= 1000, "llm.max_rounds",
		"is %d, but must be from 1 to 1000", c.LLM.MaxRounds)
	bad.unless(c.LLM.BaseURL == "" || isHTTP(c.LLM.BaseURL), "llm.base_url",
		"is %q, but must begin with http:// or https://", c.LLM.BaseURL)
	bad.oneOf("llm.vision.provider", c.LLM.Vision.Provider, "", "auto", "openai", "ollama", "llamacpp", "offline")
	bad.unless(c.LLM.Vision.BaseURL == "" || isHTTP(c.LLM.Vision.BaseURL), "llm.vision.base_url",
		"is %q, but must begin with http:// or https://", c.LLM.Vision.BaseURL)
	shares := c.LLM.Share.Kinds()
	for _, kind := range policy.Kinds {
		bad.oneOf("llm.share."+kind, *shares[kind], "allow", "ask", "deny")
	}
	bad.unless(c.Log.Days >= 0 && c.Log.Days <= 36500, "log.days",
		"is %d, but must be from 0, which keeps all, to 36500", c.Log.Days)
	bad.unless(c.Log.SizeMB >= 0 && c.Log.SizeMB <= 1<<20, "log.size_mb",
		"is %d, but must be from 0, which keeps all, to 1048576", c.Log.SizeMB)
	if key := c.Keybindings.Toggle; key != "" {
		if _, err := shortcut.Trigger(key); err != nil {
			bad("keybindings.toggle", err.Error())
		}
	}
	c.Clipboard.validate(bad.under("clipboard"))
	c.validateRules(bad)
	c.Commands.Fence(bad.under("commands"))
	c.Watch(Expand("~"), bad)
	c.validateTimers(bad)
	c.Plays(bad)
	for _, name := range slices.Sorted(maps.Keys(c.MCP.Servers)) {
		c.MCP.Servers[name].validate(bad.under("mcp.servers." + name))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Plugins)) {
		c.Plugins[name].validate(bad.under("plugins." + name))
	}
	c.validatePaths(bad)
}

// Fence compiles what the configuration says of commands; bad is told what is wrong, as commands.New does.
func (c Commands) Fence(bad func(key, problem string)) commands.Fence {
	return commands.New(c.Allowed, c.Patterns, bad)
}

func (c Clipboard) validate(bad report) {
	bad.unless(c.Entries >= 1 && c.Entries <= 1000, "entries", "is %d, but must be from 1 to 1000; history = false keeps none", c.Entries)
	bad.unless(c.SizeMB >= 1 && c.SizeMB <= 1024, "size_mb", "is %d, but must be from 1 to 1024; history = false keeps none", c.SizeMB)
	bad.unless(c.Days >= 0 && c.Days <= 36500, "days", "is %d, but must be from 0, which keeps them however old, to 36500", c.Days)
	c.Denies(bad)
}

// Denies gives the test of an application's id that denied is; bad is told what is wrong with it.
func (c Clipboard) Denies(bad func(key, problem string)) func(app string) bool {
	globs := make([]string, len(c.Denied))
	for i, pattern := range c.Denied {
		globs[i] = strings.ToLower(pattern)
	}
	fits := policy.OneOf(globs, func(i int) {
		bad(fmt.Sprintf("denied[%d]", i), fmt.Sprintf("is %q, but must be a glob for an application's id", c.Denied[i]))
	})
	return func(app string) bool { return fits(strings.ToLower(app)) }
}

func (p Plugin) validate(bad report) {
	bad.oneOf("risk", p.Risk, "", string(api.Safe), string(api.Caution), string(api.Dangerous))
	for _, folder := range p.Write {
		bad.absolute("write", folder)
	}
}

// validateRules has the rules decide their own examples, once all of them are right.
func (c Config) validateRules(bad report) {
	wrong := false
	p := c.Decide(Expand("~"), func(key, problem string) {
		wrong = true
		bad(key, problem)
	})
	if wrong {
		return
	}
	p.Examples(func(rule, example int, key, problem string) {
		bad(fmt.Sprintf("policy.rule[%d].example[%d].%s", rule, example, key), problem)
	})
}

func (c Config) validatePaths(bad report) {
	bad.absolute("llm.api_key_file", c.LLM.APIKeyFile)
	bad.absolute("llm.vision.api_key_file", c.LLM.Vision.APIKeyFile)
	bad.absolute("notes.path", c.Notes.Path)
	bad.absolute("secrets.path", c.Secrets.Path)
	for i, root := range c.Files.Roots {
		key := fmt.Sprintf("files.roots[%d]", i)
		bad.unless(root != "", key, "is empty; name a folder or leave it out")
		bad.absolute(key, root)
	}
	for i, path := range c.Calendar.Paths {
		key := fmt.Sprintf("calendar.paths[%d]", i)
		bad.unless(path != "", key, "is empty; name a folder or a file, or leave it out")
		bad.absolute(key, path)
		bad.unless(path == "" || !within("~", path), key, "is %q, but must not be around the home folder; name the folder of the calendars", path)
	}
	for key, path := range map[string]string{
		"llm.api_key_file": c.LLM.APIKeyFile, "llm.vision.api_key_file": c.LLM.Vision.APIKeyFile, "secrets.path": c.Secrets.Path,
	} {
		bad.unless(!within(path, "/nix/store"), key,
			"is %q, and everybody on this machine can read the Nix store; name a file outside of it, as text and not as a Nix path", path)
	}
	// What lies below notes.path is shown to a model.
	if c.Notes.Path == "" || c.Secrets.Path == "" || !within(c.Secrets.Path, c.Notes.Path) {
		return
	}
	if c.Secrets == Default().Secrets {
		bad("notes.path", fmt.Sprintf("is %q, but must not be around the folder of secrets, %q", c.Notes.Path, c.Secrets.Path))
		return
	}
	bad("secrets.path", fmt.Sprintf("is %q, but must not lie in the folder of the notes, %q", c.Secrets.Path, c.Notes.Path))
}

// within says whether path is folder or lies in it.
func within(path, folder string) bool {
	inner, err := filepath.Rel(Expand(folder), Expand(path))
	return err == nil && inner != ".." && !strings.HasPrefix(inner, "../")
}

func isHTTP(u string) bool {
	return strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://")
}
