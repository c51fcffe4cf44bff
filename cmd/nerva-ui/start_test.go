package main

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"nerva/core/bus/bustest"
	"nerva/core/bus/overlay/socket"
)

// build returns nerva-ui as the Makefile builds it, with the linker's flags.
func build(t *testing.T, flags string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nerva-ui")
	c := exec.Command("go", "build", "-ldflags", flags, "-o", file, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return file
}

// listen is an overlay as far as nerva-ui sees one. It answers each line with answer and sends it on.
func listen(t *testing.T, answer string) <-chan string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(socket.Path()), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket.Path())
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 2) // one that is too many has room
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(c).ReadString('\n')
			lines <- line
			_, _ = c.Write([]byte(answer))
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return lines
}

// atLength makes the runtime directory one whose socket's path has n bytes.
func atLength(t *testing.T, n int) {
	t.Helper()
	base := os.Getenv("XDG_RUNTIME_DIR") + "/"
	dir := base + strings.Repeat("d", n-len(base)-len("/nerva/overlay.sock"))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", dir)
}

// TestBothEntriesDoTheSame runs every case by the Go runtime's entry and by start.
func TestBothEntriesDoTheSame(t *testing.T) {
	const slow = "nerva toggle" // the command line that it becomes, which here prints its name and arguments
	const longest = socket.MaxLine - len("Toggle \n")
	long := strings.Repeat("t", longest)
	cases := []struct {
		name   string
		env    []string
		args   []string
		listen bool
		answer string // of the overlay
		line   string // that the overlay gets
		code   int
		says   string
		length int // of the socket's path
	}{
		{name: "no token", listen: true, answer: "\n", line: "Toggle \n"},
		{name: "a token", env: []string{"XDG_ACTIVATION_TOKEN=T1"}, listen: true, answer: "\n", line: "Toggle T1\n"},
		{
			name: "variables with nearly the name", listen: true, answer: "\n", line: "Toggle T1\n",
			env: []string{
				"XDG_ACTIVATION_TOKENS=no", "XDG_ACTIVATION=no", "X=", "XDG_ACTIVATION_TOKEN=T1", "XDG_RUNTIME_DIRS=/no",
			},
		},
		{name: "the longest token", env: []string{"XDG_ACTIVATION_TOKEN=" + long}, listen: true, answer: "\n", line: "Toggle " + long + "\n"},
		{name: "a token that is too long", env: []string{"XDG_ACTIVATION_TOKEN=" + long + "t"}, listen: true, code: 7, says: slow},
		{name: "the longest path", length: 107, listen: true, answer: "\n", line: "Toggle \n"},
		{name: "a path that is too long", length: 108, code: 7, says: slow},
		{name: "nobody listens", code: 7, says: slow},
		{name: "an empty runtime directory", env: []string{"XDG_RUNTIME_DIR="}, listen: true, code: 7, says: slow},
		{name: "no answer", listen: true, line: "Toggle \n", code: 1, says: "the overlay did not answer"},
		{name: "an argument", args: []string{"show"}, listen: true, answer: "\n", line: "Show \n"},
		{name: "a wrong argument", args: []string{"open"}, code: 2, says: `there is no "open"`},
	}
	entries := map[string]string{"the runtime's entry": ""}
	if runtime.GOARCH == "amd64" {
		entries["start"] = "-E start"
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for entry, flags := range entries {
		file := build(t, flags)
		if err := os.Symlink(self, filepath.Join(filepath.Dir(file), "nerva")); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			t.Run(entry+"/"+c.name, func(t *testing.T) {
				bustest.RuntimeDir(t)
				if c.length > 0 {
					atLength(t, c.length)
				}
				var lines <-chan string
				if c.listen {
					lines = listen(t, c.answer)
				}
				cmd := exec.Command(file, c.args...)
				cmd.Env = append([]string{"XDG_RUNTIME_DIR=" + os.Getenv("XDG_RUNTIME_DIR")}, c.env...) // the last counts
				out, _ := cmd.CombinedOutput()
				if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(out), c.says) {
					t.Errorf("exit %d, %q; want %d, %q", code, out, c.code, c.says)
				}
				line := ""
				select {
				case line = <-lines:
				default:
				}
				if line != c.line {
					t.Errorf("the overlay got %q, want %q", line, c.line)
				}
				if len(lines) > 0 {
					t.Errorf("the overlay got %q as well", <-lines)
				}
			})
		}
	}
}

// TestStartComesBeforeTheRuntime tells the two by their page faults: about 5 and about 190.
func TestStartComesBeforeTheRuntime(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("start is written for amd64 only; elsewhere nerva-ui has the Go runtime's entry")
	}
	bustest.RuntimeDir(t)
	lines := listen(t, "\n")
	faults := func(flags string) int64 {
		c := exec.Command(build(t, flags))
		if err := c.Run(); err != nil {
			t.Fatal(err)
		}
		<-lines
		return c.ProcessState.SysUsage().(*syscall.Rusage).Minflt
	}
	if start, runtime := faults("-E start"), faults(""); start*4 > runtime {
		t.Errorf("%d page faults by start, %d by the runtime's entry", start, runtime)
	}
}
