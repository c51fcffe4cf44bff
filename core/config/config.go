// Package config reads nerva's TOML configuration: the system's file, laid under the user's, over the
// defaults. It owns the meaning of the keys and the copy of the last good configuration in the state folder.
// It has no goroutine and no state in memory; the daemon decides when to read again. It must not know what
// the values are used for.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"nerva/core/api"
	"nerva/core/commands"
	"nerva/core/paths"
	"nerva/core/policy"
	"nerva/core/watchers"
	"nerva/core/workflows"
)

// Config is a whole configuration. Every field has a key in the TOML of the same place.
type Config struct {
	LLM         LLM         `toml:"llm"`
	Policy      Policy      `toml:"policy"`
	Notes       Notes       `toml:"notes"`
	Files       Files       `toml:"files"`
	Secrets     Secrets     `toml:"secrets"`
	Commands    Commands    `toml:"commands"`
	Log         Log         `toml:"log"`
	Watchers    Watchers    `toml:"watchers"`
	Keybindings Keybindings `toml:"keybindings"`
	Clipboard   Clipboard   `toml:"clipboard"`
	Calendar    Calendar    `toml:"calendar"`
	// Plugins has what the user gives each, by the name of its folder.
	Plugins   map[string]Plugin    `toml:"plugins,omitempty"`
	Timers    []Timer              `toml:"timer,omitempty"`
	Workflows []workflows.Workflow `toml:"workflow,omitempty"`
	MCP       MCP                  `toml:"mcp,omitempty"`
}

// LLM is the model that plans runs.
type LLM struct {
	// Provider is auto, openai, ollama, llamacpp or offline.
	Provider string `toml:"provider"`
	Model    string `toml:"model"`
	// BaseURL of an OpenAI-compatible server, up to and including its version ("http://127.0.0.1:8080/v1").
	BaseURL string `toml:"base_url"`
	// APIKeyFile is read at each use, so that a key can be replaced while nerva runs; see Key.
	APIKeyFile string `toml:"api_key_file"`
	// MaxRounds is how often a run may go back to the model, 1 to 1000.
	MaxRounds int `toml:"max_rounds"`
	// Share says what a model outside of this machine may be shown: allow, ask or deny.
	Share Share `toml:"share"`
	// Vision is the model for pictures; see Seeing.
	Vision Vision `toml:"vision"`

	// OwnKey: Key is what APIKeyFile has, and nothing else.
	OwnKey bool `toml:"-"`
}

// Vision has the keys of LLM by the same names.
type Vision struct {
	Provider   string `toml:"provider"`
	Model      string `toml:"model"`
	BaseURL    string `toml:"base_url"`
	APIKeyFile string `toml:"api_key_file"`
}

// Seeing is the model that is shown pictures. Where Vision names neither a provider nor a server it is another model of
// the same server, or the same. A server of its own gets the key that is named for it and no other's.
func (l LLM) Seeing() LLM {
	v := l.Vision
	if v.Provider == "" && v.BaseURL == "" {
		l.Model, l.APIKeyFile = cmp.Or(v.Model, l.Model), cmp.Or(v.APIKeyFile, l.APIKeyFile)
		return l
	}
	return LLM{
		Provider: cmp.Or(v.Provider, "auto"), Model: v.Model, BaseURL: v.BaseURL, APIKeyFile: v.APIKeyFile, OwnKey: v.BaseURL != "",
	}
}

// Share has a decision for each kind of what a skill returns; see policy.Kinds.
type Share struct {
	Screen    string `toml:"screen"`
	Clipboard string `toml:"clipboard"`
	Files     string `toml:"files"`
	Notes     string `toml:"notes"`
	Windows   string `toml:"windows"`
	History   string `toml:"history"`
}

// Kinds gives each decision by its kind.
func (s *Share) Kinds() map[string]*string {
	return map[string]*string{
		"screen": &s.Screen, "clipboard": &s.Clipboard, "files": &s.Files, "notes": &s.Notes, "windows": &s.Windows,
		"history": &s.History,
	}
}

// Policy has a decision for each tier, allow, ask or deny, and the rules that come before it.
type Policy struct {
	Safe      string `toml:"safe"`
	Caution   string `toml:"caution"`
	Dangerous string `toml:"dangerous"` // never allow
	// Rules of the system's file and of the user's add up.
	Rules []policy.Rule `toml:"rule,omitempty"`
	// Locked are the tiers that the system's file denies.
	Locked []api.Risk `toml:"-"`
}

// Notes says where notes are kept.
type Notes struct {
	Path string `toml:"path"`
}

// Files says which files skills may read and write.
type Files struct {
	// Roots are folders, absolute or beginning with ~/; what is protected in them stays so.
	Roots []string `toml:"roots"`
}

