package compositor

import (
	"bufio"
	"context"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"nerva/core/api"
)

// hyprland speaks Hyprland's IPC: requests over .socket.sock, events over .socket2.sock, both in the
// folder of one instance (wiki.hypr.land, IPC).
type hyprland struct{ dir string }

const (
	requestSocket = ".socket.sock"
	eventSocket   = ".socket2.sock"
)

func (hyprland) name() string { return "hyprland" }

// hyprlandState asks for three replies at once, so that they fit together.
const hyprlandState = "[[BATCH]]j/clients;j/monitors;j/activewindow"

func (h hyprland) windows(ctx context.Context) ([]window, error) {
	reply, err := h.ask(ctx, hyprlandState)
	if err != nil {
		return nil, err
	}
	list, err := parseClients(reply)
	if err != nil {
		return nil, api.Errorf(api.Failed, "hyprland's list of windows can't be read: %w", err)
	}
	return list, nil
}

var hyprlandID = regexp.MustCompile(`^0x[0-9a-f]{1,16}$`)

func (h hyprland) focus(ctx context.Context, id string) error {
	return h.tell(ctx, id, "focus", `hl.dsp.focus({ window = "address:`+id+`" })`, "focuswindow address:"+id)
}

func (h hyprland) close(ctx context.Context, id string) error {
	return h.tell(ctx, id, "close", `hl.dsp.window.close({ window = "address:`+id+`" })`, "closewindow address:"+id)
}

// move leaves the view where it is. A name is told as one, since without the word before it "next" or "+1" would count
// from where the user is; numbers and special workspaces have no such word (Hyprland, src/helpers/MiscFunctions.cpp,
// getWorkspaceIDNameFromString).
func (h hyprland) move(ctx context.Context, id, workspace string) error {
	if strings.Trim(workspace, "0123456789") != "" && workspace != "special" && !strings.HasPrefix(workspace, "special:") {
		workspace = "name:" + workspace
	}
	return h.tell(ctx, id, "move", `hl.dsp.window.move({ workspace = "`+workspace+`", follow = false, window = "address:`+id+`" })`,
		"movetoworkspacesilent "+workspace+",address:"+id)
}

// tell has one window do something, in both languages. Since 0.55 the argument of dispatch is a Lua expression where
// the user's configuration is in Lua, and the old words where it is not; the wrong one is refused and does nothing
// (Hyprland, src/ipc/s1/Commands.cpp, dispatchRequest): two words are no Lua, whatever follows them.
func (h hyprland) tell(ctx context.Context, id, verb, lua, words string) error {
	// The id goes into a program: nothing but an address may.
	if !hyprlandID.MatchString(id) {
		return api.Errorf(api.InvalidInput, "%.40q is not a window of hyprland: take an id from list_windows", id)
	}
	list, err := h.windows(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(w window) bool { return w.ID == id }) {
		return noWindow(id) // to close or move it would be answered with ok
	}
	first, err := h.ask(ctx, "dispatch "+lua)
	if err != nil || first == "ok" {
		return err
	}
	second, err := h.ask(ctx, "dispatch "+words)
	if err != nil || second == "ok" {
		return err
	}
	return api.Errorf(api.Failed, "hyprland would not %s window %s: %.80q, %.80q", verb, id, first, second)
}

// ask sends one request and returns the reply. Hyprland takes what it can read at once for the whole
// request, so it is written at once.
func (h hyprland) ask(ctx context.Context, line string) (reply string, err error) {
	err = request(ctx, h.name(), filepath.Join(h.dir, requestSocket), func(conn net.Conn) error {
		if _, err := conn.Write([]byte(line)); err != nil {
			return err
		}
		b, err := io.ReadAll(io.LimitReader(conn, maxReply))
		reply = strings.TrimSpace(string(b))
		return err
	})
	return reply, err
}

func (h hyprland) subscribe(ctx context.Context) (stream, error) {
	// Connecting is all it takes, and the connection is good for events once it is accepted; those
	// before are not lost on us, since we ask for the list only now.
	conn, _, err := dial(ctx, filepath.Join(h.dir, eventSocket))
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 1<<20)
	return &hyprlandEvents{conn, lines}, nil
}

// hyprlandEvents is a connection that reports events, one "NAME>>DATA" a line.
type hyprlandEvents struct {
	net.Conn
	lines *bufio.Scanner
}

func (e *hyprlandEvents) next() error {
	for e.lines.Scan() {
		if name, _, ok := strings.Cut(e.lines.Text(), ">>"); ok && hyprlandChanges[name] {
			return nil
		}
	}
	if err := e.lines.Err(); err != nil {
		return err
	}
	return io.EOF
}

// hyprlandChanges are the events after which the list may be another one.
var hyprlandChanges = map[string]bool{
	"openwindow": true, "closewindow": true, "activewindowv2": true, "windowtitle": true,
	"movewindow": true, "moveworkspace": true, "renameworkspace": true, "workspace": true,
	"monitoradded": true, "monitorremoved": true, "activespecial": true,
}
