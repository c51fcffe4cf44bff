package peer

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"nerva/core/bus/bustest"
	"nerva/core/bus/sessionbus"
)

// asPeer makes the test's program a peer: "stay" lives as long as its standard input, "leave" hands its connection
// on and ends.
const asPeer = "NERVA_TEST_PEER"

func TestMain(m *testing.M) {
	if how := os.Getenv(asPeer); how != "" {
		os.Exit(bePeer(how))
	}
	os.Exit(m.Run())
}

// bePeer says its name on the bus.
func bePeer(how string) int {
	path := strings.TrimPrefix(strings.Split(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), ",")[0], "unix:path=")
	raw, err := net.Dial("unix", path)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	conn, err := dbus.NewConn(raw)
	if err == nil {
		err = conn.Auth(nil)
	}
	if err == nil {
		err = conn.Hello()
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	if how == "leave" {
		socket, err := raw.(*net.UnixConn).File()
		if err != nil {
			fmt.Println(err)
			return 1
		}
		heir := exec.Command("cat")
		heir.Stdin, heir.ExtraFiles = os.Stdin, []*os.File{socket}
		if err := heir.Start(); err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println(conn.Names()[0])
		return 0
	}
	fmt.Println(conn.Names()[0])
	_, _ = os.Stdin.Read(make([]byte, 1))
	return 0
}

// start gives a peer's name on the bus.
func start(t *testing.T, bus bustest.Bus, how string, cmd *exec.Cmd) (name string) {
	t.Helper()
	_, out := bus.Talk(t, cmd, asPeer+"="+how)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, ":") {
		t.Fatalf("the peer says %q, %v", line, err)
	}
	return strings.TrimSpace(line)
}

