package watchers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"nerva/core/api"
)

// helpers are the functions of templates beside the package's own.
var helpers = template.FuncMap{
	"line":  func(s string) string { return api.OneLine(s, titleLimit) },
	"base":  path.Base,
	"trim":  strings.TrimSpace,
	"lower": strings.ToLower,
}

// callable are all functions that templates may call. The others of the language can double what they are given, and again
// at each call, or print a field in a form that is none.
var callable = strings.Fields("line base trim lower urlquery and or not eq ne lt le gt ge len index slice")

const (
	// titleLimit is the length of a title in characters, templateLimit that of a template in bytes, bodyLimit that of what it
	// gives.
	titleLimit    = 200
	templateLimit = 8 << 10
	bodyLimit     = 64 << 10
)

// filler is a template for one text.
type filler struct{ t *template.Template }

// compileTemplate checks a template against the fields of its source.
func compileTemplate(text string, s Source) (*filler, error) {
	if len(text) > templateLimit {
		return nil, fmt.Errorf("it has %d bytes, and may have %d", len(text), templateLimit)
	}
	t, err := template.New("").Option("missingkey=error").Funcs(helpers).Parse(text)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "template: :"))
	}
	if len(t.Templates()) > 1 {
		return nil, errors.New("templates don't define others")
	}
	if t.Tree != nil && t.Root != nil {
		if err := walkTemplate(t.Root, s); err != nil {
			return nil, err
		}
	}
	f := &filler{t}
	if _, err := f.fill(s.sample()); err != nil {
		return nil, err
	}
	return f, nil
}

// walkTemplate refuses what is no field, also where the first filling would not come by, and what would let the result
// grow faster than template and event: loops, variables and other templates.
func walkTemplate(node parse.Node, s Source) error {
	var below []parse.Node
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			below = n.Nodes
		}
	case *parse.ActionNode:
		below = []parse.Node{n.Pipe}
	case *parse.IfNode:
		below = []parse.Node{n.Pipe, n.List, n.ElseList}
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			return errors.New("templates have no variables; write the field where it is used")
		}
		for _, c := range n.Cmds {
			below = append(below, c)
		}
	case *parse.CommandNode:
		below = n.Args
	case *parse.ChainNode:
		below = []parse.Node{n.Node}
	case *parse.FieldNode:
		if name := n.Ident[0]; !slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Name == name }) {
			return fmt.Errorf("there is no field %s; an event of %s has %s", name, s.Name, s.names())
		}
	case *parse.IdentifierNode:
		if !slices.Contains(callable, n.Ident) {
			return fmt.Errorf("%s is no function of nerva's templates; they are %s", n.Ident, strings.Join(callable, ", "))
		}
	case *parse.TextNode, *parse.CommentNode, *parse.StringNode, *parse.NumberNode, *parse.BoolNode:
	case *parse.VariableNode:
		return errors.New("templates have no variables; write the field where it is used")
	case *parse.DotNode:
		return fmt.Errorf("a dot alone is the whole event; name a field of it: %s", s.names())
	default:
		return errors.New("of actions templates have only if, else and end")
	}
	for _, b := range below {
		if err := walkTemplate(b, s); err != nil {
			return err
		}
	}
	return nil
}

// fill gives the text for an event.
func (f *filler) fill(e Event) (string, error) {
	var out limited
	if err := f.t.Execute(&out, e.Fields); err != nil {
		if errors.Is(err, errTooLong) {
			return "", errTooLong
		}
		return "", errors.New(strings.TrimPrefix(err.Error(), "template: :"))
	}
	return strings.ToValidUTF8(out.String(), "\uFFFD"), nil
}

var errTooLong = fmt.Errorf("what it gives is longer than %d bytes", bodyLimit)

type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > bodyLimit {
		return 0, errTooLong
	}
	return l.Buffer.Write(p)
}

// shape is a skill's input whose texts are templates. What an event has becomes a value in it, and can't become more.
type shape struct{ value any }

func compileShape(value any, s Source) (any, error) {
	var err error
	switch v := value.(type) {
	case string:
		return compileTemplate(v, s)
	case map[string]any:
		table := make(map[string]any, len(v))
		for name, below := range v {
			if table[name], err = compileShape(below, s); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		return table, nil
	case []any:
		list := make([]any, len(v))
		for i, below := range v {
			if list[i], err = compileShape(below, s); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return list, nil
	case bool, int64, float64:
		return v, nil
	}
	return nil, fmt.Errorf("%v is no text, number, boolean, list or table", value)
}

func (s shape) fill(e Event) (json.RawMessage, error) {
	value, err := fillShape(s.value, e)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // a person reads it
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

func fillShape(value any, e Event) (any, error) {
	var err error
	switch v := value.(type) {
	case *filler:
		return v.fill(e)
	case map[string]any:
		table := make(map[string]any, len(v))
		for name, below := range v {
			if table[name], err = fillShape(below, e); err != nil {
				return nil, err
			}
		}
		return table, nil
	case []any:
		list := make([]any, len(v))
		for i, below := range v {
			if list[i], err = fillShape(below, e); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return value, nil
}
