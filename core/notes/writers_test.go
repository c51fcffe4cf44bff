package notes

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// The promise of the test below, line by line. A line that Append has acknowledged, or that the editor has saved, is in its
// note, whole and once, unless the editor itself wrote over it: it reads a note, adds a line and renames, as editors do, and
// what it takes out of the place it reports. A version of a note that two programs saved over at once lies beside it as
// "NAME (conflict).md". What was not acknowledged is there once or not at all.

func TestMain(m *testing.M) {
	switch dir := os.Getenv("NOTES_TEST_FOLDER"); os.Getenv("NOTES_TEST_WRITER") {
	case "nerva":
		playNerva(dir, os.Getenv("NOTES_TEST_INDEX"), os.Getenv("NOTES_TEST_RUN"), amount())
	case "editor":
		playEditor(dir, amount())
	default:
		os.Exit(m.Run())
	}
}

func amount() int {
	n, err := strconv.Atoi(os.Getenv("NOTES_TEST_AMOUNT"))
	if err != nil {
		panic(err)
	}
	return n
}

func noteName(i int) string { return fmt.Sprintf("note-%03d.md", i) }

// heading is what a note begins with; every fifth one has the line ends of Windows.
func heading(i int) string {
	text := fmt.Sprintf("---\ntitle:   \"Note %d\"\nodd: 'kept'  # as it is\n---\n\n- first [[note-%03d]]\n", i, i+1)
	if i%5 == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

// playNerva appends until it is killed, and says what was done.
func playNerva(dir, index, run string, notes int) {
	ctx := context.Background()
	f := makeFolder(dir, index)
	go func() { _ = f.Run(ctx) }()
	for n := 0; ; n++ {
		name, line := noteName(rand.IntN(notes)), fmt.Sprintf("- nerva %s.%d", run, n)
		switch _, err := f.Append(ctx, name, line); {
		case err == nil:
			fmt.Println("saved", name, line)
		case api.CodeOf(err) != api.Busy:
			fmt.Println("failed", name, err)
			os.Exit(1)
		}
	}
}

// playEditor saves until its input ends: by a rename, and in place.
func playEditor(dir string, notes int) {
	end := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(end)
	}()
	for n := 0; ; n++ {
		select {
		case <-end:
			os.Exit(0)
		default:
		}
		save := saveByRename
		if n%2 == 1 {
			save = saveInPlace
		}
		name, line := noteName(rand.IntN(notes)), fmt.Sprintf("- editor %d", n)
		if err := save(dir, name, line); err != nil {
			fmt.Println("failed", name, err)
			os.Exit(1)
		}
		fmt.Println("saved", name, line)
	}
}

func withLine(text, line string) string {
	if strings.Contains(text, "\r\n") {
		line += "\r"
	}
	return text + line + "\n"
}

// saveByRename exchanges instead of renaming only to see what it takes out of the place.
func saveByRename(dir, name, line string) error {
	path, temporary := filepath.Join(dir, name), filepath.Join(dir, ".#"+name)
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := withLine(string(old), line)
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := unix.Renameat2(unix.AT_FDCWD, temporary, unix.AT_FDCWD, path, unix.RENAME_EXCHANGE); err != nil {
		return err
	}
	out, err := os.ReadFile(temporary)
	for lost := range strings.Lines(string(out)) {
		if lost = strings.TrimSpace(lost); !strings.Contains(text, lost) {
			fmt.Println("over", name, lost)
		}
	}
	return errors.Join(err, os.Remove(temporary))
}

// saveInPlace is what an editor does that keeps a file's inode: for a moment the note is empty.
func saveInPlace(dir, name, line string) error {
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	old, err := io.ReadAll(file)
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.WriteAt([]byte(withLine(string(old), line)), 0)
	}
	var stat unix.Stat_t
	err = errors.Join(err, file.Sync(), unix.Fstat(int(file.Fd()), &stat), file.Close())
	if err == nil && stat.Nlink == 0 {
		return errors.New("the file was taken away while it was written: " + line)
	}
	return err
}

// writer is one of the two processes.
type writer struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	input io.Closer
}

func startWriter(t *testing.T, kind string, run, notes int, dir, index string) *writer {
	t.Helper()
	w := &writer{cmd: exec.Command(os.Args[0])}
	w.cmd.Env = append(os.Environ(), "NOTES_TEST_WRITER="+kind, "NOTES_TEST_FOLDER="+dir, "NOTES_TEST_INDEX="+index, "NOTES_TEST_RUN="+strconv.Itoa(run),
		"NOTES_TEST_AMOUNT="+strconv.Itoa(notes))
	w.cmd.Stderr = os.Stderr
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if w.input, err = w.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	w.lines = bufio.NewScanner(out)
	return w
}

// ledger has the lines that were saved, and those that the editor wrote over, by their notes.
type ledger struct{ saved, over map[string][]string }

