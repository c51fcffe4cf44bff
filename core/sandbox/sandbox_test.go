package sandbox_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"nerva/core/sandbox"
)

const secret = "canary-7f3a"

// world is a home with secrets, a session with sockets, and a sandbox for it.
type world struct {
	*sandbox.Sandbox
	home, runtime string
	hidden        []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	root := t.TempDir()
	w := &world{home: filepath.Join(root, "home"), runtime: filepath.Join(root, "home", "runtime")}
	for _, dir := range []string{".ssh", "bin", "work/sub", "real-gnupg", "grant/inner/deep", "runtime", "held"} {
		if err := os.MkdirAll(filepath.Join(w.home, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w.hidden = []string{w.path(".ssh"), w.path(".gnupg"), w.path("token"), w.path("none/at/all")}
	w.write(t, ".ssh/id", secret)
	w.write(t, "real-gnupg/key", secret)
	w.write(t, "token", secret)
	w.write(t, "note", "plain")
	w.write(t, "runtime/state", secret)
	w.write(t, "../outside", secret)
	w.link(t, ".ssh/id", "link")
	w.link(t, "real-gnupg", ".gnupg")
	w.Sandbox = sandbox.New(sandbox.Options{
		Home: w.home, Runtime: w.runtime, Hidden: func() []string { return w.hidden },
		Environ: []string{"LANG=C.UTF-8", "LC_TIME=C", "TZ=UTC", "LD_PRELOAD=/x.so", "GIT_DIR=/x", "API_TOKEN=" + secret},
	})
	if out, err := exec.Command("bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "true").CombinedOutput(); err != nil {
		t.Skipf("no bubblewrap works here: %v: %s", err, out)
	}
	if err := w.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.home, name) }

func (w *world) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(w.path(name), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (w *world) link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, w.path(name)); err != nil {
		t.Fatal(err)
	}
}

func (w *world) run(t *testing.T, s sandbox.Spec) sandbox.Result {
	t.Helper()
	for _, program := range s.Argv[:1] {
		if _, err := exec.LookPath(program); err != nil && !strings.HasPrefix(program, "/run/") {
			t.Skipf("%s is not installed here", program)
		}
	}
	r, err := w.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sh(script string, args ...string) []string {
	return append([]string{"sh", "-c", script, "sh"}, args...)
}

// TestWalls: each row tries one thing from inside. Its script prints "held" where a wall has held it back.
func TestWalls(t *testing.T) {
	for _, c := range []struct {
		name, script string
		change       func(*sandbox.Spec, *world)
	}{
		{"a hidden folder is empty", `test -z "$(ls -A ~/.ssh)" && ! cat ~/.ssh/id && echo held`, nil},
		{"a link into a hidden folder leads nowhere", `! cat ~/link && echo held`, nil},
		{"a hidden link hides what it leads to", `! cat ~/.gnupg/key ~/real-gnupg/key && echo held`, nil},
		{"a hidden file can't be opened", `! cat ~/token && echo held`, nil},
		{"a mask can't be written to", `! chmod 755 ~/.ssh && ! echo x > ~/.ssh/authorized_keys && echo held`, nil},
		{"the runtime folder is empty, wherever it lies", `test -z "$(ls -A ~/runtime)" && echo held`, nil},
		{"the rest of the home can be read", `test "$(cat ~/note)" = plain && echo held`, nil},
		{"the home can't be written to", `! echo x > ~/.bashrc; ! mkdir ~/.config && ! test -e ~/.bashrc && echo held`, nil},
		{"a link in a writable folder leads to the mask", `ln -s ~/.ssh/id ~/work/l && ! cat ~/work/l && echo held`, writable("work")},
		{"a writable folder can be written to", `echo x > ~/work/sub/new && test -s ~/work/sub/new && echo held`, writable("work")},
		{"a mask in a writable folder wins", `test -z "$(ls -A ~/grant/inner/deep)" && ! echo x > ~/grant/inner/deep/y && echo held`, masked("grant", "grant/inner/deep")},
		{"the way to a mask can't be moved", `! mv ~/grant/inner ~/grant/other && ! rmdir ~/grant/inner/deep && echo held`, masked("grant", "grant/inner/deep")},
		{"a readable folder around a mask keeps it", `! cat ~/.ssh/id && echo held`, func(s *sandbox.Spec, w *world) { s.Read = []string{w.home} }},
		{"a grant of what is hidden gives nothing", `! cat ~/.ssh/id && echo held`, writable(".ssh")},
		{"/tmp is another", `! test -e "$(dirname "$1")/outside" && echo x > /tmp/x && echo x > /var/tmp/y && test -e /tmp/y && echo held`, nil},
		{"the system can't be written to", `! echo x > /etc/x && ! echo x > /usr/x && ! mkdir /x && ! echo x > /dev/x && echo held`, nil},
		{"memory disks are bounded", `for d in /tmp /dev/shm; do
			head -c 3000000 /dev/zero | split -b 100000 - $d/s; test "$(du -skx $d | cut -f1)" -le 1024 || exit; done; echo held`, small},
		{"services and their sockets are not there", `for p in /run/dbus/* /run/user/* /run/systemd /var/lib /sys /nix/var; do
			! test -e "$p" || exit; done; echo held`, nil},
		{"the environment is clean", `env -u PWD -u OLDPWD -u SHLVL -u _ > /tmp/e; test "$(sort /tmp/e | cut -d= -f1 | tr '\n' ' ')" = "HOME LANG LC_TIME PATH TERM TZ " && echo held`, nil},
		{"nervad's environment is nowhere", `! cat /proc/*/environ | grep -a -e NERVA_CANARY -e LD_PRELOAD && echo held`, nil},
		{"other processes are not seen", `! test -e /proc/$1/comm && test "$(cat /proc/1/comm)" = bwrap && echo held`, pid},
		{"no capability is left", `test "$(grep -c -E 'Cap(Inh|Prm|Eff|Bnd|Amb):.0000000000000000' /proc/self/status)" = 5 && echo held`, nil},
		{"setuid programs give nothing", `grep -q 'NoNewPrivs:.1' /proc/self/status && echo held`, nil},
		{"no user namespace can be made in it", `! unshare -U true && echo held`, nil},
		{"the session is its own", `test "$(cut -d' ' -f6 /proc/1/stat)" -gt 0 && ! sh -c 'echo x > /dev/tty' && echo held`, nil},
		{"the host name is another", `test "$(cat /proc/sys/kernel/hostname)" = sandbox && echo held`, nil},
		{"shared memory of the session is not there", `! grep -q " $1 " /proc/sysvipc/shm && echo held`, sharedMemory(t)},
		{"control groups are not named", `! grep -v -E ':/$' /proc/self/cgroup && echo held`, nil},
		{"nothing that was open is inherited", `test "$(ls /proc/self/fd | tr '\n' ' ')" = "0 1 2 3 " && echo held`, nil},
		{"a program in the working folder is not taken", `test "$(ls)" != planted && echo held`, func(s *sandbox.Spec, w *world) { s.Dir = w.path("bin") }},
		{"a program in the user's PATH is not taken", "", func(s *sandbox.Spec, w *world) { s.Argv = []string{"ls", w.path("held")} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			t.Setenv("NERVA_CANARY", secret)
			w.write(t, "bin/ls", "#!/bin/sh\necho planted\n")
			w.write(t, "held/held", "")
			t.Setenv("PATH", w.path("bin")+":"+os.Getenv("PATH"))
			leaked, err := unix.Open(w.path("token"), unix.O_RDONLY, 0) // not close-on-exec
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(leaked)
			s := sandbox.Spec{Argv: sh(c.script, w.home)}
			if c.change != nil {
				c.change(&s, w)
			}
			r := w.run(t, s)
			if string(r.Stdout) != "held\n" || bytes.Contains(r.Stderr, []byte(secret)) {
				t.Errorf("exit %d, ended by %q\n%s%s", r.Exit, r.Ended, r.Stdout, r.Stderr)
			}
			for _, name := range []string{".bashrc", ".config", ".ssh/authorized_keys", "grant/inner/deep/y"} {
				if _, err := os.Lstat(w.path(name)); err == nil {
					t.Errorf("%s was written", name)
				}
			}
		})
	}
}

func writable(name string) func(*sandbox.Spec, *world) {
	return func(s *sandbox.Spec, w *world) { s.Write = []string{w.path(name)}; w.hidden = w.hidden[:3] }
}

func masked(folder, name string) func(*sandbox.Spec, *world) {
	return func(s *sandbox.Spec, w *world) {
		s.Write = []string{w.path(folder)}
		w.hidden = append(w.hidden, w.path(name))
	}
}

func small(s *sandbox.Spec, _ *world) { s.Limits.FileSize = 1 << 20 }

func pid(s *sandbox.Spec, _ *world) { s.Argv = append(s.Argv[:4], fmt.Sprint(os.Getpid())) }

// sharedMemory makes a segment of System V's, as the session's programs may.
func sharedMemory(t *testing.T) func(*sandbox.Spec, *world) {
	t.Helper()
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, unix.IPC_CREAT|0o600)
	if err != nil {
		return nil
	}
	t.Cleanup(func() { _, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) })
	return func(s *sandbox.Spec, _ *world) { s.Argv = append(s.Argv[:4], fmt.Sprint(id)) }
}

