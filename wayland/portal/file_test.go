package portal

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// picture makes a small PNG file.
func picture(t *testing.T, dir string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, "out 1%.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	if err := f.Chmod(mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustBePrivate(t *testing.T, path, dir string) {
	t.Helper()
	if filepath.Dir(path) != dir {
		t.Errorf("%s is not in %s", path, dir)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
}

func fileURI(path string) string {
	return "file://" + strings.NewReplacer("%", "%25", " ", "%20").Replace(path)
}

func TestTake(t *testing.T) {
	for _, host := range []string{"", "localhost"} {
		original, dir := picture(t, t.TempDir(), 0o644), t.TempDir()
		path, err := take(strings.Replace(fileURI(original), "file://", "file://"+host, 1), dir)
		if err != nil {
			t.Fatal(err)
		}
		mustBePrivate(t, path, dir)
		if _, err := os.Lstat(original); !os.IsNotExist(err) {
			t.Errorf("the original is still there: %v", err)
		}
	}
}

func TestTakeRefuses(t *testing.T) {
	for _, test := range []struct {
		rule string
		uri  func(t *testing.T, dir string) string
		says string
	}{
		{"another scheme", func(*testing.T, string) string { return "https://example.org/out.png" }, "not a local file"},
		{"another host", func(*testing.T, string) string { return "file://example.org/out.png" }, "not a local file"},
		{"no path", func(*testing.T, string) string { return "file:out.png" }, "not a local file"},
		{"no URI", func(*testing.T, string) string { return "file://%zz" }, "no usable address"},
		{"missing", func(_ *testing.T, dir string) string { return fileURI(dir + "/gone.png") }, "can't be opened"},
		{"a folder", func(_ *testing.T, dir string) string { return fileURI(dir) }, "not a regular file"},
		{"a symbolic link", func(t *testing.T, dir string) string {
			link := filepath.Join(dir, "link.png")
			if err := os.Symlink(picture(t, dir, 0o600), link); err != nil {
				t.Fatal(err)
			}
			return fileURI(link)
		}, "can't be opened"},
		{"a FIFO", func(t *testing.T, dir string) string {
			fifo := filepath.Join(dir, "fifo")
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			return fileURI(fifo)
		}, "not a regular file"},
		{"huge", func(t *testing.T, dir string) string {
			path := picture(t, dir, 0o600)
			if err := os.Truncate(path, maxPicture+1); err != nil { // sparse
				t.Fatal(err)
			}
			return fileURI(path)
		}, "more than"},
		{"no picture", func(t *testing.T, dir string) string {
			path := filepath.Join(dir, "out.png")
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return fileURI(path)
		}, "not a PNG picture"},
		{"another user's", func(t *testing.T, dir string) string {
			if os.Getuid() != 0 {
				t.Skip("only root can give files away")
			}
			path := picture(t, dir, 0o644)
			if err := os.Chown(path, 12345, -1); err != nil {
				t.Fatal(err)
			}
			return fileURI(path)
		}, "belongs to another user"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			dir, target := t.TempDir(), t.TempDir()
			uri := test.uri(t, dir)
			before := names(t, dir)
			path, err := take(uri, target)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %q, %v, want %q", path, err, test.says)
			}
			if left := names(t, target); left != "" {
				t.Errorf("left behind: %s", left)
			}
			if after := names(t, dir); after != before {
				t.Errorf("the refused file was touched: %s, was %s", after, before)
			}
		})
	}
}

// TestRemoveSame: what took the picture's name meanwhile is not ours to remove.
func TestRemoveSame(t *testing.T) {
	dir := t.TempDir()
	path := picture(t, dir, 0o600)
	_, info, err := openPicture(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := removeSame(path, info); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("another's file was removed: %v", err)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"file:///tmp/out.png", "file://localhost/a%20b", "file:relative", "http://x/y", "%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		path, err := localPath(uri)
		if err == nil && (!filepath.IsAbs(path) || path != filepath.Clean(path)) {
			t.Errorf("%q gives the path %q", uri, path)
		}
	})
}
