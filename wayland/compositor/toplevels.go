package compositor

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"sync"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/wl"
)

// toplevels is the backend for a compositor whose own interface we don't know: a connection to the display, on which
// zwlr_foreign_toplevel_manager_v1 tells the windows, or ext_foreign_toplevel_list_v1, which takes no requests about
// them.
//
// One goroutine reads from the connection until it ends; it alone changes what mu guards. A window's handle is used
// under mu, so that no request follows its end.
type toplevels struct {
	conn   *wl.Conn
	end    context.CancelFunc // ends the connection
	number func() string      // ids, where the protocol gives none
	seat   *wl.Object         // nil where there is none, or no use for it
	takes  bool               // requests about windows
	ended  chan struct{}      // closed after err is set
	err    error

	mu      sync.Mutex
	list    []*toplevel // in the order of their beginning
	outputs map[uint32]*output
	focused uint64        // how often a window got the focus
	changed chan struct{} // closed, and made anew, when the list may be another one
}

// toplevel is one window. Its properties come one by one; those that fit together stand in now.
type toplevel struct {
	handle    *wl.Object
	now, next desk.Window
	outputs   []*wl.Object
	told      bool   // now has been set
	focused   uint64 // toplevels.focused when it got the focus last
}

// output is one by its global's name.
type output struct {
	object *wl.Object
	name   string
}

// openToplevels connects to the display at path, and knows all windows when it returns. The connection outlives ctx
// and ends with the Client's.
func openToplevels(ctx context.Context, c *Client, path string) (*toplevels, error) {
	conn, err := wl.Dial(ctx, path)
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(c.ctx)
	t := &toplevels{
		conn: conn, end: end, number: c.number, ended: make(chan struct{}), outputs: map[uint32]*output{}, changed: make(chan struct{}),
	}
	if err := t.bind(ctx); err != nil {
		end()
		return nil, wl.Sentence(ctx, errors.Join(err, conn.Close()))
	}
	conn.Keep(life)
	go t.run(life)
	return t, nil
}

func (t *toplevels) run(ctx context.Context) {
	defer close(t.ended)
	t.err = wl.Sentence(context.WithoutCancel(ctx), t.conn.Run(ctx)) // whoever waits did not end it
	t.end()
	_ = t.conn.Close() // it was over before
}

func (t *toplevels) alive() bool {
	select {
	case <-t.ended:
		return false
	default:
		return true
	}
}

func (*toplevels) name() string { return "wayland" }

func (t *toplevels) windows(ctx context.Context) ([]window, error) {
	if err := t.sync(ctx); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	told := slices.DeleteFunc(slices.Clone(t.list), func(w *toplevel) bool { return !w.told })
	slices.SortStableFunc(told, func(a, b *toplevel) int { return cmp.Compare(b.focused, a.focused) })
	list := make([]window, len(told))
	for i, w := range told {
		list[i] = window{Window: w.now}
		if len(w.outputs) > 0 {
			list[i].Output = t.outputName(w.outputs[0])
		}
	}
	if !slices.ContainsFunc(list, func(w window) bool { return w.Focused }) && len(list) > 0 {
		// As with sway: while a layer surface has the keyboard no window is reported active. The one that was last is
		// what people mean.
		list[0].Focused = told[0].focused > 0
		list[0].Behind = list[0].Focused
	}
	return list, nil
}

func (t *toplevels) focus(ctx context.Context, id string) error {
	if t.takes && t.seat == nil {
		return api.Errorf(api.Unavailable, "this compositor has no seat to give a window the focus of: plug in a keyboard or a mouse and try again")
	}
	return t.tell(ctx, id, func(handle *wl.Object) { handle.Request(wlrActivate, t.seat) })
}

func (t *toplevels) close(ctx context.Context, id string) error {
	return t.tell(ctx, id, func(handle *wl.Object) { handle.Request(wlrClose) })
}

func (*toplevels) move(context.Context, string, string) error {
	return api.Errorf(api.Unavailable, "this compositor takes no request to move a window to another workspace: use its own keys")
}

// tell makes a request about a window and waits until the compositor has it.
func (t *toplevels) tell(ctx context.Context, id string, request func(handle *wl.Object)) error {
	if !t.takes {
		return api.Errorf(api.Unavailable, "this compositor lists its windows and takes no requests about them: use its own keys")
	}
	t.mu.Lock()
	i := slices.IndexFunc(t.list, func(w *toplevel) bool { return w.now.ID == id })
	if i >= 0 {
		request(t.list[i].handle)
	}
	t.mu.Unlock()
	if i < 0 {
		return noWindow(id)
	}
	return t.sync(ctx)
}

// sync returns once the compositor has handled every request, and every event that it sent until then was handled.
func (t *toplevels) sync(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	done := make(chan struct{})
	t.conn.Sync(func() { close(done) })
	select {
	case <-done:
		return nil
	case <-t.ended:
		return t.err
	case <-ctx.Done():
		return wl.Sentence(ctx, ctx.Err())
	}
}

func (t *toplevels) subscribe(context.Context) (stream, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &toplevelChanges{t: t, change: t.changed, closed: make(chan struct{})}, nil
}

// toplevelChanges is a subscription. The connection is not its own.
type toplevelChanges struct {
	t      *toplevels
	change <-chan struct{}
	closed chan struct{}
}

func (c *toplevelChanges) next() error {
	select {
	case <-c.change:
		c.t.mu.Lock()
		c.change = c.t.changed
		c.t.mu.Unlock()
		return nil
	case <-c.closed:
		return net.ErrClosed
	case <-c.t.ended:
		return c.t.err
	}
}

func (c *toplevelChanges) Close() error {
	close(c.closed)
	return nil
}
