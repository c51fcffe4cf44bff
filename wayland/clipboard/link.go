package clipboard

import (
	"context"
	"errors"
	"fmt"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/wl"
)

// protocol is one of the two; their requests and events have the same numbers and arguments.
type protocol struct{ manager, device, source, offer *wl.Interface }

// The first that a compositor has is spoken, in version 1: the second of wlr's only adds the primary selection, which
// would wake us at each word that somebody selects.
var protocols = []protocol{named("ext_data_control_%s_v1"), named("zwlr_data_control_%s_v1")}

func named(name string) protocol {
	kind := func(of string, fds uint32) *wl.Interface {
		return &wl.Interface{Name: fmt.Sprintf(name, of), FDs: fds}
	}
	return protocol{kind("manager", 0), kind("device", 0), kind("source", 1<<sourceSend), kind("offer", 0)}
}

// The requests and events of ext-data-control-v1, version 1, and of wlr-data-control-unstable-v1.
const (
	managerCreateSource = 0
	managerGetDevice    = 1

	deviceSetSelection = 0
	deviceDataOffer    = 0
	deviceSelection    = 1
	deviceFinished     = 2
	devicePrimary      = 3

	sourceOffer     = 0
	sourceDestroy   = 1
	sourceSend      = 0
	sourceCancelled = 1

	offerReceive = 0
	offerDestroy = 1
	offerOffer   = 0
)

var seat = &wl.Interface{Name: "wl_seat"}

// link is one connection. Its fields after device belong to Clipboard.mu.
type link struct {
	conn            *wl.Conn
	protocol        protocol
	manager, device *wl.Object
	ended           chan struct{} // closed when it has, after why is set
	why             error

	introduced map[*wl.Object]*offer // not on the clipboard yet
	selection  *offer                // nil: nothing
	source     *wl.Object            // of what was copied here and is not known to have been replaced
}

var errUnsupported = api.Errorf(api.Unavailable, "this compositor lets no program without a window use the clipboard (it has neither "+
	"ext-data-control nor wlr-data-control, as GNOME has not): copy and paste by hand: %w", errors.ErrUnsupported)

// serve connects and follows the clipboard until the connection ends.
func (c *Clipboard) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l, err := c.open(ctx)
	if err != nil {
		err = wl.Sentence(ctx, err)
	} else {
		err = wl.Sentence(ctx, l.conn.Run(ctx))
		_ = l.conn.Close() // it is broken
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if l != nil {
		if ctx.Err() == nil {
			c.log.Info("the connection to the clipboard ended", "error", err)
		}
		l.why = err
		l.selection.end()
		close(l.ended)
	}
	c.link, c.why = nil, err
	c.attempts++
	c.tell()
	return err
}

// open connects and returns once it is known what is on the clipboard.
func (c *Clipboard) open(ctx context.Context) (*link, error) {
	conn, err := wl.Connect(ctx)
	if err != nil {
		return nil, err
	}
	l := &link{conn: conn, ended: make(chan struct{}), introduced: map[*wl.Object]*offer{}}
	if err := c.bind(ctx, l); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.selection == nil && len(c.mine) > 0 {
		l.offerMine(c)
	} else {
		c.mine = nil
	}
	c.link = l
	c.attempts++
	c.tell()
	return l, nil
}

func (c *Clipboard) bind(ctx context.Context, l *link) error {
	for _, l.protocol = range protocols {
		if l.manager = l.conn.BindFirst(l.protocol.manager, 1, 1, nil); l.manager != nil {
			break
		}
	}
	of := l.conn.BindFirst(seat, 1, 1, nil)
	switch {
	case l.manager == nil:
		return errUnsupported
	case of == nil:
		return api.Errorf(api.Unavailable, "the compositor has no seat yet: try again in a moment")
	}
	l.device = l.manager.Create(managerGetDevice, l.protocol.device, func(event uint16, a *wl.Args) { c.deviceEvent(l, event, a) }, wl.NewID{}, of)
	return l.conn.Roundtrip(ctx)
}

func (c *Clipboard) deviceEvent(l *link, event uint16, a *wl.Args) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch event {
	case deviceDataOffer:
		o := newOffer(c, l)
		o.object = a.New(l.protocol.offer, o.event)
		l.introduced[o.object] = o
	case deviceSelection:
		object := a.Object()
		l.selection.end()
		l.selection = l.introduced[object]
		delete(l.introduced, object)
		if c.link == l && l.source == nil { // open sees to what was there before
			c.mine = nil
		}
		c.tell()
	case devicePrimary:
		object := a.Object()
		l.introduced[object].end()
		delete(l.introduced, object)
	case deviceFinished: // the seat has gone; where there is another, it is found anew
		_ = l.conn.Close()
	}
}

// offerMine puts what was copied here on the clipboard. It is called with Clipboard.mu held.
func (l *link) offerMine(c *Clipboard) {
	if len(c.mine) == 0 {
		l.source = nil
		l.device.Request(deviceSetSelection, (*wl.Object)(nil))
		return
	}
	contents, types := byType(c.mine)
	var source *wl.Object
	source = l.manager.Create(managerCreateSource, l.protocol.source, func(event uint16, a *wl.Args) {
		switch event {
		case sourceSend:
			kind := a.String()
			c.send(contents[kind], a.FD())
		case sourceCancelled:
			// What it offered is not forgotten yet: a compositor that ends cancels, too.
			c.mu.Lock()
			defer c.mu.Unlock()
			if l.source == source {
				l.source = nil
			}
			source.Destroy(sourceDestroy)
		}
	}, wl.NewID{})
	for _, kind := range types {
		source.Request(sourceOffer, kind)
	}
	l.source = source
	l.device.Request(deviceSetSelection, source)
}

// byType gives what is offered in each type, a plain text in all of its names.
func byType(forms []desk.Form) (contents map[string][]byte, types []string) {
	contents = map[string][]byte{}
	add := func(kind string, data []byte) {
		if _, twice := contents[kind]; !twice {
			contents[kind] = data
			types = append(types, kind)
		}
	}
	for _, f := range forms {
		add(f.Type, f.Data)
		if desk.TextType([]string{f.Type}) != "" {
			for _, name := range desk.TextTypes {
				add(name, f.Data)
			}
		}
	}
	return contents, types
}
