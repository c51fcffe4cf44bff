// Package client is the overlay's side of the daemon: it carries out the model's effects in goroutines and
// brings back what happens as the model's events.
//
// Do may be called from the GTK thread: it never waits. The set of followed runs is guarded by a mutex;
// everything else is fixed at New. The package must not know GTK, nor how the daemon is reached.
package client

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"nerva/core/api"
	"nerva/ui/model"
)

// Limits of the calls that a person waits for. An answer to a question and a cancel may take as long as
// the daemon takes to stop what it is doing.
const (
	queryLimit  = 3 * time.Second
	actLimit    = 15 * time.Second
	cancelLimit = 15 * time.Second
	listLimit   = 5 * time.Second
)

// Daemon is what the overlay needs of nerva's daemon.
type Daemon interface {
	api.Launcher
	api.Agent
	Auditor
	// Status is the daemon's own; of it the overlay shows a broken configuration.
	Status(ctx context.Context) (api.Status, error)
	// Presence tells whether there is a daemon: at first and after each change, among them the change from
	// one daemon to another. The channel is closed when ctx or the connection ends.
	Presence(ctx context.Context) (<-chan bool, error)
	// Asked gives the number of a run, whoever started it, each time one puts a question.
	Asked(ctx context.Context) (<-chan uint64, error)
}

// Client connects a model to a Daemon.
type Client struct {
	daemon Daemon
	post   func(model.Event)
	log    *slog.Logger
	ctx    context.Context // ends everything that Do started
	work   sync.WaitGroup

	mu       sync.Mutex
	query    context.CancelFunc // of the query that is under way
	newest   uint64             // number of the newest query
	followed map[uint64]bool
	leave    context.CancelFunc // ends the following of the log
	up       chan struct{}      // closed while there is a daemon
}

// New returns a Client whose goroutines end with ctx. post takes events from any goroutine.
func New(ctx context.Context, d Daemon, post func(model.Event), log *slog.Logger) *Client {
	return &Client{
		daemon: d, post: post, log: log, ctx: ctx,
		query: func() {}, leave: func() {}, followed: map[uint64]bool{}, up: make(chan struct{}),
	}
}

// Wait returns when all goroutines that the client started have ended; end its context first.
func (c *Client) Wait() { c.work.Wait() }

// Do carries out an effect. The token is the activation token of the key press that caused it, where there
// is one.
func (c *Client) Do(e model.Effect, token string) {
	switch e := e.(type) {
	case model.Query:
		c.doQuery(e)
	case model.Activate:
		c.goDo(actLimit, func(ctx context.Context) {
			c.post(model.Launched{Err: c.daemon.Activate(ctx, e.ID, e.Action, api.ActivateOptions{Token: token})})
		})
	case model.Ask:
		c.goDo(actLimit, func(ctx context.Context) {
			run, err := c.daemon.Ask(ctx, e.Prompt, api.AskOptions{Interactive: true, Result: e.Result})
			c.post(model.RunOpened{Prompt: e.Prompt, Result: e.Result, Run: run, Err: err})
			if err == nil {
				c.Follow(run)
			}
		})
	case model.Cancel:
		c.goDo(cancelLimit, func(ctx context.Context) {
			c.failed(e.Run, c.daemon.Cancel(ctx, e.Run))
		})
	case model.Decide:
		c.goDo(actLimit, func(ctx context.Context) {
			c.failed(e.Run, c.daemon.Decide(ctx, e.Run, e.Question, e.Decision, api.Caller{}))
		})
	default:
		c.doLog(e)
	}
}

func (c *Client) goDo(limit time.Duration, f func(context.Context)) {
	c.work.Go(func() {
		ctx, cancel := context.WithTimeout(c.ctx, limit)
		defer cancel()
		f(ctx)
	})
}

func (c *Client) failed(run uint64, err error) {
	if err != nil && c.ctx.Err() == nil {
		c.post(model.Failed{Run: run, Err: err})
	}
}

// doQuery gives up the query before this one: its answer would be thrown away.
func (c *Client) doQuery(q model.Query) {
	ctx, cancel := context.WithTimeout(c.ctx, queryLimit)
	c.mu.Lock()
	if q.Number < c.newest {
		c.mu.Unlock()
		cancel()
		return
	}
	c.query()
	c.query, c.newest = cancel, q.Number
	c.mu.Unlock()
	c.work.Go(func() {
		defer cancel()
		results, err := c.daemon.Query(ctx, q.Text, q.Limit)
		if errors.Is(context.Cause(ctx), context.Canceled) {
			return
		}
		c.post(model.Found{Query: q.Number, Results: results, Err: err})
	})
}
