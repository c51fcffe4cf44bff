package sandbox_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"nerva/core/api"
	"nerva/core/sandbox"
)

// TestWhatIsReplacedStaysHidden: other programs go on while a command runs. A shell writes its history beside the old
// one and renames it, and a file with a password may be made for the first time.
func TestWhatIsReplacedStaysHidden(t *testing.T) {
	w := newWorld(t)
	elsewhere := t.TempDir()
	w.hidden = append(w.hidden, w.path(".netrc"), w.path(".config/gh"), w.path(".config/hub"), w.path("data/keys"), filepath.Join(elsewhere, "key"), w.path("dangling"), w.path(".history*"))
	for _, dir := range []string{".config/gh", ".config/shown", "data"} {
		if err := os.MkdirAll(w.path(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w.write(t, ".config/shown/x", "seen")
	w.link(t, "yet/none", "dangling")
	for _, name := range []string{"work/ready", "work/go"} {
		if err := syscall.Mkfifo(w.path(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	type result struct {
		sandbox.Result
		error
	}
	done := make(chan result, 1)
	go func() {
		r, err := w.Run(t.Context(), sandbox.Spec{
			Argv: sh(`echo up > work/ready; cat work/go; cat note .config/shown/x; find . "$1" -type f -exec cat {} +`, elsewhere),
			Read: []string{elsewhere}, Write: []string{w.path("work")},
		})
		done <- result{r, err}
	}()
	if _, err := os.ReadFile(w.path("work/ready")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"token", ".history.new", ".netrc", ".config/hub", ".config/gh/hosts", "data/keys", "yet", ".ssh/id"} {
		beside := w.path("beside")
		if err := errors.Join(os.WriteFile(beside, []byte(secret), 0o600), os.Rename(beside, w.path(name))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(elsewhere, "key"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{".ssh", ".config/gh"} { // the whole folder, as a synchronising program may
		if err := errors.Join(os.Rename(w.path(folder), w.path("old")), os.Mkdir(w.path(folder), 0o755)); err != nil {
			t.Fatal(err)
		}
		w.write(t, folder+"/new", secret)
		if err := os.RemoveAll(w.path("old")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(w.path("work/go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := <-done
	if out := string(r.Stdout); r.error != nil || !strings.HasPrefix(out, "plainseen") || strings.Contains(out, secret) {
		t.Errorf("%v\n%s%s", r.error, r.Stdout, r.Stderr)
	}
}

// TestAnOpenFolderLooksAsItIs: but for what is hidden, and what leads out.
func TestAnOpenFolderLooksAsItIs(t *testing.T) {
	w := newWorld(t)
	w.write(t, "-a name\nwith a line", "x")
	if err := errors.Join(syscall.Mkfifo(w.path("pipe"), 0o600), os.MkdirAll(w.path("deep/in/granted"), 0o755)); err != nil {
		t.Fatal(err)
	}
	w.hidden = append(w.hidden, w.path("deep/in/secret"), w.path("deep/other"), w.path(".history*"))
	w.write(t, ".history.new", secret)
	r := w.run(t, sandbox.Spec{
		Argv:  sh(`ls -AQ; readlink link; find deep; echo x > deep/in/granted/y; ! echo x > deep/in/z; ! mv note deep; ! rm link; cat note`),
		Write: []string{w.path("deep/in/granted")}, Read: []string{w.path("deep/in")},
	})
	want := `"-a name\nwith a line"
"bin"
"deep"
"grant"
"held"
"link"
"note"
"work"
.ssh/id
deep
deep/in
deep/in/granted
plain`
	if got := string(r.Stdout); got != want {
		t.Errorf("got %s\n%s", got, r.Stderr)
	}
	if _, err := os.Stat(w.path("deep/in/granted/y")); err != nil {
		t.Error(err)
	}
}

func TestMoreThanBubblewrapTakesIsSaid(t *testing.T) {
	w := newWorld(t)
	many := w.path("many")
	if err := os.Mkdir(many, 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 3000 {
		w.write(t, fmt.Sprintf("many/%d", i), "")
	}
	if r := w.run(t, sandbox.Spec{Argv: []string{"true"}}); r.Exit != 0 {
		t.Errorf("a folder with nothing hidden in it may have as many as it likes: %+v", r)
	}
	w.hidden = append(w.hidden, filepath.Join(many, "key"))
	_, err := w.Run(t.Context(), sandbox.Spec{Argv: []string{"true"}})
	if api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), many) {
		t.Errorf("got %v", err)
	}
}
