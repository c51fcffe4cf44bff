package apps

import (
	"path/filepath"

	"nerva/core/api"
)

// terminals are tried in this order. The arguments go between the program and the command to run in it; a
// terminal that takes the command as one string for a shell is not among them.
var terminals = []struct {
	program string
	args    []string
}{
	{"foot", nil},
	{"footclient", nil},
	{"kitty", nil},
	{"ghostty", []string{"-e"}},
	{"alacritty", []string{"-e"}},
	{"wezterm", []string{"start", "--"}},
	{"ptyxis", []string{"--"}},
	{"kgx", []string{"--"}},
	{"gnome-terminal", []string{"--"}},
	{"konsole", []string{"-e"}},
	{"xfce4-terminal", []string{"-x"}},
	{"qterminal", []string{"-e"}},
	{"st", []string{"-e"}},
	{"urxvt", []string{"-e"}},
	{"xterm", []string{"-e"}},
	{"x-terminal-emulator", []string{"-e"}},
}

// inTerminal wraps a command for Terminal=true: with xdg-terminal-exec, which knows the user's choice, else
// with TERMINAL, else with the first known terminal that is installed.
func (e Env) inTerminal(argv []string) ([]string, error) {
	if p, ok := e.lookPath("xdg-terminal-exec"); ok {
		return append([]string{p}, argv...), nil
	}
	if p, ok := e.lookPath(e.Terminal); ok {
		args := []string{"-e"} // what xterm set and nearly all others took over
		for _, t := range terminals {
			if t.program == filepath.Base(p) {
				args = t.args
			}
		}
		return wrap(p, args, argv), nil
	}
	for _, t := range terminals {
		if p, ok := e.lookPath(t.program); ok {
			return wrap(p, t.args, argv), nil
		}
	}
	return nil, api.Errorf(api.Unavailable, "%s needs a terminal and none is installed; install one, or set TERMINAL to its program", argv[0])
}

func wrap(program string, args, argv []string) []string {
	return append(append([]string{program}, args...), argv...)
}
