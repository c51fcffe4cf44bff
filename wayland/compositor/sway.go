package compositor

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

// The message types that we use (sway-ipc(7)); those of events have the highest bit set.
const (
	swayRunCommand = 0
	swaySubscribe  = 2
	swayGetTree    = 4

	swayEventWorkspace = 1 << 31
	swayEventWindow    = 1<<31 | 3
	swayEventShutdown  = 1<<31 | 6
)

// swayMagic starts every message; length and type follow, 32 bits each in the machine's byte order.
const swayMagic = "i3-ipc"

// sway speaks sway-ipc(7) over the socket at path.
type sway struct{ path string }

func (sway) name() string { return "sway" }

func (s sway) windows(ctx context.Context) ([]window, error) {
	tree, err := s.ask(ctx, swayGetTree, nil)
	if err != nil {
		return nil, err
	}
	list, err := parseTree(tree)
	if err != nil {
		return nil, api.Errorf(api.Failed, "sway's list of windows can't be read: %w", err)
	}
	return list, nil
}

func (s sway) focus(ctx context.Context, id string) error { return s.tell(ctx, id, "focus") }

// close is polite, whatever sway calls it: the program may ask back.
func (s sway) close(ctx context.Context, id string) error { return s.tell(ctx, id, "kill") }

// swayWords mean something else than a workspace of that name (sway, sway/commands/move.c), in capitals as well; one
// that sway has no workspace for then makes it crash.
var swayWords = []string{"next", "prev", "next_on_output", "prev_on_output", "current", "back_and_forth", "number"}

func (s sway) move(ctx context.Context, id, workspace string) error {
	switch name := strings.ToLower(strings.TrimSpace(workspace)); {
	case slices.Contains(swayWords, name) || strings.HasPrefix(name, "__"):
		return api.Errorf(api.InvalidInput, "%q is no workspace of sway: give a name that list_windows has, or a new one", workspace)
	case name == scratchpadName:
		return s.tell(ctx, id, "move scratchpad")
	}
	// Without the option a window that is there already may go elsewhere.
	return s.tell(ctx, id, `move --no-auto-back-and-forth container to workspace "`+workspace+`"`)
}

// tell has one window do something.
func (s sway) tell(ctx context.Context, id, command string) error {
	// The id goes into a command line that could do anything sway can: digits and nothing else.
	if len(id) == 0 || len(id) > 20 || strings.Trim(id, "0123456789") != "" {
		return api.Errorf(api.InvalidInput, "%.40q is not a window of sway: take an id from list_windows", id)
	}
	reply, err := s.ask(ctx, swayRunCommand, []byte("[con_id="+id+"] "+command))
	if err != nil {
		return err
	}
	return commandReply(id, command, reply)
}

// commandReply judges the answer to a command: one result for each, of which there is one.
func commandReply(id, command string, reply []byte) error {
	var results []struct {
		Success bool   `json:"success"`
		Error   string `json:"error"`
	}
	verb, _, _ := strings.Cut(command, " ")
	if err := json.Unmarshal(reply, &results); err != nil || len(results) == 0 {
		return api.Errorf(api.Failed, "sway's answer to %s can't be read: %.80q", verb, reply)
	}
	switch first := results[0]; {
	case first.Success:
		return nil
	case strings.Contains(first.Error, "No matching node"):
		return noWindow(id)
	default:
		return api.Errorf(api.Failed, "sway would not %s window %s: %s", verb, id, first.Error)
	}
}

func noWindow(id string) error {
	return api.Errorf(api.NotFound, "there is no window %s any more: list the windows again", id)
}

// ask sends one message and returns the payload of the answer.
func (s sway) ask(ctx context.Context, kind uint32, payload []byte) (answer []byte, err error) {
	err = request(ctx, s.name(), s.path, func(conn net.Conn) error {
		answer, err = exchange(conn, kind, payload)
		return err
	})
	return answer, err
}

func (s sway) subscribe(ctx context.Context) (stream, error) {
	conn, stop, err := dial(ctx, s.path)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(desk.Limit)) // for the answer, not for the events
	answer, err := exchange(conn, swaySubscribe, []byte(`["window","workspace","shutdown"]`))
	_ = conn.SetDeadline(time.Time{})
	var result struct {
		Success bool `json:"success"`
	}
	if err == nil {
		err = ctx.Err() // it may have ended while the deadline was ours
	}
	if err == nil {
		err = json.Unmarshal(answer, &result)
	}
	if err == nil && !result.Success {
		err = fmt.Errorf("sway refused to report events: %.80q", answer)
	}
	if err != nil {
		stop()
		conn.Close()
		return nil, err
	}
	return swayEvents{conn}, nil
}

// swayEvents is a subscribed connection.
type swayEvents struct{ net.Conn }

var errShutdown = errors.New("sway is shutting down")

func (e swayEvents) next() error {
	for {
		kind, _, err := readMessage(e.Conn)
		switch {
		case err != nil:
			return err
		case kind == swayEventShutdown:
			return errShutdown
		case kind == swayEventWindow || kind == swayEventWorkspace:
			return nil
		}
	}
}

func exchange(conn io.ReadWriter, kind uint32, payload []byte) ([]byte, error) {
	message := binary.NativeEndian.AppendUint32([]byte(swayMagic), uint32(len(payload)))
	message = binary.NativeEndian.AppendUint32(message, kind)
	if _, err := conn.Write(append(message, payload...)); err != nil {
		return nil, err
	}
	got, answer, err := readMessage(conn)
	if err == nil && got != kind {
		err = fmt.Errorf("sway answered message %d with %d", kind, got)
	}
	return answer, err
}

func readMessage(r io.Reader) (kind uint32, payload []byte, err error) {
	var header [len(swayMagic) + 8]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, err
	}
	if string(header[:len(swayMagic)]) != swayMagic {
		return 0, nil, fmt.Errorf("not a sway socket: the message starts with %q", header[:len(swayMagic)])
	}
	length := binary.NativeEndian.Uint32(header[len(swayMagic):])
	if length > maxReply {
		return 0, nil, fmt.Errorf("sway's message has %d bytes, more than %d", length, maxReply)
	}
	payload = make([]byte, length)
	if _, err := io.ReadFull(r, payload); err != nil {
		return 0, nil, err
	}
	return binary.NativeEndian.Uint32(header[len(swayMagic)+4:]), payload, nil
}
