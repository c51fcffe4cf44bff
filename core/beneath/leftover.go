package beneath

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
)

// prefix begins the names of files that are being written.
const prefix = ".nerva-"

// A part is not complete. A labelled one is about to be exchanged, or has been: it names the original, itself and what it
// is to be called, so that after a crash it can be told whose text it has.
var (
	partial  = regexp.MustCompile(`^\.nerva-[A-Z2-7]{26}$`)
	labelled = regexp.MustCompile(`^\.nerva-([0-9a-f]{16})-([0-9a-f]{16})-([^/]+)$`)
)

// nameMax is NAME_MAX of Linux, in bytes.
const nameMax = 255

// identity tells apart files of one file system, and the states of one.
func identity(stat *unix.Stat_t) string {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, stat.Ino, stat.Size, stat.Mtim.Sec, stat.Mtim.Nsec) // never fails
	return fmt.Sprintf("%016x", h.Sum64())
}

func label(folder *os.File, own, old *original, name string) (string, error) {
	label := prefix + identity(old.stat) + "-" + identity(own.stat) + "-" + name
	if len(label) > nameMax {
		return own.file.Name(), api.Errorf(api.InvalidInput, "%.80q… is a name that is too long to be changed; rename the file first", name)
	}
	fd := int(folder.Fd())
	if err := unix.Renameat(fd, own.file.Name(), fd, label); err != nil {
		return own.file.Name(), err
	}
	return label, nil
}

// writing is held by who writes in this process. With many at a time some would wait for the folder's lock for longer than
// lockLimit, write without it, and have what they write taken for what a crash has left.
var writing sync.Mutex

// room opens the folder that path is in, alone: one nerva at a time writes into a folder. So what an earlier one has left
// there is of a crash, and is put in order first.
func (t *Tree) room(path string) (*os.File, error) {
	folder, err := t.parent(path)
	if err != nil {
		return nil, err
	}
	if lock(folder) {
		if err := sweep(folder); err != nil {
			return nil, errors.Join(sentence(path, err), folder.Close())
		}
	}
	return folder, nil
}

// Sweep puts in order what a crash while a file of the folder was written has left there: path is the folder, as Resolve
// gave it for Write.
func (t *Tree) Sweep(path string) error {
	writing.Lock()
	defer writing.Unlock()
	folder, err := t.room(filepath.Join(path, "file"))
	if err != nil {
		return err
	}
	return folder.Close()
}

// lockLimit is how long a lock is waited for: any program that may read the folder can hold it, and for ever.
const lockLimit = time.Second

// lock waits a little for others and is false where it doesn't get the lock: the file system may have none for folders.
// Closing the folder unlocks it.
func lock(folder *os.File) bool {
	for limit, pause := time.Now().Add(lockLimit), time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		err := unix.Flock(int(folder.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil || !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) || time.Now().After(limit) {
			return err == nil
		}
		time.Sleep(pause) // the kernel tells nobody when a lock is free
	}
}

func sweep(folder *os.File) error {
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		switch parts := labelled.FindStringSubmatch(name); {
		case partial.MatchString(name):
			err = remove(folder, name)
		case parts != nil:
			err = settle(folder, name, parts[1], parts[2], parts[3])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settle decides about one labelled file: the original and our own text are of no use any more. Anything else was saved by
// another program just before the exchange, and gets its name back.
func settle(folder *os.File, left, old, own, name string) error {
	stat, err := at(folder, left)
	if err != nil {
		return err
	}
	if is := identity(stat); is == old || is == own {
		return remove(folder, left)
	}
	now, err := at(folder, name)
	if err != nil || identity(now) != own {
		return aside(folder, left, name)
	}
	fd := int(folder.Fd())
	if err := unix.Renameat2(fd, left, fd, name, unix.RENAME_EXCHANGE); err != nil {
		return err
	}
	if now, err = at(folder, left); err == nil && identity(now) == own {
		return remove(folder, left)
	}
	return errors.Join(err, aside(folder, left, name))
}

// aside gives a hidden file a name beside the one that it would have.
func aside(folder *os.File, hidden, name string) error {
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for i := 1; i < 1000; i++ {
		end := " (conflict)" + ext
		if i > 1 {
			end = fmt.Sprintf(" (conflict %d)%s", i, ext)
		}
		fits := string(whole([]byte(stem)[:min(len(stem), max(0, nameMax-len(end)))]))
		if err := take(folder, hidden, fits+end); !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return fs.ErrExist
}