// TestSockets: a listener of the session must stay alone.
func TestSockets(t *testing.T) {
	const connect = `use Socket; my ($k, $a) = @ARGV; $a =~ s/^@/\0/;
		my $unix = $k eq "unix"; my ($h, $p) = split /:/, $a;
		socket(my $s, $unix ? AF_UNIX : AF_INET, SOCK_STREAM, 0) or die "socket: $!";
		connect($s, $unix ? pack("S a*", AF_UNIX, $a) : pack_sockaddr_in($p, inet_aton($h))) or die "connect: $!";
		print "connected";`
	for _, c := range []struct {
		name, kind, address string
		network, reached    bool
	}{
		{"the bus and Wayland, in the runtime folder", "unix", "runtime/bus", false, false},
		{"a socket that nobody hides", "unix", "grant/sock", false, false},
		{"an abstract name", "unix", "@nerva-test", false, false},
		{"an abstract name, with the network", "unix", "@nerva-test", true, false},
		{"the loopback interface", "tcp", "127.0.0.1:0", false, false},
		{"the loopback interface, with the network", "tcp", "127.0.0.1:0", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			address := c.address
			if c.kind == "unix" && address[0] != '@' {
				address = w.path(address)
			}
			l, err := net.Listen(c.kind, address)
			if err != nil {
				t.Fatal(err)
			}
			var visits atomic.Int32
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					visits.Add(1)
					_ = conn.Close()
				}
			}()
			r := w.run(t, sandbox.Spec{Argv: []string{"perl", "-e", connect, c.kind, l.Addr().String()}, Network: c.network})
			if got := string(r.Stdout) == "connected"; got != c.reached {
				t.Errorf("connected: %v, %s", got, r.Stderr)
			}
			_ = l.Close()
			<-done
			if !c.reached && visits.Load() > 0 {
				t.Error("the listener had a visitor")
			}
		})
	}
}

