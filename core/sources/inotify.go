package sources

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// inotify is the kernel's queue of what happens in folders (inotify(7)). It is read as it is since the watch of a rule needs
// what portable packages leave out: which two halves of a move belong together, whether what is gone was a folder, and that
// a folder which is moved keeps its watch.
type inotify struct {
	file   *os.File
	conn   interface{ Control(func(fd uintptr)) error }
	buffer [64 << 10]byte
}

// raw is one event of the kernel's.
type raw struct {
	wd           int32 // of the watch; -1 where it is about the queue
	mask, cookie uint32
	name         string // within the folder; empty where it is about the folder
}

func (r raw) has(mask uint32) bool { return r.mask&mask != 0 }

func newInotify() (*inotify, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("files can't be watched: %w; raise fs.inotify.max_user_instances", err)
	}
	i := &inotify{file: os.NewFile(uintptr(fd), "inotify")}
	if i.conn, err = i.file.SyscallConn(); err != nil {
		return nil, errors.Join(err, i.file.Close())
	}
	return i, nil
}

// add watches a folder, also for what it is watched for already. Two paths to the same folder have the same watch.
func (i *inotify) add(folder string, mask uint32) (wd int32, err error) {
	closed := i.conn.Control(func(fd uintptr) {
		var n int
		n, err = unix.InotifyAddWatch(int(fd), folder, mask|unix.IN_ONLYDIR|unix.IN_MASK_ADD|unix.IN_EXCL_UNLINK)
		wd = int32(n)
	})
	return wd, errors.Join(closed, err)
}

// remove ends a watch. One that the kernel has ended already is none of its.
func (i *inotify) remove(wd int32) error {
	var err error
	closed := i.conn.Control(func(fd uintptr) { _, err = unix.InotifyRmWatch(int(fd), uint32(wd)) })
	if errors.Is(err, unix.EINVAL) {
		err = nil
	}
	return errors.Join(closed, err)
}

// queued is how many bytes of events have happened and are not read.
func (i *inotify) queued() (n int, err error) {
	closed := i.conn.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
	return n, errors.Join(closed, err)
}

// read waits for events, as long as the file's deadline allows.
func (i *inotify) read() (events []raw, bytes int, err error) {
	n, err := i.file.Read(i.buffer[:])
	if err != nil {
		return nil, 0, err
	}
	return parse(i.buffer[:n]), n, nil
}

// parse takes what was read apart. What is no whole event is left out.
func parse(b []byte) []raw {
	var events []raw
	for len(b) >= unix.SizeofInotifyEvent {
		r := raw{
			wd:   int32(binary.NativeEndian.Uint32(b)),
			mask: binary.NativeEndian.Uint32(b[4:]), cookie: binary.NativeEndian.Uint32(b[8:]),
		}
		length := uint64(binary.NativeEndian.Uint32(b[12:]))
		b = b[unix.SizeofInotifyEvent:]
		if length > uint64(len(b)) {
			break
		}
		name, _, _ := bytes.Cut(b[:length], []byte{0}) // it is filled up with zeros
		r.name, b = string(name), b[length:]
		events = append(events, r)
	}
	return events
}
