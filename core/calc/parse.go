package calc

// maxDepth bounds how deep parentheses and signs may nest.
const maxDepth = 100

// The binding powers, weak to strong.
const (
	bindAdd = iota + 1
	bindMul
	bindPow
)

// node is an expression that has been read.
type node interface {
	eval() (value, error)
}

type (
	number value
	// unary is -x, x! or x%.
	unary struct {
		op kind
		x  node
	}
	binary struct {
		op   kind
		x, y node
	}
	call struct {
		name string
		args []node
	}
)

// parser is a Pratt parser over the tokens of an expression.
type parser struct {
	tokens []token
	depth  int
}

func parse(s string) (node, error) {
	tokens, err := lex(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	if p.peek().kind == tokenEnd {
		return nil, bad("there is nothing to calculate; type an expression such as 2+3")
	}
	n, err := p.expression(bindAdd)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, bad("%q was not expected; put an operator before it or remove it", t.text)
	}
	return n, nil
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) take() token {
	t := p.tokens[0]
	if t.kind != tokenEnd {
		p.tokens = p.tokens[1:]
	}
	return t
}

// expression reads operators that bind at least as strongly as least.
func (p *parser) expression(least int) (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, bad("the expression nests deeper than %d; simplify it", maxDepth)
	}
	defer func() { p.depth-- }()
	x, err := p.prefix()
	for err == nil {
		x = p.postfix(x)
		op, bind := p.operator(x)
		if bind < least {
			return x, nil
		}
		if op != implicit {
			p.take()
		}
		next := bind + 1
		if bind == bindPow {
			next = bind // from the right
		}
		var y node
		if y, err = p.expression(next); err == nil {
			if op == implicit {
				op = '*'
			}
			x = binary{op, x, y}
		}
	}
	return nil, err
}

// implicit is a multiplication without a sign, as in 2(3+4) and 2pi. It is never followed by a number:
// "2 3" is a mistake.
const implicit kind = 'i'

// operator says what the next token does behind the operand x; a strength of 0 ends the expression.
func (p *parser) operator(x node) (kind, int) {
	switch t := p.peek(); t.kind {
	case '+', '-':
		return t.kind, bindAdd
	case '*', '/', '%':
		return t.kind, bindMul
	case '^':
		return t.kind, bindPow
	case tokenName:
		switch t.text {
		case "mod":
			return '%', bindMul
		case "of":
			if u, ok := x.(unary); ok && u.op == '%' {
				return '*', bindMul
			}
			return 0, 0
		}
		return implicit, bindMul
	case '(', '√':
		return implicit, bindMul
	default:
		return 0, 0
	}
}

// postfix reads factorials, and each % that no operand follows.
func (p *parser) postfix(x node) node {
	for {
		switch k := p.peek().kind; {
		case k == '!':
		case k == '%' && !startsOperand(p.tokens[1]):
		default:
			return x
		}
		x = unary{p.take().kind, x}
	}
}

// startsOperand says whether t makes the % before it a remainder. A sign does not: 10% - 3 is a
// difference.
func startsOperand(t token) bool {
	return t.kind == tokenNumber || t.kind == '(' || t.kind == '√' ||
		t.kind == tokenName && t.text != "of" && t.text != "mod"
}

func (p *parser) prefix() (node, error) {
	t := p.take()
	switch t.kind {
	case tokenNumber:
		return number{rat: t.value}, nil
	case '-', '+':
		x, err := p.expression(bindPow)
		if err != nil || t.kind == '+' {
			return x, err
		}
		return unary{'-', x}, nil
	case '√':
		x, err := p.root()
		return call{"sqrt", []node{x}}, err
	case '(':
		x, err := p.expression(bindAdd)
		if err != nil {
			return nil, err
		}
		return x, p.close()
	case tokenName:
		return p.name(t.text)
	case tokenEnd:
		return nil, bad("the expression is not finished; a number is missing at its end")
	default:
		return nil, bad("a number was expected before %q; add one or remove the sign", t.text)
	}
}

// root reads what stands behind √, which binds stronger than a power.
func (p *parser) root() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, bad("the expression nests deeper than %d; simplify it", maxDepth)
	}
	defer func() { p.depth-- }()
	return p.prefix()
}

func (p *parser) close() error {
	if t := p.take(); t.kind != ')' {
		return bad("a closing parenthesis is missing before %q; add it", t.text)
	}
	return nil
}

func (p *parser) name(name string) (node, error) {
	if c := constants[name]; c != nil {
		return number{rat: c, approx: true}, nil
	}
	f := functions[name]
	switch {
	case f.call == nil:
		return nil, bad("%q is not known here; use numbers, + - * / ^ %% and functions such as sqrt(2)", name)
	case p.peek().kind != '(':
		return nil, bad("%s needs its argument in parentheses, as in %s(2)", name, name)
	}
	p.take()
	var args []node
	for {
		x, err := p.expression(bindAdd)
		if err != nil {
			return nil, err
		}
		args = append(args, x)
		if p.peek().kind != ',' {
			break
		}
		p.take()
	}
	if len(args) < f.least || len(args) > f.most {
		return nil, bad("%s does not take %d arguments; try %s", name, len(args), f.usage)
	}
	return call{name, args}, p.close()
}