func connect(t *testing.T) (bustest.Bus, *dbus.Conn, string) {
	t.Helper()
	bus := bustest.Start(t)
	conn, err := sessionbus.Connect(t.Context(), bus.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return bus, conn, self
}

func TestALivingProcessIsKnownByPIDAndProgram(t *testing.T) {
	bus, conn, self := connect(t)
	cmd := exec.Command(self)
	name := start(t, bus, "stay", cmd)
	got, err := Look(t.Context(), conn, name)
	want := Peer{PID: uint32(cmd.Process.Pid), Program: "peer.test"}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestAFlatpakIsSandboxed(t *testing.T) {
	bus, conn, self := connect(t)
	for flatpak, want := range map[bool]bool{true: true, false: false} {
		name := start(t, bus, "stay", bustest.Sandboxed(t, flatpak, self))
		if got, err := Look(t.Context(), conn, name); err != nil || got.Sandboxed != want {
			t.Errorf("flatpak-info %v: %+v, %v", flatpak, got, err)
		}
	}
}

// TestAProcessThatHasEndedIsSandboxed: another process holds its connection; who the number belongs to by now, or
// whether it will be somebody's, must not matter.
func TestAProcessThatHasEndedIsSandboxed(t *testing.T) {
	bus, conn, self := connect(t)
	cmd := exec.Command(self)
	name := start(t, bus, "leave", cmd)
	for _, waited := range []bool{false, true} {
		if waited {
			_ = cmd.Wait()
		} else {
			waitForZombie(t, cmd.Process.Pid)
		}
		got, err := Look(t.Context(), conn, name)
		if err == nil || !got.Sandboxed {
			t.Errorf("waited for %v: %+v, %v", waited, got, err)
		}
	}
}

func waitForZombie(t *testing.T, pid int) {
	t.Helper()
	for t.Context().Err() == nil {
		stat, err := os.ReadFile(proc(uint32(pid), "stat"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(stat), ") Z ") {
			return
		}
	}
}

func TestWhatWasReadOfAProcessThatHasEndedDoesNotCount(t *testing.T) {
	self := &process{pid: uint32(os.Getpid()), same: func() bool { return false }}
	if got, err := self.look(""); err == nil || !got.Sandboxed {
		t.Errorf("%+v, %v", got, err)
	}
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	known, err := byPIDFD(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer known.close()
	numbered, err := byPID(uint32(cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if !known.same() || !numbered.same() {
		t.Error("it has not ended yet")
	}
	_ = in.Close()
	waitForZombie(t, cmd.Process.Pid)
	if known.same() {
		t.Error("a process that nobody has waited for counts as alive")
	}
	_ = cmd.Wait()
	if known.same() || numbered.same() {
		t.Error("a process that is gone counts as alive")
	}
}

func TestANameThatIsNoPeersIsSandboxed(t *testing.T) {
	_, conn, _ := connect(t)
	if got, err := Look(t.Context(), conn, ":1.4711"); err == nil || !got.Sandboxed {
		t.Errorf("%+v, %v", got, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := Look(ended, conn, conn.Names()[0]); err == nil || !got.Sandboxed {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestDescriptorsAreClosed(t *testing.T) {
	_, conn, _ := connect(t)
	count := func() int {
		open, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(open)
	}
	How(t.Context(), conn)
	before := count()
	for range 50 {
		How(t.Context(), conn)
		if _, err := Look(t.Context(), conn, conn.Names()[0]); err != nil {
			t.Fatal(err)
		}
	}
	if after := count(); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestHowPeersAreKnownFollowsTheBus(t *testing.T) {
	_, conn, _ := connect(t)
	out, err := exec.Command("dbus-daemon", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	var major, minor, patch int
	if _, err := fmt.Sscanf(string(out), "D-Bus Message Bus Daemon %d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatal(err)
	}
	want := ByPID
	if major > 1 || minor > 15 || minor == 15 && patch >= 8 {
		want = ByPIDFD
	}
	if got := How(t.Context(), conn); got != want {
		t.Errorf("%d.%d.%d: %s, want %s", major, minor, patch, got, want)
	}
}

func TestSnapsAreKnown(t *testing.T) {
	for _, c := range []struct {
		rule, label, exe, groups string
		want                     bool
	}{
		{"the label", "snap.foo.bar\x00", "/usr/bin/x", "", true},
		{"the label of a classic snap", "snap.code.code (complain)\x00", "/usr/bin/x", "", true},
		{"the place of the program", "", "/snap/foo/42/bin/foo", "", true},
		{"the place where others mount snaps", "", "/var/lib/snapd/snap/foo/42/bin/foo", "", true},
		{"the control group", "", "/usr/bin/python3", "0::/user.slice/user@1000.service/app.slice/snap.foo.foo-1b2c.scope\n", true},
		{"a service of a snap", "", "/usr/bin/x", "1:name=systemd:/user.slice/snap.foo.daemon.service\n", true},
		{"unconfined", "unconfined", "/usr/bin/snap", "0::/user.slice/session.slice/app.slice/foot.scope\n", false},
		{"a folder with that name", "", "/home/x/snap/foo", "0::/user.slice/snap.d/x.scope\n", false},
	} {
		if got := isSnap(c.label, c.exe, c.groups); got != c.want {
			t.Errorf("%s: %v", c.rule, got)
		}
	}
}

func TestARootThatCannotBeEnteredIsAnError(t *testing.T) {
	if _, err := hasFlatpakInfo("/nowhere"); err == nil {
		t.Error("no root counts as one without the file")
	}
	dir := t.TempDir()
	if err := os.Symlink("/nowhere", dir+"/.flatpak-info"); err != nil {
		t.Fatal(err)
	}
	if has, err := hasFlatpakInfo(dir); err != nil || !has {
		t.Errorf("a link that leads nowhere: %v, %v", has, err)
	}
}

func TestAProgramsNameDoesNotMoveTheStartTime(t *testing.T) {
	rest := " S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 99"
	for _, name := range []string{"x", "a b", ") R 1", "((", "x) S 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22"} {
		if got, err := startOf([]byte("7 (" + name + ")" + rest)); err != nil || got != "4711" {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, stat := range []string{"", "7 (x", "7 (x) S"} {
		if got, err := startOf([]byte(stat)); err == nil {
			t.Errorf("%q: %q", stat, got)
		}
	}
}
