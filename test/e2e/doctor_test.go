package e2e

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// found is a finding of `nerva doctor --json`.
type found struct{ Check, State, Detail, Fix string }

// doctor examines the session in which s runs its programs, with more in their environment.
func (s *session) doctor(more ...string) (all map[string]found, exit int) {
	s.Helper()
	s.env = append(s.env, more...)
	out, said, exit := s.run("nerva", "doctor", "--json")
	var list []found
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		s.Fatalf("%v of %s%s", err, out, said)
	}
	all = map[string]found{}
	for _, f := range list {
		all[f.Check] = f
	}
	return all, exit
}

// TestTheDoctorKnowsThisDesktop: sway without a screen, the portals of dev/packages.txt, and no systemd.
func TestTheDoctorKnowsThisDesktop(t *testing.T) {
	s := withDaemon(t, offline)
	all, exit := s.doctor()
	for check, want := range map[string]found{
		"configuration":     {State: "ok", Detail: s.config},
		"session bus":       {State: "ok", Detail: "answers as :"},
		"daemon":            {State: "ok", Detail: "(nervad)"},
		"model":             {State: "ok", Detail: "offline"},
		"state":             {State: "ok", Detail: "MiB"},
		"systemd":           {State: "warn", Fix: "systemd --user"},
		"daemon's unit":     {State: "warn", Fix: "see systemd"},
		"wayland":           {State: "ok", Detail: os.Getenv("WAYLAND_DISPLAY") + ", "},
		"windows":           {State: "ok", Detail: "sway"},
		"overlay":           {State: "ok", Detail: "zwlr_layer_shell_v1"},
		"activation":        {State: "ok", Detail: "xdg_activation_v1"},
		"capture":           {State: "ok", Detail: "screencopy"},
		"clipboard":         {State: "ok", Detail: "data_control_manager_v1"},
		"keyboard":          {State: "ok", Detail: "zwp_virtual_keyboard_manager_v1"},
		"pointer":           {State: "ok", Detail: "zwlr_virtual_pointer_manager_v1"},
		"idle":              {State: "ok", Detail: "ext_idle_notifier_v1"},
		"portal":            {State: "ok", Detail: "gtk, wlr"},
		"screenshot portal": {State: "ok", Detail: "version"},
		"input portal":      {State: "ok", Detail: "not needed"},
		"shortcut":          {State: "ok", Detail: "bindsym Mod4+space exec nerva-ui"},
		"accessibility":     {State: "ok"},
		"notifications":     {State: "ok"},
		"grim":              {State: "ok"},
		"tesseract":         {State: "ok", Detail: "eng"},
	} {
		got := all[check]
		if got.State != want.State || !strings.Contains(got.Detail, want.Detail) || !strings.Contains(got.Fix, want.Fix) {
			t.Errorf("%s: %+v, want %+v", check, got, want)
		}
	}
	if exit != 0 {
		t.Errorf("exit %d, and nothing fails", exit)
	}
	if _, err := os.Stat("/dev/uinput"); err == nil {
		t.Log("/dev/uinput is there: that it is missing can't be seen here")
	} else if got := all["input"]; got.State != "warn" || got.Fix != "run sudo modprobe uinput" {
		t.Errorf("without /dev/uinput: %+v", got)
	}
}

func TestTheDoctorSeesWhatIsTakenAway(t *testing.T) {
	s := withDaemon(t, offline)
	s.write(s.config, "[llm]\nprovider = \"nobody\"\n")
	empty := t.TempDir()
	all, exit := s.doctor("WAYLAND_DISPLAY=none", "SWAYSOCK=", "XDG_RUNTIME_DIR="+empty, "PATH="+empty)
	for check, state := range map[string]string{
		"configuration": "fail", "wayland": "warn", "windows": "warn", "keyboard": "warn", "grim": "warn", "daemon": "ok",
	} {
		if got := all[check]; got.State != state || (state != "ok") != (got.Fix != "") {
			t.Errorf("%s: %+v, want %s", check, got, state)
		}
	}
	if exit != 1 {
		t.Errorf("exit %d, and the configuration is wrong", exit)
	}
}
