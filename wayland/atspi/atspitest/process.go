package atspitest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

const (
	asApp = "ATSPITEST_APP" // an Object as JSON, for the process that is to be an application
	owns  = "ATSPITEST_OWNS"
)

// Main is for a TestMain: in a process that Start has started it is the application, and does not return.
func Main() {
	if os.Getenv(asApp) == "" {
		return
	}
	if err := run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run() error {
	var root Object
	if err := json.Unmarshal([]byte(os.Getenv(asApp)), &root); err != nil {
		return err
	}
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	if err := Serve(conn, root, func(name string) { fmt.Println(name) }); err != nil {
		return err
	}
	if name := os.Getenv(owns); name != "" {
		if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
			return err
		}
	}
	fmt.Println(conn.Names()[0])
	_, err = io.Copy(io.Discard, os.Stdin) // until the test has ended
	return err
}

// App is an application in a process of its own.
type App struct {
	Bus string // its unique name
	PID int
	out *bufio.Reader
}

// Start starts an application: program is a test's whose TestMain calls Main, name a name for it to own, or empty.
func Start(t testing.TB, program, name string, root Object) *App {
	t.Helper()
	tree, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), asApp+"="+string(tree), owns+"="+name)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	a := &App{PID: cmd.Process.Pid, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	if a.Bus = a.Line(t); !strings.HasPrefix(a.Bus, ":") {
		t.Fatalf("the application says %q", a.Bus)
	}
	return a
}

// Line waits for the next line it prints: the name of what was pressed.
func (a *App) Line(t testing.TB) string {
	t.Helper()
	line, err := a.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the application has ended after %q: %v", line, err)
	}
	return strings.TrimSpace(line)
}
