// Package atomicfile replaces whole files so that a crash leaves the old one or the new one. It owns no state, may be
// called from any goroutine, and must not know what is in a file.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// Write puts text at path, 0600, in a folder that exists; it is on the disk when Write returns without an error.
func Write(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync() // a crash must not leave an empty file under the name
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the new name itself durable (fsync(2)).
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
