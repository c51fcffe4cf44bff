package llm

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lists is a server that has lists of models and fails the test when anything else is asked of it.
type lists struct {
	t     *testing.T
	tags  string
	list  string
	mu    sync.Mutex
	asked []string
}

func (l *lists) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, r.Method+" "+r.URL.Path)
	body := map[string]string{"GET /api/tags": l.tags, "GET /v1/models": l.list}[r.Method+" "+r.URL.Path]
	if body == "" {
		http.NotFound(w, r)
		return
	}
	_, _ = w.Write([]byte(body))
}

func start(t *testing.T, l *lists) string {
	t.Helper()
	l.t = t
	s := httptest.NewServer(l)
	t.Cleanup(s.Close)
	return s.URL
}

// nobody is an address that refuses connections.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String() + "/v1"
}

const (
	tags   = `{"models":[{"name":"llama3:latest"},{"name":"qwen:7b"}]}`
	models = `{"object":"list","data":[{"id":"first"},{"id":"second"}]}`
)

func TestResolve(t *testing.T) {
	ollama := start(t, &lists{tags: tags})
	llama := start(t, &lists{list: models})
	none := nobody(t)
	for name, tc := range map[string]struct {
		config Config
		ollama string
		llama  string
		want   Resolved // Detail: a part of it
	}{
		"auto prefers ollama":           {Config{Provider: Auto}, ollama, llama, Resolved{Ollama, "llama3:latest", ollama + "/v1", true, ""}},
		"auto keeps the named model":    {Config{Model: "qwen:7b"}, ollama, llama, Resolved{Ollama, "qwen:7b", ollama + "/v1", true, ""}},
		"auto takes llama.cpp":          {Config{Provider: Auto}, none, llama, Resolved{LlamaCpp, "first", llama + "/v1", true, ""}},
		"auto skips what lacks a model": {Config{Model: "mine"}, ollama, llama, Resolved{LlamaCpp, "mine", llama + "/v1", true, ""}},
		"auto ends offline":             {Config{Provider: Auto}, none, none, Resolved{Offline, "", "", true, "set [llm] base_url"}},
		"auto follows base_url":         {Config{BaseURL: llama}, ollama, none, Resolved{OpenAI, "first", llama + "/v1", true, ""}},
		"auto never leaves base_url":    {Config{BaseURL: none, Model: "m"}, ollama, llama, Resolved{OpenAI, "m", none, false, "no model server answers"}},
		"auto never leaves a key": {
			Config{BaseURL: none, Key: func() (string, error) { return "", errors.New("gone") }},
			ollama, llama,
			Resolved{OpenAI, "", none, false, "gone"},
		},
		"offline":                   {Config{Provider: Offline}, ollama, llama, Resolved{Offline, "", "", true, ""}},
		"ollama as named":           {Config{Provider: Ollama}, ollama, llama, Resolved{Ollama, "llama3:latest", ollama + "/v1", true, ""}},
		"ollama without its tag":    {Config{Provider: Ollama, Model: "llama3"}, ollama, llama, Resolved{Ollama, "llama3", ollama + "/v1", true, ""}},
		"ollama lacks the model":    {Config{Provider: Ollama, Model: "x"}, ollama, llama, Resolved{Ollama, "x", ollama + "/v1", true, "ollama pull x"}},
		"ollama never falls back":   {Config{Provider: Ollama}, none, llama, Resolved{Ollama, "", none, false, "start it"}},
		"llamacpp never falls back": {Config{Provider: LlamaCpp, Model: "m"}, ollama, none, Resolved{LlamaCpp, "m", none, false, "start it"}},
		"a server without a list":   {Config{Provider: OpenAI, BaseURL: ollama, Model: "m"}, none, none, Resolved{OpenAI, "m", ollama + "/v1", true, ""}},
		"no list and no model":      {Config{Provider: OpenAI, BaseURL: ollama}, none, none, Resolved{OpenAI, "", ollama + "/v1", true, "set [llm] model"}},
		"no such provider":          {Config{Provider: "clippy"}, none, none, Resolved{"clippy", "", "", false, "no provider clippy"}},
		"a wrong base_url":          {Config{Provider: OpenAI, BaseURL: "localhost:1"}, none, none, Resolved{OpenAI, "", "localhost:1", false, "base_url is wrong"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := resolve(t.Context(), tc.config, tc.ollama, tc.llama)
			if !strings.Contains(got.Detail, tc.want.Detail) || tc.want.Detail == "" && got.Detail != "" {
				t.Errorf("detail %q", got.Detail)
			}
			got.Detail, tc.want.Detail = "", ""
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// A model is sent what the run asks and nothing else: looking for one asks for lists only.
func TestResolveAsksForListsOnly(t *testing.T) {
	l := &lists{list: models, tags: tags}
	base := start(t, l)
	for _, p := range []string{Auto, OpenAI, Ollama, LlamaCpp} {
		resolve(t.Context(), Config{Provider: p, BaseURL: base}, base, base)
		resolve(t.Context(), Config{Provider: Auto}, base, base)
	}
	for _, a := range l.asked {
		if a != "GET /api/tags" && a != "GET /v1/models" {
			t.Errorf("asked %s", a)
		}
	}
}

func TestNamesOfModelsAreCheckedBeforeTheyAreShown(t *testing.T) {
	base := start(t, &lists{list: `{"data":[{"id":"evil\u001b[31m"},{"id":""},{"id":"good"}]}`})
	if r := resolve(t.Context(), Config{Provider: OpenAI, BaseURL: base}, "", ""); r.Model != "good" {
		t.Errorf("took %q", r.Model)
	}
}
