package main

import (
	"bytes"
	"strings"
	"testing"

	"nerva/core/api"
)

// The colour is nerva's own, and what may come from elsewhere has none.
func TestStatusSaysWhatIsNotInForce(t *testing.T) {
	var out bytes.Buffer
	err := printStatus(terminal{out: &out, outTTY: true}, api.Status{
		Config:  api.StatusConfig{Path: "/c", Error: "line 3\x1b[2J"},
		Plugins: []api.PluginProblem{{Plugin: "a", Error: "a is wrong"}, {Plugin: "b", Error: "b is wrong"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\x1b[31mnot in force: \x1b[0mline 3\uFFFD[2J\n", "\x1b[31mnot in force: \x1b[0ma is wrong; b is wrong\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q lacks %q", out.String(), want)
		}
	}
}
