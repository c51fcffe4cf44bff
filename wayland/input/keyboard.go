package input

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/wayland/internal/wl"
	"nerva/wayland/internal/xkb"
)

const (
	// chunk is how many characters are typed at once. As requests they are less than 4 KiB, which compositors read at
	// once, too.
	chunk = 32
	// pace is the least time for a chunk, or for a keymap, which a client has to read in whole, and goes on from one request to
	// the next. Nothing in Wayland tells a client to slow down: a compositor ends the connection, and so the program, of one that
	// does not read what it is sent, and what a slow one has not read yet can't be taken back.
	pace = 20 * time.Millisecond
)

// mine is in the name of each keymap that we upload, which compositors keep: by it what wl_keyboard.keymap tells is
// known not to be the user's.
const mine = `xkb_symbols "nerva_`

func isOurs(text string) bool { return strings.Contains(text, mine) }

func marked(text string) string { return strings.Replace(text, `xkb_symbols "`, mine, 1) }

// bare is uploaded to a seat without a keyboard, and so without a keymap: the compositor answers with what these names
// stand for.
const bare = `xkb_keymap {
xkb_keycodes { include "evdev+aliases(qwerty)" };
xkb_types { include "complete" };
xkb_compat { include "complete" };
xkb_symbols { include "pc+us+inet(evdev)" };
};`

// openKeyboard makes the virtual keyboard, once for a connection.
func (d *display) openKeyboard(ctx context.Context) error {
	if d.keyboard == nil {
		manager := d.conn.BindFirst(keyboards, 1, 1, nil)
		if manager == nil {
			return api.Errorf(api.Unavailable, "the compositor has no virtual keyboards (zwp_virtual_keyboard_v1)")
		}
		had := d.capabilities
		d.keyboard = manager.Create(managerCreateKeyboard, virtualKeyboard, nil, d.seat, wl.NewID{})
		if d.keymap == "" {
			d.upload(bare)
		} else {
			d.upload(d.keymap)
		}
		for range 2 { // the capability; the keymap
			if err := d.conn.Roundtrip(ctx); err != nil {
				return wl.Sentence(ctx, err)
			}
		}
		if err := d.settle(ctx, had); err != nil {
			return wl.Sentence(ctx, err)
		}
	}
	return d.parse()
}

// parse reads the user's keymap as it is now.
func (d *display) parse() error {
	if d.parsed != nil && d.base == d.keymap {
		return nil
	}
	if d.keymap == "" {
		return api.Errorf(api.Unavailable, "the compositor does not tell its keymap: see its log for what is wrong with the layout")
	}
	parsed, err := xkb.Parse(d.keymap)
	if err != nil {
		return api.Errorf(api.Unavailable, "the compositor's keymap can't be read: %w; please report it with the output of `xkbcli dump-keymap-wayland`", err)
	}
	d.parsed, d.base = parsed, d.keymap
	return nil
}

// turn waits until clients may have read what they were sent before.
func (d *display) turn(ctx context.Context) error {
	if sleep(ctx, time.Until(d.next)) != nil {
		return stopped(ctx)
	}
	return nil
}

// sent counts so many characters; a keymap is as much as a chunk of them.
func (d *display) sent(characters int) {
	if now := time.Now(); d.next.Before(now) {
		d.next = now
	}
	d.next = d.next.Add(pace * time.Duration(characters) / chunk)
}

// upload gives the virtual keyboard a keymap. Every client gets it before the next key.
func (d *display) upload(text string) {
	if text == d.loaded {
		return
	}
	fd, err := unix.MemfdCreate("nerva-keymap", unix.MFD_CLOEXEC)
	if err != nil {
		return // the compositor answers a key without keymap with an error
	}
	defer func() { _ = unix.Close(fd) }()
	data := append([]byte(text), 0)
	if n, err := unix.Write(fd, data); err != nil || n < len(data) {
		return
	}
	d.keyboard.Request(virtualKeymap, uint32(keymapFormat), wl.FD(fd), uint32(len(data)))
	d.loaded = text
	d.sent(chunk)
}
