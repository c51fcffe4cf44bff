package desk

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestPathComesFirstThenTheFoldersOfThePackage(t *testing.T) {
	mine, brought := t.TempDir(), t.TempDir()
	t.Setenv("PATH", mine)
	folders = t.TempDir() + ":" + brought
	t.Cleanup(func() { folders = "" })
	if _, err := LookPath("grim"); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("nowhere: %v", err)
	}
	for _, dir := range []string{brought, mine} {
		want := filepath.Join(dir, "grim")
		if err := os.WriteFile(want, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if got, err := LookPath("grim"); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}
