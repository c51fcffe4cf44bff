package input

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bendahl/uinput"

	"nerva/core/api"
	"nerva/wayland/internal/xkb"
)

// fakeDevices keeps what the kernel would be told.
type fakeDevices struct {
	uinput.Keyboard
	down []int
	told []string
	fail int // the key whose press fails
}

func (f *fakeDevices) KeyDown(key int) error {
	if key == f.fail {
		return errors.New("no such device")
	}
	f.down = append(f.down, key)
	f.told = append(f.told, fmt.Sprintf("+%d", key))
	return nil
}

func (f *fakeDevices) KeyUp(key int) error {
	f.down = slices.DeleteFunc(f.down, func(k int) bool { return k == key })
	f.told = append(f.told, fmt.Sprintf("-%d", key))
	return nil
}

func kernelWith(t *testing.T, f *fakeDevices, keymap string) *kernel {
	t.Helper()
	parsed, err := xkb.Parse(keymap)
	if err != nil {
		t.Fatal(err)
	}
	return &kernel{link: link{display: &display{parsed: parsed}}, keyboard: f, leds: filepath.Join(t.TempDir(), "*::capslock/brightness")}
}

func TestUinputPressesTheKeysOfTheLayout(t *testing.T) {
	for _, c := range []struct {
		layout, text, keys string
	}{
		{"us", "aB", "+30 -30 +42 +48 -48 -42"},
		{"de", "@z", "+100 +16 -16 -100 +21 -21"},
		{"fr", "a1", "+16 -16 +42 +2 -2 -42"},
		{"us:intl", "é\n", "+100 +18 -18 -100 +28 -28"},
	} {
		f := &fakeDevices{}
		k := kernelWith(t, f, keymapOf(t, c.layout))
		text := []rune(c.text)
		if err := k.check(text); err != nil {
			t.Errorf("%s: %v", c.layout, err)
			continue
		}
		for _, r := range text {
			strokes, _ := k.strokes(r)
			for _, s := range strokes {
				if err := k.strike(s); err != nil {
					t.Error(err)
				}
			}
		}
		if got := strings.Join(f.told, " "); got != c.keys {
			t.Errorf("%s: %q are the keys %s, want %s", c.layout, c.text, got, c.keys)
		}
	}
}

func TestUinputTypesNothingWhereACharacterIsMissing(t *testing.T) {
	for _, c := range []struct{ layout, text, says string }{
		{"us", "price: 5 €", `has no '€', so nothing was typed`},
		{"us,ru", "a", `Russian has no 'a'`},
		{"us,de", "z", `is on another key in each of the layouts`},
		{"ru", "abc", `has no 'a'`},
		{"jp", "漢", `has no '漢'`},
	} {
		k := kernelWith(t, &fakeDevices{}, keymapOf(t, c.layout))
		if err := k.check([]rune(c.text)); api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.layout, err)
		}
	}
	// What all layouts have on the same key can be typed.
	if err := kernelWith(t, &fakeDevices{}, keymapOf(t, "us,ru")).check([]rune("1 2\n")); err != nil {
		t.Error(err)
	}
}

func TestUinputTypesNothingWhileCapsLockIsOn(t *testing.T) {
	k := kernelWith(t, &fakeDevices{}, keymapOf(t, "us"))
	led := filepath.Join(filepath.Dir(filepath.Dir(k.leds)), "input3::capslock")
	if err := os.Mkdir(led, 0o700); err != nil {
		t.Fatal(err)
	}
	for lit, code := range map[string]api.Code{"0\n": "", "1\n": api.Busy} {
		if err := os.WriteFile(filepath.Join(led, "brightness"), []byte(lit), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := k.check([]rune("a")); api.CodeOf(err) != code {
			t.Errorf("%q: %v", lit, err)
		}
	}
}

func TestUinputLetsGoOfEveryKeyWhereOneFails(t *testing.T) {
	f := &fakeDevices{fail: 48}
	k := kernelWith(t, f, keymapOf(t, "us"))
	strokes, err := k.strokes('B')
	if err != nil {
		t.Fatal(err)
	}
	if err := k.strike(strokes[0]); api.CodeOf(err) != api.Unavailable || len(f.down) > 0 {
		t.Errorf("%v, down are %v", err, f.down)
	}
}

func TestWithoutPermissionTheErrorSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	if err := access(filepath.Join(dir, "none")); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "sudo modprobe uinput") {
		t.Errorf("missing: %v", err)
	}
	for gid, says := range map[uint32]string{0: `GROUP="uinput"`, uint32(os.Getgid()) + 54321: "sudo usermod -aG 5"} {
		err := unwritable("/dev/uinput", os.ErrPermission, gid)
		if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "services.nerva.permissions.uinput = true") {
			t.Errorf("group %d: %v", gid, err)
		}
	}
	path := filepath.Join(dir, "uinput")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := access(path); err != nil {
		t.Errorf("allowed: %v", err)
	}
}
