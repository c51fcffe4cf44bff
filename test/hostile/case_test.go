package hostile

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/pelletier/go-toml/v2"

	"nerva/test/modelserver"
)

// Case is one file of the folder cases. Texts are templates with the words of world.words; paths are absolute.
type Case struct {
	Name   string `toml:"-"` // of the file
	Benign bool   `toml:"-"` // the file ends in .benign.toml

	Attack  string   `toml:"attack"`  // what is tried, a sentence; of a twin what it does
	Why     string   `toml:"why"`     // why it must fail, or run
	Defence string   `toml:"defence"` // id of the one that stops it; none for a twin
	Needs   []string `toml:"needs"`   // skills without which the case says nothing

	// What there is before.
	Config  string   `toml:"config"` // more lines for the configuration
	Rounds  int      `toml:"rounds"` // llm.max_rounds; 0 leaves the default
	Apps    []App    `toml:"app"`
	Files   []File   `toml:"file"`
	Links   []Link   `toml:"link"`
	Windows []string `toml:"windows"` // titles
	Plays   string   `toml:"plays"`   // the title of what a media player plays
	// Copied is a text that another program has copied; Hinted, with a password manager's hint beside it.
	Copied string `toml:"copied"`
	Hinted bool   `toml:"hinted"`
	// Controls are the names of buttons in a window of the process in which the person is: at the overlay, of nerva's own.
	Controls []string `toml:"controls"`
	// Notes is the folder of notes that is configured; empty: the usual one.
	Notes string `toml:"notes"`
	// Elsewhere: the model is not on this machine, as far as nervad can tell.
	Elsewhere bool `toml:"elsewhere"`

	// Who is there: nobody, refuses, yes (once, each time), leaves (the bus, at the first question); yes-once, yes-run
	// and yes-always give that answer to the first question and refuse from then on. At the peer that asked, or at
	// the overlay.
	Person string `toml:"person"`
	Seat   string `toml:"seat"` // peer or overlay
	// Intruders are commands that run while a question is open, before the person answers.
	Intruders []Intruder `toml:"intruder"`
	// Cancel cancels the run at the model's first words.
	Cancel bool `toml:"cancel"`

	Prompt string `toml:"prompt"`
	// Result is asked in the place of the prompt, as api.AskOptions has it. With an Event it is the suggestion of the rule for the
	// signal Happened of org.test.Event, which is sent with this text.
	Result string `toml:"result"`
	Event  string `toml:"event"`
	// Then is what is asked for after the first run has ended, and Later what the model says to that. Records and steps
	// are those of both runs.
	Then  string              `toml:"then"`
	Later []modelserver.Stage `toml:"later"`
	// Turns are what the model says, one after the other, Again times more; then it is done.
	Turns []modelserver.Stage `toml:"turn"`
	Again int                 `toml:"again"`

	// What must be afterwards.
	State  string `toml:"state"`  // of the run
	Answer string `toml:"answer"` // a part of it
	// Questions is how many are put. A twin that is asked about more has not failed by that alone, see withoutExtra.
	Questions int      `toml:"questions"`
	Asks      []string `toml:"asks"` // parts of the questions' calls and reasons
	// Calls are the audit's records of the run, each "skill decision decided_by outcome", and " xN" where N follow
	// each other. A word may be *, or !word for any other.
	Calls []string `toml:"calls"`
	// Creates and Changes are the only files below the home folder that may be new or different, as patterns of
	// filepath.Match; each must fit one.
	Creates []string `toml:"creates"`
	Changes []string `toml:"changes"`
	Removes []string `toml:"removes"`
	// Holds are parts that files must have.
	Holds []Holding `toml:"holds"`
	// Closes are those of Windows that must be gone; the others must be there.
	Closes []string `toml:"closes"`
	Opens  []string `toml:"opens"`  // what the portal opened, all of it
	Shows  []string `toml:"shows"`  // parts of notifications
	Hides  []string `toml:"hides"`  // what no notification may have
	Told   []string `toml:"told"`   // what the model must have been told
	Untold []string `toml:"untold"` // and what not
	Sink   int      `toml:"sink"`   // connections
	// Pressed are the controls that were pressed, all of them.
	Pressed []string `toml:"pressed"`
	// MaySee names the canaries that the model may be shown, because the person's own request leads there.
	MaySee []string `toml:"may_see"`
	// Gone: the model server must have lost its client.
	Gone bool `toml:"gone"`
}

// App is a desktop entry.
type App struct {
	ID   string `toml:"id"`
	Name string `toml:"name"`
	Exec string `toml:"exec"`
}

// File is a file that is there before.
type File struct {
	Path string `toml:"path"`
	Text string `toml:"text"`
	Mode uint32 `toml:"mode"`
}

// Link is a symbolic link that is there before.
type Link struct {
	Path string `toml:"path"`
	To   string `toml:"to"`
}

// Intruder is a command and a part of what it must print.
type Intruder struct {
	Run  []string `toml:"run"`
	Says string   `toml:"says"`
}

// Holding is a part of a file.
type Holding struct {
	File string `toml:"file"`
	Text string `toml:"text"`
}

const twinMark = ".benign"

// attackOf is the name of the case whose twin c is.
func (c *Case) attackOf() string { return strings.TrimSuffix(c.Name, twinMark) }

// cases reads every case, by name.
func cases(t *testing.T) []*Case {
	t.Helper()
	files, err := filepath.Glob("cases/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	all := make([]*Case, len(files))
	for i, file := range files {
		if all[i], err = load(file); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func load(file string) (*Case, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c := &Case{Name: strings.TrimSuffix(filepath.Base(file), ".toml"), State: "done", Seat: "peer", Person: "nobody"}
	c.Benign = strings.HasSuffix(c.Name, twinMark)
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if problem := c.wrong(); problem != "" {
		return nil, fmt.Errorf("%s: %s", file, problem)
	}
	return c, nil
}

var persons = []string{"nobody", "refuses", "yes", "yes-once", "yes-run", "yes-always", "leaves"}

func (c *Case) wrong() string {
	switch {
	case c.Attack == "" || c.Why == "" || c.Prompt+c.Result+c.Event == "" || c.Result == "" && len(c.Turns) == 0:
		return "attack, why, prompt and a turn must be there"
	case c.Benign != (c.Defence == ""):
		return "an attack names its defence, a twin has none"
	case !slices.Contains(persons, c.Person):
		return fmt.Sprintf("person is %q", c.Person)
	case c.Seat != "peer" && c.Seat != "overlay":
		return fmt.Sprintf("seat is %q", c.Seat)
	case len(c.Calls) == 0 && c.Answer == "" && !c.Cancel:
		return "neither calls nor answer say how it ends"
	}
	return ""
}

// stages are the turns with their repetitions and the end, and those of the second run.
func (c *Case) stages() (turns, later []modelserver.Stage) {
	end := modelserver.Stage{Say: "That is all."}
	return append(slices.Repeat(c.Turns, 1+c.Again), end), append(slices.Clone(c.Later), end)
}

// fill writes words into a text.
func fill(text string, words map[string]any) (string, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{"repeat": strings.Repeat}).Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, words)
	return b.String(), err
}

// sortedKeys is for messages.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
