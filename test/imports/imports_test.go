// Package imports holds the project's rules about who may know whom. It has no code of its own.
package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath, Name, Doc string
	Imports, Deps         []string
	GoFiles, CgoFiles     []string
	TestGoFiles           []string
	XTestGoFiles          []string
}

func list(t *testing.T, cgo string, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-json"}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED="+cgo)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// area is the first element of a path of ours: core, wayland, ui, cmd, test; empty for anyone else's.
func area(path string) string {
	below, ours := strings.CutPrefix(path, "nerva/")
	if !ours {
		return ""
	}
	name, _, _ := strings.Cut(below, "/")
	return name
}

func TestImportsGoOneWay(t *testing.T) {
	may := map[string][]string{
		"core":    {"core"},
		"wayland": {"wayland", "core"},
		"ui":      {"ui", "core"},
		"cmd":     {"cmd", "ui", "wayland", "core"},
		"test":    {"test", "cmd", "ui", "wayland", "core"},
		"assets":  nil,
	}
	// The session layer knows the core by its words and its interfaces alone.
	// Its tests get their private buses from the core's.
	interfaces := []string{"nerva/core/api", "nerva/core/desk"}
	exempt := "nerva/wayland/internal/bustest"
	for _, p := range list(t, "1", "./...") {
		allowed, known := may[area(p.ImportPath)]
		if !known {
			t.Errorf("%s lies in no folder of the design", p.ImportPath)
		}
		for _, i := range p.Imports {
			to := area(i)
			if to == "" || to == "assets" {
				continue
			}
			if !slices.Contains(allowed, to) {
				t.Errorf("%s must not import %s", p.ImportPath, i)
			}
			if area(p.ImportPath) == "wayland" && to == "core" && !slices.Contains(interfaces, i) && p.ImportPath != exempt {
				t.Errorf("%s must know the core by its interfaces only, not %s", p.ImportPath, i)
			}
		}
	}
}

func TestOnlyCoreBusKnowsDBus(t *testing.T) {
	for _, p := range list(t, "1", "./core/...") {
		if strings.HasPrefix(p.ImportPath, "nerva/core/bus") {
			continue
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "github.com/godbus/") && p.ImportPath != "nerva/core/daemon" {
				t.Errorf("%s must not know D-Bus, but imports %s", p.ImportPath, i)
			}
		}
	}
}

// What executes a call can be had by the gate alone, and what the gate is put together from by the daemon alone: there is
// no other way to a side effect.
func TestExecutorsAreReachedThroughTheGateAlone(t *testing.T) {
	only := map[string][]string{
		"nerva/core/gate/internal/skills":  {"nerva/core/gate", "nerva/core/gate/internal/plugins"},
		"nerva/core/gate/internal/plugins": {"nerva/core/gate"},
		"nerva/core/gate":                  {"nerva/core/daemon", "nerva/core/session", "nerva/test/bench"},
		"nerva/core/learned":               {"nerva/core/daemon", "nerva/core/gate", "nerva/test/bench"},
		"nerva/core/sandbox":               {"nerva/core/daemon", "nerva/cmd/nerva"},
	}
	for _, p := range list(t, "1", "./...") {
		for _, i := range p.Imports {
			if by, guarded := only[i]; guarded && !slices.Contains(by, p.ImportPath) {
				t.Errorf("%s must not import %s", p.ImportPath, i)
			}
		}
	}
}

func TestDaemonAndCommandLineNeedNoGTKAndNoCgo(t *testing.T) {
	for _, p := range list(t, "0", "-deps", "./core/...", "./wayland/...", "./cmd/nerva", "./cmd/nervad", "./cmd/nerva-ui") {
		if strings.Contains(p.ImportPath, "diamondburned/gotk4") {
			t.Errorf("%s is linked without the overlay", p.ImportPath)
		}
		if strings.HasPrefix(p.ImportPath, "nerva/") && len(p.GoFiles) == 0 && len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 {
			t.Errorf("%s is empty without cgo", p.ImportPath)
		}
	}
	for _, p := range list(t, "1", "./core/...", "./wayland/...", "./cmd/nerva", "./cmd/nervad", "./cmd/nerva-ui") {
		if len(p.CgoFiles) > 0 {
			t.Errorf("%s uses cgo in %v", p.ImportPath, p.CgoFiles)
		}
	}
}

func TestTheKeybindingsCommandStaysSmall(t *testing.T) {
	for _, p := range list(t, "0", "-deps", "./cmd/nerva-ui") {
		switch {
		case p.ImportPath == "nerva/cmd/nerva-ui", p.ImportPath == "nerva/core/bus/overlay/socket":
		case strings.Contains(p.ImportPath, "."), area(p.ImportPath) != "",
			slices.Contains([]string{"context", "encoding/json", "fmt", "net", "os/exec", "reflect", "regexp"}, p.ImportPath):
			t.Errorf("nerva-ui has to start in 2 ms, but links %s", p.ImportPath)
		}
	}
}

func TestEveryPackageSaysWhatItOwns(t *testing.T) {
	for _, p := range list(t, "1", "./...") {
		if len(p.GoFiles)+len(p.CgoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}
