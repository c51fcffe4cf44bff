// Package modelserver is an OpenAI-compatible chat server for tests and the demo. It speaks the wire format
// of POST /v1/chat/completions and GET /v1/models (https://platform.openai.com/docs/api-reference/chat),
// refuses what the real service refuses, and answers what a script says, well or badly: split deltas,
// errors, stalls, cut connections, garbage.
//
// A Server owns its listener and the record of requests, both behind one mutex; every request is answered in
// the goroutine of its connection. It must not know how nerva's client is made: it sees HTTP only.
package modelserver

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// maxRequest bounds a request's body, in bytes.
const maxRequest = 16 << 20

// Server is a listening model server.
type Server struct {
	// URL is the base URL, ending in /v1: what goes into [llm] base_url.
	URL string
	// Models are the ids that GET /v1/models lists; any model is answered.
	Models []string

	http *http.Server
	done chan struct{}
	stop chan struct{}
	gone chan struct{}

	mu       sync.Mutex
	handle   func(Request) Reply
	requests []Request
}

// Listen starts a server on addr ("127.0.0.1:0" picks a free port). It answers with Sentences until Handle
// or Script says otherwise.
func Listen(addr string) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &Server{
		URL:    "http://" + l.Addr().String() + "/v1",
		Models: []string{"test-model"},
		done:   make(chan struct{}), stop: make(chan struct{}), gone: make(chan struct{}, 64),
		handle: Sentences,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.chat)
	mux.HandleFunc("GET /v1/models", s.list)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // always returns http.ErrServerClosed: Close is the only end
	}()
	return s, nil
}

// Close ends every open answer and waits for the listener to be gone.
func (s *Server) Close() {
	close(s.stop)
	_ = s.http.Close()
	<-s.done
}

// Handle makes f answer every valid request from now on.
func (s *Server) Handle(f func(Request) Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handle = f
}

// Script answers the next valid requests with the replies in turn, and with a 500 after the last.
func (s *Server) Script(replies ...Reply) {
	s.Handle(func(Request) Reply { // runs with s.mu held
		if len(replies) == 0 {
			return Reply{Status: http.StatusInternalServerError, Message: "the script has no more replies"}
		}
		r := replies[0]
		replies = replies[1:]
		return r
	})
}

// Requests are the chat requests received so far, the refused ones included.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Gone receives a value for each answer whose client went away before its end.
func (s *Server) Gone() <-chan struct{} { return s.gone }

func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	type model struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Created int64  `json:"created"`
		OwnedBy string `json:"owned_by"`
	}
	data := make([]model, 0, len(s.Models))
	for _, id := range s.Models {
		data = append(data, model{id, "model", 1700000000, "test"})
	}
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}

func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		writeError(w, http.StatusRequestEntityTooLarge, "invalid_request_error", "", "The request is too large.")
		return
	}
	req, problem := parse(body)
	req.Header = r.Header.Clone()
	reply := s.answer(req, problem)
	if reply.Status != 0 && reply.Status != http.StatusOK {
		for k, v := range reply.Header {
			w.Header().Set(k, v)
		}
		if reply.Raw != "" {
			w.WriteHeader(reply.Status)
			_, _ = io.WriteString(w, reply.Raw)
			return
		}
		writeError(w, reply.Status, reply.errorType(), reply.Code, reply.Message)
		return
	}
	a := answer{w: w, r: r, stop: s.stop, reply: reply, model: req.Model}
	if !a.run(req.Stream) && r.Context().Err() != nil {
		select {
		case s.gone <- struct{}{}:
		default:
		}
	}
}

// answer records the request and asks the script, one request at a time.
func (s *Server) answer(req Request, problem string) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, req)
	if problem != "" {
		return Reply{Status: http.StatusBadRequest, Message: problem}
	}
	return s.handle(req)
}

func writeError(w http.ResponseWriter, status int, kind, code, message string) {
	e := map[string]any{"message": message, "type": kind, "param": nil, "code": nil}
	if code != "" {
		e["code"] = code
	}
	writeJSON(w, status, map[string]any{"error": e})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // fails only when the client is gone
}
