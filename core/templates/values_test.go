package templates_test

import (
	"testing"

	"nerva/core/templates"
)

func TestWhatAStepGaveIsShownAsAPersonReadsIt(t *testing.T) {
	last, err := templates.Values(`{"exit":0,"n":1000000,"f":1234567.5,"zero":0.0,"big":123456789012345678901234567890,
		"none":null,"windows":[{"id":"a","title":"<b>","n":1,"at":null}],"empty":[]}`)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"{{.Last.n}} {{.Last.f}} {{.Last.big}}":                       "1000000 1234567.5 123456789012345678901234567890",
		"{{if .Last.exit}}bad{{end}}{{if .Last.zero}}bad{{end}}":      "",
		"{{if eq .Last.exit 0}}a{{end}}{{if gt .Last.f 1e6}}b{{end}}": "ab",
		"{{.Last.none}}{{if .Last.none}}bad{{end}}":                   "",
		"{{.Last.windows}}":                                             `[{"at":"","id":"a","n":1,"title":"<b>"}]`,
		"{{index .Last.windows 0}}":                                     `{"at":"","id":"a","n":1,"title":"<b>"}`,
		"{{(index .Last.windows 0).id}}{{len .Last.windows}}":           "a1",
		"{{if .Last.empty}}bad{{else}}none{{end}} {{line .Last.none}}x": "none x",
	} {
		compiled, err := templates.Compile(text, templates.Fields{Names: []string{"Last"}})
		if err != nil {
			t.Fatal(text, err)
		}
		if got, err := compiled.Fill(map[string]any{"Last": last}); err != nil || got != want {
			t.Errorf("%s gives %q, %v; want %q", text, got, err, want)
		}
	}
	for _, written := range []string{"", "[1]", "null", "{"} {
		if got, err := templates.Values(written); err == nil && len(got) > 0 {
			t.Errorf("%q gives %v", written, got)
		}
	}
}

func TestANumberOfAnEventIsWrittenInDigits(t *testing.T) {
	compiled, err := templates.Compile("{{.Bytes}}{{if gt .Bytes 1e6}} is much{{end}}", templates.Fields{Names: []string{"Bytes"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := compiled.Fill(map[string]any{"Bytes": 5242880.0}); err != nil || got != "5242880 is much" {
		t.Errorf("%q, %v", got, err)
	}
}
