package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"nerva/core/api"
)

// prepared is a run that has not begun: bubblewrap's arguments, and the files that go with them.
type prepared struct {
	args, env []string
	files     []*os.File // bubblewrap's, from descriptor 3 on
	status    *os.File   // what bubblewrap says, a JSON document a line
	unblock   *os.File   // what it waits for
}

// firstFile is the descriptor of the first of exec.Cmd's ExtraFiles.
const firstFile = 3

// hand adds a file to those of bubblewrap and returns its number there.
func (p *prepared) hand(f *os.File) string {
	p.files = append(p.files, f)
	return strconv.Itoa(firstFile + len(p.files) - 1)
}

func (p *prepared) handBytes(name string, data []byte) (string, error) {
	f, err := memory(name, data)
	if err != nil {
		return "", api.Errorf(api.Failed, "the sandbox can't be given %s: %w; free some memory", name, err)
	}
	return p.hand(f), nil
}

func (p *prepared) closeFiles() error {
	var all error
	for _, f := range p.files {
		all = errors.Join(all, f.Close())
	}
	p.files = nil
	return all
}

// close may come after any other step, and twice.
func (p *prepared) close() error {
	err := p.closeFiles()
	for _, f := range []**os.File{&p.status, &p.unblock} {
		if *f != nil {
			err = errors.Join(err, (*f).Close())
			*f = nil
		}
	}
	return err
}

// prepare returns something to close also with an error.
func (s *Sandbox) prepare(b *bubblewrap, spec Spec) (*prepared, error) {
	p := &prepared{}
	argv, err := program(spec.Argv)
	if err != nil {
		return p, err
	}
	v, err := s.newView(spec)
	if err != nil {
		return p, err
	}
	dir, err := v.folder(spec.Dir)
	if err != nil {
		return p, err
	}
	p.env = s.environment(v.home, spec.Env)
	p.args = append(walls(spec.Network), b.lock...)
	if err := p.show(v, spec.Limits.FileSize); err != nil {
		return p, err
	}
	for _, f := range spec.Files {
		if err := p.put(f, v); err != nil {
			return p, err
		}
	}
	p.args = append(p.args, "--remount-ro", "/", "--chdir", dir)
	if err := p.wire(); err != nil {
		return p, err
	}
	p.args = append(append(p.args, "--"), argv...)
	return p, nil
}

// show hands the view over in a file: the kernel takes fewer bytes for a command line (execve(2)) than paths may have.
func (p *prepared) show(v *view, space uint64) error {
	args, err := v.arguments(space)
	if err != nil {
		return err
	}
	fd, err := p.handBytes("view", []byte(strings.Join(args, "\x00")+"\x00"))
	p.args = append(p.args, "--args", fd)
	return err
}

// walls are the options that do not depend on what is shown. Bubblewrap sets PR_SET_NO_NEW_PRIVS by itself, so setuid
// programs give nothing (prctl(2)).
func walls(network bool) []string {
	args := []string{
		"--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox",
	}
	if network {
		args = append(args, "--share-net")
	}
	return args
}

// program finds what is to be run.
func program(argv []string) ([]string, error) {
	if len(argv) == 0 || argv[0] == "" {
		return nil, api.Errorf(api.InvalidInput, "there is no command to run; name a program")
	}
	if slices.ContainsFunc(argv, func(a string) bool { return strings.ContainsRune(a, 0) }) {
		return nil, api.Errorf(api.InvalidInput, "the command has a NUL character, which no program can be given; leave it out")
	}
	switch {
	case filepath.IsAbs(argv[0]):
		return argv, nil
	case strings.Contains(argv[0], "/"):
		return nil, api.Errorf(api.InvalidInput, "%q is a relative path; name a program, or give an absolute path", argv[0])
	}
	path, found := lookup(argv[0])
	if !found {
		return nil, api.Errorf(api.NotFound, "there is no program %s in %s; install it", argv[0], Path)
	}
	return append([]string{path}, argv[1:]...), nil
}

// folder is the working folder as the program sees it.
func (v *view) folder(dir string) (string, error) {
	switch {
	case dir == "":
		return v.home, nil
	case dir == "/":
		return dir, nil
	case !filepath.IsAbs(dir):
		return "", api.Errorf(api.InvalidInput, "%q is no absolute path; begin it with / or ~/", dir)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", api.Errorf(api.NotFound, "there is no folder %s; check the path", dir)
	}
	if info, err := os.Stat(real); err != nil || !info.IsDir() {
		return "", api.Errorf(api.InvalidInput, "%s is no folder; name one", dir)
	}
	if v.hides(real) {
		return "", api.Errorf(api.Denied, "%s is hidden from commands; choose another folder", dir)
	}
	if !v.shows(real) {
		return "", api.Errorf(api.InvalidInput, "commands don't see %s; choose a folder in the home folder", dir)
	}
	return real, nil
}

// put adds a file from memory.
func (p *prepared) put(f File, v *view) error {
	if !filepath.IsAbs(f.Dest) || filepath.Clean(f.Dest) != f.Dest || v.shows(f.Dest) {
		return api.Errorf(api.InvalidInput, "the sandbox can't have a file %q; put it below /run/nerva", f.Dest)
	}
	fd, err := p.handBytes(filepath.Base(f.Dest), f.Data)
	if err != nil {
		return err
	}
	p.args = append(p.args, "--perms", fmt.Sprintf("%04o", f.Mode.Perm()&^0o222), "--ro-bind-data", fd, f.Dest)
	return nil
}

// wire adds what bubblewrap and we say to each other, and the filter of system calls.
func (p *prepared) wire() error {
	program, err := filter()
	if err != nil {
		return err
	}
	seccomp, err := p.handBytes("filter", program)
	if err != nil {
		return err
	}
	var said, wait *os.File
	if p.status, said, err = os.Pipe(); err == nil {
		status := p.hand(said)
		wait, p.unblock, err = os.Pipe()
		if err == nil {
			p.args = append(p.args, "--seccomp", seccomp, "--json-status-fd", status, "--block-fd", p.hand(wait))
		}
	}
	if err != nil {
		return api.Errorf(api.Failed, "the sandbox can't be prepared: %w; close some files", err)
	}
	return nil
}
