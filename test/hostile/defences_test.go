package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// root is the checkout, seen from this package.
const root = "../.."

// Defence is one thing that stops attacks, and how it is taken out of the source.
type Defence struct {
	ID    string `toml:"id"`
	Why   string `toml:"why"` // what the edits make of nerva, in one line
	Edits []Edit `toml:"edit"`
}

// Edit replaces Old, which occurs exactly once in File, by New.
type Edit struct {
	File string `toml:"file"`
	Old  string `toml:"old"`
	New  string `toml:"new"`
}

func defences(t *testing.T) []Defence {
	t.Helper()
	text, err := os.ReadFile("defences.toml")
	must(t, err)
	var table struct {
		Defence []Defence `toml:"defence"`
	}
	must(t, toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&table))
	return table.Defence
}

// The table rots where the source goes on; then this says which line. A defence whose cases wait needs no edit yet.
func TestEveryDefenceIsInTheSourceAndHasACase(t *testing.T) {
	stops := map[string][]*Case{}
	for _, c := range cases(t) {
		if !c.Benign {
			stops[c.Defence] = append(stops[c.Defence], c)
		}
	}
	for _, d := range defences(t) {
		if len(stops[d.ID]) == 0 {
			t.Errorf("%s stops no case", d.ID)
		}
		waits := len(stops[d.ID]) > 0 && (pending[stops[d.ID][0].Name] != "" || open[stops[d.ID][0].Name] != "")
		delete(stops, d.ID)
		if len(d.Edits) == 0 && !waits {
			t.Errorf("%s can't be taken out: it has no edit", d.ID)
		}
		if _, err := d.without(); err != nil {
			t.Errorf("%s: %v", d.ID, err)
		}
	}
	for id, of := range stops {
		t.Errorf("%s names the defence %q, which is not in defences.toml", of[0].Name, id)
	}
}

// without gives the files that differ when the defence is taken out.
func (d Defence) without() (map[string]string, error) {
	files := map[string]string{}
	for _, e := range d.Edits {
		path := filepath.Join(root, e.File)
		if _, edited := files[path]; !edited {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			files[path] = string(text)
		}
		if n := strings.Count(files[path], e.Old); n != 1 {
			return nil, fmt.Errorf("%s has %d times: %s", e.File, n, e.Old)
		}
		files[path] = strings.Replace(files[path], e.Old, e.New, 1)
	}
	return files, nil
}

// build makes a nervad without the defence and returns its path.
func (d Defence) build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files, err := d.without()
	must(t, err)
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for path, text := range files {
		whole, err := filepath.Abs(path)
		must(t, err)
		overlay.Replace[whole] = filepath.Join(dir, fmt.Sprintf("%d.go", len(overlay.Replace)))
		must(t, os.WriteFile(overlay.Replace[whole], []byte(text), 0o600))
	}
	list, err := json.Marshal(overlay)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o600))
	nervad := filepath.Join(dir, "nervad")
	c := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-trimpath", "-ldflags", "-s -w", "-o", nervad, "./cmd/nervad")
	c.Dir, c.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("nervad without %s does not build: %v\n%s", d.ID, err, out)
	}
	return nervad
}
