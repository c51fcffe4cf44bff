package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// compositor is what a machine runs.
type compositor struct {
	name string
	// process is how the kernel calls it.
	process string
	// gl says that it starts with a graphics card that knows OpenGL only.
	gl bool
	// command starts it, with these variables.
	command, env string
	// config is the path of its configuration below the home folder, with what is written there.
	configPath, config string
	// binding finds the line that the documentation tells its users to write.
	binding *regexp.Regexp
	// windows asks it for all it has.
	windows func(context.Context, *machine) ([]window, error)
}

// A window as the compositor knows it.
type window struct {
	AppID, Title string
	PID          int
	Focused      bool
	X, Y         int
}

var compositors = []compositor{
	{
		name: "sway", process: "sway", command: "sway", env: "XDG_CURRENT_DESKTOP=sway WLR_RENDERER=pixman",
		configPath: ".config/sway/config", binding: regexp.MustCompile("bindsym Mod4\\+space [^`\n]*"), windows: swayWindows,
		config: `
xwayland disable
default_border none
seat * xcursor_theme default 24
exec dbus-update-activation-environment --systemd WAYLAND_DISPLAY SWAYSOCK XDG_CURRENT_DESKTOP XDG_SESSION_TYPE
`,
	},
	{
		name: "hyprland", process: "Hyprland", gl: true, command: "Hyprland", env: "XDG_CURRENT_DESKTOP=Hyprland",
		configPath: ".config/hypr/hyprland.conf", binding: regexp.MustCompile("bind = SUPER, SPACE, [^`\n]*"), windows: hyprWindows,
		config: `
monitor = , 1280x800@60, 0x0, 1
animations:enabled = false
decoration:blur:enabled = false
decoration:shadow:enabled = false
misc {
  disable_hyprland_logo = true
  disable_splash_rendering = true
  disable_watchdog_warning = true
}
ecosystem {
  no_update_news = true
  no_donation_nag = true
}
exec-once = dbus-update-activation-environment --systemd WAYLAND_DISPLAY HYPRLAND_INSTANCE_SIGNATURE XDG_CURRENT_DESKTOP XDG_SESSION_TYPE
`,
	},
}

// files are what the machine finds in the folder that is shared with it.
func (c compositor) files(s settings) (map[string]string, error) {
	line, err := documented(s.docs, c.binding)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"nerva.toml":      nervaConfig,
		"compositor.conf": c.config + line + "\n",
		// What a login manager runs. A compositor that was killed comes back in the same session.
		"session": fmt.Sprintf("#!/bin/sh\nfor start in 1 2 3; do env %s %s && exit; done\n",
			c.env, c.command),
	}, nil
}

// documented is the line of the documentation that fits. A document that names none is a failure: so nobody would know.
func documented(checkout string, line *regexp.Regexp) (string, error) {
	files, err := filepath.Glob(filepath.Join(checkout, "docs", "*.md"))
	if err != nil {
		return "", err
	}
	for _, file := range append([]string{filepath.Join(checkout, "README.md")}, files...) {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if found := line.Find(data); found != nil {
			return string(found), nil
		}
	}
	return "", fmt.Errorf("neither README.md nor docs/ names a key binding like %s", line)
}

// node is what is needed of sway's tree (sway-ipc(7), GET_TREE).
type node struct {
	AppID    string `json:"app_id"`
	Name     string
	PID      int
	Focused  bool
	Rect     struct{ X, Y int }
	Nodes    []node
	Floating []node `json:"floating_nodes"`
}

func (n node) windows() []window {
	var found []window
	if n.PID != 0 {
		found = append(found, window{n.AppID, n.Name, n.PID, n.Focused, n.Rect.X, n.Rect.Y})
	}
	for _, c := range slices.Concat(n.Nodes, n.Floating) {
		found = append(found, c.windows()...)
	}
	return found
}

func swayWindows(ctx context.Context, m *machine) ([]window, error) {
	var root node
	err := m.json(ctx, &root, "swaymsg", "-r", "-t", "get_tree")
	return root.windows(), err
}

func hyprWindows(ctx context.Context, m *machine) ([]window, error) {
	var clients []struct {
		Class, Title string
		PID          int
		At           [2]int
		Focus        int `json:"focusHistoryID"`
	}
	if err := m.json(ctx, &clients, "hyprctl", "-j", "clients"); err != nil {
		return nil, err
	}
	var found []window
	for _, c := range clients {
		found = append(found, window{c.Class, c.Title, c.PID, c.Focus == 0, c.At[0], c.At[1]})
	}
	return found, nil
}

// json reads what a command of the user's prints.
func (m *machine) json(ctx context.Context, v any, argv ...string) error {
	out, err := m.user(ctx, argv...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(out), v); err != nil {
		return fmt.Errorf("%s: %w in %.300q", strings.Join(argv, " "), err, out)
	}
	return nil
}

// window waits until the compositor has a window of this application.
func (m *machine) window(ctx context.Context, appID string) (w window, err error) {
	err = eventually(ctx, stepLimit, func() error {
		all, err := m.compositor.windows(ctx, m)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(w window) bool { return w.AppID == appID })
		if i < 0 {
			return fmt.Errorf("the compositor has no window of %s but %v", appID, all)
		}
		w = all[i]
		return nil
	})
	return w, err
}

// gone waits until the compositor has no window of this application.
func (m *machine) gone(ctx context.Context, appID string) error {
	return eventually(ctx, stepLimit, func() error {
		all, err := m.compositor.windows(ctx, m)
		if err == nil && slices.ContainsFunc(all, func(w window) bool { return w.AppID == appID }) {
			err = errors.New("the compositor still has a window of " + appID)
		}
		return err
	})
}

// nervaConfig is nerva's: no model, and a command to try the sandbox with.
const nervaConfig = `
[llm]
provider = "offline"
[commands]
allowed = ["cat"]
[[policy.rule]]
name = "cat"
skill = "run_command"
match = { argv = ["cat", "**"] }
decision = "allow"
`
