package main

import "strings"

// helperRules are about the programs that nerva runs. Its package for Nix brings them along.
var helperRules = []rule{
	{"sandbox", judgeSandbox},
	{"grim", program("grim", "grim", "grim", "capture_screen lacks its last way")},
	{"tesseract", judgeTesseract},
	{"qalc", program("qalc", "qalc", "libqalculate", "convert knows no units and currencies")},
	{"volume", judgeVolume},
	{"xdg-mime", program("xdg-mime", "xdg-utils", "xdg-utils", "open_path and open_url know no application without the portal")},
}

// program wants a helper, by the names of its package in Debian and nixpkgs.
func program(name, debian, nix, without string) func(facts) finding {
	return func(f facts) finding {
		if !f.programs[name] {
			return warn(name+" is not in PATH: "+without, f.fix(install(debian, nix)))
		}
		return ok("found")
	}
}

func judgeSandbox(f facts) finding {
	switch {
	case f.sandbox == nil:
		return ok("a program ran in it")
	case !f.programs["bwrap"]:
		return warn("bwrap is not in PATH: run_command and plugins run nothing", f.fix(install("bubblewrap", "bubblewrap")))
	case f.userns != "":
		return warn("the kernel forbids user namespaces: run_command and plugins run nothing",
			"run sudo sysctl "+f.userns+", and write it to a file in /etc/sysctl.d")
	default:
		return warn(f.sandbox.Error(), "run nerva outside of containers, or allow user namespaces in this one")
	}
}

func judgeTesseract(f facts) finding {
	switch {
	case !f.programs["tesseract"]:
		return warn("tesseract is not in PATH: ocr_screen reads nothing", f.fix(install("tesseract-ocr tesseract-ocr-eng", "tesseract")))
	case len(f.ocr) == 0:
		return warn("tesseract has no language: ocr_screen reads nothing", f.fix(install("tesseract-ocr-eng", "tesseract")))
	default:
		return ok("reads " + strings.Join(f.ocr, ", "))
	}
}

func judgeVolume(f facts) finding {
	switch {
	case f.programs["wpctl"]:
		return ok("by wpctl")
	case f.programs["pactl"]:
		return ok("by pactl")
	default:
		return warn("neither wpctl nor pactl is in PATH: set_volume does not work", f.fix(install("wireplumber", "wireplumber")))
	}
}
