package watchers

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the fields into the manual page anew")

// TestTheManualPageHasTheFieldsOfTheTable: what is told of a source's events is what conditions and templates may use.
func TestTheManualPageHasTheFieldsOfTheTable(t *testing.T) {
	const path, begin, end = "../../assets/man/nerva-config.5", ".\\\" fields of events\n", ".\\\" end\n"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), begin)
	stands, after, ends := strings.Cut(rest, end)
	if !found || !ends {
		t.Fatal("the page has no place for the fields")
	}
	var b strings.Builder
	for _, s := range Sources {
		b.WriteString(".TP\n.B " + s.Name + "\n")
		for i, f := range s.Fields {
			if f.Name == "Time" {
				continue
			}
			kind := " (" + string(f.Kind) + "): "
			if f.Kind == Text {
				kind = ": "
			}
			stop := ";"
			if i == len(s.Fields)-1 || i == 0 && len(s.Fields) == 2 {
				stop = "."
			}
			b.WriteString(".RB " + f.Name + " \"" + kind + strings.ReplaceAll(f.What, "-", `\-`) + stop + "\"\n")
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+b.String()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if stands != b.String() {
		t.Error("nerva-config(5) has other fields than the table; run this test with -update")
	}
}
