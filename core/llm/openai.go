package llm

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"nerva/core/api"
)

// maxRetryAfter bounds what a server may ask for with Retry-After: somebody is waiting.
const maxRetryAfter = 30 * time.Second

// Client is a Model behind an OpenAI-compatible server. It sends what a turn asks for and nothing else.
type Client struct {
	Config
	base string // with the path, shown to people
	http *http.Client
}

var _ Model = (*Client)(nil)

// NewOpenAI makes a model of a configuration whose Model and BaseURL are set (see Resolve). It connects to
// nothing yet.
func NewOpenAI(c Config) (*Client, error) {
	u, err := parseBase(c.BaseURL)
	if err != nil {
		return nil, err
	}
	if c.Model == "" {
		return nil, api.Errorf(api.InvalidInput,
			"no model is named for %s: set [llm] model to one that the server has", u.Redacted())
	}
	c.BaseURL, c.Limits, c.Clock = u.String(), c.Limits.withDefaults(), c.Clock.withDefaults()
	return &Client{
		Config: c,
		base:   u.Redacted(),
		http:   &http.Client{Transport: transport{newTransport(c.Limits)}},
	}, nil
}

// Close ends the connections that are kept for the next turn.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Turn continues the conversation. What fails before any text was passed on is tried again where that can
// help: a busy or failing server, a broken connection.
func (c *Client) Turn(ctx context.Context, r Request, progress func(Progress)) (Turn, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	key, err := c.key()
	if err != nil {
		return Turn{}, err
	}
	total, cancel := context.WithTimeoutCause(ctx, c.Limits.Total, errTotal)
	defer cancel()
	t, err := c.tries(total, key, r, progress)
	switch {
	case err == nil:
		return t, nil
	case ctx.Err() != nil:
		return Turn{}, api.Errorf(api.Cancelled, "the request to the model was cancelled")
	case total.Err() != nil:
		err = errTotal
	}
	return Turn{}, c.explain(err, key)
}

// tries asks until it works, cannot work, or has taken too long.
func (c *Client) tries(ctx context.Context, key string, r Request, progress func(Progress)) (Turn, error) {
	first := c.Clock.Now()
	for n := 0; ; n++ {
		left := c.Limits.Retry - c.Clock.Now().Sub(first)
		passed := false
		a := attempt{client: c, headers: min(c.Limits.Headers, left), progress: func(p Progress) {
			passed = passed || p.Delta != ""
			progress(p)
		}}
		t, err := a.run(ctx, key, r)
		if err == nil || passed || ctx.Err() != nil {
			return t, err
		}
		why, most := retryable(err)
		wait := c.wait(n, err)
		if n+1 >= most || c.Clock.Now().Add(wait).Sub(first) >= c.Limits.Retry {
			return t, err
		}
		progress(Progress{Notice: why + ", trying again in " + seconds(wait)})
		if err := c.Clock.Sleep(ctx, wait); err != nil {
			return Turn{}, err
		}
	}
}

// retryable says how often at most something that failed so is tried, and why in words. A refused
// connection is not: a server that is not there will not be there in a second, and the person can be told.
func retryable(err error) (why string, most int) {
	var status *statusError
	switch {
	case errors.As(err, &status):
		_, kind := serverMessage(status.body)
		code := strconv.Itoa(status.code)
		switch {
		case kind == "insufficient_quota": // comes as a 429, and stays until the account is paid for
			return "", 0
		case status.code == http.StatusTooManyRequests, status.code == http.StatusServiceUnavailable:
			return "the model server is busy (" + code + ")", 7
		case status.code >= 500, status.code == http.StatusRequestTimeout:
			return "the model server failed (" + code + ")", 5
		}
	case broken(err):
		return "the connection to the model server broke", 4
	}
	return "", 0
}

// wait is how long to wait after the n-th failure: what the server asks for, else twice as long each time.
func (c *Client) wait(n int, err error) time.Duration {
	var status *statusError
	if errors.As(err, &status) {
		if d, ok := retryAfter(status.retryAfter, c.Clock.Now()); ok {
			return d
		}
	}
	d := 500 * time.Millisecond * time.Duration(math.Pow(2, float64(n)))
	return time.Duration(float64(d) * c.Clock.Jitter()).Round(100 * time.Millisecond)
}

// retryAfter reads the header's two forms, seconds and a date (RFC 9110, section 10.2.3).
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	var d time.Duration
	if n, err := strconv.ParseFloat(value, 64); err == nil {
		d = time.Duration(min(n, maxRetryAfter.Seconds()) * float64(time.Second))
	} else if at, err := http.ParseTime(value); err == nil {
		d = at.Sub(now).Round(100 * time.Millisecond)
	} else {
		return 0, false
	}
	return min(max(d, 100*time.Millisecond), maxRetryAfter), true
}

// attempt is one request.
type attempt struct {
	client   *Client
	headers  time.Duration // bounds the wait for the first part
	progress func(Progress)
}

// part is what the reading goroutine hands over: data or the error that ends the stream.
type part struct {
	data []byte
	err  error
}

// run sends the request and reads the answer in a goroutine of its own, so that the waits can be bounded;
// that goroutine has ended when run returns.
func (a attempt) run(ctx context.Context, key string, r Request) (Turn, error) {
	ctx, cancel := context.WithCancel(ctx)
	parts := make(chan part)
	go a.client.read(ctx, key, a.client.convert(r), parts)
	defer func() {
		cancel()
		for range parts { //nolint:revive // until the reader has closed it
		}
	}()
	limit := time.NewTimer(a.headers)
	defer limit.Stop()
	notice := time.NewTimer(a.client.Limits.Notice)
	defer notice.Stop()

	var out assembly
	late := errSilent // what it means when limit fires
	for {
		select {
		case p := <-parts:
			notice.Stop()
			if p.err != nil {
				if errors.Is(p.err, io.EOF) || out.finish != "" {
					return out.turn(known(r))
				}
				return Turn{}, p.err
			}
			delta, err := out.add(p.data)
			if err != nil {
				return Turn{}, err
			}
			if delta != "" {
				a.progress(Progress{Delta: delta})
			}
			late = errStall
			limit.Reset(a.client.stall(out.finish))
		case <-notice.C:
			a.progress(Progress{Notice: "the model server at " + a.client.base + " has not answered yet, still waiting"})
		case <-limit.C:
			if out.finish != "" {
				return out.turn(known(r))
			}
			return Turn{}, late
		case <-ctx.Done():
			return Turn{}, ctx.Err()
		}
	}
}

// stall is the wait for the next part. After the finish reason nothing that matters can come, only the end.
func (c *Client) stall(finish string) time.Duration {
	if finish != "" {
		return min(c.Limits.Stall, time.Second)
	}
	return c.Limits.Stall
}

func (c *Client) read(ctx context.Context, key string, r openai.ChatCompletionRequest, parts chan<- part) {
	defer close(parts)
	send := func(p part) bool {
		select {
		case parts <- p:
			return p.err == nil
		case <-ctx.Done():
			return false
		}
	}
	config := openai.DefaultConfig(key)
	config.BaseURL, config.HTTPClient = c.BaseURL, c.http
	config.EmptyMessagesLimit = maxResponse // comments that keep the stream alive count; transport bounds them
	stream, err := openai.NewClientWithConfig(config).CreateChatCompletionStream(ctx, r)
	if err != nil {
		send(part{err: err})
		return
	}
	defer func() { _ = stream.Close() }()
	for {
		data, err := stream.RecvRaw()
		if !send(part{data, err}) {
			return
		}
	}
}
