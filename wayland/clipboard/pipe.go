package clipboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/wl"
)

const (
	// wholeLimit bounds what one side takes to read or write a form, however steadily it goes on; without any progress
	// it is desk.Limit.
	wholeLimit = 30 * time.Second
	// maxWriters is how many may read at once what was copied here.
	maxWriters = 16
	// maxTypes is how many types of an offer are kept; the largest office programs offer about forty.
	maxTypes = 256
	maxType  = 255 // bytes of a type's name
	pipeSize = 1 << 20
)

// offer implements desk.Offer. The object and the types belong to Clipboard.mu.
type offer struct {
	clipboard *Clipboard
	link      *link
	object    *wl.Object
	types     []string
	ctx       context.Context // ends when it is not on offer any more
	stop      context.CancelFunc
}

func newOffer(c *Clipboard, l *link) *offer {
	o := &offer{clipboard: c, link: l}
	o.ctx, o.stop = context.WithCancel(c.ctx)
	return o
}

// end lets go of the offer, which may be nil. It is called with Clipboard.mu held.
func (o *offer) end() {
	if o != nil {
		o.stop()
		o.object.Destroy(offerDestroy)
	}
}

// desk gives o as a desk.Offer that is nil where o is.
func (o *offer) desk() desk.Offer {
	if o == nil {
		return nil
	}
	return o
}

func (o *offer) event(event uint16, a *wl.Args) {
	if event != offerOffer {
		return
	}
	kind := a.String()
	o.clipboard.mu.Lock()
	defer o.clipboard.mu.Unlock()
	if len(o.types) < maxTypes && len(kind) <= maxType && !slices.Contains(o.types, kind) {
		o.types = append(o.types, kind)
	}
}

// Types implements desk.Offer.
func (o *offer) Types() []string {
	o.clipboard.mu.Lock()
	defer o.clipboard.mu.Unlock()
	return slices.Clone(o.types)
}

var errReplaced = api.Errorf(api.NotFound, "something else was copied while it was read: try again")

// Read implements desk.Offer.
func (o *offer) Read(ctx context.Context, kind string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, wholeLimit)
	defer cancel()
	defer context.AfterFunc(o.ctx, cancel)()
	r, err := o.receive(kind)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := drain(ctx, r, o.clipboard.limit)
	switch {
	case o.ctx.Err() != nil: // what was read may be a part
		return nil, errReplaced
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, api.Errorf(api.Cancelled, "reading the clipboard was stopped: %w", ctx.Err())
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, api.Errorf(api.Unavailable, "the program that copied it does not hand it over: see whether it hangs, or copy it again: %w", err)
	}
	return data, err
}

// receive asks for the content. What goes over the pipe is between the two programs.
func (o *offer) receive(kind string) (*os.File, error) {
	c := o.clipboard
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case o.ctx.Err() != nil || c.link != o.link:
		return nil, errReplaced
	case !slices.Contains(o.types, kind):
		return nil, api.Errorf(api.NotFound, "what is copied can't be had as %.100q; it is offered as %.500q", kind, o.types)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe for the clipboard: %w", err)
	}
	defer w.Close()
	// File.Fd would make it blocking, for the other side too.
	raw, err := w.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			_, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeSize) // fewer turns for a picture; it works without
			o.object.Request(offerReceive, kind, wl.FD(fd))
		})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("hand out a pipe for the clipboard: %w", err), r.Close())
	}
	return r, nil
}

// drain reads to the end. The error is os.ErrDeadlineExceeded where nothing comes for desk.Limit, or ctx ends.
func drain(ctx context.Context, r *os.File, limit int) ([]byte, error) {
	defer context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(time.Unix(1, 0)) })()
	var data []byte
	for {
		if len(data) == cap(data) {
			data = slices.Grow(data, max(16<<10, len(data)))
		}
		_ = r.SetReadDeadline(time.Now().Add(desk.Limit)) // a pipe takes one
		if ctx.Err() != nil {
			return nil, os.ErrDeadlineExceeded
		}
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, fmt.Errorf("read the clipboard: %w", err)
		case len(data) > limit:
			return nil, api.Errorf(api.Failed, "what is copied has more than %d MiB: copy less", limit>>20)
		}
	}
}

// send writes data to a program that pastes, in a goroutine of its own; fd is this process's.
func (c *Clipboard) send(data []byte, fd int) {
	_ = unix.SetNonblock(fd, true) // so that it takes a deadline; a file has no use for one
	w := os.NewFile(uintptr(fd), "paste")
	if w == nil {
		return // the compositor sent none
	}
	select {
	case c.writers <- struct{}{}:
	default:
		c.log.Warn("too many programs paste at once, and none of them reads")
		_ = w.Close()
		return
	}
	go func() {
		defer func() { <-c.writers }()
		defer w.Close()
		ctx, cancel := context.WithTimeout(c.ctx, wholeLimit)
		defer cancel()
		if err := fill(ctx, w, data); err != nil {
			c.log.Info("a program did not take all that it wanted to paste", "error", err)
		}
	}()
}

func fill(ctx context.Context, w *os.File, data []byte) error {
	defer context.AfterFunc(ctx, func() { _ = w.SetWriteDeadline(time.Unix(1, 0)) })()
	for len(data) > 0 {
		_ = w.SetWriteDeadline(time.Now().Add(desk.Limit))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		n, err := w.Write(data[:min(len(data), 64<<10)])
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
