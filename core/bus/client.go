package bus

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/bus/sessionbus"
)

// Client speaks to the daemon that owns Name. It is an api.Launcher, api.Agent, api.Skills, api.Policy
// and api.Manager whose errors are *api.Error; any goroutine may use it. It outlives the daemon: a call made
// after a restart reaches the new one.
type Client struct {
	conn  *dbus.Conn
	flags dbus.Flags
}

var (
	_ api.Launcher  = (*Client)(nil)
	_ api.Agent     = (*Client)(nil)
	_ api.Skills    = (*Client)(nil)
	_ api.Policy    = (*Client)(nil)
	_ api.Watchers  = (*Client)(nil)
	_ api.Workflows = (*Client)(nil)
	_ api.Manager   = (*Client)(nil)
)

// DialOptions go with Dial; the zero value is what a command wants.
type DialOptions struct {
	// Address of the message bus; empty means the session bus.
	Address string
	// NoAutoStart keeps calls from starting the daemon where the bus could (D-Bus activation).
	NoAutoStart bool
}

// Dial connects to the bus, not yet to a daemon: whether there is one shows in the first call. The
// connection lives until Close or the end of ctx. Without a bus the error is an api.Unavailable.
func Dial(ctx context.Context, o DialOptions) (*Client, error) {
	conn, err := connect(ctx, o.Address)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn}
	if o.NoAutoStart {
		c.flags = dbus.FlagNoAutoStart
	}
	return c, nil
}

