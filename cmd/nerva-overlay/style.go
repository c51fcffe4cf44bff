package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"nerva/assets"
	"nerva/core/config"
	"nerva/ui/style"
)

// stylePath is the user's own style sheet, beside the configuration.
func stylePath() string { return filepath.Join(filepath.Dir(config.DefaultPaths().User), "style.css") }

// theme is nerva's style sheet under the user's, where there is one that can be used.
func theme(log *slog.Logger) style.Theme {
	own := style.Parse(assets.Style)
	css, err := os.ReadFile(stylePath())
	if errors.Is(err, fs.ErrNotExist) {
		return own
	}
	both := own.With(string(css))
	if err == nil {
		err = both.Check()
	}
	if err != nil {
		log.Warn("your style sheet is not in force; mend it and start the overlay again", "file", stylePath(), "err", err)
		return own
	}
	log.Info("your style sheet is in force; where GTK finds an error in it, it calls it <data>", "file", stylePath())
	return both
}
