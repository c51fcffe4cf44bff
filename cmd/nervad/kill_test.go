package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"nerva/core/api"
	"nerva/core/bus"
	"nerva/core/bus/bustest"
)

const (
	kills   = 200
	seed    = 4  // of the number of answers after which a daemon is killed
	answers = 8  // at most
	streams = 3  // calls at a time: the kill comes at one's answer and anywhere in the others
	verify  = 20 // daemons until the whole chain is verified again: it grows with each
)

// TestKilledAtAnyMomentTheRecordHolds kills nervad, while it runs audited calls, with SIGKILL, again and again, and
// holds after each kill: a call that was answered is on record with its outcome; what took effect is on record; nothing
// took effect twice or later; and what had begun and has no end is reported as unknown.
//
// SIGKILL ends a process and not the machine: what it wrote is in the kernel and comes to the disk. That records
// outlive a power cut as well is SQLite's to keep, with the mode that core/store's TestACommitIsDurable holds.
func TestKilledAtAnyMomentTheRecordHolds(t *testing.T) {
	v := newVictim(t)
	random := rand.New(rand.NewPCG(seed, 0))
	v.start()
	for v.round = range kills {
		v.stream(random.IntN(answers))
		v.snapshot()
		v.start()
		v.check()
		if v.round%verify == 0 || v.round == kills-1 {
			v.verify()
		}
	}
	v.kill()
	if again := v.notes(); len(again) != len(v.effects) {
		t.Errorf("%d notes, and %d when their daemons died: something was run again", len(again), len(v.effects))
	}
	t.Logf("seed %d, %d kills: %d calls answered; %d unknown, of which %d had taken effect", seed, kills, v.answered, v.unknown, v.done)
	if v.unknown == 0 || v.done == 0 || v.done == v.unknown {
		t.Error("no kill came between a call's record and its effect, or none between its effect and its end: this test has tested little")
	}
}

// victim is the daemon under test, and what was seen of all of its lives.
type victim struct {
	*testing.T
	program  string
	client   *bus.Client
	presence <-chan bool
	folder   string // of the notes
	cmd      *exec.Cmd
	round    int

	acked   map[string]bool   // tokens of calls that were answered in this round
	effects map[string]string // token → file, of all rounds
	seq     uint64            // of the last record before this round

	answered, unknown, done int
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	b := bustest.Start(t)
	bustest.RuntimeDir(t)
	program := build(t)
	dir := t.TempDir()
	for name, value := range map[string]string{
		"DBUS_SESSION_BUS_ADDRESS": b.Address, "HOME": dir, "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_CACHE_HOME": "",
		"XDG_DATA_HOME": "", "XDG_DATA_DIRS": dir, "WAYLAND_DISPLAY": "", "SWAYSOCK": "", "HYPRLAND_INSTANCE_SIGNATURE": "",
		"NOTIFY_SOCKET": "", "OPENAI_API_KEY": "", "CREDENTIALS_DIRECTORY": "",
	} {
		t.Setenv(name, value)
	}
	v := &victim{T: t, program: program, folder: filepath.Join(dir, "Documents", "notes"), effects: map[string]string{}}
	v.must(os.MkdirAll(filepath.Join(dir, ".config", "nerva"), 0o700))
	v.must(os.WriteFile(filepath.Join(dir, ".config", "nerva", "config.toml"), []byte("[llm]\nprovider = \"offline\"\n"), 0o600))
	var err error
	v.client, err = bus.Dial(t.Context(), bus.DialOptions{NoAutoStart: true})
	v.must(err)
	t.Cleanup(func() { _ = v.client.Close() })
	v.presence, err = v.client.Presence(t.Context())
	v.must(err)
	return v
}

// build makes the program as the Makefile does, so that its packages are compiled already: with the race detector,
// which this test may run under, 200 starts would take minutes.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "nervad")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

func (v *victim) must(err error) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
}

