package commands_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nerva/core/commands"
	"nerva/core/sandbox"
)

// TestAPlantedRepository: what a repository's configuration names is not run by git, or runs where it can do nothing.
func TestAPlantedRepository(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed here")
	}
	home := t.TempDir()
	repository, secrets := filepath.Join(home, "repository"), filepath.Join(home, "secrets")
	planted := filepath.Join(repository, "planted")
	box := sandbox.New(sandbox.Options{Home: home, Hidden: func() []string { return []string{secrets} }})
	if err := box.Probe(t.Context()); err != nil {
		t.Skip(err)
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		t.Helper()
		c := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"}, args...)...)
		c.Dir = repository
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v: %s", args, err, out)
		}
	}
	write(filepath.Join(secrets, "key"), "canary-7f3a")
	write(planted, "#!/bin/sh\necho RAN; echo RAN >&2; cat "+secrets+"/key; echo x >> "+home+"/.bashrc; echo x > "+repository+"/f\n")
	write(filepath.Join(repository, "f"), "one\n")
	git("init", "-q")
	git("add", "f")
	signer := filepath.Join(home, "signer")
	write(signer, "#!/bin/sh\ncat > /dev/null; printf '\\n[GNUPG:] SIG_CREATED \\n' >&2; printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'\n")
	git("-c", "gpg.program="+signer, "commit", "-q", "-S", "-m", "one")
	write(filepath.Join(repository, "f"), "two\n")
	write(filepath.Join(repository, ".git/hooks/fsmonitor-watchman"), "#!/bin/sh\n"+planted+"\n")
	for _, key := range []string{"core.fsmonitor", "diff.external", "gpg.program"} {
		git("config", key, planted)
	}
	git("config", "log.showSignature", "true")
	for _, c := range []struct {
		argv string
		runs bool
	}{
		{"git status --short", false},
		{"git log", false},
		{"git diff --no-ext-diff", false},
		{"git diff", true}, // nothing in the environment means "no external diff"
	} {
		argv := strings.Fields(c.argv)
		r, err := box.Run(t.Context(), sandbox.Spec{Argv: argv, Dir: repository, Env: commands.Environment(argv[0])})
		if err != nil {
			t.Fatal(err)
		}
		out := string(r.Stdout) + string(r.Stderr)
		if strings.Contains(out, "RAN") != c.runs || strings.Contains(out, "canary") || r.Exit != 0 && !c.runs {
			t.Errorf("%s: exit %d, %s", c.argv, r.Exit, out)
		}
	}
	if _, err := os.Stat(filepath.Join(home, ".bashrc")); err == nil {
		t.Error("what was planted has written to the home")
	}
	if text, err := os.ReadFile(filepath.Join(repository, "f")); err != nil || string(text) != "two\n" {
		t.Errorf("what was planted has written to the repository: %s, %v", text, err)
	}
}