// connect opens a connection whose signals arrive in the order in which they were sent: godbus' default
// handler starts a goroutine for each signal that finds its channel full.
func connect(ctx context.Context, address string, more ...dbus.ConnOption) (*dbus.Conn, error) {
	options := append(more, dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	conn, err := sessionbus.Connect(ctx, address, options...)
	if err != nil {
		return nil, &api.Error{Code: api.Unavailable, Err: err}
	}
	return conn, nil
}

// Peer is this client's unique name on the bus: api.Run.Peer of the runs that it starts.
func (c *Client) Peer() string { return c.conn.Names()[0] }

// Close ends the connection; every Watch of it ends.
func (c *Client) Close() error { return c.conn.Close() }

// Done is closed when the connection has ended, by Close or because the bus went away.
func (c *Client) Done() <-chan struct{} { return c.conn.Context().Done() }

func (c *Client) call(ctx context.Context, path dbus.ObjectPath, method string, args []any, out ...any) error {
	call := c.conn.Object(Name, path).CallWithContext(ctx, method, c.flags, args...)
	if call.Err != nil {
		return fromBus(ctx, call.Err)
	}
	if err := call.Store(out...); err != nil {
		return api.Errorf(api.Failed, "nervad's answer to %s is not what it should be (%w); restart it with `systemctl --user restart nervad`", method, err)
	}
	return nil
}

// list calls a method that answers with aa{sv}.
func list[T any](ctx context.Context, c *Client, method string, args ...any) ([]T, error) {
	var dicts []dict
	if err := c.call(ctx, Path, method, args, &dicts); err != nil {
		return nil, err
	}
	out, err := decodeAll[T](dicts)
	if err != nil {
		return nil, foreign(method, err)
	}
	return out, nil
}

// one calls a method that answers with a{sv}.
func one[T any](ctx context.Context, c *Client, method string, args ...any) (out T, err error) {
	var d dict
	if err := c.call(ctx, Path, method, args, &d); err != nil {
		return out, err
	}
	if err := decode(d, &out); err != nil {
		return out, foreign(method, err)
	}
	return out, nil
}

func foreign(method string, err error) error {
	return api.Errorf(api.Failed, "nervad's answer to %s is of another version (%w); restart it with `systemctl --user restart nervad`", method, err)
}

// Query implements api.Launcher.
func (c *Client) Query(ctx context.Context, text string, limit int) ([]api.Result, error) {
	return list[api.Result](ctx, c, member(LauncherInterface, "Query"), clean(text), toLimit(limit))
}

// Activate implements api.Launcher.
func (c *Client) Activate(ctx context.Context, id, action string, o api.ActivateOptions) error {
	return c.call(ctx, Path, member(LauncherInterface, "Activate"), []any{clean(id), clean(action), encode(o)})
}

// Ask implements api.Agent.
func (c *Client) Ask(ctx context.Context, prompt string, o api.AskOptions) (uint64, error) {
	var path dbus.ObjectPath
	if err := c.call(ctx, Path, member(AgentInterface, "Ask"), []any{clean(prompt), encode(o)}, &path); err != nil {
		return 0, err
	}
	return ParseRunPath(path)
}

// AskAndWait starts a run and returns the answer of its end; a run that fails or is cancelled is an error
// with its sentence. It takes as long as the run does. When this client leaves the bus the run is cancelled.
func (c *Client) AskAndWait(ctx context.Context, prompt string, o api.AskOptions) (string, error) {
	var answer string
	err := c.call(ctx, Path, member(AgentInterface, "AskAndWait"), []any{clean(prompt), encode(o)}, &answer)
	return answer, err
}

// Runs implements api.Agent.
func (c *Client) Runs(ctx context.Context, limit int) ([]api.Run, error) {
	return list[api.Run](ctx, c, member(AgentInterface, "ListRuns"), toLimit(limit))
}

// Cancel implements api.Agent.
func (c *Client) Cancel(ctx context.Context, run uint64) error {
	return c.call(ctx, RunPath(run), member(RunInterface, "Cancel"), nil)
}

// Decide implements api.Agent. The daemon takes the caller from the bus, so the last argument is not sent.
func (c *Client) Decide(ctx context.Context, run uint64, question string, d api.Decision, _ api.Caller) error {
	return c.call(ctx, RunPath(run), member(RunInterface, "Decide"), []any{clean(question), clean(string(d))})
}

// Skills implements api.Skills.
func (c *Client) Skills(ctx context.Context) ([]api.Skill, error) {
	return list[api.Skill](ctx, c, member(SkillsInterface, "List"))
}

// Execute implements api.Skills. When this client leaves the bus the call is cancelled.
func (c *Client) Execute(ctx context.Context, skill string, input json.RawMessage, o api.AskOptions) (json.RawMessage, error) {
	var output string
	args := []any{clean(skill), clean(string(input)), encode(o)}
	if err := c.call(ctx, Path, member(SkillsInterface, "Execute"), args, &output); err != nil {
		return nil, err
	}
	if !json.Valid([]byte(output)) {
		return nil, foreign("Execute", errors.New("the output is not JSON"))
	}
	return json.RawMessage(output), nil
}

// Explain implements api.Policy.
func (c *Client) Explain(ctx context.Context, skill string, input json.RawMessage, o api.ExplainOptions) (api.Explanation, error) {
	return one[api.Explanation](ctx, c, member(PolicyInterface, "Explain"), clean(skill), clean(string(input)), encode(o))
}

// Rules implements api.Policy.
func (c *Client) Rules(ctx context.Context) ([]api.Rule, error) {
	return list[api.Rule](ctx, c, member(PolicyInterface, "Rules"))
}

// Forget implements api.Policy.
func (c *Client) Forget(ctx context.Context, name string) error {
	return c.call(ctx, Path, member(PolicyInterface, "Forget"), []any{clean(name)})
}

// Watchers implements api.Watchers.
func (c *Client) Watchers(ctx context.Context) ([]api.Watcher, error) {
	return list[api.Watcher](ctx, c, member(WatchersInterface, "List"))
}

// Workflows implements api.Workflows.
func (c *Client) Workflows(ctx context.Context) ([]api.Workflow, error) {
	return list[api.Workflow](ctx, c, member(WorkflowsInterface, "List"))
}

// Suggestions implements api.Watchers.
func (c *Client) Suggestions(ctx context.Context, limit int) ([]api.Suggestion, error) {
	return list[api.Suggestion](ctx, c, member(WatchersInterface, "Suggestions"), toLimit(limit))
}

// Accept implements api.Watchers. The daemon takes the caller from the bus, so the last argument is not sent.
func (c *Client) Accept(ctx context.Context, id string, _ api.Caller) error {
	return c.call(ctx, Path, member(WatchersInterface, "Accept"), []any{clean(id)})
}

// Dismiss implements api.Watchers.
func (c *Client) Dismiss(ctx context.Context, id string) error {
	return c.call(ctx, Path, member(WatchersInterface, "Dismiss"), []any{clean(id)})
}

// Never implements api.Watchers.
func (c *Client) Never(ctx context.Context, id string) error {
	return c.call(ctx, Path, member(WatchersInterface, "Never"), []any{clean(id)})
}

// Hear implements api.Watchers.
func (c *Client) Hear(ctx context.Context, rule string) error {
	return c.call(ctx, Path, member(WatchersInterface, "Hear"), []any{clean(rule)})
}

// Status implements api.Manager.
func (c *Client) Status(ctx context.Context) (api.Status, error) {
	return one[api.Status](ctx, c, member(ManagerInterface, "Status"))
}

// Reload implements api.Manager.
func (c *Client) Reload(ctx context.Context) error {
	return c.call(ctx, Path, member(ManagerInterface, "Reload"), nil)
}

// Log implements api.Manager.
func (c *Client) Log(ctx context.Context, f api.LogFilter) ([]api.Record, error) {
	var all []api.Record
	for limit := f.Limit; ; {
		page, err := list[api.Record](ctx, c, member(ManagerInterface, "Log"), encode(f))
		if err != nil {
			return nil, err
		}
		all = append(page, all...)
		if len(page) == 0 || limit > 0 && len(all) >= limit || f.EndedAfter > 0 { // what has ended since is little
			return all, nil
		}
		// An answer has only so much room: whether there is more before it shows when it is asked for.
		f.Before = page[0].Seq
		if limit > 0 {
			f.Limit = limit - len(all)
		}
	}
}

// VerifyLog implements api.Manager.
func (c *Client) VerifyLog(ctx context.Context) (api.Verified, error) {
	return one[api.Verified](ctx, c, member(ManagerInterface, "VerifyLog"))
}

// toLimit makes the u of a limit; like 0, a negative one means no limit.
func toLimit(limit int) uint32 {
	return uint32(min(max(limit, 0), 1<<32-1))
}
