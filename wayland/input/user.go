package input

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// user is the person at the real keyboards, as far as /dev/input lets us see: it is readable for the group input only. It
// belongs to whoever does a request. Devices stay open from one request to the next: closing one takes the kernel milliseconds.
type user struct {
	scan func(open map[string]keyboardFile)
	open map[string]keyboardFile
}

// keyboardFile is a device with keys.
type keyboardFile interface {
	// held lists the keys that are down (linux/input-event-codes.h), without buttons.
	held() ([]int, error)
	// next returns once the device has told of something, or at the time.
	next(limit time.Time) error
	Close() error
}

func newUser() *user { return &user{scan: scan, open: map[string]keyboardFile{}} }

var errHeld = api.Errorf(api.Busy, "a key of the keyboard is held down, and nothing is typed in between: let go of it and try again")

// wait returns once the user holds no key.
func (u *user) wait(ctx context.Context) error {
	u.scan(u.open)
	limit := time.Now().Add(userLimit)
	for path, k := range u.open {
		for {
			held, err := k.held()
			if err != nil { // unplugged
				_ = k.Close()
				delete(u.open, path)
				break
			}
			if len(held) == 0 {
				break
			}
			switch err := await(ctx, k, limit); {
			case ctx.Err() != nil:
				return stopped(ctx)
			case errors.Is(err, os.ErrDeadlineExceeded):
				return errHeld
			}
		}
	}
	return nil
}

// await waits for the device's next word. The wait ends with ctx.
func await(ctx context.Context, k keyboardFile, limit time.Time) error {
	told := make(chan error, 1)
	go func() { told <- k.next(limit) }()
	select {
	case err := <-told:
		return err
	case <-ctx.Done():
		_ = k.Close() // it ends the goroutine; held sees it closed
		<-told        //nolint:errcheck // the error is that of the closing
		return ctx.Err()
	}
}

// close lets go of all devices.
func (u *user) close() {
	for path, k := range u.open {
		_ = k.Close()
		delete(u.open, path)
	}
}

// device of the kernel's (linux/input.h).
type evdev struct{ *os.File }

const (
	devices  = "/dev/input/event*"
	keyBytes = 0x300 / 8 // KEY_CNT bits
	buttons0 = 0x100     // BTN_MISC: from here on there are no keys for typing
)

// eviocg is a request of linux/input.h that reads n bytes.
func eviocg(number, n uintptr) uintptr { return 2<<30 | n<<16 | 'E'<<8 | number }

// scan opens what is new and may be read.
func scan(open map[string]keyboardFile) {
	paths, _ := filepath.Glob(devices) // the pattern is right
	for _, path := range paths {
		if open[path] != nil {
			continue
		}
		f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
		if err != nil {
			continue // not ours to see, which doctor says
		}
		if strings.HasPrefix(evdev{f}.name(), deviceName) { // what we press ourselves
			_ = f.Close()
			continue
		}
		open[path] = evdev{f}
	}
}

func (e evdev) ask(request uintptr, into []byte) error {
	raw, err := e.SyscallConn()
	if err != nil {
		return err
	}
	var errno unix.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(&into[0])))
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}

func (e evdev) name() string {
	name := make([]byte, 256)
	if e.ask(eviocg(0x06, uintptr(len(name))), name) != nil { // EVIOCGNAME
		return ""
	}
	return unix.ByteSliceToString(name)
}

func (e evdev) held() ([]int, error) {
	bits := make([]byte, keyBytes)
	if err := e.ask(eviocg(0x18, keyBytes), bits); err != nil { // EVIOCGKEY
		return nil, err
	}
	return pressed(bits), nil
}

// pressed reads a bitmap of keys.
func pressed(bits []byte) (list []int) {
	for code := range min(buttons0, 8*len(bits)) {
		if bits[code/8]>>(code%8)&1 == 1 {
			list = append(list, code)
		}
	}
	return list
}

func (e evdev) next(limit time.Time) error {
	if err := e.SetReadDeadline(limit); err != nil {
		return err
	}
	_, err := e.Read(make([]byte, 64*24)) // 64 struct input_event
	return err
}
