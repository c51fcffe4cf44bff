package plugins

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	maxFiles  = 256
	maxFolder = 32 << 20 // bytes of all files
)

// File is one file of a plugin's folder. Name is relative to it, with slashes.
type File struct {
	Name       string
	Data       []byte
	Executable bool
}

// readFolder reads all of a plugin, in the order of the names, with the hash of it: of each file its name, whether it
// can be executed, and its bytes, all with their lengths. The folder itself may be a link, as Home Manager makes
// it, and so may files be.
func readFolder(dir string) (files []File, content string, err error) {
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, "", err
	}
	h := sha256.New()
	field := func(b []byte) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(b)))
		h.Write(size[:])
		h.Write(b)
	}
	left := int64(maxFolder)
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if len(files) == maxFiles {
			return fmt.Errorf("it has more than %d files", maxFiles)
		}
		file, err := readFile(path, &left)
		if err != nil {
			return err
		}
		file.Name = name
		files = append(files, file)
		field([]byte(name))
		field([]byte(fmt.Sprint(file.Executable)))
		field(file.Data)
		return nil
	})
	return files, hex.EncodeToString(h.Sum(nil)), err
}

// readFile never waits: a FIFO has nobody at its other end.
func readFile(path string, left *int64) (_ File, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("%s is no file", filepath.Base(path))
	}
	data, err := io.ReadAll(io.LimitReader(f, *left+1))
	if *left -= int64(len(data)); err == nil && *left < 0 {
		err = fmt.Errorf("it has more than %d MiB", maxFolder>>20)
	}
	return File{Data: data, Executable: info.Mode().Perm()&0o100 != 0}, err
}
