package paths

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestLinksAreFollowedAsFarAsThereIsSomething(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "real", "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "real", "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{
		"link": "real", "absolute": filepath.Join(dir, "real"), "chain": "link", "dangling": "real/none/x",
		"up": "real/deep/../file", "loop": "loop", "bush": "bush/bush", "forest": strings.Repeat("forest/", 9) + "forest",
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ path, want string }{
		{"real/file", "real/file"},
		{"link/file", "real/file"},
		{"absolute/deep", "real/deep"},
		{"chain/none/deeper", "real/none/deeper"},
		{"dangling", "real/none/x"},
		{"dangling/y", "real/none/x/y"},
		{"up", "real/file"},
		{"link/deep/../file", "real/file"},
		{"none/../real", "real"},
		{"real/file/below", "real/file/below"},
	} {
		if got, err := Links(filepath.Join(dir, c.path)); err != nil || got != filepath.Join(dir, c.want) {
			t.Errorf("%s: %s, %v", c.path, got, err)
		}
	}
	for _, path := range []string{"loop", "bush", "bush/x", "forest"} {
		if got, err := Links(filepath.Join(dir, path)); !errors.Is(err, syscall.ELOOP) || !strings.HasPrefix(got, dir) {
			t.Errorf("%s: %s, %v", path, got, err)
		}
	}
}