// Secrets says where secrets are kept: a folder that no skill shows to a model.
type Secrets struct {
	Path string `toml:"path"`
}

// Commands says which commands may run at all, and with which arguments: see core/commands.
type Commands struct {
	Allowed []string `toml:"allowed"`
	// Network is for all of them.
	Network  bool               `toml:"network"`
	Patterns []commands.Pattern `toml:"pattern,omitempty"`
}

// Plugin is what the user gives a plugin.
type Plugin struct {
	// Risk is its tier: safe, caution, or dangerous, as all of them are without this.
	Risk    string `toml:"risk,omitempty"`
	Network bool   `toml:"network,omitempty"`
	// Write are the folders that it may change.
	Write []string `toml:"write,omitempty"`
}

// Keybindings are the keys that the overlay asks the desktop for, where the desktop binds keys for programs.
type Keybindings struct {
	// Toggle shows and hides the overlay; empty asks for none. See core/shortcut for how it is written.
	Toggle string `toml:"toggle"`
}

// Log says how much of the audit log is kept; 0 keeps all.
type Log struct {
	Days   int `toml:"days"`    // up to 100 years
	SizeMB int `toml:"size_mb"` // MiB, up to 1 TiB
}

// Watchers are the rules of what nerva notices.
type Watchers struct {
	Enabled bool `toml:"enabled"`
	// Builtin says whether nerva's own rules are in force.
	Builtin bool            `toml:"builtin"`
	Rules   []watchers.Rule `toml:"rule,omitempty"`
}

// Clipboard says what is remembered of what was copied, and what is kept apart.
type Clipboard struct {
	History bool `toml:"history"`
	Entries int  `toml:"entries"` // 1 to 1000
	SizeMB  int  `toml:"size_mb"` // MiB of all entries, 1 to 1024
	Days    int  `toml:"days"`    // up to 100 years; 0 keeps them however old
	// Denied are globs for application ids, in which capitals make no difference: what is copied while one of them has
	// the focus is neither remembered nor shown to a model.
	Denied []string `toml:"denied"`
}

// Calendar says where the user's calendars are, for the rules of what nerva notices.
type Calendar struct {
	// Paths are folders and .ics files, absolute or beginning with ~/; what is not there may come.
	Paths []string `toml:"paths"`
}

// managers are the password managers that are known, by what their windows say they are: a desktop file id, or the
// program's name.
var managers = []string{
	"*keepass*", "*bitwarden*", "*1password*", "*onepassword*", "*proton*pass*", "org.gnome.World.Secrets", "*seahorse*",
	"*kwallet*", "*enpass*", "*nordpass*", "*qtpass*", "*authenticator*",
}

// Default is the configuration of somebody who has written none.
func Default() Config {
	return Config{
		LLM: LLM{Provider: "auto", MaxRounds: 25, Share: Share{
			Screen: "ask", Clipboard: "ask", Files: "ask", Notes: "ask", Windows: "ask", History: "ask",
		}},
		Policy: Policy{Safe: "allow", Caution: "ask", Dangerous: "ask"},
		Notes:  Notes{Path: "~/Documents/notes"},
		Files:  Files{Roots: []string{"~"}},

		Secrets:  Secrets{Path: "~/.config/nerva/secrets"},
		Commands: Commands{Allowed: []string{"ls", "date"}},
		Log:      Log{Days: 365, SizeMB: 64},
		Watchers: Watchers{Enabled: true, Builtin: true},

		Keybindings: Keybindings{Toggle: "SUPER+SPACE"},
		Clipboard:   Clipboard{History: true, Entries: 200, SizeMB: 64, Days: 30, Denied: managers},
		// Where vdirsyncer, khal and Evolution keep them, as their manuals have it or by themselves.
		Calendar: Calendar{Paths: []string{"~/.calendars", "~/.local/share/calendars", "~/.local/share/khal/calendars", "~/.local/share/evolution/calendar"}},
	}
}

// Expand replaces a leading ~/ by the user's home folder.
func Expand(path string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return paths.Expand(home, path)
}

// Key reads the key for the model's server: from api_key_file where it is set, else from systemd's
// credential nerva-api-key, else from OPENAI_API_KEY. No key at all is the empty string and no error.
func (l LLM) Key() (string, error) {
	path := Expand(l.APIKeyFile)
	if path == "" && l.OwnKey {
		return "", nil
	}
	if path == "" {
		if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
			credential := filepath.Join(dir, "nerva-api-key")
			if _, err := os.Stat(credential); err == nil {
				path = credential
			}
		}
	}
	if path == "" {
		return os.Getenv("OPENAI_API_KEY"), nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the model's key: %w; put the key into that file or change llm.api_key_file", err)
	}
	key := strings.TrimSpace(string(b))
	if key == "" {
		return "", errors.New("read the model's key: " + path + " is empty; put the key into it")
	}
	return key, nil
}
