package daemon

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"nerva/core/api"
	"nerva/core/llm"
	"nerva/core/session"
	"nerva/core/workflows"
)

// playbook has the workflows of the configuration and carries them out; it implements api.Workflows.
type playbook struct{ *parts }

// Workflows implements api.Workflows.
func (p playbook) Workflows(context.Context) ([]api.Workflow, error) {
	list := []api.Workflow{}
	for _, w := range p.settings.workflows() {
		one := api.Workflow{Name: w.Name, Title: w.Title}
		for _, param := range w.Params {
			one.Params = append(one.Params, api.WorkflowParam(param))
		}
		for _, s := range w.Steps {
			step := api.WorkflowStep{Skill: s.Skill, Ask: s.Ask}
			if s.Skill != "" {
				step.Input = json.RawMessage("{}")
			}
			if len(s.Input) > 0 {
				input, err := json.Marshal(s.Input)
				if err != nil {
					return nil, err
				}
				step.Input = input
			}
			one.Steps = append(one.Steps, step)
		}
		list = append(list, one)
	}
	return list, nil
}

// find gives the workflow of a name.
func (p playbook) find(name string) (*workflows.Compiled, error) {
	all := p.settings.workflows()
	i := slices.IndexFunc(all, func(w *workflows.Compiled) bool { return w.Name == name })
	if i < 0 {
		return nil, api.Errorf(api.NotFound, "there is no workflow %.60q; `nerva workflow list` has those that there are", name)
	}
	return all[i], nil
}

// play starts a workflow as a run.
func (p playbook) play(ctx context.Context, name string, params map[string]string, o api.AskOptions) (run uint64, err error) {
	w, err := p.find(name)
	if err != nil {
		return 0, err
	}
	given, err := w.Give(params)
	if err != nil {
		return 0, err
	}
	if o.Caller != watcher {
		p.finder.used(ctx, api.KindWorkflow, api.KindWorkflow+":"+name)
	}
	return p.session.Play(ctx, session.Piece{
		Prompt: titled(w, params), Rounds: len(w.Steps),
		Model: func(ctx context.Context) (llm.Model, string, error) {
			if !w.Asks() {
				return w.Start(given, nil), "", nil
			}
			model, outside, err := p.settings.models.current(ctx)
			return w.Start(given, model), outside, err
		},
	}, o)
}

// titled says in a line which workflow was run, and with what.
func titled(w *workflows.Compiled, params map[string]string) string {
	var given []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		given = append(given, name+"="+params[name])
	}
	if len(given) == 0 {
		return w.Shown()
	}
	return w.Shown() + " (" + strings.Join(given, ", ") + ")"
}

// workflows are those of the configuration.
func (s *settings) workflows() []*workflows.Compiled { return s.now.Load().plays }
