package daemon

import (
	"context"
	"strings"

	"nerva/core/api"
	"nerva/core/session"
)

// requests starts runs of what is asked in words, and of results that are a request by themselves; it implements api.Agent.
type requests struct {
	*session.Manager
	watching *watching
	playbook playbook
}

// Ask implements api.Agent.
func (r requests) Ask(ctx context.Context, prompt string, o api.AskOptions) (uint64, error) {
	kind, rest, _ := strings.Cut(o.Result, ":")
	switch {
	case o.Params != nil && kind != api.KindWorkflow:
		return 0, api.Errorf(api.InvalidInput, "params are for a workflow; give result as workflow:NAME, too")
	case o.Result == "":
		return r.Manager.Ask(ctx, prompt, o)
	case rest == "": // it names nothing
	case kind == api.KindWorkflow:
		return r.playbook.play(ctx, rest, o.Params, o)
	case kind == api.KindSuggestion:
		return r.watching.ask(ctx, rest, o)
	}
	return 0, api.Errorf(api.InvalidInput, "the result %.60q is no request; one is like suggestion:12 or workflow:standup", o.Result)
}
