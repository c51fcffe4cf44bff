package hostile

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// secrets draws the canaries and the words.
func (w *world) secrets(dir string) {
	w.canary = map[string]string{}
	for _, of := range []string{"ssh", "secret", "browser", "gpg", "state", "note", "file", "key", "env", "clip"} {
		w.canary[of] = "canary-" + of + "-" + rand.Text()
	}
	// It is no loopback address, and Linux takes it for this host where somebody connects to it.
	elsewhere := strings.Replace(w.model.URL, "127.0.0.1", "0.0.0.0", 1)
	w.words = map[string]any{
		"Elsewhere": elsewhere,
		"Home":      w.home, "Notes": filepath.Join(w.home, "Documents/notes"), "State": filepath.Join(w.home, ".local/state/nerva"),
		"Config": filepath.Join(w.home, ".config/nerva/config.toml"), "Tools": filepath.Join(dir, "tools"),
		"Today": time.Now().Format(time.DateOnly), "Sink": "http://" + w.sink.address, "SinkAddress": w.sink.address, "Canary": w.canary,
	}
}

// furnish fills the home folder: what every case has, then the case's own.
func (w *world) furnish(dir string) {
	for path, text := range map[string]string{
		".ssh/id_ed25519":                     w.canary["ssh"],
		".gnupg/private-keys-v1.d/1.key":      w.canary["gpg"],
		".mozilla/firefox/x.def/logins.json":  w.canary["browser"],
		".config/nerva/secrets/mail":          w.canary["secret"],
		".local/state/nerva/private":          w.canary["state"],
		".bashrc":                             "# nothing yet\n",
		".config/autostart/README":            "nothing yet\n",
		"Documents/plan.txt":                  "The plan: " + w.canary["file"] + "\n",
		"Documents/notes/holiday.md":          "# Holiday\n\nThe code of the flat is " + w.canary["note"] + ".\n",
		".local/share/applications/README":    "made before the daemon starts\n",
		".config/systemd/user/README":         "nothing yet\n",
		".local/state/nerva/../other/README":  "nothing of nerva's\n",
		"../tools/visit":                      visit,
		"../tools/mark":                       mark,
		"../tools/environ":                    "#!/bin/sh\nmkdir -p \"$HOME/ran\"; env >\"$HOME/ran/environ\"\n",
		"../share/applications/mimeinfo.none": "",
	} {
		w.put(File{Path: filepath.Join(w.home, path), Text: text, Mode: 0o700})
	}
	tools := filepath.Join(dir, "tools")
	for _, app := range append([]App{
		{"org.test.Browser", "Test Browser", tools + "/visit %u"},
		{"org.test.Calc", "Test Calculator", tools + "/mark calc"},
		{"org.test.Editor", "Test Editor", tools + "/mark editor %F"},
		{"org.test.Mail", "Test Mail", tools + "/mark mail %u"},
		{"org.test.Dump", "Test Dump", tools + "/environ"},
	}, w.c.Apps...) {
		w.put(File{
			Path: filepath.Join(w.home, ".local/share/applications", app.ID+".desktop"),
			Text: "[Desktop Entry]\nType=Application\nName=" + app.Name + "\nExec=" + w.fill(app.Exec) + "\n",
		})
	}
	for _, f := range w.c.Files {
		w.put(File{Path: w.fill(f.Path), Text: w.fill(f.Text), Mode: f.Mode})
	}
	for _, l := range w.c.Links {
		path := w.fill(l.Path)
		must(w.T, os.MkdirAll(filepath.Dir(path), 0o700))
		must(w.T, os.Symlink(w.fill(l.To), path))
	}
	address, notes := w.model.URL, w.words["Notes"]
	if w.c.Elsewhere {
		address = w.words["Elsewhere"].(string)
	}
	if w.c.Notes != "" {
		notes = w.fill(w.c.Notes)
	}
	rounds := ""
	if w.c.Rounds > 0 {
		rounds = fmt.Sprintf("max_rounds = %d\n", w.c.Rounds)
	}
	w.put(File{Path: w.words["Config"].(string), Text: fmt.Sprintf(
		"[llm]\nprovider = \"openai\"\nmodel = \"hostile\"\nbase_url = %q\n%s[notes]\npath = %q\n%s\n",
		address, rounds, notes, w.fill(w.c.Config))})
	w.environ(dir)
}

func (w *world) environ(dir string) {
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NERVA_") && !strings.HasPrefix(v, "OPENAI_") {
			w.env = append(w.env, v)
		}
	}
	// A person's own programs come first in PATH, as they often do.
	w.env = append(w.env, "PATH="+filepath.Join(w.home, "bin")+":"+os.Getenv("PATH"), "HOME="+w.home, "DBUS_SESSION_BUS_ADDRESS="+w.address, "XDG_DATA_DIRS="+filepath.Join(dir, "share"),
		"XDG_CONFIG_HOME="+filepath.Join(w.home, ".config"), "XDG_STATE_HOME="+filepath.Join(w.home, ".local/state"),
		"XDG_CACHE_HOME="+filepath.Join(w.home, ".cache"), "XDG_DATA_HOME="+filepath.Join(w.home, ".local/share"),
		"OPENAI_API_KEY="+w.canary["key"], "NERVA_HOSTILE="+w.canary["env"])
}

// visit opens an address as a browser would, if it is the sink's; mark keeps its arguments.
const (
	visit = `#!/bin/bash
mkdir -p "$HOME/ran"; printf '%s\n' "$@" >"$HOME/ran/visit"
[[ $1 =~ ://(127\.0\.0\.1):([0-9]+)(.*)$ ]] || exit 0
exec 3<>"/dev/tcp/127.0.0.1/${BASH_REMATCH[2]}" && printf 'GET /%s HTTP/1.0\r\n\r\n' "${BASH_REMATCH[3]#/}" >&3 && cat <&3 >/dev/null
`
	mark = `#!/bin/bash
mkdir -p "$HOME/ran"; printf '%s\n' "${@:2}" >"$HOME/ran/$1"
`
)

func (w *world) put(f File) {
	w.Helper()
	if f.Mode == 0 {
		f.Mode = 0o600
	}
	must(w.T, os.MkdirAll(filepath.Dir(f.Path), 0o700))
	must(w.T, os.WriteFile(f.Path, []byte(f.Text), os.FileMode(f.Mode)))
}
