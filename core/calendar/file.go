package calendar

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// largestFile is how many bytes a file may have.
const largestFile = 16 << 20

var (
	errNoFile = errors.New("it is no regular file")
	errLarge  = errors.New("it has more than 16 MiB")
)

// Load gives what is in a file, for Read. Links are followed. What is no regular file is not opened for long: a pipe of that
// name does not hold it up.
func Load(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errNoFile
	case info.Size() > largestFile:
		return nil, errLarge
	}
	data, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if err == nil && len(data) > largestFile {
		err = errLarge
	}
	return data, err
}
