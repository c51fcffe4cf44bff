package main

import (
	"encoding/json"
	"fmt"
	"net"
	"time"
)

// qmp is QEMU's own protocol (docs/interop/qemu-qmp-ref): what happens to the hardware. One goroutine uses it, since
// events are thrown away while an answer is waited for.
type qmp struct {
	conn net.Conn
	in   *json.Decoder
}

func newQMP(conn net.Conn) (*qmp, error) {
	q := &qmp{conn: conn, in: json.NewDecoder(conn)}
	var greeting struct{ QMP any }
	if err := q.in.Decode(&greeting); err != nil {
		return nil, fmt.Errorf("QEMU's greeting: %w", err)
	}
	return q, q.call("qmp_capabilities", nil)
}

func (q *qmp) call(command string, arguments any) error {
	if err := q.conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return err
	}
	request := map[string]any{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	if err := json.NewEncoder(q.conn).Encode(request); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	for {
		var answer struct {
			Event  string
			Error  *struct{ Desc string }
			Return json.RawMessage
		}
		switch err := q.in.Decode(&answer); {
		case err != nil:
			return fmt.Errorf("%s: %w", command, err)
		case answer.Event != "":
			continue
		case answer.Error != nil:
			return fmt.Errorf("%s: %s", command, answer.Error.Desc)
		}
		return nil
	}
}

// held is how long a key is down. The machine must see both ends of it, and QEMU queues the next key behind it.
const held = 60 * time.Millisecond

// press presses keys together, by QEMU's names for them (QKeyCode): "meta_l", "spc".
func (q *qmp) press(codes ...string) error {
	type key struct {
		Type string `json:"type"`
		Data string `json:"data"`
	}
	var keys []key
	for _, c := range codes {
		keys = append(keys, key{"qcode", c})
	}
	return q.call("send-key", map[string]any{"keys": keys, "hold-time": held.Milliseconds()})
}

// write presses the keys of lower case letters, digits and blanks, one after the other, and Enter for a new line.
func (q *qmp) write(text string) error {
	for _, r := range text {
		code := string(r)
		switch r {
		case ' ':
			code = "spc"
		case '\n':
			code = "ret"
		}
		if err := q.press(code); err != nil {
			return err
		}
	}
	return nil
}

// screen puts what the machine shows into a PNG file.
func (q *qmp) screen(path string) error {
	return q.call("screendump", map[string]any{"filename": path, "format": "png"})
}
