package hostile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// nervas are the files below the home folder that are nerva's to write.
var nervas = []string{
	".local/state/nerva/nerva.db*", ".local/state/nerva/config.last-good.toml", ".local/state/nerva/*.tmp",
}

// files gives each file below the home folder, by its path, with what makes it another one.
func (w *world) files() map[string]string {
	w.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(w.home, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(w.home, path) // it lies below
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // a temporary one of nerva's
		case err != nil:
			return err
		case rel == ".cache/nerva":
			return fs.SkipDir
		case d.IsDir() || slices.ContainsFunc(nervas, func(p string) bool { ok, _ := filepath.Match(p, rel); return ok }):
			return nil
		}
		all[path] = describe(path, d)
		return nil
	})
	must(w.T, err)
	return all
}

// toward begins what describe says of a symbolic link.
const toward = "-> "

func describe(path string, d fs.DirEntry) string {
	if d.Type()&fs.ModeSymlink != 0 {
		target, _ := os.Readlink(path) // gone is another one, too
		return toward + target
	}
	if !d.Type().IsRegular() {
		return d.Type().String()
	}
	text, _ := os.ReadFile(path)
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// difference says of each path whether it is new, changed or gone.
func difference(before, after map[string]string) map[string]string {
	all := map[string]string{}
	for path, what := range after {
		switch was, there := before[path]; {
		case !there:
			all[path] = "new"
		case was != what:
			all[path] = "changed"
		}
	}
	for path := range before {
		if _, there := after[path]; !there {
			all[path] = "gone"
		}
	}
	return all
}

// read gives a file's text, empty where there is none.
func (w *world) read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.Log(err)
	}
	return string(text)
}

// processes are those that were started in the case's home folder, but nervad.
func (w *world) processes() map[int]string {
	found := map[int]string{}
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == w.nervad.PID || pid == os.Getpid() {
			continue
		}
		env, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err == nil && slices.Contains(strings.Split(string(env), "\x00"), "HOME="+w.home) {
			line, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
			found[pid] = strings.ReplaceAll(string(line), "\x00", " ")
		}
	}
	return found
}

// children are the processes that a process has started and that are not over.
func children(pid int) []string {
	var all []string
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread that has ended has none
		all = append(all, strings.Fields(string(text))...)
	}
	return all
}
