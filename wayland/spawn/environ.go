package spawn

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"nerva/wayland/internal/sockets"
)

// private are variables that belong to nerva or to its unit alone. A prefix ends in "*".
var private = []string{
	// what systemd tells a service about itself (systemd.exec(5), "Environment Variables in Spawned Processes")
	"NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY", "INVOCATION_ID", "JOURNAL_STREAM", "LISTEN_*", "MAINPID", "MANAGERPID",
	"MANAGERPIDFDID", "SYSTEMD_EXEC_PID", "WATCHDOG_*", "MEMORY_PRESSURE_*", "FDSTORE", "MONITOR_*",
	"RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY", "CONFIGURATION_DIRECTORY",
	"DBUS_STARTER_*",
	// the launch of nerva, not of the program
	"XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID", "GIO_LAUNCHED_*", "OLDPWD", "SHLVL", "_",
	// secrets and settings of nerva
	"OPENAI_API_KEY", "NERVA_*",
}

// environ is a set of environment variables.
type environ map[string]string

// environment makes a program's environment out of our own and the user manager's, which
// dbus-update-activation-environment and systemctl import-environment keep current.
//
// A nervad that systemd started had its environment from the manager, perhaps before there was a
// compositor, so the manager's is the newer one. One that was started by hand belongs to the session of
// the terminal it was started in.
func environment(own, manager []string) environ {
	e := environ{}
	if slices.Contains(own, "SYSTEMD_EXEC_PID="+strconv.Itoa(os.Getpid())) {
		e.add(own)
		e.add(manager)
	} else {
		e.add(manager)
		e.add(own)
	}
	maps.DeleteFunc(e, func(name, _ string) bool { return isPrivate(name) })
	e.wayland()
	return e
}

func isPrivate(name string) bool {
	return slices.ContainsFunc(private, func(p string) bool {
		prefix, wild := strings.CutSuffix(p, "*")
		return name == p || wild && strings.HasPrefix(name, prefix)
	})
}

func (e environ) add(list []string) {
	for _, v := range list {
		if name, value, ok := strings.Cut(v, "="); ok {
			e[name] = value
		}
	}
}

// wayland replaces a display that is missing or dead by the one that runs.
func (e environ) wayland() {
	name := e["WAYLAND_DISPLAY"]
	if name != "" && !filepath.IsAbs(name) {
		name = filepath.Join(sockets.RuntimeDir(), name)
	}
	if name != "" && sockets.Live(name) {
		return
	}
	display := sockets.Display()
	if display == "" {
		return // it may be a program that needs none
	}
	if filepath.Dir(display) == sockets.RuntimeDir() {
		display = filepath.Base(display) // sandboxes understand a name better than a path
	}
	e["WAYLAND_DISPLAY"] = display
}

// home is the user's home folder, or / where that does not exist.
func (e environ) home() string {
	if info, err := os.Stat(e["HOME"]); err == nil && info.IsDir() {
		return e["HOME"]
	}
	return "/"
}

// lookPath finds a program in the PATH that it will have itself, which need not be ours: a user service is
// often started with a shorter one. A path is only checked.
func (e environ) lookPath(program string) (string, error) {
	if strings.Contains(program, "/") {
		return exec.LookPath(program)
	}
	for _, dir := range filepath.SplitList(e["PATH"]) {
		if !filepath.IsAbs(dir) {
			continue // it would depend on the working folder
		}
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

// list is sorted, so that the same environment always looks the same.
func (e environ) list() []string {
	list := make([]string, 0, len(e))
	for name, value := range e {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// unset are the private names that e does not set itself, which a manager must not add.
func (e environ) unset() []string {
	var names []string
	for _, name := range private {
		if _, set := e[name]; !set && !strings.HasSuffix(name, "*") {
			names = append(names, name)
		}
	}
	return names
}
