// Package nix_test holds the flake and the modules to what they promise, without network and without building: the
// files parse and are tidy, the lock and the hash of the Go modules are right, and the configurations in cases/
// evaluate, or are refused by name.
//
// `make nix-check` runs it where Nix is installed (dev/enter has it). Evaluating modules needs three folders, and
// where one is not named the tests that need it are skipped and counted: NIX_HARNESS (run.sh, which evaluates with
// stand-ins for packages; the Makefile knows a place for it), NIXPKGS_LIB (a checkout of nix-community/nixpkgs.lib) and HOME_MANAGER (one of
// nix-community/home-manager). `nix flake check` evaluates the same cases with all of nixpkgs.
package nix_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const root = "../.."

// skips counts why tests were skipped.
var skips struct {
	sync.Mutex
	reasons map[string]int
}

func TestMain(m *testing.M) {
	skips.reasons = map[string]int{}
	code := m.Run()
	for reason, n := range skips.reasons {
		fmt.Printf("%d skipped: %s\n", n, reason)
	}
	os.Exit(code)
}

func skip(t *testing.T, reason string) {
	t.Helper()
	skips.Lock()
	skips.reasons[reason]++
	skips.Unlock()
	t.Skip(reason)
}

// need skips the test where a program or a folder named by a variable is missing.
func need(t *testing.T, programs []string, variables ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			skip(t, p+" is not installed; dev/enter has it")
		}
	}
	for _, v := range variables {
		if _, err := os.Stat(os.Getenv(v)); err != nil || os.Getenv(v) == "" {
			skip(t, v+" names no folder")
		}
	}
}

// output runs a program and returns what it wrote; on an error that is what it said.
func output(t *testing.T, dir string, name string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, said bytes.Buffer
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir, c.Stdout, c.Stderr = dir, &out, &said
	err = c.Run()
	return out.String(), said.String(), err
}

// tracked lists files of the checkout, those that are new and not ignored among them.
func tracked(t *testing.T, patterns ...string) []string {
	t.Helper()
	args := append([]string{"ls-files", "--cached", "--others", "--exclude-standard", "--"}, patterns...)
	out, said, err := output(t, root, "git", args...)
	if err != nil {
		t.Fatal(said)
	}
	return strings.Fields(out)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEveryFileParses(t *testing.T) {
	need(t, []string{"nix-instantiate"})
	files := tracked(t, "*.nix")
	if len(files) < 10 {
		t.Fatalf("only %q", files)
	}
	args := append([]string{"--store", "dummy://", "--parse"}, files...)
	if _, said, err := output(t, root, "nix-instantiate", args...); err != nil {
		t.Error(said)
	}
}

// TestEveryFileIsTidy has nixfmt judge where it is installed, and holds elsewhere what can be seen without it.
func TestEveryFileIsTidy(t *testing.T) {
	if nixfmt, err := exec.LookPath("nixfmt"); err == nil {
		if _, said, err := output(t, root, nixfmt, append([]string{"--check"}, tracked(t, "*.nix")...)...); err != nil {
			t.Error(said)
		}
	}
	for _, file := range tracked(t, "*.nix") {
		text := read(t, file)
		if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") {
			t.Errorf("%s: it must end in one newline", file)
		}
		for i, line := range strings.Split(text, "\n") {
			indent := len(line) - len(strings.TrimLeft(line, " "))
			switch {
			case strings.ContainsRune(line, '\t'):
				t.Errorf("%s:%d: a tab", file, i+1)
			case strings.TrimRight(line, " ") != line:
				t.Errorf("%s:%d: blanks at the end", file, i+1)
			case indent%2 != 0:
				t.Errorf("%s:%d: indented by %d", file, i+1, indent)
			}
		}
	}
}
