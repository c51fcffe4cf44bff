package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"nerva/core/api"
	"nerva/core/atomicfile"
	"nerva/core/policy"
)

// Paths are the files of a configuration.
type Paths struct {
	// System is laid under User; either may be missing.
	System, User string
	// LastGood is where the daemon keeps the last configuration that was right.
	LastGood string
}

// DefaultPaths follows the XDG Base Directory Specification.
func DefaultPaths() Paths {
	return Paths{
		System:   "/etc/xdg/nerva/config.toml",
		User:     filepath.Join(xdg("XDG_CONFIG_HOME", ".config"), "nerva", "config.toml"),
		LastGood: filepath.Join(StateDir(), "config.last-good.toml"),
	}
}

// StateDir is where nerva keeps what it must not lose: $XDG_STATE_HOME/nerva.
func StateDir() string { return filepath.Join(xdg("XDG_STATE_HOME", ".local/state"), "nerva") }

// CacheDir is where nerva keeps what can be made again: $XDG_CACHE_HOME/nerva.
func CacheDir() string { return filepath.Join(xdg("XDG_CACHE_HOME", ".cache"), "nerva") }

// xdg returns a base folder. A relative path in the variable is invalid and to be ignored (XDG Base
// Directory Specification, "Basics").
func xdg(variable, below string) string {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	return Expand(filepath.Join("~", below))
}

// Load reads the files over the defaults. A missing file is an empty one. Where something is wrong the
// error is an Errors. What the system's file denies stays denied, whatever the user's says: its rules are kept, and
// so are its tiers, of which no rule of the user's can allow a call.
func Load(p Paths) (Config, error) {
	system, err := loadSystem(p)
	if err != nil {
		return Config{}, err
	}
	c := system
	if err := lay(&c, p.User); err != nil {
		return Config{}, err
	}
	c.tighten(system)
	return c, nil
}

// loadSystem reads the system's file and marks its rules.
func loadSystem(p Paths) (Config, error) {
	c := Default()
	err := lay(&c, p.System)
	for i := range c.Policy.Rules {
		c.Policy.Rules[i].System = true
	}
	return c, err
}

// lay lays a file over c, if it is there.
func lay(c *Config, file string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		// A link whose target is not there, not yet or not any more, is no wish for the defaults.
		if _, err := os.Lstat(file); err == nil {
			return fmt.Errorf("read the configuration: %s is a link to a file that is not there; mend it or remove it", file)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	return parse(c, file, text)
}

// tighten keeps what the system denies: tiers, and what a model elsewhere may be shown.
func (c *Config) tighten(system Config) {
	keep := func(own, system *string) bool {
		if *system == "deny" {
			*own = "deny"
		}
		return *system == "deny"
	}
	c.Policy.Locked = nil
	for _, tier := range []struct {
		risk        api.Risk
		own, system *string
	}{
		{api.Safe, &c.Policy.Safe, &system.Policy.Safe},
		{api.Caution, &c.Policy.Caution, &system.Policy.Caution},
		{api.Dangerous, &c.Policy.Dangerous, &system.Policy.Dangerous},
	} {
		if keep(tier.own, tier.system) {
			c.Policy.Locked = append(c.Policy.Locked, tier.risk)
		}
	}
	shares := system.LLM.Share.Kinds()
	for kind, own := range c.LLM.Share.Kinds() {
		keep(own, shares[kind])
	}
}

// KeepError is LoadOr's where the configuration is in force and could not be kept on disk.
type KeepError struct{ err error }

func (e *KeepError) Error() string { return "keep the last good configuration: " + e.err.Error() }
func (e *KeepError) Unwrap() error { return e.err }

// LoadOr is Load for a daemon, which must run on something. Where the files are right it keeps them as the last good
// ones. Where they are wrong it returns, with the error, what was in force (nil: nothing yet), or the last good
// configuration, or the defaults with provider offline, never another provider than the one meant; and, where the
// system's file alone is right, its rules and the tiers that it denies.
func LoadOr(p Paths, inForce *Config) (Config, error) {
	c, wrong := Load(p)
	if wrong == nil {
		if err := save(p.LastGood, c); err != nil {
			return c, &KeepError{err}
		}
		return c, nil
	}
	c = fallback(p, inForce)
	if system, err := loadSystem(p); err == nil {
		own := slices.DeleteFunc(slices.Clone(c.Policy.Rules), func(r policy.Rule) bool {
			r.System = true // a copy of it, from the last good file
			return slices.ContainsFunc(system.Policy.Rules, func(o policy.Rule) bool { return reflect.DeepEqual(o, r) })
		})
		c.Policy.Rules = slices.Concat(system.Policy.Rules, own)
		c.tighten(system)
	}
	return c, wrong
}

func fallback(p Paths, inForce *Config) Config {
	if inForce != nil {
		return *inForce
	}
	last := Default()
	if text, err := os.ReadFile(p.LastGood); err == nil && len(text) > 0 && parse(&last, p.LastGood, text) == nil {
		return last
	}
	last = Default()
	last.LLM.Provider = "offline"
	return last
}

func save(path string, c Config) error {
	text, err := c.TOML()
	if err != nil {
		return err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(path, text)
}

// TOML is the whole configuration as a file would have it, defaults included.
func (c Config) TOML() ([]byte, error) { return toml.Marshal(c) }
