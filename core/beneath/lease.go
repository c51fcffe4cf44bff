package beneath

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// lease has the kernel hold up whoever opens the file for writing, until it is closed here. It is false where somebody has
// it open for writing already. Where the file system has no leases all there is are looks at the file.
//
// Source: fcntl(2), F_SETLEASE: a read lease. Of the signal that comes when it is broken nothing is made.
func (o *original) lease() bool {
	_, err := unix.FcntlInt(o.file.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	o.held = err == nil
	return !errors.Is(err, unix.EAGAIN)
}

// unbroken says that nobody waits to write into a leased file.
func unbroken(file *os.File) bool {
	kind, err := unix.FcntlInt(file.Fd(), unix.F_GETLEASE, 0)
	return err == nil && kind == unix.F_RDLCK
}

// dress gives a file the permissions of another one, its group, and the attributes that people and programs have set.
func dress(file *os.File, old *original) error {
	fd := int(file.Fd())
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	if stat.Gid != old.stat.Gid {
		if err := unix.Fchown(fd, -1, int(old.stat.Gid)); err != nil {
			return err
		}
	}
	if err := unix.Fchmod(fd, old.stat.Mode&0o777); err != nil {
		return err
	}
	return copyAttributes(fd, int(old.file.Fd()))
}

// copyAttributes copies the extended attributes that are the user's, and the access list (xattr(7), acl(5)).
func copyAttributes(to, from int) error {
	names := make([]byte, 1<<16) // XATTR_LIST_MAX
	n, err := unix.Flistxattr(from, names)
	if err != nil {
		return nil // the file system has none
	}
	value := make([]byte, 1<<16) // XATTR_SIZE_MAX
	for name := range strings.SplitSeq(string(names[:n]), "\x00") {
		if !strings.HasPrefix(name, "user.") && name != "system.posix_acl_access" {
			continue
		}
		size, err := unix.Fgetxattr(from, name, value)
		if err == nil {
			err = unix.Fsetxattr(to, name, value[:size], 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
