package nix_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheLockHasEveryInput holds the shape of flake.lock, version 7: Nix, without network, could only refuse it.
func TestTheLockHasEveryInput(t *testing.T) {
	type locked struct {
		Type, Owner, Repo, Rev, NarHash string
		LastModified                    int64
	}
	var lock struct {
		Nodes map[string]struct {
			Inputs   map[string]any
			Locked   locked
			Original locked
		}
		Root    string
		Version int
	}
	if err := json.Unmarshal([]byte(read(t, "flake.lock")), &lock); err != nil {
		t.Fatal(err)
	}
	if lock.Version != 7 || lock.Root != "root" {
		t.Errorf("version %d, root %q", lock.Version, lock.Root)
	}
	declared := regexp.MustCompile(`github:([A-Za-z0-9-]+)/([A-Za-z0-9-]+)`).FindAllStringSubmatch(read(t, "flake.nix"), -1)
	if len(declared) == 0 || len(declared) != len(lock.Nodes["root"].Inputs) || len(lock.Nodes) != len(declared)+1 {
		t.Errorf("flake.nix has %q, the lock %v", declared, lock.Nodes["root"].Inputs)
	}
	for _, input := range declared {
		node, ok := lock.Nodes[input[2]]
		l := node.Locked
		if !ok || l.Type != "github" || l.Owner != input[1] || l.Repo != input[2] || node.Original.Repo != l.Repo {
			t.Errorf("%s is locked as %+v", input[0], node)
		}
		if !regexp.MustCompile(`^[0-9a-f]{40}$`).MatchString(l.Rev) || l.LastModified == 0 ||
			!regexp.MustCompile(`^sha256-[A-Za-z0-9+/]{43}=$`).MatchString(l.NarHash) {
			t.Errorf("%s is locked as %+v", input[0], l)
		}
	}
	// A list is a path from the root: Home Manager follows the flake's own nixpkgs.
	if follows, _ := json.Marshal(lock.Nodes["home-manager"].Inputs["nixpkgs"]); string(follows) != `["nixpkgs"]` {
		t.Errorf("home-manager's nixpkgs is %s", follows)
	}
}

// TestTheHashOfTheModules vendors the modules anew in the tree that the packages are built from.
func TestTheHashOfTheModules(t *testing.T) {
	need(t, []string{"nix", "go"})
	dir := t.TempDir()
	for _, file := range tracked(t, sources(t)...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		to := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(read(t, file)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOTOOLCHAIN", "local")
	t.Setenv("GOFLAGS", "")
	if _, said, err := output(t, dir, "go", "mod", "vendor"); err != nil {
		t.Fatal(said)
	}
	hash, said, err := output(t, dir, "nix", "--extra-experimental-features", "nix-command", "hash", "path", "vendor")
	if err != nil {
		t.Fatal(said)
	}
	if stands := read(t, "nix/vendor-hash"); stands != hash {
		t.Errorf("nix/vendor-hash has %s, and the modules %s; write that into it", strings.TrimSpace(stands), strings.TrimSpace(hash))
	}
	// What the packages lack of the modules would show only where they are built.
	if _, said, err := output(t, dir, "go", "list", "-mod=vendor", "-deps", "./cmd/..."); err != nil {
		t.Error(said)
	}
}

// TestTheLinkerSetsWhatIsThere: of a variable that is not there it says nothing.
func TestTheLinkerSetsWhatIsThere(t *testing.T) {
	for _, m := range regexp.MustCompile(`-X (?:nerva/)?([a-z/]+)\.([a-z]+)=`).FindAllStringSubmatch(read(t, "nix/package.nix"), -1) {
		folders := []string{m[1]}
		if m[1] == "main" {
			folders = []string{"cmd/nerva", "cmd/nervad", "cmd/nerva-overlay"}
		}
		for _, folder := range folders {
			declared := regexp.MustCompile(`(?m)^var ` + m[2] + `\b`)
			if !slices.ContainsFunc(tracked(t, folder+"/*.go"), func(file string) bool { return declared.MatchString(read(t, file)) }) {
				t.Errorf("%s has no variable %s", folder, m[2])
			}
		}
	}
}

// sources are the paths in nix/source.nix.
func sources(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, m := range regexp.MustCompile(`\.\./([A-Za-z][A-Za-z./-]*)`).FindAllStringSubmatch(read(t, "nix/source.nix"), -1) {
		paths = append(paths, m[1])
	}
	if len(paths) < 8 {
		t.Fatalf("nix/source.nix names only %q", paths)
	}
	return paths
}

// TestGoIsNotNewerThanNixpkgs: buildGoModule keeps to the Go it has, and a patch level in go.mod may be newer.
func TestGoIsNotNewerThanNixpkgs(t *testing.T) {
	if !regexp.MustCompile(`(?m)^go 1\.26(\.0)?$`).MatchString(read(t, "go.mod")) {
		t.Error("go.mod must say go 1.26 or 1.26.0")
	}
}
