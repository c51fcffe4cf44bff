// Package sandbox runs one program under bubblewrap, where it sees a read-only system and home without secrets, no
// socket of the session, and no network unless that is granted; and it ends everything that the program has started.
//
// A Sandbox owns which bubblewrap works here, in an atomic pointer, and each Run all that it starts; any goroutine may
// call it. What is to be hidden is handed in, and asked for before each run. The package must not know skills,
// policy or which commands are allowed: this is the wall, the fence before it is core/commands.
package sandbox

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// Path is where a program that is named without a slash is looked for, NixOS's folder first: folders that only root
// can write to. The user's PATH and the working folder are never looked at.
const Path = "/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/bin"

// Options go with New.
type Options struct {
	// Home is the user's home folder, which every program sees read-only.
	Home string
	// Hidden lists what no program may see, as absolute paths; called before each run, so that a folder that appears
	// later is hidden from the next. What does not exist may be in it, and a last name may have the * of
	// path/filepath.Match: it is hidden when it appears, and no Write folder can lie around it.
	Hidden func() []string
	// Runtime is $XDG_RUNTIME_DIR, which is hidden wherever it lies; it may be empty.
	Runtime string
	// Environ is the environment of the session. Only LANG, LC_* and TZ are taken from it.
	Environ []string
}

// Sandbox runs programs.
type Sandbox struct {
	o     Options
	works atomic.Pointer[bubblewrap]
}

// New makes a Sandbox; it starts nothing and looks at nothing yet.
func New(o Options) *Sandbox { return &Sandbox{o: o} }

// Spec is one program to run.
type Spec struct {
	// Argv has the program first: an absolute path, or a name that is looked up in Path.
	Argv []string
	// Dir is the working folder, absolute; empty means the home folder.
	Dir string
	// Env is added to the clean environment ("KEY=value").
	Env   []string
	Stdin []byte
	// Network lets it use the network of this computer, and with it whatever listens on the loopback interface.
	Network bool
	// Read and Write are files and folders that it sees in addition, and that it may change. The masks win over both.
	Read, Write []string
	// Files are put in from memory, so that what was checked is what runs.
	Files  []File
	Limits Limits
}

// File is a file that exists only inside, read-only.
type File struct {
	Dest string // absolute, in a folder that nothing of the computer's is shown in, such as /run/nerva
	Data []byte
	Mode fs.FileMode // permission bits
}

// Limits bound a run. A zero is the value of DefaultLimits. CPU, Memory and FileSize hold for each process by itself,
// as rlimits do (setrlimit(2)): all together may take Processes times as much.
type Limits struct {
	Time   time.Duration // by the clock, from start to end
	CPU    time.Duration // whole seconds
	Memory uint64        // bytes of address space
	// Output is how many bytes of each of the two streams are kept. At the first byte more the program is ended, as
	// `head` ends what writes to it: nobody would read the rest, and what prints without end would go on until Time.
	Output    int
	Processes uint64 // threads among them; the kernel does not hold root to it
	FileSize  uint64 // bytes of a file that is written, and of /tmp and /dev/shm each
}

// DefaultLimits are enough for a command that a person would wait for.
var DefaultLimits = Limits{
	Time: 20 * time.Second, CPU: 15 * time.Second, Memory: 2 << 30, Output: 1 << 20, Processes: 128, FileSize: 64 << 20,
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits
	return Limits{
		Time: cmp.Or(l.Time, d.Time), CPU: cmp.Or(l.CPU, d.CPU), Memory: cmp.Or(l.Memory, d.Memory),
		Output: cmp.Or(l.Output, d.Output), Processes: cmp.Or(l.Processes, d.Processes), FileSize: cmp.Or(l.FileSize, d.FileSize),
	}
}

// Limit names a limit that ended a program. Memory and Processes end none: the program is refused more of them, and
// what it then does is its own.
type Limit string

// The limits that end a program.
const (
	Time     Limit = "time"
	CPU      Limit = "cpu"
	Output   Limit = "output"
	FileSize Limit = "file size"
)

// Result is what became of a program that ran.
type Result struct {
	Stdout, Stderr []byte
	// Exit is the exit status; 128 and the signal's number where a signal ended it, and -1 where it was stopped by Time
	// or Output.
	Exit int
	// Truncated says that there was more output than is kept.
	Truncated bool
	// Ended is the limit that ended the program; empty where it ended by itself.
	Ended Limit
}

// environment is the whole of what a program inherits. Bubblewrap itself gets no other, instead of --clearenv:
// it stays as process 1, and its /proc/1/environ would show inside what it was started with.
func (s *Sandbox) environment(home string, more []string) []string {
	env := []string{"PATH=" + Path, "HOME=" + home, "TERM=dumb"}
	for _, e := range s.o.Environ {
		name, _, _ := strings.Cut(e, "=")
		if name == "LANG" || name == "TZ" || strings.HasPrefix(name, "LC_") {
			env = append(env, e)
		}
	}
	return append(env, more...)
}

// lookup finds a name in Path. Its folders are seen inside as they are outside.
func lookup(name string) (string, bool) {
	for _, dir := range filepath.SplitList(Path) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, true
		}
	}
	return "", false
}
