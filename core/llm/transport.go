package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"nerva/core/api"
)

const (
	maxLine     = 1 << 20  // one line of a stream, in bytes
	maxResponse = 32 << 20 // a whole answer
	maxError    = 64 << 10 // what is read of an error's body
	maxMessage  = 200      // what is shown of a server's words, in runes
)

var (
	errLine     = errors.New("a line of the answer is longer than 1 MiB")
	errResponse = errors.New("the answer is longer than 32 MiB")
)

// statusError is an answer with a status that is no success.
type statusError struct {
	code       int
	body       []byte // at most maxError bytes, untrusted
	retryAfter string // the header as it came
}

func (e *statusError) Error() string { return fmt.Sprintf("%d %s", e.code, http.StatusText(e.code)) }

// redirectError is an answer that sends the client elsewhere. None is followed: the request carries the key
// and the person's words, and neither may go to a host that the configuration does not name.
type redirectError struct{ to string }

func (e *redirectError) Error() string { return "redirected to " + e.to }

// transport bounds what comes back and turns statuses into errors, since go-openai reads bodies and lines of
// any length and keeps no headers of an error.
type transport struct{ base http.RoundTripper }

func newTransport(l Limits) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: l.Connect}).DialContext,
		TLSHandshakeTimeout:    l.Connect,
		MaxResponseHeaderBytes: maxError,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        l.Stall, // nothing may stay open, and wake the daemon, for long
	}
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := t.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		res.Body = &limited{body: res.Body}
		return res, nil
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode < 400 {
		return nil, &redirectError{redirectTarget(r.URL, res.Header.Get("Location"))}
	}
	// What was read of a body that breaks off is still the best there is to show.
	body, _ := io.ReadAll(io.LimitReader(res.Body, maxError))
	return nil, &statusError{code: res.StatusCode, body: body, retryAfter: res.Header.Get("Retry-After")}
}

func redirectTarget(from *url.URL, location string) string {
	to, err := from.Parse(location)
	if location == "" || err != nil {
		return "nowhere"
	}
	to.User, to.RawQuery, to.Fragment = nil, "", ""
	return to.String()
}

// serverMessage finds the words in an error's body: {"error":{"message","code"}} (OpenAI), {"error":"…"}
// (ollama), {"message"} or {"detail"} (others), else the body itself.
func serverMessage(body []byte) (message, kind string) {
	var outer struct {
		Error           json.RawMessage
		Message, Detail any
	}
	if json.Unmarshal(body, &outer) != nil {
		return string(body), ""
	}
	var inner struct{ Message, Code any }
	var text string
	// Only one of the two fits; a body with neither shows itself.
	_ = json.Unmarshal(outer.Error, &inner)
	_ = json.Unmarshal(outer.Error, &text)
	kind, _ = inner.Code.(string)
	for _, v := range []any{text, inner.Message, outer.Message, outer.Detail} {
		if s, _ := v.(string); s != "" {
			return s, kind
		}
	}
	return string(body), kind
}

// shown makes a server's words fit to be shown: without the key, should the server repeat it.
func shown(s, key string) string {
	if key != "" {
		s = strings.ReplaceAll(s, key, "(key)")
	}
	return api.OneLine(s, maxMessage)
}

// limited bounds a body's lines and length.
type limited struct {
	body        io.ReadCloser
	line, total int
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.body.Read(p)
	l.total += n
	for _, b := range p[:n] {
		l.line++
		if b == '\n' {
			l.line = 0
		}
		if l.line > maxLine {
			return 0, errLine
		}
	}
	if l.total > maxResponse {
		return 0, errResponse
	}
	if err == io.EOF && l.line > 0 { // go-openai drops a last line that has no end
		if n == len(p) {
			return n, nil
		}
		p[n], l.line = '\n', 0
		n++
	}
	return n, err
}

func (l *limited) Close() error { return l.body.Close() }
