package main

import (
	"os"
	"slices"
	"strings"
)

// system is what a fix depends on: on NixOS the configuration is the place for it.
type system string

const (
	nixos  system = "nixos"
	debian system = "debian"
	other  system = "other"
)

// thisSystem reads os-release(5).
func thisSystem() system {
	if exists("/etc/NIXOS") { // activation makes it on every NixOS, and its own scripts look for it
		return nixos
	}
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return other
	}
	for _, line := range strings.Split(string(text), "\n") {
		key, value, _ := strings.Cut(line, "=")
		ids := strings.Fields(strings.Trim(value, `"'`))
		if (key == "ID" || key == "ID_LIKE") && slices.Contains(ids, "debian") {
			return debian
		}
	}
	return other
}

// remedy is a fix in the words of each system: options of NixOS, a command, a sentence.
type remedy struct{ nixos, debian, other string }

func (f facts) fix(r remedy) string {
	switch f.system {
	case nixos:
		return "write " + r.nixos
	case debian:
		return "run " + r.debian
	default:
		return r.other
	}
}

// install is the remedy for a missing package, by its names.
func install(debian, nix string) remedy {
	return remedy{"environment.systemPackages = [ pkgs." + nix + " ];", "sudo apt install " + debian, "install " + debian}
}

// enabled is the remedy on NixOS for all that the modules declare.
const enabled = "services.nerva.enable = true; or, with Home Manager, programs.nerva.enable = true;"

var (
	installNerva  = remedy{enabled, "make deb && sudo apt install ./out/nerva_*.deb", "run sudo make install, and log in again"}
	installPortal = remedy{"services.nerva.permissions.portal = true;", "sudo apt install xdg-desktop-portal xdg-desktop-portal-gtk", "install xdg-desktop-portal and xdg-desktop-portal-gtk"}
	installReader = remedy{"services.nerva.permissions.accessibility = true;", "sudo apt install at-spi2-core", "install at-spi2-core"}
)

// backend is the portal's part that belongs to a desktop, as the end of its bus name and of its package's.
func (f facts) backend() string {
	switch d := f.desktop(); d {
	case "hyprland", "kde", "gnome":
		return d
	case "niri":
		return "gnome" // niri's own portals.conf
	default:
		return "wlr"
	}
}

// backendRemedy brings the desktop's part of the portal.
func (f facts) backendRemedy() remedy {
	name := "xdg-desktop-portal-" + f.backend()
	r := remedy{installPortal.nixos, "sudo apt install " + name + " xdg-desktop-portal-gtk", "install " + name + " and xdg-desktop-portal-gtk"}
	if f.desktop() == "hyprland" {
		r.nixos = "programs.hyprland.enable = true; " + installPortal.nixos
	}
	return r
}

// desktop is hyprland, sway, kde, gnome or niri, else empty: by its sockets, its own globals, and what it calls itself.
func (f facts) desktop() string {
	if f.wayland.Compositor == "sway" || f.wayland.Compositor == "hyprland" {
		return f.wayland.Compositor
	}
	for global, name := range map[string]string{"hyprland_global_shortcuts_manager_v1": "hyprland", "org_kde_plasma_shell": "kde"} {
		if f.wayland.Globals[global] > 0 {
			return name
		}
	}
	for _, name := range strings.Split(strings.ToLower(f.current), ":") {
		if slices.Contains([]string{"hyprland", "sway", "kde", "gnome", "niri"}, name) {
			return name
		}
	}
	return ""
}
