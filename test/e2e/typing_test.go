package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"nerva/core/api"
	"nerva/test/modelserver"
)

// TestAYesInTheOverlayLetsTheWindowBeTypedInto: the overlay has the keyboard while it asks, and must give it back to the
// window that the yes was for.
func TestAYesInTheOverlayLetsTheWindowBeTypedInto(t *testing.T) {
	model, config := withModel(t)
	model.Script(
		modelserver.Reply{Calls: []modelserver.Call{{Name: "type_text", Arguments: `{"text":"Zoë was here 😀"}`}}},
		modelserver.Reply{Text: "Done."},
	)
	s := withOverlayAnd(t, config)
	received := filepath.Join(s.data, "received")
	s.program("foot", "--app-id=page", "sh", "-c", "stty raw -echo; exec cat >"+received)
	s.eventually("the terminal reads", func() bool {
		_, err := os.Stat(received)
		return err == nil && len(s.windows("page")) == 1
	})
	s.summon()
	s.typing("?sign the page")
	s.keys("Return")
	s.sees("Allow this?", "page", "For this run")
	s.keys("Tab", "Return")
	run := s.waitFinished(1)
	if len(run.Steps) != 1 || run.Steps[0].State != api.StepOK {
		t.Errorf("the run's steps are %+v", run.Steps)
	}
	s.eventually("the terminal has the text", func() bool {
		got, err := os.ReadFile(received)
		return err == nil && string(got) == "Zoë was here 😀"
	})
}
