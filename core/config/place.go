package config

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// positions maps the dotted key of every value and table in a well-formed file to where the key stands. What is in
// the third [[policy.rule]] is policy.rule[2] and what follows.
func positions(text []byte) map[string]unstable.Position {
	at := map[string]unstable.Position{}
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
		at[name] = p.Shape(first.Raw).Start
	}
	return at
}

// place is where key stands, or the nearest table around it that has a place: an inline table has one only as a whole.
func place(at map[string]unstable.Position, key string) unstable.Position {
	for key != "" {
		if p, ok := at[key]; ok {
			return p
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return unstable.Position{}
}
