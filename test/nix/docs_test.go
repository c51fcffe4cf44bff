package nix_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/nix.md anew")

// option is one of nix/options.nix.
type option struct{ Name, Type, Description, Default, Example string }

func options(t *testing.T) map[string][]option {
	t.Helper()
	need(t, []string{"nix-instantiate"}, "NIXPKGS_LIB")
	out, said, err := output(t, root, "nix-instantiate", "--store", "dummy://", "--eval", "--strict", "--json",
		"--argstr", "nixpkgsLib", os.Getenv("NIXPKGS_LIB"),
		"-E", `{ nixpkgsLib }: import ./nix/options.nix { lib = import (/. + nixpkgsLib + "/lib"); }`)
	if err != nil {
		t.Fatal(said)
	}
	var all map[string][]option
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryOptionIsDescribed(t *testing.T) {
	for kind, all := range options(t) {
		if len(all) < 10 {
			t.Errorf("%s has only %d options", kind, len(all))
		}
		for _, o := range all {
			if o.Type == "" || o.Default == "" || o.Example == "" || !strings.Contains(o.Description, ".") {
				t.Errorf("%+v lacks something", o)
			}
		}
	}
}

var block = regexp.MustCompile(`(?s)(<!-- options: (\w+) -->\n).*?(<!-- end -->)`)

func TestTheTablesOfOptionsAreCurrent(t *testing.T) {
	all := options(t)
	stands := read(t, "docs/nix.md")
	want := block.ReplaceAllStringFunc(stands, func(s string) string {
		part := block.FindStringSubmatch(s)
		return part[1] + table(all[part[2]]) + part[3]
	})
	if *update {
		if err := os.WriteFile(filepath.Join(root, "docs/nix.md"), []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if stands != want {
		t.Error("docs/nix.md is not what the modules say; run `make nix-docs`")
	}
}

func table(options []option) string {
	var b strings.Builder
	b.WriteString("| option | type | default | example | what it is |\n|---|---|---|---|---|\n")
	for _, o := range options {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n",
			o.Name, plain(o.Type), code(o.Default), code(o.Example), prose(o.Description))
	}
	return b.String()
}

// code is a value in one line; a default in words is no code.
func code(s string) string {
	if s = strings.Join(strings.Fields(s), " "); strings.Contains(s, ", ") && !strings.ContainsAny(s, "[{\"") {
		return s
	}
	return "`" + strings.ReplaceAll(s, "|", `\|`) + "`"
}

func plain(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}

var role = regexp.MustCompile(`\{(option|file|manpage|command)\}`)

// prose drops the roles of nixpkgs' Markdown.
func prose(s string) string { return plain(role.ReplaceAllString(s, "")) }
