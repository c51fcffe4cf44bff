package shortcut

import (
	"path/filepath"
	"testing"
)

func TestAKeyIsWrittenAsTheSpecificationHasIt(t *testing.T) {
	for key, want := range map[string]string{
		"SUPER+SPACE":    "LOGO+space",
		"SUPER+space":    "LOGO+space",
		"CTRL+ALT+N":     "CTRL+ALT+n",
		"SHIFT+F12":      "SHIFT+F12",
		"SUPER+Return":   "LOGO+Return",
		"XF86Search":     "XF86Search",
		"Super+SPACE":    "",
		"META+SPACE":     "",
		"SUPER+":         "",
		"SUPER + SPACE":  "",
		"":               "",
		"SUPER+SPACE+":   "",
		"SUPER,SPACE":    "",
		"SPACE+SUPER":    "",
		"SUPER+SPA\nCE":  "",
		"SUPER+Ä":        "",
		"SUPER++SPACE":   "",
		"SUPER+<Super>a": "",
	} {
		if got, err := Trigger(key); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v, want %q", key, got, err, want)
		}
	}
}

func TestARefusalHoldsForItsKeyAlone(t *testing.T) {
	state := filepath.Join(t.TempDir(), "not/yet/there")
	if refused, err := Refused(state, "SUPER+SPACE"); refused || err != nil {
		t.Errorf("before anybody was asked: %v, %v", refused, err)
	}
	if err := Refuse(state, "SUPER+SPACE"); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]bool{"SUPER+SPACE": true, "ALT+SPACE": false} {
		if refused, err := Refused(state, key); refused != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", key, refused, err, want)
		}
	}
}
