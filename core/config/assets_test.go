package config

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheShippedFileNamesEveryKeyWithItsDefault(t *testing.T) {
	const path = "../../assets/config.toml"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var shipped Config
	if err := parse(&shipped, path, text); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Default(), shipped); d != "" {
		t.Error(d)
	}
}

func TestTheManualPageNamesEveryKey(t *testing.T) {
	page, err := os.ReadFile("../../assets/man/nerva-config.5")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys(reflect.TypeFor[Config](), "") {
		if strings.Contains(key, ".") && !strings.Contains(string(page), ".BR "+key+` " = `) &&
			!strings.Contains(string(page), ".B "+key+"\n") {
			t.Errorf("nerva-config(5) lacks %s", key)
		}
	}
}

// TestTheNixModulesKnowEveryKey: the descriptions of the options, which docs/nix.md is made of, name their keys.
func TestTheNixModulesKnowEveryKey(t *testing.T) {
	text, err := os.ReadFile("../../docs/nix.md")
	if err != nil {
		t.Fatal(err)
	}
	_, options, _ := strings.Cut(string(text), "<!-- options: home -->")
	all := keys(reflect.TypeFor[Config](), "")
	for _, key := range all {
		if strings.Contains(key, ".") && !strings.Contains(options, "`"+key+"`") {
			t.Errorf("no option of Home Manager's module has the key %s", key)
		}
	}
	for _, m := range regexp.MustCompile("Key: `([^`]+)`").FindAllStringSubmatch(options, -1) {
		if !slices.Contains(all, m[1]) {
			t.Errorf("an option has the key %s, which is none", m[1])
		}
	}
}
