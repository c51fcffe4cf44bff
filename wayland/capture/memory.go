package capture

import (
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/wayland/internal/wl"
)

// The requests of wl_shm and wl_shm_pool (wayland.xml, version 1).
const (
	shmPool    = 0
	poolBuffer = 0
)

var (
	shmInterface    = &wl.Interface{Name: "wl_shm"}
	poolInterface   = &wl.Interface{Name: "wl_shm_pool"}
	bufferInterface = &wl.Interface{Name: "wl_buffer"}
)

// maxMemory bounds the copy of one output, in bytes: one of 16K stays below it.
const maxMemory = 1 << 30

// buffer is how pixels lie in memory.
type buffer struct {
	format                uint32 // of wl_shm
	width, height, stride int    // pixels, and bytes from one row to the next
}

// memory is a buffer that is shared with the compositor.
type memory struct {
	buffer
	pixels []byte // with a few bytes more than the buffer has
	mapped sync.WaitGroup
}

// slack lets a pixel of three bytes be read as four.
const slack = 4

// allocate shares memory with the compositor; where that fails, s has failed and there is no buffer.
func (s *shot) allocate(shm *wl.Object, b buffer) *wl.Object {
	l := b.layout()
	if l.bytes == 0 {
		s.err = api.Errorf(api.Unavailable, "the output %s has pixels of the format %s, which nerva can't read: "+
			"set it to 8 or 10 bits for each colour", s.output.Name, code(b.format))
		return nil
	}
	size := b.stride * b.height
	if b.width <= 0 || b.height <= 0 || b.width > maxMemory || b.stride > maxMemory || b.height > maxMemory ||
		b.stride < b.width*l.bytes || size > maxMemory {
		s.fail(fmt.Sprintf("it has %d×%d pixels in rows of %d bytes, which can't be", b.width, b.height, b.stride))
		return nil
	}
	fd, err := s.memory.share(b, size+slack)
	if err != nil {
		s.err = api.Errorf(api.Unavailable, "there is no memory for a picture of %d MiB: close something and try again: %w", size>>20, err)
		return nil
	}
	pool := shm.Create(shmPool, poolInterface, nil, wl.NewID{}, wl.FD(fd), int32(size+slack))
	_ = unix.Close(fd) // it is sent, and mapped
	return pool.Create(poolBuffer, bufferInterface, nil, wl.NewID{}, int32(0), int32(b.width), int32(b.height), int32(b.stride), b.format)
}

func (m *memory) share(b buffer, size int) (fd int, err error) {
	fd, err = unix.MemfdCreate("nerva-screen", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, err
	}
	if err = unix.Ftruncate(fd, int64(size)); err == nil {
		// Reading what the other side has cut off would end the process.
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK)
	}
	if err == nil {
		m.pixels, err = unix.Mmap(fd, 0, size, unix.PROT_READ, unix.MAP_SHARED)
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	m.buffer = b
	// All pages at once, while the compositor fills them: one by one, as they are read, is many times slower (14 µs a page
	// in a virtual machine). Before Linux 5.14 the advice is not known, and nothing is lost.
	m.mapped.Go(func() { _ = unix.Madvise(m.pixels, unix.MADV_POPULATE_READ) })
	return fd, nil
}

func (m *memory) free() {
	m.mapped.Wait()
	if m.pixels != nil {
		_ = unix.Munmap(m.pixels) // it is what was mapped
		m.pixels = nil
	}
}
