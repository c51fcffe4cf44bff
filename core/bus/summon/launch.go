package summon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus/overlay"
)

const program = "nerva-overlay"

// launch starts the overlay as a program of its own session and waits until it, or another one, has the
// bus name.
func launch(ctx context.Context, conn *dbus.Conn) error {
	if os.Getenv("WAYLAND_DISPLAY") == "" {
		return errors.New("no Wayland session: WAYLAND_DISPLAY is not set; run this from the desktop, or pass its environment on")
	}
	path, err := find()
	if err != nil {
		return err
	}
	named := make(chan *dbus.Signal, 1)
	conn.Signal(named)
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, overlay.Name))
	if err != nil {
		return fmt.Errorf("the session bus went away: %w", err)
	}
	cmd := exec.Command(path, "--show")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Stderr = lasting(os.Stderr)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the overlay: %w", err)
	}
	ended := make(chan *os.ProcessState, 1)
	go func() {
		_ = cmd.Wait() // the state has more
		ended <- cmd.ProcessState
	}()
	for {
		select {
		case s := <-named:
			if s == nil {
				return errors.New("the session bus went away; log in again")
			}
			if isOverlay(s) {
				return nil
			}
		case state := <-ended:
			if overlay.Call(ctx, conn, overlay.Show, overlay.Options{}) == nil {
				return nil // another overlay was faster
			}
			return fmt.Errorf("%s ended before it was up (%v); run `%s --show` in a terminal to see why", program, state, path)
		case <-ctx.Done():
			return fmt.Errorf("%s does not come up; run `%s --show` in a terminal to see why", program, path)
		}
	}
}

func isOverlay(s *dbus.Signal) bool {
	if s.Name != "org.freedesktop.DBus.NameOwnerChanged" || len(s.Body) != 3 {
		return false
	}
	name, _ := s.Body[0].(string)
	owner, _ := s.Body[2].(string)
	return name == overlay.Name && owner != ""
}

// lasting is f unless it is a pipe: whoever reads a pipe to its end would wait for the overlay's.
func lasting(f *os.File) *os.File {
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeNamedPipe != 0 {
		return nil
	}
	return f
}

// find looks in ../libexec from the real place of this program, then in PATH.
func find() (string, error) {
	if self, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(self); err == nil {
			path := filepath.Join(filepath.Dir(real), "..", "libexec", program)
			if _, err := os.Stat(path); err == nil {
				return path, nil
			}
		}
	}
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%s is not installed: it is neither in ../libexec beside nerva's folder nor in PATH; install it or run `make build`", program)
}
