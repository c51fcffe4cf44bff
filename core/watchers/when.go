package watchers

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// condition is a compiled match.when. Any goroutine may ask it.
type condition struct{ program *vm.Program }

// functions are those of the language that a condition may call. What they cost grows with what they are given and
// no faster; those that repeat, replace, join or go over a list could take hours of it.
var functions = strings.Fields(`len lower upper trim trimPrefix trimSuffix hasPrefix hasSuffix indexOf lastIndexOf split
	int float string abs ceil floor round min max first last`)

const (
	// nodeLimit is how many parts a condition may have, whenLimit how many bytes: brackets are no parts.
	nodeLimit = 200
	whenLimit = 4 << 10
)

// compileWhen checks a condition against the fields of its source.
func compileWhen(text string, s Source) (*condition, error) {
	if len(text) > whenLimit {
		return nil, fmt.Errorf("it has %d bytes, and may have %d", len(text), whenLimit)
	}
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, errors.New(firstLine(err))
	}
	var judge bounded
	ast.Walk(&tree.Node, &judge)
	if judge.err != nil {
		return nil, judge.err
	}
	options := []expr.Option{expr.Env(s.empty()), expr.AsBool(), expr.MaxNodes(nodeLimit), expr.DisableAllBuiltins()}
	for _, name := range functions {
		options = append(options, expr.EnableBuiltin(name))
	}
	program, err := expr.Compile(text, options...)
	if err != nil {
		said := firstLine(err)
		if strings.Contains(said, "unknown name") {
			said += "; an event of " + s.Name + " has " + s.names()
		}
		return nil, errors.New(said)
	}
	return &condition{program}, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// bounded refuses what would let a condition take longer than its length and the event's, however they are: names for
// parts, which double a text again and again, ranges, and expressions that come with the event.
type bounded struct{ err error }

func (b *bounded) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.VariableDeclaratorNode:
		b.err = errors.New("let is not for conditions; write the part where it is used")
	case *ast.SequenceNode:
		b.err = errors.New("a condition is one expression, without ;")
	case *ast.PredicateNode, *ast.PointerNode:
		b.err = errors.New("a condition goes over no list; use in, first or last")
	case *ast.BuiltinNode:
		b.call(n.Name)
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok {
			b.call(name.Value)
		}
	case *ast.BinaryNode:
		switch pattern, literal := n.Right.(*ast.StringNode); {
		case n.Operator == "..":
			b.err = errors.New("a condition has no ranges; compare with >= and <=")
		case n.Operator == "matches" && !literal:
			b.err = errors.New("what stands after matches must be a text in quotes")
		case n.Operator == "matches":
			if _, err := regexp.Compile(pattern.Value); err != nil {
				b.err = fmt.Errorf("what stands after matches is no regular expression: %w", err)
			}
		}
	}
}

func (b *bounded) call(name string) {
	if !slices.Contains(functions, name) {
		b.err = fmt.Errorf("%s is no function of conditions; they are %s", name, strings.Join(functions, ", "))
	}
}

func (c *condition) holds(e Event) (bool, error) {
	result, err := expr.Run(c.program, e.Fields)
	if err != nil {
		return false, errors.New(firstLine(err))
	}
	yes, _ := result.(bool)
	return yes, nil
}
