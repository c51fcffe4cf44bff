package hostile

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// sink listens on loopback and keeps what comes: it stands for whoever would like to have the secrets.
type sink struct {
	address string

	mu   sync.Mutex
	came int    // connections
	got  string // requests
}

func newSink(t *testing.T) *sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{address: l.Addr().String()}
	server := &http.Server{Handler: s, ConnState: func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.came++
		}
	}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // until Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return s
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20)) // what came before it broke is enough
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got += r.Method + " " + r.RequestURI + "\n" + string(body) + "\n"
	_, _ = io.Copy(w, strings.NewReader("thank you\n"))
}

// record is how many connections came, and what they brought.
func (s *sink) record() (connections int, requests string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.came, s.got
}