func TestWhatCannotBeHiddenIsNotGranted(t *testing.T) {
	w := newWorld(t)
	for _, dir := range []string{"none", "yet"} {
		if err := os.Mkdir(w.path(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	w.link(t, "yet/none", "dangling")
	w.hidden = append(w.hidden, w.path("dangling"))
	for name, s := range map[string]sandbox.Spec{
		"a folder in which something hidden may appear":  {Write: []string{w.path("none")}},
		"a folder in which what a link names may appear": {Write: []string{w.path("yet")}},
		"a folder with a hidden link":                    {Write: []string{w.home}},
		"everything":                                     {Read: []string{"/"}},
		"all of /run":                                    {Read: []string{"/run"}},
		"other processes":                                {Read: []string{"/proc"}},
		"devices":                                        {Write: []string{"/dev/shm"}},
		"a relative path":                                {Read: []string{"."}},
		"what is not there":                              {Read: []string{w.path("gone")}},
		"a hidden working folder":                        {Dir: w.path(".ssh")},
		"a working folder that is a link to a hidden":    {Dir: w.path(".gnupg")},
		"a working folder that is not shown":             {Dir: "/proc/../sys"},
		"a relative program":                             {Argv: []string{"./true"}},
		"a file over another":                            {Files: []sandbox.File{{Dest: w.path("note")}}},
	} {
		t.Run(name, func(t *testing.T) {
			if s.Argv == nil {
				s.Argv = []string{"true"}
			}
			if r, err := w.Run(t.Context(), s); err == nil {
				t.Errorf("it ran: %+v", r)
			} else {
				t.Log(err)
			}
		})
	}
}

func TestAHomeThatIsALinkIsFoundByItsName(t *testing.T) {
	w := newWorld(t)
	link := filepath.Join(filepath.Dir(w.home), "link")
	if err := os.Symlink(w.home, link); err != nil {
		t.Fatal(err)
	}
	box := sandbox.New(sandbox.Options{Home: link, Hidden: func() []string { return []string{link + "/.ssh"} }})
	r, err := box.Run(t.Context(), sandbox.Spec{Argv: sh(`cat note "$1/note"; ! cat "$1/.ssh/id" .ssh/id`, link)})
	if err != nil || r.Exit != 0 || string(r.Stdout) != "plainplain" {
		t.Errorf("%v, exit %d, %s%s", err, r.Exit, r.Stdout, r.Stderr)
	}
}

func TestAFolderThatAppearsIsHiddenFromTheNextRun(t *testing.T) {
	w := newWorld(t)
	s := sandbox.Spec{Argv: sh(`cat ~/none/at/all/x`)}
	if r := w.run(t, s); r.Exit == 0 {
		t.Fatalf("%s", r.Stdout)
	}
	if err := os.MkdirAll(w.path("none/at/all"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.write(t, "none/at/all/x", secret)
	if r := w.run(t, s); r.Exit == 0 {
		t.Errorf("%s", r.Stdout)
	}
}

func TestFilesRunAsTheyWereHandedOver(t *testing.T) {
	w := newWorld(t)
	script := "#!/bin/sh\ncat - \"$1\"; echo x >> $0 || echo kept; exit 3\n"
	r := w.run(t, sandbox.Spec{
		Argv: []string{"/run/nerva/plugin", "/run/nerva/data"}, Stdin: []byte("in "), Env: []string{"A=b"},
		Files: []sandbox.File{{Dest: "/run/nerva/plugin", Data: []byte(script), Mode: 0o555}, {Dest: "/run/nerva/data", Data: []byte("data "), Mode: 0o644}},
	})
	if r.Exit != 3 || string(r.Stdout) != "in data kept\n" {
		t.Errorf("exit %d, %s%s", r.Exit, r.Stdout, r.Stderr)
	}
}
