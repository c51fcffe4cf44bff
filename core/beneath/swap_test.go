package beneath

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/paths"
)

// TestASwapLeadsNowhereElse has a folder exchanged for a link to the canary's all the time, and the approved path used.
func TestASwapLeadsNowhereElse(t *testing.T) {
	for _, c := range []struct{ rule, link string }{
		{"outside", "../outside"}, {"protected", ".ssh"}, {"another folder of the root", "docs/deep"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			h := newHouse(t)
			for _, folder := range []string{"outside", "home/.ssh", "home/docs/deep", "home/box"} {
				h.write(t, folder+"/file", map[bool]string{true: "mine", false: canary}[folder == "home/box"])
			}
			if err := os.Symlink(c.link, filepath.Join(h.home, "swap")); err != nil {
				t.Fatal(err)
			}
			path, err := h.Resolve("~/box/file", Write)
			if err != nil {
				t.Fatal(err)
			}
			stop := swap(t, filepath.Join(h.home, "box"), filepath.Join(h.home, "swap"))
			worked := 0
			for range 100 {
				text, _, err := h.ReadText(path)
				if strings.Contains(text, canary) || err != nil && strings.Contains(err.Error(), canary) {
					t.Fatal("the canary came out")
				}
				werr := h.WriteFile(path, "mine")
				for _, err := range []error{err, werr} {
					switch code := api.CodeOf(err); {
					case err == nil:
						worked++
					case code != api.Denied && code != api.NotFound && code != api.Busy:
						t.Fatal(err)
					}
				}
			}
			stop()
			for _, folder := range []string{"outside", "home/.ssh", "home/docs/deep"} {
				if got := h.text(t, folder+"/file"); got != canary {
					t.Errorf("%s was changed: %q", folder, got)
				}
				if left, _ := filepath.Glob(filepath.Join(h.dir, folder, ".nerva-*")); left != nil {
					t.Errorf("%v were made", left)
				}
			}
			if worked == 0 {
				t.Error("nothing ever worked, so nothing was shown")
			}
		})
	}
}

// swap exchanges two names until the function that it returns is called.
func swap(t *testing.T, a, b string) (stop func()) {
	t.Helper()
	end := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		for {
			select {
			case <-end:
				return
			default:
			}
			if err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE); err != nil {
				t.Error(err)
				return
			}
		}
	})
	once := sync.OnceFunc(func() { close(end); done.Wait() })
	t.Cleanup(once)
	return once
}

func TestAFolderThatIsMovedAwayIsNotFollowed(t *testing.T) {
	h := newHouse(t)
	path := filepath.Join(h.home, "docs")
	file, err := h.handle(path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if err := os.Rename(path, filepath.Join(h.dir, "outside", "docs")); err != nil {
		t.Fatal(err)
	}
	if err := h.verify(file, path); api.CodeOf(err) != api.Denied {
		t.Errorf("a folder that lies outside now is used: %v", err)
	}
}

// FuzzResolve holds that whatever a path looks like, what is opened by it lies in the root and is not protected.
func FuzzResolve(f *testing.F) {
	h := newHouse(f)
	for _, seed := range []string{
		"~/docs/letter.txt", "~/docs/out/secret", "~/docs/root/etc/passwd", "~/docs/key", "~/docs/loop", "~/docs/ring/x", "~/docs/../.ssh/id",
		"/proc/self/environ", "~/docs/self/etc/passwd", "~/.SSH/id", "~/docs/same/../out/secret", "~", "~/", "", "~/docs/\x00", "~/link/keys/id",
		"HOME/docs/letter.txt", "HOME/../outside/secret", "~/docs/absolute", "~/docs/root/HOME/.ssh/id",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		path = strings.Replace(path, "HOME", h.home, 1)
		for _, use := range []Use{Read, Write, Remove} {
			real, err := h.Resolve(path, use)
			if err != nil {
				continue
			}
			if real != filepath.Clean(real) || !paths.Within(real, h.home) || h.list.Now().Why(real) != "" {
				t.Fatalf("%q is taken for %q", path, real)
			}
			if use != Read && h.list.Now().WhyWrite(real) != "" {
				t.Fatalf("%q may be changed: %q", path, real)
			}
		}
		real, err := h.Resolve(path, Read)
		if err != nil {
			real = path // not resolved at all: opening must hold by itself
		}
		file, err := h.OpenAny(real)
		if err != nil {
			return
		}
		defer func() { _ = file.Close() }()
		at, err := os.Readlink(descriptor(file))
		if err != nil || !paths.Within(at, h.home) || h.list.Now().Why(at) != "" {
			t.Fatalf("%q opens %q, %v", path, at, err)
		}
	})
}
