package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"
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
// error is an Errors.
func Load(p Paths) (Config, error) {
	c := Default()
	for _, file := range []string{p.System, p.User} {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Config{}, fmt.Errorf("read the configuration: %w", err)
		}
		if err := parse(&c, file, text); err != nil {
			return Config{}, err
		}
	}
	return c, nil
}

// LoadOrLastGood is Load for a daemon, which must run on something: where the files are wrong it returns
// the last good configuration, or the defaults with provider offline, never another provider than the one
// meant, together with the error. Where they are right it keeps them as the last good ones.
func LoadOrLastGood(p Paths) (Config, error) {
	c, wrong := Load(p)
	if wrong == nil {
		if err := save(p.LastGood, c); err != nil {
			return c, fmt.Errorf("keep the last good configuration: %w", err)
		}
		return c, nil
	}
	last := Default()
	if text, err := os.ReadFile(p.LastGood); err == nil && parse(&last, p.LastGood, text) == nil {
		return last, wrong
	}
	last = Default()
	last.LLM.Provider = "offline"
	return last, wrong
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
	f, err := os.CreateTemp(filepath.Dir(path), ".config-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// TOML is the whole configuration as a file would have it, defaults included.
func (c Config) TOML() ([]byte, error) { return toml.Marshal(c) }
