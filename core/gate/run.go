package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/audit"
)

type result struct {
	output json.RawMessage
	err    error
	// stopped is why the call had been stopped when the executor returned, and late that its limit had ended: the context of an
	// injection ends in any case then.
	stopped error
	late    bool
}

// run executes c within its limit and returns the word for the audit log with what came of it. It waits for
// the executor even when ctx has ended: what it still does is a side effect of this call. Only one that ignores
// its context altogether is left behind, and then the outcome is unknown.
func (g *Gate) run(ctx context.Context, c *checked) (json.RawMessage, string, error) {
	limit := c.skill.Limit
	if limit == 0 {
		limit = runLimit
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan result, 1)
	c.begun = true
	go func() {
		r := g.contained(limited, c)
		r.stopped, r.late = context.Cause(ctx), limited.Err() != nil
		if c.ended != nil {
			c.ended()
		}
		done <- r
	}()
	var r result
	select {
	case r = <-done:
	case <-limited.Done():
		timer := time.NewTimer(stopLimit)
		defer timer.Stop()
		select {
		case r = <-done:
		case <-timer.C:
			return nil, audit.Unknown, api.Errorf(api.Failed, "%s does not stop; look whether it took effect before you ask again", c.Skill)
		}
	}
	switch {
	case r.err == nil:
		output, err := shorten(r.output, c.Limit)
		if err != nil {
			return nil, audit.Error, err
		}
		c.cut = len(output) < len(r.output)
		return output, audit.OK, nil
	case errors.Is(r.stopped, errAsked):
		return nil, audit.Cancelled, api.Errorf(api.Cancelled, "%s: %w", c.Skill, errAsked)
	case r.stopped != nil:
		return nil, audit.Cancelled, api.Errorf(api.Cancelled, "%s was cancelled: %w", c.Skill, r.err)
	case r.late:
		return nil, audit.Error, api.Errorf(api.Unavailable, "%s took longer than %v: %w; try again, or look whether the desktop still answers", c.Skill, limit, r.err)
	}
	return nil, audit.Error, coded(r.err)
}

// contained turns a panic of an executor into an error: one skill's slip must not end every run.
func (g *Gate) contained(ctx context.Context, c *checked) (r result) {
	defer func() {
		if p := recover(); p != nil {
			g.o.Log.Error("a skill panicked", "skill", c.Skill, "panic", p, "stack", string(debug.Stack()))
			r = result{err: api.Errorf(api.Failed, "%s failed by a fault of its own: %v; please report it with nervad's log", c.Skill, p)}
		}
	}()
	output, err := c.run(ctx, c.input)
	return result{output: output, err: err}
}

// coded makes sure of the *api.Error that Do promises.
func coded(err error) error {
	var e *api.Error
	if errors.As(err, &e) {
		return err
	}
	return api.Errorf(api.Failed, "%w", err)
}

// shorten cuts a result that is longer than limit bytes: it halves what it keeps of every text and list
// until the whole fits, and says so under the key "note".
func shorten(output json.RawMessage, limit int) (json.RawMessage, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	if len(output) <= limit {
		return output, nil
	}
	for keep := limit / 2; keep > 0; keep /= 2 {
		var whole map[string]any
		if err := json.Unmarshal(output, &whole); err != nil {
			return nil, api.Errorf(api.Failed, "the result is no JSON object: %w", err)
		}
		cut := cutValue(whole, keep).(map[string]any)
		cut["note"] = fmt.Sprintf("cut: the whole result has %d bytes, and at most %d are given; ask for less", len(output), limit)
		short, err := json.Marshal(cut)
		if err != nil {
			return nil, api.Errorf(api.Failed, "the result can't be cut: %w", err)
		}
		if len(short) <= limit {
			return short, nil
		}
	}
	return nil, api.Errorf(api.Failed, "the result has %d bytes and at most %d are given; ask for less", len(output), limit)
}

// cutValue keeps of a text keep bytes, and of a list as many items as keep bytes have room for if each takes 16.
func cutValue(v any, keep int) any {
	switch v := v.(type) {
	case string:
		if len(v) > keep {
			return strings.ToValidUTF8(v[:keep], "") + "…"
		}
	case []any:
		if n := keep/16 + 1; len(v) > n {
			v = v[:n]
		}
		for i := range v {
			v[i] = cutValue(v[i], keep)
		}
		return v
	case map[string]any:
		for key := range v {
			v[key] = cutValue(v[key], keep)
		}
	}
	return v
}
