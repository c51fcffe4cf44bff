// Package templates fills the texts of a configuration with values that anybody may have written: what an event had in it,
// what a step of a workflow gave. A value gets into a text, or into a place of an input that has its shape from the
// configuration; it can't become a template, an argument or a key.
//
// A Template never changes and any goroutine may use it. The package must not know what the values are.
package templates

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"nerva/core/api"
)

// Fields are the values that templates may use.
type Fields struct {
	// Of says whose they are, for a person: "an event of clipboard".
	Of    string
	Names []string
	// Sample has a value for each of them, to try templates on; nil: they can't be tried before there are values.
	Sample map[string]any
}

func (f Fields) list() string {
	if len(f.Names) == 0 {
		return "none"
	}
	return strings.Join(f.Names, ", ")
}

// helpers are the functions of templates beside the package's own.
var helpers = template.FuncMap{
	"line":  func(s string) string { return api.OneLine(s, TitleLimit) },
	"base":  path.Base,
	"trim":  strings.TrimSpace,
	"lower": strings.ToLower,
}

// callable are all functions that templates may call. The others of the language can double what they are given, and again
// at each call, or print a field in a form that is none.
var callable = strings.Fields("line base trim lower urlquery and or not eq ne lt le gt ge len index slice")

const (
	// TitleLimit is the length of a title in characters, and of what the function line gives.
	TitleLimit = 200
	// lengthLimit is the length of a template in bytes, BodyLimit that of what it gives.
	lengthLimit = 8 << 10
	BodyLimit   = 64 << 10
)

// Template is one for a text. Nil is the empty text.
type Template struct{ t *template.Template }

// Compile checks a template against the fields that it may use. Its errors are the end of a sentence.
func Compile(text string, fields Fields) (*Template, error) {
	if len(text) > lengthLimit {
		return nil, fmt.Errorf("it has %d bytes, and may have %d", len(text), lengthLimit)
	}
	t, err := template.New("").Option("missingkey=error").Funcs(helpers).Parse(text)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "template: :"))
	}
	if len(t.Templates()) > 1 {
		return nil, errors.New("templates don't define others")
	}
	if t.Tree != nil && t.Root != nil {
		if err := walk(t.Root, fields); err != nil {
			return nil, err
		}
	}
	compiled := &Template{t}
	if fields.Sample == nil {
		return compiled, nil
	}
	if _, err := compiled.Fill(fields.Sample); err != nil {
		return nil, err
	}
	return compiled, nil
}

// walk refuses what is no field, also where the first filling would not come by, and what would let the result
// grow faster than template and event: loops, variables and other templates.
func walk(node parse.Node, fields Fields) error {
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
		if name := n.Ident[0]; !slices.Contains(fields.Names, name) {
			return fmt.Errorf("there is no field %s; %s has %s", name, fields.Of, fields.list())
		}
	case *parse.IdentifierNode:
		if !slices.Contains(callable, n.Ident) {
			return fmt.Errorf("%s is no function of nerva's templates; they are %s", n.Ident, strings.Join(callable, ", "))
		}
	case *parse.TextNode, *parse.CommentNode, *parse.StringNode, *parse.NumberNode, *parse.BoolNode:
	case *parse.VariableNode:
		return errors.New("templates have no variables; write the field where it is used")
	case *parse.DotNode:
		return fmt.Errorf("a dot alone is all fields; name one of them: %s", fields.list())
	default:
		return errors.New("of actions templates have only if, else and end")
	}
	for _, b := range below {
		if err := walk(b, fields); err != nil {
			return err
		}
	}
	return nil
}

// Fill gives the text for values of the fields. Its errors are the end of a sentence.
func (t *Template) Fill(values map[string]any) (string, error) {
	if t == nil {
		return "", nil
	}
	var out limited
	if err := t.t.Execute(&out, inDigits(values)); err != nil {
		if errors.Is(err, errTooLong) {
			return "", errTooLong
		}
		return "", errors.New(strings.TrimPrefix(err.Error(), "template: :"))
	}
	return strings.ToValidUTF8(out.String(), "\uFFFD"), nil
}

var errTooLong = fmt.Errorf("what it gives is longer than %d bytes", BodyLimit)

type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > BodyLimit {
		return 0, errTooLong
	}
	return l.Buffer.Write(p)
}
