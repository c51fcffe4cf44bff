package compositor

import (
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"nerva/wayland/internal/socktest"
)

// fakeSway speaks sway's IPC, byte for byte, on a real socket.
type fakeSway struct {
	t        *testing.T
	path     string
	listener net.Listener

	mu          sync.Mutex
	tree        string
	commands    []string
	trees       int // GET_TREE answered
	connections map[net.Conn]bool
	subscribers []net.Conn
	subscribed  chan struct{} // one for each
}

func swaySocket(dir string, pid int) string {
	return filepath.Join(dir, fmt.Sprintf("sway-ipc.%d.%d.sock", os.Getuid(), pid))
}

func startSway(t *testing.T, path string) *fakeSway {
	t.Helper()
	listener := socktest.Listen(t, path)
	s := &fakeSway{
		t: t, path: path, listener: listener, tree: string(golden(t, "sway-tree.json")),
		connections: map[net.Conn]bool{}, subscribed: make(chan struct{}, 16),
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.connections[conn] = true
			s.mu.Unlock()
			go s.serve(conn)
		}
	}()
	t.Cleanup(s.stop)
	return s
}

func (s *fakeSway) stop() {
	s.listener.Close() // removes the socket as well
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.connections {
		conn.Close()
	}
}

func (s *fakeSway) serve(conn net.Conn) {
	for {
		kind, payload, err := receive(conn)
		if err != nil {
			return // a probe, or the end
		}
		s.mu.Lock()
		switch kind {
		case 0:
			s.commands = append(s.commands, string(payload))
			reply := `[ { "success": false, "error": "No matching node." } ]`
			if id, _, _ := strings.Cut(strings.TrimPrefix(string(payload), "[con_id="), "]"); strings.Contains(s.tree, id+`, "type"`) {
				reply = `[ { "success": true } ]`
			}
			send(conn, kind, reply)
		case 2:
			s.subscribers = append(s.subscribers, conn)
			send(conn, kind, `{"success": true}`)
			s.subscribed <- struct{}{}
		case 4:
			s.trees++
			send(conn, kind, s.tree)
		default:
			s.t.Errorf("unexpected message type %d", kind)
		}
		s.mu.Unlock()
	}
}

func (s *fakeSway) setTree(tree string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tree = tree
}

// emit sends an event to every subscriber.
func (s *fakeSway) emit(kind uint32, payload string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.subscribers {
		send(conn, 1<<31|kind, payload)
	}
}

func receive(r io.Reader) (uint32, []byte, error) {
	header := make([]byte, 14)
	if _, err := io.ReadFull(r, header); err != nil {
		return 0, nil, err
	}
	payload := make([]byte, binary.NativeEndian.Uint32(header[6:]))
	_, err := io.ReadFull(r, payload)
	return binary.NativeEndian.Uint32(header[10:]), payload, err
}

func send(w io.Writer, kind uint32, payload string) {
	b := []byte("i3-ipc")
	b = binary.NativeEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.NativeEndian.AppendUint32(b, kind)
	w.Write(append(b, payload...)) // a client that hung up is its own affair
}

// fakeHyprland answers like one instance: one request a connection.
type fakeHyprland struct {
	dir    string
	events net.Listener

	mu       sync.Mutex
	requests []string
	replies  map[string]string
}

func startHyprland(t *testing.T, runtime, signature string, replies map[string]string) *fakeHyprland {
	t.Helper()
	h := &fakeHyprland{dir: filepath.Join(runtime, "hypr", signature), replies: replies}
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	h.events = socktest.Listen(t, filepath.Join(h.dir, ".socket2.sock"))
	requests := socktest.Listen(t, filepath.Join(h.dir, ".socket.sock"))
	go func() {
		for {
			conn, err := requests.Accept()
			if err != nil {
				return
			}
			h.answer(conn)
		}
	}()
	return h
}

func (h *fakeHyprland) answer(conn net.Conn) {
	defer conn.Close()
	b := make([]byte, 4096)
	n, err := conn.Read(b)
	if err != nil {
		return // a probe
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	line := string(b[:n])
	h.requests = append(h.requests, line)
	reply, known := h.replies[line]
	if !known {
		reply = "unknown request"
	}
	io.WriteString(conn, reply)
}

// startDisplay makes a compositor that offers nothing on its display, and answers (wl_display.sync) once it has begun.
func startDisplay(t *testing.T, path string, begin func()) {
	t.Helper()
	listener := socktest.Listen(t, path)
	go func() {
		for begun := false; ; {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			for message := make([]byte, 12); ; { // get_registry and sync have one argument each
				if _, err := io.ReadFull(conn, message); err != nil {
					break
				}
				if !begun {
					begun = true
					begin()
				}
				if message[4] == 0 { // sync
					answer := append(message[8:12:12], 0, 0, 12, 0, 0, 0, 0, 0)
					conn.Write(answer) // a client that hung up is its own affair
				}
			}
			conn.Close()
		}
	}()
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
