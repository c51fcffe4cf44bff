package input

import (
	"context"
	"errors"
	"io/fs"
	"os"
	accounts "os/user"
	"strconv"
	"syscall"
	"time"

	"github.com/bendahl/uinput"

	"nerva/core/api"
)

const (
	devicePath = "/dev/uinput"
	deviceName = "nerva "
	maxKey     = 248 // uinput.keyMax
	capsLocks  = "/sys/class/leds/*::capslock/brightness"
)

// kernel is a keyboard and a pointer of the kernel's, which the compositor takes for real ones. It gives them the
// user's keymap, and no character can be typed that the layout has not. The kernel lets go of every key where the process ends.
type kernel struct {
	link
	make     maker
	leds     string
	keyboard uinput.Keyboard
	mouse    uinput.Mouse
	pad      uinput.TouchPad
	box      space // the pad's
}

// maker makes the devices.
type maker interface {
	keyboard() (uinput.Keyboard, error)
	mouse() (uinput.Mouse, error)
	pad(box space) (uinput.TouchPad, error)
}

// file makes them from /dev/uinput.
type file struct{}

func (file) keyboard() (uinput.Keyboard, error) {
	return uinput.CreateKeyboard(devicePath, []byte(deviceName+"keyboard"))
}

func (file) mouse() (uinput.Mouse, error) {
	return uinput.CreateMouse(devicePath, []byte(deviceName+"mouse"))
}

// pad has two steps for a pixel, so that its middle can be meant; libinput scales by max-min+1.
func (file) pad(box space) (uinput.TouchPad, error) {
	return uinput.CreateTouchPad(devicePath, []byte(deviceName+"pointer"), 0, int32(2*box.width-1), 0, int32(2*box.height-1))
}

// access says why the device can't be used, and what mends it.
func access(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err == nil {
		return f.Close()
	}
	var gid uint32
	if info, err := os.Stat(path); err == nil && info.Mode()&0o020 != 0 {
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			gid = stat.Gid
		}
	}
	return unwritable(path, err, gid)
}

// unwritable says what mends it; gid is the group that may write, 0 where none may.
func unwritable(path string, err error, gid uint32) error {
	const nix = "on NixOS set services.nerva.permissions.uinput = true"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return api.Errorf(api.Unavailable, "there is no %s: load its module by `sudo modprobe uinput`; %s", path, nix)
	case gid == 0:
		return api.Errorf(api.Unavailable, "%s may not be written to: give it to a group by the udev rule "+
			`KERNEL=="uinput", GROUP="uinput", MODE="0660"`+" and add yourself to that; %s", path, nix)
	}
	group := strconv.FormatUint(uint64(gid), 10)
	if known, err := accounts.LookupGroupId(group); err == nil {
		group = known.Name
	}
	return api.Errorf(api.Unavailable, "%s may not be written to: add yourself to its group by `sudo usermod -aG %s $USER` and log in again; %s",
		path, group, nix)
}

func (k *kernel) name() string { return "uinput" }

func (k *kernel) open(ctx context.Context, n need) (string, error) {
	if k.make == (file{}) {
		if err := access(devicePath); err != nil {
			return "", err
		}
	}
	if err := k.link.open(ctx); err != nil {
		return "", err
	}
	open := k.openMouse
	if n == keys {
		open = k.openKeyboard
	}
	err := open(ctx)
	if err != nil {
		k.close()
	}
	return k.name(), err
}

// born is the wait for a new device: the compositor finds it by udev and opens it, and what is pressed before that is
// lost. Nothing tells when it has.
func born(ctx context.Context) error {
	if sleep(ctx, 800*time.Millisecond) != nil {
		return stopped(ctx)
	}
	return nil
}

func cannot(err error) error {
	return api.Errorf(api.Unavailable, "the kernel makes no device for us: %w; see whether %s is in order", err, devicePath)
}

// openKeyboard makes the keyboard and learns which keymap the compositor gave it: that of the seat is of the keyboard that was
// pressed last.
func (k *kernel) openKeyboard(ctx context.Context) (err error) {
	if k.keyboard == nil {
		if k.keyboard, err = k.make.keyboard(); err != nil {
			k.keyboard = nil
			return cannot(err)
		}
		if err := born(ctx); err != nil {
			return err
		}
	}
	if err := k.quiet(ctx); err != nil { // before what we press hides it
		return err
	}
	if err := k.keyboard.KeyPress(uinput.KeyLeftshift); err != nil {
		return cannot(err)
	}
	if err := k.seen(ctx); err != nil {
		return err
	}
	return k.parse()
}

// seen returns once the compositor has most likely read what was pressed: it asks its devices and its clients in turn, so
// after its second answer it has done both. The kernel keeps 64 events of a device for it.
func (k *kernel) seen(ctx context.Context) error {
	return errors.Join(k.done(ctx), k.done(ctx))
}

func (k *kernel) openMouse(ctx context.Context) (err error) {
	if k.mouse != nil {
		return nil
	}
	if k.mouse, err = k.make.mouse(); err != nil {
		k.mouse = nil
		return cannot(err)
	}
	return born(ctx)
}

func (k *kernel) stop() {
	k.link.stop()
	if k.keyboard != nil {
		_ = k.keyboard.Close()
	}
	if k.mouse != nil {
		_ = k.mouse.Close()
	}
	if k.pad != nil {
		_ = k.pad.Close()
	}
}
