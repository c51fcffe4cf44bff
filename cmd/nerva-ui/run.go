package main

import (
	"io"
	"os"
	"path"
	"strings"
	"syscall"

	"nerva/core/bus/overlay/socket"
)

const usage = `nerva-ui shows and hides nerva's overlay. Bind it to a key.

Usage:
  nerva-ui [toggle]   show the overlay, or hide it where it has the focus
  nerva-ui show       show it
  nerva-ui hide       hide it
  nerva-ui --help | --version

Where no overlay runs, toggle and show start it. XDG_ACTIVATION_TOKEN is passed on.
Exit status: 0 done, 1 failed, 2 wrong usage.
`

// methods are what the argument names, and how the command line spells it for the slow way.
var methods = []struct{ arg, method, flag string }{
	{"toggle", "Toggle", ""}, {"show", "Show", "--show"}, {"hide", "Hide", "--hide"},
}

// unanswered is set by start, which comes before the runtime and main: an overlay took the line and did not
// answer.
var unanswered bool

func run(args []string, stdout, stderr io.StringWriter) int {
	arg := "toggle"
	if len(args) > 1 {
		return say(stderr, 2, "nerva-ui: takes one argument at most; see nerva-ui --help\n")
	}
	if len(args) == 1 {
		arg = args[0]
	}
	switch arg {
	case "--help", "-h", "help":
		return say(stdout, 0, usage)
	case "--version":
		return say(stdout, 0, "nerva-ui "+version+"\n")
	}
	for _, m := range methods {
		if m.arg == arg {
			return call(m.method, m.flag, stderr)
		}
	}
	return say(stderr, 2, "nerva-ui: there is no \""+arg+"\"; use toggle, show or hide\n")
}

func call(method, flag string, stderr io.StringWriter) int {
	result := socket.Broken
	if !unanswered {
		result = socket.Call(socket.Path(), method, os.Getenv("XDG_ACTIVATION_TOKEN"))
	}
	switch result {
	case socket.Done:
		return 0
	case socket.Broken:
		return say(stderr, 1, "nerva-ui: the overlay did not answer; end it with `pkill nerva-overlay` and try again\n")
	}
	argv := []string{"nerva", "toggle"}
	if flag != "" {
		argv = append(argv, flag)
	}
	file := find("nerva")
	if file == "" {
		return say(stderr, 1, "nerva-ui: no overlay runs, and nerva, which starts it, is neither beside nerva-ui nor in PATH; install it or run `make build`\n")
	}
	err := syscall.Exec(file, argv, os.Environ())
	return say(stderr, 1, "nerva-ui: run "+file+": "+err.Error()+"\n")
}

func say(w io.StringWriter, code int, text string) int {
	if _, err := w.WriteString(text); err != nil {
		return 1
	}
	return code
}

// find looks beside the real place of this program, then in PATH.
func find(name string) string {
	var dirs []string
	if self, err := os.Readlink("/proc/self/exe"); err == nil {
		dirs = append(dirs, path.Dir(self))
	}
	for _, dir := range append(dirs, strings.Split(os.Getenv("PATH"), ":")...) {
		const execute = 1 // X_OK, access(2)
		if file := path.Join(dir, name); path.IsAbs(file) && syscall.Access(file, execute) == nil {
			return file
		}
	}
	return ""
}
