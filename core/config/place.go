package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// positions maps the dotted key of every value and table in a well-formed file to where the key stands. What is in
// the third [[policy.rule]] is policy.rule[2] and what follows.
func positions(text []byte) map[string]position {
	at := map[string]position{}
	counts := map[string]int{} // of tables in an array, by the name with the indexes before it
	// full names what the parts lead to, each array's last table where one is on the way.
	full := func(prefix string, parts []string) string {
		for i, part := range parts {
			prefix += part
			if n := counts[prefix]; n > 0 && i < len(parts)-1 {
				prefix += fmt.Sprintf("[%d]", n-1)
			}
			if i < len(parts)-1 {
				prefix += "."
			}
		}
		return prefix
	}
	lines := lineStarts(text)
	var p unstable.Parser
	p.Reset(text)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		var parts []string
		var first *unstable.Node
		for it := e.Key(); it.Next(); {
			if first == nil {
				first = it.Node()
			}
			parts = append(parts, string(it.Node().Data))
		}
		if first == nil {
			continue
		}
		name := ""
		switch e.Kind {
		case unstable.Table:
			name = full("", parts)
			table = name + "."
		case unstable.ArrayTable:
			array := full("", parts)
			name = fmt.Sprintf("%s[%d]", array, counts[array])
			counts[array]++
			table = name + "."
		case unstable.KeyValue:
			name = full(table, parts)
		}
		at[name] = lines.position(int(first.Raw.Offset))
	}
	return at
}

// position counts from 1; columns are bytes.
type position struct{ Line, Column int }

// starts are the offsets at which lines begin. The parser's own way to a line reads the text from its start each time.
type starts []int

func lineStarts(text []byte) starts {
	s := starts{0}
	for i, b := range text {
		if b == '\n' {
			s = append(s, i+1)
		}
	}
	return s
}

func (s starts) position(offset int) position {
	line, exact := slices.BinarySearch(s, offset)
	if !exact {
		line--
	}
	return position{line + 1, offset - s[line] + 1}
}

// place is where key stands, or the first that is in it, where only that has a place, or the nearest table around it:
// an inline table has one only as a whole.
func place(at map[string]position, key string) position {
	for key != "" {
		if p, ok := at[key]; ok {
			return p
		}
		var first position
		for k, p := range at {
			inside := strings.HasPrefix(k, key+".") || strings.HasPrefix(k, key+"[")
			if inside && (first.Line == 0 || p.Line < first.Line || p.Line == first.Line && p.Column < first.Column) {
				first = p
			}
		}
		if first.Line > 0 {
			return first
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return position{}
}
