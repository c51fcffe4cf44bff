package bustest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Sandboxed is a command in a sandbox whose root is the system's, and has the file by which Flatpak's sandboxes are
// known where flatpak is set. It skips the test where there is no bubblewrap, or it can't make one.
func Sandboxed(t *testing.T, flatpak bool, argv ...string) *exec.Cmd {
	t.Helper()
	if out, err := exec.Command("bwrap", "--dev-bind", "/", "/", "true").CombinedOutput(); err != nil {
		t.Skipf("bubblewrap makes no sandbox here (%v %s); install the package bubblewrap to run this test", err, out)
	}
	top, err := os.ReadDir("/")
	if err != nil {
		t.Fatal(err)
	}
	var args []string
	for _, e := range top {
		path := filepath.Join("/", e.Name())
		if target, err := os.Readlink(path); err == nil {
			args = append(args, "--symlink", target, path)
		} else {
			args = append(args, "--dev-bind", path, path)
		}
	}
	if flatpak {
		info := filepath.Join(t.TempDir(), "info")
		if err := os.WriteFile(info, []byte("[Application]\nname=org.example.App\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--ro-bind", info, "/.flatpak-info")
	}
	return exec.Command("bwrap", append(append(args, "--die-with-parent", "--"), argv...)...)
}
