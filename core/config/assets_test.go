package config

import (
	"os"
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
