package xkb

import "strconv"

// rawKey is a key as it is written.
type rawKey struct {
	groups   []rawGroup
	typ      string // where a group has none of its own
	virtual  modMask
	hasMods  bool // virtual counts, even where it is none
	acts     bool // its actions are its own, no interpret adds any
	outside  outside
	redirect int
}

type rawGroup struct {
	typ    string
	levels []level
}

func (p *parser) symbolStatement() {
	if !p.is(ident) {
		p.other()
		return
	}
	switch lowered(p.tok.text) {
	case "virtual_modifiers":
		p.virtualModifiers()
	case "name":
		p.next()
		p.want('[')
		n := p.index("group", maxGroups)
		p.want(']')
		p.want('=')
		for len(p.layouts) <= n {
			p.layouts = append(p.layouts, "")
		}
		p.layouts[n] = p.want(quoted)
		p.want(';')
	case "key":
		p.key()
	case "modifier_map", "modmap", "mod_map":
		p.modifierMap()
	default:
		p.other()
	}
}

// key reads: key <AD01> { type= "ALPHABETIC", symbols[Group1]= [ q, Q ], actions[Group1]= [ … ] };  key <AD01> { [ q, Q ] };
func (p *parser) key() {
	p.next()
	if p.is('.') || p.is('=') { // key.type = …: for raw files, a whole keymap needs it not
		p.skip()
		return
	}
	name := p.want(keyName)
	k := &rawKey{}
	p.want('{')
	bare := 0
	for !p.is('}') && !p.is(end) {
		if p.is('[') {
			p.list(k, bare)
			bare++
		} else {
			p.keyItem(k)
		}
		if !p.accept(',') {
			break
		}
	}
	p.want('}')
	p.want(';')
	if p.keys[name] == nil {
		p.names = append(p.names, name)
	}
	p.keys[name] = k
}

func (p *parser) keyItem(k *rawKey) {
	if p.accept('!') {
		p.want(ident)
		return
	}
	word, group := p.word(), -1
	if p.accept('[') {
		group = p.index("group", maxGroups)
		p.want(']')
	}
	if !p.accept('=') {
		if word == "groupsclamp" || word == "clampgroups" {
			k.outside = clamp
		}
		return
	}
	switch word {
	case "symbols", "actions":
		p.list(k, max(group, 0))
	case "type":
		if name := p.want(quoted); group < 0 {
			k.typ = name
		} else if g := p.group(k, group); g != nil {
			g.typ = name
		}
	case "vmods", "virtualmods", "virtualmodifiers":
		k.virtual, k.hasMods = p.mods(), true
	case "groupsclamp", "clampgroups":
		if v := p.word(); v == "true" || v == "yes" || v == "on" {
			k.outside = clamp
		}
	case "groupsredirect", "redirectgroups":
		k.outside, k.redirect = redirect, p.index("group", maxGroups)
	default:
		p.skipTo(',')
	}
}

func (p *parser) group(k *rawKey, n int) *rawGroup {
	if n >= maxGroups {
		p.fail("a key has more than %d groups", maxGroups)
		return nil
	}
	for len(k.groups) <= n {
		k.groups = append(k.groups, rawGroup{})
	}
	return &k.groups[n]
}

// list reads the symbols or the actions of a group: [ a, A, { b, c } ]
func (p *parser) list(k *rawKey, group int) {
	p.want('[')
	g := p.group(k, group)
	for n := 0; g != nil && !p.is(']') && !p.is(end); n++ {
		if n == maxLevels || p.levels == maxAllLevels {
			p.fail("the keys have too many levels")
			return
		}
		if n == len(g.levels) {
			g.levels = append(g.levels, level{})
			p.levels++
		}
		p.level(k, &g.levels[n])
		if !p.accept(',') {
			break
		}
	}
	p.want(']')
}

func (p *parser) level(k *rawKey, l *level) {
	if !p.accept('{') {
		p.symbolOrAction(k, l)
		return
	}
	for n := 0; !p.is('}') && !p.is(end); n++ {
		var one level
		p.symbolOrAction(k, &one)
		switch {
		case one.action.kind != noAction && n > 0:
			l.action = action{kind: otherAction} // several at once
		case one.action.kind != noAction:
			l.action = one.action
		case n > 0:
			l.many = true
		default:
			l.sym = one.sym
		}
		if !p.accept(',') {
			break
		}
	}
	p.want('}')
}

func (p *parser) symbolOrAction(k *rawKey, l *level) {
	if p.is(ident) && p.callFollows() {
		l.action, k.acts = p.action(), true
		return
	}
	l.sym = p.keysym()
}

// callFollows says whether the word that is next is an action's: it has a parenthesis after it.
func (p *parser) callFollows() bool {
	ahead := p.lexer
	ahead.next()
	return ahead.is('(')
}

// keysym reads a symbol's name or number. A name that is not known is none, as it is for libxkbcommon, which itself cuts off
// names of more than 26 letters when it writes a keymap.
func (p *parser) keysym() keysym {
	if p.is(quoted) { // a string in the place of symbols: libxkbcommon 1.9
		p.next()
		return unknownSymbol
	}
	if p.is(number) {
		text := p.tok.text
		if len(text) == 1 {
			p.next()
			return keysym(text[0]) // the name of a digit
		}
		n, err := strconv.ParseUint(text, 0, 32)
		if err != nil {
			p.fail("there is no symbol %q", text)
			return unknownSymbol
		}
		p.next()
		return keysym(n)
	}
	name := p.want(ident)
	s, _ := symNamed(name)
	return s
}

// modifierMap reads: modifier_map Shift { <LFSH>, Shift_R };
func (p *parser) modifierMap() {
	p.next()
	mods, ok := realNames[p.word()]
	if !ok {
		p.fail("modifier_map has no real modifier")
	}
	p.want('{')
	for !p.is('}') && !p.is(end) {
		if len(p.mapped) == maxCode {
			p.fail("modifier_map has more than %d keys", maxCode)
		}
		if p.is(keyName) {
			p.mapped = append(p.mapped, mapping{mods: mods, key: p.want(keyName)})
		} else {
			p.mapped = append(p.mapped, mapping{mods: mods, sym: p.keysym()})
		}
		if !p.accept(',') {
			break
		}
	}
	p.want('}')
	p.want(';')
}
