package paths

import "testing"

func TestOnlyALeadingTildeIsHome(t *testing.T) {
	for path, want := range map[string]string{
		"~": "/home/a", "~/": "/home/a", "~/x/../y": "/home/a/y", "~//x": "/home/a/x",
		"~bob/x": "~bob/x", "/a/~": "/a/~", "a": "a", "": "", "/a//b": "/a//b",
	} {
		if got := Expand("/home/a", path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
