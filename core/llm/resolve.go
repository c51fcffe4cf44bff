package llm

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"nerva/core/api"
)

// Where the providers are unless base_url says otherwise.
const (
	openAIURL   = "https://api.openai.com/v1"
	ollamaURL   = "http://127.0.0.1:11434/v1"
	llamaCppURL = "http://127.0.0.1:8080/v1"
)

// openAIModel is used at OpenAI itself where no model is named; its list has hundreds, in no useful order.
const openAIModel = "gpt-4.1-mini"

const (
	localLimit  = 300 * time.Millisecond // what looking for a server that nobody configured may take
	remoteLimit = 2 * time.Second
	maxList     = 4 << 20 // bytes of a list of models
)

// Resolved is a configuration with its gaps filled in.
type Resolved struct {
	// Provider is never Auto.
	Provider, Model, BaseURL string
	// Reachable says whether the server answered just now; Detail says, where it did not or cannot be used,
	// why and what to do.
	Reachable bool
	Detail    string
}

// Apply gives c the values that were found.
func (r Resolved) Apply(c Config) Config {
	c.Provider, c.Model, c.BaseURL = r.Provider, r.Model, r.BaseURL
	return c
}

// Outside is the host that what the model is sent goes to, empty where it stays on this machine.
func (r Resolved) Outside() string {
	if r.Provider == Offline || (Config{BaseURL: r.BaseURL}).Loopback() {
		return ""
	}
	u, err := url.Parse(r.BaseURL)
	if err != nil || u.Hostname() == "" {
		return r.Provider
	}
	return u.Hostname()
}

// Resolve finds out which server and model a configuration means. It asks for lists of models only. With
// provider "auto" it takes what a key or a base_url points to, else a local server if one answers, else the
// offline interpreter; a provider that is named is never exchanged for another.
func Resolve(ctx context.Context, c Config) Resolved {
	return resolve(ctx, c, ollamaURL, llamaCppURL)
}

func resolve(ctx context.Context, c Config, ollama, llamaCpp string) Resolved {
	switch c.Provider {
	case Auto, "":
		return auto(ctx, c, ollama, llamaCpp)
	case Offline:
		return Resolved{Provider: Offline, Reachable: true}
	case OpenAI:
		return look(ctx, c, OpenAI, or(c.BaseURL, openAIURL), remoteLimit)
	case Ollama:
		return look(ctx, c, Ollama, or(c.BaseURL, ollama), remoteLimit)
	case LlamaCpp:
		return look(ctx, c, LlamaCpp, or(c.BaseURL, llamaCpp), remoteLimit)
	}
	return Resolved{Provider: c.Provider, Detail: "there is no provider " + c.Provider +
		`: set [llm] provider to "auto", "openai", "ollama", "llamacpp" or "offline"`}
}

func auto(ctx context.Context, c Config, ollama, llamaCpp string) Resolved {
	// A key that is configured but cannot be read still means its server; look says what is wrong.
	if key, err := c.key(); c.BaseURL != "" || key != "" || err != nil {
		return look(ctx, c, OpenAI, or(c.BaseURL, openAIURL), remoteLimit)
	}
	found := make(chan Resolved, 1)
	go func() { found <- look(ctx, c, LlamaCpp, llamaCpp, localLimit) }()
	first := look(ctx, c, Ollama, ollama, localLimit)
	second := <-found
	for _, r := range []Resolved{first, second} {
		if r.Reachable && r.Detail == "" {
			return r
		}
	}
	return Resolved{Provider: Offline, Reachable: true, Detail: "no model is configured and no local ollama or " +
		"llama.cpp server answers: set [llm] base_url to add one"}
}

// look asks one server for its models.
func look(ctx context.Context, c Config, provider, base string, limit time.Duration) Resolved {
	r := Resolved{Provider: provider, Model: c.Model, BaseURL: base}
	c.BaseURL, c.Limits, c.Clock = base, c.Limits.withDefaults(), c.Clock.withDefaults()
	u, err := parseBase(base)
	if err != nil {
		r.Detail = err.Error()
		return r
	}
	r.BaseURL = u.String()
	key, err := c.key()
	if err != nil {
		r.Detail = err.Error()
		return r
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	models, err := list(ctx, c, provider, u, key)
	// Many servers have no list at that address and are there all the same; anything else they said is told.
	var status *statusError
	r.Reachable = err == nil || errors.As(err, &status)
	if err != nil && (status == nil || status.code != http.StatusNotFound && status.code != http.StatusMethodNotAllowed) {
		client := Client{Config: c, base: u.Redacted()}
		r.Detail = client.explain(err, key).Error()
		return r
	}
	r.Model, r.Detail = choose(c.Model, models, provider, u)
	return r
}

// choose takes the configured model, else the first. Ollama's names have a tag that may be left out
// ("llama3" is "llama3:latest").
func choose(want string, models []string, provider string, u *url.URL) (model, detail string) {
	switch {
	case want != "" && provider == Ollama && !slices.Contains(models, want) && !slices.Contains(models, want+":latest"):
		return want, "the model server at " + u.Redacted() + " has no model " + want +
			": fetch it with \"ollama pull " + want + "\", or set [llm] model to one it has"
	case want != "":
		return want, ""
	case u.String() == openAIURL:
		return openAIModel, ""
	case len(models) == 0 && provider == Ollama:
		return "", "the model server at " + u.Redacted() + " has no models: fetch one with \"ollama pull NAME\""
	case len(models) == 0:
		return "", "the model server at " + u.Redacted() + " lists no models: set [llm] model"
	}
	return models[0], ""
}

// list asks for the names of the models: GET /api/tags of ollama, which knows what is installed, else GET
// /v1/models.
func list(ctx context.Context, c Config, provider string, base *url.URL, key string) ([]string, error) {
	at := base.JoinPath("models")
	if provider == Ollama {
		at = base.JoinPath()
		at.Path = strings.TrimSuffix(at.Path, "/v1") + "/api/tags"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	t := newTransport(c.Limits)
	t.DisableKeepAlives = true
	res, err := (&http.Client{Transport: transport{t}}).Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var got struct {
		Data   []struct{ ID string }
		Models []struct{ Name string }
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxList)).Decode(&got); err != nil {
		return nil, api.Errorf(api.Failed, "read the list of models: %w", err)
	}
	var names []string
	for _, m := range got.Data {
		names = append(names, m.ID)
	}
	for _, m := range got.Models {
		names = append(names, m.Name)
	}
	return slices.DeleteFunc(names, func(s string) bool { return s == "" || s != shown(s, key) }), nil
}
