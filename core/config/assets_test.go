package config

import (
	"os"
	"reflect"
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
