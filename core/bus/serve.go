package bus

import (
	"context"
	"encoding/json"
	"slices"

	"nerva/core/api"
)

// The methods of the service's object, in the order of methods.go.

// maxQuery is how much a person types; every program may ask, those in a sandbox too.
const maxQuery = 1 << 10

func (s *Server) query(c *call) ([]any, error) {
	if n := len(c.text(0)); n > maxQuery {
		return nil, api.Errorf(api.InvalidInput, "the text has %d bytes; at most %d are searched for", n, maxQuery)
	}
	finds := c.svc.Names
	if c.trusted {
		finds = c.svc.Launcher
	}
	results, err := finds.Query(s.ctx, c.text(0), int(c.args[1].(uint32)))
	return []any{encodeAll(results)}, err
}

func (s *Server) activate(c *call) ([]any, error) {
	var o api.ActivateOptions
	if err := decodeOptions(c.options(2), &o); err != nil {
		return nil, err
	}
	release, err := s.tenure.hold(s.ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	o.Caller = c.by
	return nil, c.svc.Launcher.Activate(s.ctx, c.text(0), c.text(1), o)
}

func (s *Server) ask(c *call) ([]any, error) {
	id, release, err := s.start(c)
	defer release()
	return []any{RunPath(id)}, err
}

// start starts a run and the relay of its signals. The name stays here from before the run begins: once
// there is one, a daemon that asks for the name must wait for its end.
func (s *Server) start(c *call) (run uint64, release func(), err error) {
	var o api.AskOptions
	if err := decodeOptions(c.options(1), &o); err != nil {
		return 0, func() {}, err
	}
	release, err = s.tenure.hold(s.ctx)
	if err != nil {
		return 0, func() {}, err
	}
	o.Caller = c.by
	run, err = c.svc.Agent.Ask(s.ctx, c.text(0), o)
	if err != nil {
		return 0, release, err
	}
	if err := s.relay(run); err != nil {
		return run, release, err
	}
	s.whenEnded(run, s.peers.whenGone(s.ctx, c.sender, func() { s.peerGone(c.sender) }))
	return run, release, nil
}

func (s *Server) askAndWait(c *call) ([]any, error) {
	ctx, leave := s.peers.whilePresent(s.ctx, c.sender)
	defer leave()
	run, release, err := s.start(c)
	defer release()
	if err != nil {
		return nil, err
	}
	now, events, err := c.svc.Agent.Watch(ctx, run)
	if err != nil {
		return nil, err
	}
	for e := range events {
		fold(&now, e)
	}
	switch now.State {
	case api.Done:
		return []any{clean(now.Answer)}, nil
	case api.CancelledRun:
		return nil, outcome(api.Cancelled, now.Answer, "the run was cancelled")
	case api.FailedRun:
		return nil, outcome(api.Failed, now.Answer, "the run failed; `nerva runs` shows its steps")
	}
	// Nobody waits for the answer any more, or the daemon stops.
	cancel, stop := context.WithTimeout(context.WithoutCancel(s.ctx), answerLimit)
	defer stop()
	if err := c.svc.Agent.Cancel(cancel, run); err != nil {
		s.log.Warn("cancel the run of a caller who left", "run", run, "error", err)
	}
	return nil, api.Errorf(api.Cancelled, "the run was cancelled because its caller left the bus")
}

func outcome(code api.Code, sentence, otherwise string) error {
	if sentence == "" {
		sentence = otherwise
	}
	return api.Errorf(code, "%s", sentence)
}

func (s *Server) listRuns(c *call) ([]any, error) {
	runs, err := c.svc.Agent.Runs(s.ctx, int(c.args[0].(uint32)))
	return []any{encodeAll(runs)}, err
}

func (s *Server) listSkills(c *call) ([]any, error) {
	skills, err := c.svc.Skills.Skills(s.ctx)
	return []any{encodeAll(skills)}, err
}

func (s *Server) execute(c *call) ([]any, error) {
	var o api.AskOptions
	if err := decodeOptions(c.options(2), &o); err != nil {
		return nil, err
	}
	ctx, end, err := s.acting(c)
	if err != nil {
		return nil, err
	}
	defer end()
	o.Caller = c.by
	output, err := c.svc.Skills.Execute(ctx, c.text(0), json.RawMessage(c.text(1)), o)
	return []any{clean(string(output))}, err
}

// acting is for a call that may act and put questions: it ends when its caller leaves, and the name stays here until end.
func (s *Server) acting(c *call) (ctx context.Context, end func(), err error) {
	ctx, leave := s.peers.whilePresent(s.ctx, c.sender)
	release, err := s.tenure.hold(ctx)
	if err != nil {
		leave()
		return nil, nil, err
	}
	return ctx, func() { release(); leave() }, nil
}

func (s *Server) explain(c *call) ([]any, error) {
	var o api.ExplainOptions
	if err := decodeOptions(c.options(2), &o); err != nil {
		return nil, err
	}
	explanation, err := c.svc.Policy.Explain(s.ctx, c.text(0), json.RawMessage(c.text(1)), o)
	return []any{encode(explanation)}, err
}

func (s *Server) rules(c *call) ([]any, error) {
	rules, err := c.svc.Policy.Rules(s.ctx)
	return []any{encodeAll(rules)}, err
}

func (s *Server) forget(c *call) ([]any, error) {
	return nil, c.svc.Policy.Forget(s.ctx, c.text(0))
}

func (s *Server) listWatchers(c *call) ([]any, error) {
	list, err := c.svc.Watchers.Watchers(s.ctx)
	return []any{encodeAll(list)}, err
}

func (s *Server) listSuggestions(c *call) ([]any, error) {
	list, err := c.svc.Watchers.Suggestions(s.ctx, int(c.args[0].(uint32)))
	return []any{encodeAll(list)}, err
}

func (s *Server) listWorkflows(c *call) ([]any, error) {
	list, err := c.svc.Workflows.Workflows(s.ctx)
	return []any{encodeAll(list)}, err
}

func (s *Server) accept(c *call) ([]any, error) {
	ctx, end, err := s.acting(c)
	if err != nil {
		return nil, err
	}
	defer end()
	return nil, c.svc.Watchers.Accept(ctx, c.text(0), c.by)
}

func (s *Server) dismiss(c *call) ([]any, error) {
	return nil, c.svc.Watchers.Dismiss(s.ctx, c.text(0))
}

func (s *Server) never(c *call) ([]any, error) {
	return nil, c.svc.Watchers.Never(s.ctx, c.text(0))
}

func (s *Server) hear(c *call) ([]any, error) {
	return nil, c.svc.Watchers.Hear(s.ctx, c.text(0))
}

func (s *Server) status(c *call) ([]any, error) {
	status, err := c.svc.Manager.Status(s.ctx)
	return []any{encode(status)}, err
}

func (s *Server) reload(c *call) ([]any, error) {
	return nil, c.svc.Manager.Reload(s.ctx)
}

func (s *Server) readLog(c *call) ([]any, error) {
	var f api.LogFilter
	if err := decodeOptions(c.options(0), &f); err != nil {
		return nil, err
	}
	// More can't have room, so they are not read: a long log is asked for page by page.
	if f.Limit <= 0 || f.Limit > maxReply/leastRecord {
		f.Limit = maxReply / leastRecord
	}
	records, err := c.svc.Manager.Log(s.ctx, f)
	return []any{encodeAll(newest(records))}, err
}

// maxReply is what one answer holds of the log, in bytes: a D-Bus array has at most 64 MiB (D-Bus specification, "Message
// Protocol"). Client.Log goes on from there.
const maxReply = 16 << 20

// leastRecord is what a record takes beside its texts, in bytes, generously.
const leastRecord = 1 << 10

// newest leaves so many of the last records as have room, and one in any case.
func newest(records []api.Record) []api.Record {
	size := 0
	for i, r := range slices.Backward(records) {
		for _, source := range r.TaintedBy {
			size += len(source)
		}
		if size += len(r.Input) + len(r.Error) + leastRecord; size > maxReply && i < len(records)-1 {
			return records[i+1:]
		}
	}
	return records
}

func (s *Server) verifyLog(c *call) ([]any, error) {
	verified, err := c.svc.Manager.VerifyLog(s.ctx)
	return []any{encode(verified)}, err
}