// start starts a daemon and waits until it has the name; what is asked then waits for it to be ready.
func (v *victim) start() {
	v.Helper()
	var said strings.Builder
	v.cmd = exec.CommandContext(v.Context(), v.program)
	v.cmd.Stderr = &said
	v.must(v.cmd.Start())
	exited := make(chan error, 1)
	cmd := v.cmd
	go func() { exited <- cmd.Wait() }()
	for {
		select {
		case there := <-v.presence:
			if there {
				return
			}
		case err := <-exited:
			v.Fatalf("nervad ended by itself: %v\n%s", err, said.String())
		}
	}
}

// kill returns when the bus knows, too.
func (v *victim) kill() {
	v.must(v.cmd.Process.Kill())
	for there := range v.presence {
		if !there {
			return
		}
	}
}

// stream makes calls until so many were answered, and then kills the daemon under the others.
func (v *victim) stream(count int) {
	var dying atomic.Bool
	answered := make(chan string)
	var calling sync.WaitGroup
	for s := range streams {
		calling.Go(func() {
			for n := 0; ; n++ {
				token := fmt.Sprintf("r%ds%dn%d", v.round, s, n)
				input := json.RawMessage(`{"text":"` + token + `"}`)
				if _, err := v.client.Execute(v.Context(), "add_note", input, api.AskOptions{}); err != nil {
					if !dying.Load() {
						v.Errorf("%s failed before the kill: %v", token, err)
					}
					return
				}
				answered <- token
			}
		})
	}
	go func() { calling.Wait(); close(answered) }()
	v.acked = map[string]bool{}
	for ; count > 0; count-- {
		v.acked[<-answered] = true
	}
	dying.Store(true)
	v.kill()
	for token := range answered {
		v.acked[token] = true // its answer was on its way
	}
	v.answered += len(v.acked)
}

var tokenIn = regexp.MustCompile(`r\d+s\d+n\d+`)

// notes finds the effects: a note has its token in its name, which is taken before it is written.
func (v *victim) notes() map[string]string {
	v.Helper()
	files, err := os.ReadDir(v.folder)
	if !os.IsNotExist(err) {
		v.must(err)
	}
	found := map[string]string{}
	for _, f := range files {
		token := tokenIn.FindString(f.Name())
		switch {
		case strings.HasPrefix(f.Name(), "."): // half of a note whose name is taken
		case token == "" || found[token] != "":
			v.Errorf("round %d: %s is no note of this test's, or one call's second", v.round, f.Name())
		default:
			found[token] = f.Name()
		}
	}
	return found
}

// snapshot looks at what has taken effect by the time the daemon is dead.
func (v *victim) snapshot() {
	v.Helper()
	now := v.notes()
	for token := range now {
		if v.effects[token] == "" && !strings.HasPrefix(token, fmt.Sprintf("r%ds", v.round)) {
			v.Errorf("round %d: %s took effect after its daemon's death", v.round, token)
		}
	}
	v.effects = now
}

// check compares a round with what the next daemon has on record of it.
func (v *victim) check() {
	v.Helper()
	records, err := v.client.Log(v.Context(), api.LogFilter{After: v.seq})
	v.must(err)
	known := map[string]bool{}
	for _, r := range records {
		v.seq = r.Seq
		token := tokenIn.FindString(string(r.Input))
		effect := v.effects[token] != ""
		switch {
		case token == "" || known[token]:
			v.Errorf("round %d: a record too many: %+v", v.round, r)
		case r.Outcome == "ok" && !effect:
			v.Errorf("round %d: %s is on record as done and has no effect", v.round, token)
		case r.Outcome == "unknown" && !v.acked[token]:
			v.unknown++
			if effect {
				v.done++
			}
		case r.Outcome != "ok":
			v.Errorf("round %d: %s was answered: %t, and its outcome is %q", v.round, token, v.acked[token], r.Outcome)
		}
		known[token] = true
	}
	for token := range v.acked {
		if !known[token] {
			v.Errorf("round %d: %s was answered and is not on record", v.round, token)
		}
	}
	for token := range v.effects {
		if strings.HasPrefix(token, fmt.Sprintf("r%ds", v.round)) && !known[token] {
			v.Errorf("round %d: %s took effect and is not on record", v.round, token)
		}
	}
}

func (v *victim) verify() {
	v.Helper()
	if _, err := v.client.VerifyLog(v.Context()); err != nil {
		v.Errorf("round %d: %v", v.round, err)
	}
}
