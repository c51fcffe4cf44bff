package daemon

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	maxSecrets    = 256      // files in the folder
	maxSecretFile = 64 << 10 // bytes; a longer one is a keyring or a picture, and nobody types it
	minSecretLine = 16       // bytes, of a secret in several lines
)

// readSecrets hands everything in the folder of secrets to hide: each file, and of one with several lines each long
// line and each value of a NAME=VALUE too, since such a file is used in parts. A folder that is not there has none.
func readSecrets(dir string, hide func(secret string)) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the folder of secrets: %w; what is in it may stand in the audit log", err)
	}
	if len(entries) > maxSecrets {
		err = fmt.Errorf("the folder of secrets has %d files; those after the first %d may stand in the audit log", len(entries), maxSecrets)
		entries = entries[:maxSecrets]
	}
	for _, e := range entries {
		text, wrong := readSecret(filepath.Join(dir, e.Name()))
		err = errors.Join(err, wrong)
		hideParts(text, hide)
	}
	return err
}

// readSecret gives the text of a file, and nothing of what is none: to open a pipe would wait for its writer.
func readSecret(path string) (string, error) {
	about, err := os.Stat(path)
	if err != nil || !about.Mode().IsRegular() {
		return "", nil // a link to nothing, or a folder
	}
	if about.Size() > maxSecretFile {
		return "", fmt.Errorf("%s has more than %d bytes; what is in it may stand in the audit log", path, maxSecretFile)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read a secret: %w; what is in it may stand in the audit log", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxSecretFile))
	if err != nil {
		return "", fmt.Errorf("read a secret: %w; what is in it may stand in the audit log", err)
	}
	return string(text), nil
}

func hideParts(text string, hide func(string)) {
	text = strings.TrimSpace(text)
	hide(text)
	if !strings.Contains(text, "\n") {
		return
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if name, value, ok := strings.Cut(line, "="); ok && !strings.ContainsAny(name, " \t+/") {
			hide(strings.Trim(value, `"'`))
		}
		if len(line) >= minSecretLine && !strings.ContainsAny(line, " \t") {
			hide(line)
		}
	}
}
