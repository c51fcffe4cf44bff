package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"nerva/test/vm/wire"
)

const (
	bootLimit = 240 * time.Second
	// stepLimit is how long a step may wait for something. Emulated processors are slow, and two machines may run.
	stepLimit = 180 * time.Second
	// commandSeconds is the limit of one command in the machine.
	commandSeconds = 180
)

// machine is one that runs. Its goroutine is the one that goes through the steps.
type machine struct {
	settings
	compositor compositor
	name       string
	dir        string // sockets, and the folder that is shared
	qemu       *exec.Cmd
	qmp        *qmp
	guest      *guest
	screen     *screen // nil where QEMU itself shows pictures
	memory             // what steps leave for later ones
}

// start boots the machine; stop it also where it fails.
func start(ctx context.Context, s settings, c compositor) (*machine, error) {
	dir, err := os.MkdirTemp("", "nerva-vm-")
	if err != nil {
		return nil, err
	}
	m := &machine{settings: s, compositor: c, name: c.name, dir: dir}
	if err := m.share(); err != nil {
		return m, err
	}
	env := os.Environ()
	if c.gl {
		if m.screen, err = startScreen(ctx, dir); err != nil {
			return m, err
		}
		env = append(env, "DISPLAY="+m.screen.display, "LIBGL_ALWAYS_SOFTWARE=1", "SDL_VIDEODRIVER=x11")
	}
	if err := m.boot(env); err != nil {
		return m, err
	}
	return m, m.reach(ctx)
}

// share fills the folder that the machine sees as wire.Share.
func (m *machine) share() error {
	if err := os.Mkdir(m.shared(), 0o755); err != nil {
		return err
	}
	for name, from := range map[string]string{"guest": m.settings.guest, "nerva.deb": m.pkg} {
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(m.shared(), name), data, 0o755); err != nil {
			return err
		}
	}
	files, err := m.compositor.files(m.settings)
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(m.shared(), name), []byte(text), 0o755); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) shared(parts ...string) string {
	return filepath.Join(append([]string{m.dir, "share"}, parts...)...)
}

func (m *machine) log(what string) string {
	return filepath.Join(m.out, m.name+"-"+what+".log")
}

func (m *machine) boot(env []string) error {
	initial, err := filepath.Glob(filepath.Join(m.root, "boot/initrd.img-*"))
	if err != nil || len(initial) != 1 {
		return fmt.Errorf("there are %d initial file systems in %s/boot", len(initial), m.root)
	}
	args := []string{
		"-name", "nerva-" + m.name, "-nodefaults", "-no-user-config", "-no-reboot", "-machine", "q35,i8042=off,smbus=off",
		"-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "2560",
		"-kernel", filepath.Join(m.root, "boot/vmlinux"), "-initrd", initial[0],
		"-append", "boot=vm root=vm console=ttyS0 quiet panic=-1 mitigations=off audit=0 random.trust_cpu=on",
		"-drive", "if=virtio,format=raw,readonly=on,file=" + filepath.Join(m.root, "boot/disk"),
		"-virtfs", "local,path=" + m.shared() + ",mount_tag=share,security_model=none,multidevs=remap",
		"-serial", "file:" + m.log("console"),
		"-qmp", "unix:" + filepath.Join(m.dir, "qmp") + ",server=on,wait=off",
		"-device", "virtio-serial-pci",
		"-chardev", "socket,id=guest,path=" + filepath.Join(m.dir, "guest") + ",server=on,wait=off",
		"-device", "virtserialport,chardev=guest,name=" + wire.Port,
		"-device", "virtio-keyboard-pci", "-device", "virtio-rng-pci",
	}
	if m.compositor.gl {
		args = append(args, "-vga", "none", "-device", "virtio-gpu-gl-pci,xres=1280,yres=800", "-display", "sdl,gl=on")
	} else {
		args = append(args, "-vga", "none", "-device", "virtio-gpu-pci,xres=1280,yres=800", "-display", "none")
	}
	log, err := os.Create(m.log("qemu"))
	if err != nil {
		return err
	}
	defer log.Close()
	m.qemu = exec.Command("qemu-system-x86_64", args...)
	m.qemu.Env, m.qemu.Stdout, m.qemu.Stderr = env, log, log
	m.qemu.SysProcAttr = withUs()
	return m.qemu.Start()
}

// withUs lets a process end with this one, however that ends.
func withUs() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// reach opens QEMU's sockets, and waits until the machine is up.
func (m *machine) reach(ctx context.Context) error {
	conn, err := dial(ctx, filepath.Join(m.dir, "guest"))
	if err != nil {
		return m.withLog("qemu", err)
	}
	m.guest = newGuest(conn)
	if conn, err = dial(ctx, filepath.Join(m.dir, "qmp")); err != nil {
		return m.withLog("qemu", err)
	}
	if m.qmp, err = newQMP(conn); err != nil {
		return err
	}
	select {
	case <-m.guest.there:
		return nil
	case <-m.guest.gone:
		return m.withLog("qemu", errors.New("QEMU ended"))
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(bootLimit):
		return m.withLog("console", fmt.Errorf("the machine was not up after %s", bootLimit))
	}
}

// dial waits for a socket that QEMU is about to make.
func dial(ctx context.Context, path string) (net.Conn, error) {
	var conn net.Conn
	return conn, eventually(ctx, 10*time.Second, func() (err error) {
		conn, err = net.Dial("unix", path)
		return err
	})
}

// withLog adds the last words of a log to an error.
func (m *machine) withLog(what string, err error) error {
	data, readErr := os.ReadFile(m.log(what))
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	return fmt.Errorf("%w; %s ends: %s", err, m.log(what), bytes.TrimSpace(data[max(0, len(data)-600):]))
}

// eventually tries until it works or the time is up. The conditions are other processes' in a machine that has no way
// to wake us, so it looks again and again.
func eventually(ctx context.Context, limit time.Duration, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("after %s still: %w", limit, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// stop ends the machine at once: nothing in it is to be kept. It returns how much of the processors QEMU has used, which
// says what a machine costs also where others work.
func (m *machine) stop() (used time.Duration, err error) {
	var errs []error
	if m.qemu != nil && m.qemu.Process != nil {
		errs = append(errs, m.qemu.Process.Kill())
		_ = m.qemu.Wait() // it was killed
		used = m.qemu.ProcessState.UserTime() + m.qemu.ProcessState.SystemTime()
	}
	if m.screen != nil {
		errs = append(errs, m.screen.stop())
	}
	return used, errors.Join(append(errs, os.RemoveAll(m.dir))...)
}
