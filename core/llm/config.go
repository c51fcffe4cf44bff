package llm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"time"

	"nerva/core/api"
)

// The providers, as [llm] provider names them. Every one but Offline speaks the OpenAI protocol.
const (
	Auto     = "auto"
	OpenAI   = "openai"
	Ollama   = "ollama"
	LlamaCpp = "llamacpp"
	Offline  = "offline"
)

// Config is how a model is reached.
type Config struct {
	Provider, Model, BaseURL string
	// Key gives the API key and is called for each request, so that a changed file counts at once; "" means
	// that there is none. Nil is the same as a Key that gives "".
	Key    func() (string, error)
	Limits Limits
	Clock  Clock
}

// Limits bound what a request may take; a zero field means the default.
type Limits struct {
	// Connect bounds making a connection: 2 s.
	Connect time.Duration
	// Headers bounds the wait for the first byte of an answer: 60 s, since a local model may have to be
	// loaded from disk first.
	Headers time.Duration
	// Stall bounds the wait between two parts of a stream: 30 s.
	Stall time.Duration
	// Retry bounds the time from the first try to the start of the last one: one minute.
	Retry time.Duration
	// Total bounds one turn: 10 min.
	Total time.Duration
	// Notice is the wait after which the person is told that the server has not answered yet: 2 s.
	Notice time.Duration
}

func (l Limits) withDefaults() Limits {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&l.Connect, 2*time.Second)
	set(&l.Headers, time.Minute)
	set(&l.Stall, 30*time.Second)
	set(&l.Retry, time.Minute)
	set(&l.Total, 10*time.Minute)
	set(&l.Notice, 2*time.Second)
	return l
}

// Clock is the time between two tries; a nil field means the real one.
type Clock struct {
	Now func() time.Time
	// Sleep waits for d or until ctx ends, and returns ctx's error then.
	Sleep func(ctx context.Context, d time.Duration) error
	// Jitter gives a factor around 1 for each wait, so that clients that failed together do not return
	// together.
	Jitter func() float64
}

func (c Clock) withDefaults() Clock {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Jitter == nil {
		c.Jitter = func() float64 { return 0.75 + rand.Float64()/2 }
	}
	return c
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// key reads the API key and refuses one that cannot stand in a header, without showing it.
func (c Config) key() (string, error) {
	if c.Key == nil {
		return "", nil
	}
	k, err := c.Key()
	if err != nil {
		return "", api.Errorf(api.Unavailable, "the API key cannot be read: %w; check [llm] api_key_file", err)
	}
	k = strings.TrimSpace(k)
	if strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", api.Errorf(api.Unavailable,
			"the API key has spaces or characters that no key has: put the key alone into [llm] api_key_file")
	}
	return k, nil
}

// parseBase checks a base URL and gives it the path /v1 where it has none: people copy the address that
// their server prints, and all these servers have their API there.
func parseBase(base string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(base))
	if err == nil && (u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		err = fmt.Errorf("%q is no http:// or https:// address", base)
	}
	if err != nil {
		return nil, api.Errorf(api.InvalidInput,
			"[llm] base_url is wrong: %w; write it like \"http://127.0.0.1:8080/v1\"", err)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	if u.Path == "" {
		u.Path = "/v1"
	}
	u.RawQuery, u.Fragment = "", ""
	return u, nil
}

// Loopback says whether base_url stays on this machine, so that what is sent to it is shown to nobody else.
func (c Config) Loopback() bool {
	u, err := parseBase(c.BaseURL)
	if err != nil {
		return false
	}
	// RFC 6761, section 6.3: names below localhost are loopback too.
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
