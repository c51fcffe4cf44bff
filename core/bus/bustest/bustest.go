// Package bustest starts private message buses for tests. The test that starts one owns it: it ends with
// the test. It knows nothing of nerva's interfaces.
package bustest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const configuration = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
 <type>session</type>
 <listen>unix:dir=DIR</listen>
 <auth>EXTERNAL</auth>
 <servicedir>DIR/services</servicedir>
 <policy context="default">
  <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
 </policy>
</busconfig>
`

// Bus is a running message bus.
type Bus struct {
	Address string
	// Services is the folder whose D-Bus service files the bus reads when a name is wanted.
	Services string
	// Stop ends the bus before the test ends. It may be called from any goroutine.
	Stop func()
}

// Start starts a dbus-daemon and skips the test where there is none.
func Start(t testing.TB) Bus {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("dbus-daemon is not installed; install the package dbus-daemon (or dbus) to run this test")
	}
	dir, err := os.MkdirTemp("", "bus") // a socket's path has at most 107 bytes, which t.TempDir may exceed
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	b := Bus{Services: filepath.Join(dir, "services")}
	file := filepath.Join(dir, "session.conf")
	if err := os.Mkdir(b.Services, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(configuration, "DIR", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--config-file="+file, "--nofork", "--nopidfile", "--print-address=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b.Stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // "signal: killed"
	})
	t.Cleanup(b.Stop)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon gave no address: %v", err)
	}
	b.Address = strings.TrimSpace(line)
	return b
}

// RuntimeDir makes a $XDG_RUNTIME_DIR for the test; a socket's path has at most 107 bytes, which t.TempDir
// may exceed.
func RuntimeDir(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
}
