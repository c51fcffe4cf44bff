package api

import (
	"context"
	"encoding/json"
)

// Workflow is a named row of steps. It is run by Ask with its result's id, workflow:NAME.
type Workflow struct {
	Name   string          `json:"name"`
	Title  string          `json:"title"`
	Params []WorkflowParam `json:"params"`
	Steps  []WorkflowStep  `json:"steps"`
}

// WorkflowParam is a text that is given to a workflow.
type WorkflowParam struct {
	Name string `json:"name"`
	// Default is taken where none is given; nil: one must be given.
	Default *string `json:"default,omitempty"`
}

// WorkflowStep is a call of a skill, or a question to the agent. Their texts may have templates.
type WorkflowStep struct {
	Skill string          `json:"skill,omitempty"`
	Input json.RawMessage `json:"input,omitempty"` // a JSON object
	Ask   string          `json:"ask,omitempty"`
}

// Workflows tells which there are.
type Workflows interface {
	Workflows(ctx context.Context) ([]Workflow, error)
}
