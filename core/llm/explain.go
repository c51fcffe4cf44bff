package llm

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"nerva/core/api"
)

var (
	errSilent = errors.New("the server sent no answer in time")
	errStall  = errors.New("the server stopped in the middle of its answer")
	errTotal  = errors.New("the answer took too long")
)

// instead is the way out that always exists.
const instead = `set [llm] provider = "offline" for the built-in interpreter`

// broken says whether a connection that had been made was lost.
func broken(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// explain turns what went wrong into a sentence that says what to do. It repeats no error of the HTTP
// client and no unchecked word of the server: both can hold what nobody should read.
func (c *Client) explain(err error, key string) error {
	var (
		status   *statusError
		redirect *redirectError
		reported *serverError
		inStream *openai.APIError
	)
	switch {
	case errors.As(err, &status):
		return c.explainStatus(status, key)
	case errors.As(err, &redirect):
		return api.Errorf(api.Unavailable, "the model server at %s redirects to %s, which is not followed: "+
			"set [llm] base_url to the right address", c.base, shown(redirect.to, key))
	case errors.As(err, &reported):
		message, _ := serverMessage(reported.data)
		return api.Errorf(api.Failed, "the model server at %s reports an error: %s", c.base, shown(message, key))
	case errors.As(err, &inStream):
		return api.Errorf(api.Failed, "the model server at %s reports an error: %s", c.base, shown(inStream.Message, key))
	case errors.Is(err, errLength):
		return api.Errorf(api.Failed, "the model's answer was cut off at its length limit: "+
			"ask for less at once, or give the model a longer context")
	case errors.Is(err, errFilter):
		return api.Errorf(api.Failed, "the model server's content filter stopped the answer: ask in other words")
	}
	for _, known := range []error{errSilent, errStall, errTotal, errCut, errEmpty, errLine, errResponse} {
		if errors.Is(err, known) {
			return api.Errorf(api.Failed, "%w (model server %s): ask again, or look at the server's log", known, c.base)
		}
	}
	return c.explainNetwork(err)
}

func (c *Client) explainStatus(e *statusError, key string) error {
	message, kind := serverMessage(e.body)
	what := fmt.Sprintf("%d", e.code)
	if m := shown(message, key); m != "" {
		what += ": " + m
	}
	switch {
	case e.code == http.StatusUnauthorized || e.code == http.StatusForbidden:
		verb := "refuses the API key"
		if key == "" {
			verb = "wants an API key"
		}
		return api.Errorf(api.Unavailable, "the model server at %s %s (%s): put a valid key into the file "+
			"that [llm] api_key_file names, or into $OPENAI_API_KEY", c.base, verb, what)
	case e.code == http.StatusNotFound:
		return api.Errorf(api.Unavailable, "the model server at %s has no model %q, or its API is elsewhere (%s): "+
			"check [llm] model and base_url", c.base, c.Model, what)
	case kind == "insufficient_quota" || e.code == http.StatusPaymentRequired:
		return api.Errorf(api.Unavailable, "the account's quota at %s is used up (%s): raise it there, or %s",
			c.base, what, instead)
	case e.code == http.StatusTooManyRequests || e.code == http.StatusServiceUnavailable:
		return api.Errorf(api.Unavailable, "the model server at %s is busy (%s): try again later, or %s",
			c.base, what, instead)
	case e.code >= 500:
		return api.Errorf(api.Unavailable, "the model server at %s failed (%s): try again, or look at its log",
			c.base, what)
	default:
		return api.Errorf(api.Failed, "the model server at %s does not accept the request (%s): "+
			"check that the model %q can use tools and that its context is long enough", c.base, what, c.Model)
	}
}

func (c *Client) explainNetwork(err error) error {
	var (
		dns    *net.DNSError
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		op     *net.OpError
	)
	switch {
	case errors.As(err, &dns):
		return api.Errorf(api.Unavailable, "the model server's host in %s cannot be found: check [llm] base_url "+
			"and the network, or %s", c.base, instead)
	case errors.As(err, &cert), errors.As(err, &record):
		return api.Errorf(api.Unavailable, "no trusted connection to the model server at %s: check that [llm] "+
			"base_url has the right scheme and host and that its certificate is valid", c.base)
	case errors.As(err, &op) && op.Op == "dial", errors.Is(err, context.DeadlineExceeded), timeout(err):
		return api.Errorf(api.Unavailable, "no model server answers at %s: start it, or %s", c.base, instead)
	case broken(err):
		return api.Errorf(api.Unavailable, "the connection to the model server at %s broke: ask again, or look at "+
			"the server's log", c.base)
	}
	return api.Errorf(api.Failed, "the answer of the model server at %s cannot be used: check that [llm] base_url "+
		"names an OpenAI-compatible API", c.base)
}

func timeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// seconds writes a wait as people say it.
func seconds(d time.Duration) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
}
