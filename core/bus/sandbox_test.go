package bus

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/bus/bustest"
	"nerva/core/bus/overlay"
	"nerva/core/bus/peer"
	"nerva/core/bus/sessionbus"
)

// asPeer makes the test's program a peer that does what it is told on its standard input.
const asPeer = "NERVA_TEST_PEER"

func TestMain(m *testing.M) {
	if os.Getenv(asPeer) != "" {
		os.Exit(bePeer())
	}
	os.Exit(m.Run())
}

// request is one call that a peer is told to make; Own asks for a name instead, and Find for the ids of results.
type request struct{ Path, Member, Signature, Own, Find string }

// bePeer answers each request with the name of the error that the call had, or "ok", or what it found.
func bePeer() int {
	conn, err := sessionbus.Connect(context.Background(), "")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var r request
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			fmt.Println(err)
			return 1
		}
		var found []map[string]dbus.Variant
		switch {
		case r.Own != "":
			_, err = conn.RequestName(r.Own, dbus.NameFlagDoNotQueue)
		case r.Find != "":
			err = conn.Object(Name, Path).Call(openToSandboxes, 0, r.Find, uint32(9)).Store(&found)
		default:
			err = conn.Object(Name, dbus.ObjectPath(r.Path)).Call(r.Member, 0, dummies(r.Signature)...).Err
		}
		var e dbus.Error
		switch {
		case err == nil && r.Find != "":
			var ids []any
			for _, result := range found {
				ids = append(ids, result["id"].Value())
			}
			fmt.Println(ids...)
		case err == nil:
			fmt.Println("ok")
		case errors.As(err, &e):
			fmt.Println(e.Name)
		default:
			fmt.Println(err)
		}
	}
	return 0
}

// dummies are arguments of the types in a signature.
func dummies(signature string) (args []any) {
	for _, one := range strings.Fields(signature) {
		args = append(args, map[string]any{
			"s": "x", "u": uint32(1), "a{sv}": dict{}, "v": dbus.MakeVariant("x"),
		}[one])
	}
	return args
}

// peerProcess is a peer in a process of its own.
type peerProcess struct {
	t   *testing.T
	in  *json.Encoder
	out *bufio.Scanner
}

func startPeer(t *testing.T, bus bustest.Bus, cmd *exec.Cmd) *peerProcess {
	t.Helper()
	cmd.Stderr = os.Stderr
	in, out := bus.Talk(t, cmd, asPeer+"=1")
	return &peerProcess{t, json.NewEncoder(in), bufio.NewScanner(out)}
}

func (p *peerProcess) do(r request) string {
	p.t.Helper()
	if err := p.in.Encode(r); err != nil {
		p.t.Fatal(err)
	}
	if !p.out.Scan() {
		p.t.Fatalf("the peer has ended: %v", p.out.Err())
	}
	return p.out.Text()
}

// members are all there are, on an object of each kind.
func members(s *Server) (all []request) {
	kinds := map[dbus.ObjectPath][]iface{"/": s.tree.folder, Path: s.tree.service, RunPath(1): s.tree.run}
	for path, interfaces := range kinds {
		for _, i := range interfaces {
			for _, m := range i.methods {
				var types []string
				for _, a := range m.in {
					types = append(types, a.Type)
				}
				all = append(all, request{Path: string(path), Member: member(i.name, m.name), Signature: strings.Join(types, " ")})
			}
		}
	}
	return append(all,
		request{Path: string(Path), Member: member(ManagerInterface, "Status"), Signature: "s"}, // wrong arguments
		request{Path: string(Path), Member: "Status"},                                           // an interface may be left out
	)
}

// TestASandboxedPeerMayOnlyQuery walks the table of members, so that a new one is closed or fails here.
func TestASandboxedPeerMayOnlyQuery(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who       string
		cmd       func(t *testing.T) *exec.Cmd
		sandboxed bool
	}{
		{"a Flatpak", func(t *testing.T) *exec.Cmd { return bustest.Sandboxed(t, true, self) }, true},
		{"a namespace that is no Flatpak", func(t *testing.T) *exec.Cmd { return bustest.Sandboxed(t, false, self) }, false},
		{"a plain process", func(*testing.T) *exec.Cmd { return exec.Command(self) }, false},
	} {
		t.Run(c.who, func(t *testing.T) {
			f, s, bus := startServer(t)
			p := startPeer(t, bus, c.cmd(t))
			if _, err := dialAt(t, bus).Ask(t.Context(), "confirm:x", api.AskOptions{}); err != nil {
				t.Fatal(err)
			}
			for _, r := range members(s) {
				t.Run(r.Path+" "+r.Member, func(t *testing.T) {
					got := p.do(r)
					denied := c.sandboxed && r.Member != openToSandboxes
					if denied != (got == peer.AccessDenied) {
						t.Errorf("got %s", got)
					}
				})
			}
			want := "app:foot window:7"
			if c.sandboxed {
				want = "app:name"
			}
			same(t, "what it finds", p.do(request{Find: "x"}), want)
			if runs, err := f.Runs(t.Context(), 0); c.sandboxed && (err != nil || len(runs) != 1 || runs[0].State != api.Confirming) {
				t.Errorf("something happened: %+v, %v", runs, err)
			}
		})
	}
}

func TestASandboxedOwnerOfTheOverlaysNameIsNoOverlay(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"before the daemon", "after it"} {
		t.Run(when, func(t *testing.T) {
			bus := bustest.Start(t)
			p := startPeer(t, bus, bustest.Sandboxed(t, true, self))
			own := func() { same(t, "the name", p.do(request{Own: overlay.Name}), "ok") }
			if when == "before the daemon" {
				own()
			}
			warned := make(chan string, 9)
			s, err := NewServer(t.Context(), ServerOptions{Address: bus.Address, Log: slog.New(slog.NewTextHandler(lines(warned), nil))})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close(t.Context())
			if when == "after it" {
				own()
			}
			waitFor(t, func() bool { _, attached := s.Overlay(); return attached || len(warned) > 0 })
			if name, attached := s.Overlay(); attached {
				t.Errorf("%s counts as the overlay", name)
			}
			if len(warned) == 0 || !strings.Contains(<-warned, "not taken for the overlay") {
				t.Error("the log does not say so")
			}
			if err := s.Own(t.Context(), Claim{}); err != nil {
				t.Fatal(err)
			}
			s.Serve(newFake().service(s))
			same(t, "what it finds", p.do(request{Find: "x"}), "app:name")
		})
	}
}

// lines sends each write.
type lines chan string

func (l lines) Write(p []byte) (int, error) { l <- string(p); return len(p), nil }