func (l *ledger) enter(t *testing.T, report string) {
	t.Helper()
	what, rest, _ := strings.Cut(report, " ")
	name, line, ok := strings.Cut(rest, " ")
	switch {
	case what == "saved" && ok:
		l.saved[name] = append(l.saved[name], line)
	case what == "over" && ok:
		l.over[name] = append(l.over[name], line)
	default:
		t.Errorf("a writer says: %s", report)
	}
}

func TestTwoWritersAndAKillLoseNothing(t *testing.T) {
	for notes, kills := range map[int]int{500: 30, 3: 10} { // 3: at the same note nearly always
		t.Run(fmt.Sprint(notes), func(t *testing.T) { twoWriters(t, notes, kills) })
	}
}

// atMost is how long one test begins new runs: a slow machine sees fewer kills.
const atMost = 4 * time.Second

func twoWriters(t *testing.T, notes, kills int) {
	dir, index := t.TempDir(), filepath.Join(t.TempDir(), "notes.db")
	for i := range notes {
		if err := os.WriteFile(filepath.Join(dir, noteName(i)), []byte(heading(i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	books := []*ledger{{map[string][]string{}, map[string][]string{}}, {map[string][]string{}, map[string][]string{}}}
	editor, ended := startWriter(t, "editor", 0, notes, dir, index), make(chan struct{})
	go func() {
		defer close(ended)
		for editor.lines.Scan() {
			books[1].enter(t, editor.lines.Text())
		}
	}()
	begin, run := time.Now(), 0
	for ; run < kills && time.Since(begin) < atMost; run++ {
		w := startWriter(t, "nerva", run, notes, dir, index)
		// With few notes the editor has nearly always one of them open.
		late := time.AfterFunc(2*time.Second, func() { _ = w.cmd.Process.Kill() })
		for range 1 + rand.IntN(60) {
			if !w.lines.Scan() {
				break
			}
			books[0].enter(t, w.lines.Text())
		}
		<-time.After(time.Duration(rand.IntN(4000)) * time.Microsecond) // any moment of the next ones
		late.Stop()
		_ = w.cmd.Process.Kill()
		for w.lines.Scan() {
			books[0].enter(t, w.lines.Text())
		}
		_ = w.cmd.Wait()
	}
	_ = editor.input.Close()
	<-ended
	if err := editor.cmd.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("%d kills", run)
	f := openFolder(t, dir, index)
	f.tidy(t.Context())
	checkNotes(t, dir, notes, books)
	rescanned(t, f, dir)
}

// checkNotes holds the promise.
func checkNotes(t *testing.T, dir string, notes int, books []*ledger) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	copies := map[string]string{} // what lies beside a note
	for _, e := range entries {
		stem, _, isCopy := strings.Cut(e.Name(), " (conflict")
		switch {
		case isCopy:
			copies[stem+".md"] += read(t, filepath.Join(dir, e.Name()))
		case strings.HasPrefix(e.Name(), "."):
			t.Errorf("%s is left", e.Name())
		}
	}
	var saved, over int
	for i := range notes {
		name := noteName(i)
		text := read(t, filepath.Join(dir, name))
		whole(t, name, text, heading(i))
		for _, b := range books {
			saved += len(b.saved[name])
			for _, line := range b.saved[name] {
				if contains(text, line) || contains(copies[name], line) {
					continue
				}
				if over++; !slices.Contains(books[1].over[name], line) {
					t.Errorf("%s has lost %q", name, line)
				}
			}
		}
	}
	t.Logf("%d lines saved, %d of them written over by the editor, %d copies of conflicts", saved, over, len(copies))
	for i, b := range books {
		if len(b.saved) < 3 {
			t.Errorf("writer %d came to %d notes only", i, len(b.saved))
		}
	}
}

func contains(text, line string) bool {
	return strings.Contains(text, "\n"+line+"\n") || strings.Contains(text, "\n"+line+"\r\n")
}

// whole holds that a note begins as it began, and that each line behind that is a writer's, whole and there once.
func whole(t *testing.T, name, text, begin string) {
	t.Helper()
	rest, ok := strings.CutPrefix(text, begin)
	if !ok {
		t.Errorf("%s begins %.200q", name, text)
		return
	}
	end := "\n"
	if strings.Contains(begin, "\r\n") {
		end = "\r\n"
	}
	seen := map[string]bool{}
	for line := range strings.Lines(rest) {
		bare, ended := strings.CutSuffix(line, end)
		var who, number string
		n, _ := fmt.Sscanf(bare, "- %s %s", &who, &number)
		if !ended || n != 2 || bare != "- "+who+" "+number || who != "nerva" && who != "editor" || seen[bare] {
			t.Errorf("%s has the line %q, there before: %t", name, line, seen[bare])
		}
		seen[bare] = true
	}
}
