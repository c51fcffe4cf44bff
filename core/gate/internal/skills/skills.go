// Package skills holds the executors: what nerva's skills do once the gate lets them. Go's rule for internal
// packages makes them reachable from core/gate alone.
//
// A Skill is a value without state; its executor may be called from any goroutine and respects its context.
// The package must not know policy, questions or the audit log, nor who calls: it gets an input that fits the
// schema and does it. There is one file per family of skills.
package skills

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"nerva/core/api"
)

// Skill is one skill with its executor.
type Skill struct {
	api.Skill
	Schema *jsonschema.Schema
	// Did says in the past tense what a run that called it has taken in: "read the windows". It is set where the
	// result is untrusted, and where it is not called so and yet others may have written a part of it.
	Did string
	// Writes says that the output's path is a file that it has written.
	Writes bool
	// Shares is the kind of llm.share that the result belongs to; empty: nothing of the user's is in it.
	Shares string
	// Content is the hash of a plugin's files, and Fresh gives the plugin as its files are now. Both are unset for nerva's
	// own skills.
	Content string
	Fresh   func() (*Skill, error)
	// Limit bounds one execution; zero means the gate's own.
	Limit time.Duration
	// Resolve rewrites the paths in an input to the files that they mean: absolute, clean, links resolved; it fills in the
	// window that is meant, and gives keys their one spelling. Policy, the question, the log and Run see what it returns, and
	// Run follows no link any more. An error of api.Denied is for what no skill may touch, whatever policy says; the log names
	// Guard for that. Any other one says what is wrong with the input. Nil: nothing to rewrite.
	Resolve func(input json.RawMessage) (json.RawMessage, error)
	// Guard is the log's word for what denies in Resolve; empty means "protected".
	Guard string
	Run   Executor
	// Sends is set where the call itself shows what it looks at to a model: it gives the host outside of this machine, or
	// none, and the executor that shows it to that one and no other, whatever is configured by then. It takes the place of Run.
	Sends func(ctx context.Context) (host string, run Executor)
}

// Executor does what a call asks for. Its input fits the schema.
type Executor func(ctx context.Context, input json.RawMessage) (json.RawMessage, error)

// Denier is the log's word for what denied in Resolve.
func (s *Skill) Denier() string {
	if s.Guard != "" {
		return s.Guard
	}
	return "protected"
}

// All gives every skill, in the order in which they are listed.
func All(d Deps) ([]*Skill, error) {
	var all []*Skill
	for _, family := range []func(Deps) ([]*Skill, error){
		applications, windows, screen, look, desktop, notes, files, commands, media, volume, power, system, addresses, convert,
		clipboard, controls, input, reminders,
	} {
		skills, err := family(d)
		if err != nil {
			return nil, err
		}
		all = append(all, skills...)
	}
	return all, nil
}

// nothing is the input of a skill that takes none.
type nothing struct{}

// define makes a skill from a function. The schema comes from In: its json tags name the properties, those
// with omitempty are optional, and its jsonschema tags describe them.
func define[In, Out any](about api.Skill, run func(context.Context, In) (Out, error)) (Skill, error) {
	schema, err := jsonschema.For[In](&jsonschema.ForOptions{TypeSchemas: shapes})
	if err != nil {
		return Skill{}, fmt.Errorf("schema of %s: %w", about.ID, err)
	}
	plain(schema)
	if about.InputSchema, err = json.Marshal(schema); err != nil {
		return Skill{}, fmt.Errorf("schema of %s: %w", about.ID, err)
	}
	return Skill{Skill: about, Schema: schema, Run: executor(about.ID, run)}, nil
}

func executor[In, Out any](id string, run func(context.Context, In) (Out, error)) Executor {
	return func(ctx context.Context, input json.RawMessage) (json.RawMessage, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, api.Errorf(api.InvalidInput, "%s can't read its input: %w", id, err)
		}
		out, err := run(ctx, in)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	}
}

// plain takes the null out of the types that inference gives slices and pointers: the gate drops an
// optional property that is null, so the schema that a model sees needs no unions, which some servers'
// grammars don't know.
func plain(s *jsonschema.Schema) {
	if len(s.Types) == 2 && s.Types[0] == "null" {
		s.Type, s.Types = s.Types[1], nil
	}
	for _, p := range s.Properties {
		plain(p)
	}
	if s.Items != nil {
		plain(s.Items)
	}
}

// takesIn marks a skill whose result is untrusted: the kind of llm.share it belongs to, and what a run has then done.
func (s *Skill) takesIn(kind, did string) { s.Shares, s.Did = kind, did }

// collect lets a family list its definitions without looking at each error.
type collect struct {
	skills []*Skill
	err    error
}

func (c *collect) add(s Skill, err error) *Skill {
	if c.err == nil {
		c.err = err
	}
	c.skills = append(c.skills, &s)
	return &s
}

func (c *collect) done() ([]*Skill, error) { return c.skills, c.err }
