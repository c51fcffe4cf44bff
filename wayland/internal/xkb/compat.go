package xkb

import (
	"cmp"
	"slices"
)

// interpret gives a key with some symbol, and some modifiers in its modifier_map, a virtual modifier and an action.
type interpret struct {
	sym      keysym // noSymbol: any
	match    match
	mods     modMask
	levelOne bool // it looks at modifier_map, and gives the virtual modifier, for the first level of the first group alone
	virtual  modMask
	action   action
}

// match is how an interpret compares its modifiers, the most particular first.
type match uint8

const (
	exactly match = iota
	allOf
	noneOf
	anyOf
	anyOfOrNone
)

var matches = map[string]match{
	"exactly": exactly, "allof": allOf, "noneof": noneOf, "anyof": anyOf, "anyofornone": anyOfOrNone,
}

func (p *parser) compatStatement() {
	if p.is(ident) {
		switch lowered(p.tok.text) {
		case "virtual_modifiers":
			p.virtualModifiers()
			return
		case "interpret":
			p.interpret()
			return
		}
	}
	p.other()
}

// interpret reads: interpret Num_Lock+AnyOf(all) { virtualModifier= NumLock; action= …; };  interpret.useModMapMods= AnyLevel;
func (p *parser) interpret() {
	p.next()
	if p.accept('.') {
		if p.word() != "usemodmapmods" {
			p.skip()
			return
		}
		p.want('=')
		p.mapAll = !p.levelOne()
		p.want(';')
		return
	}
	r := interpret{match: anyOfOrNone, mods: modMask(realMods), levelOne: !p.mapAll}
	if p.is(ident) && lowered(p.tok.text) == "any" {
		p.next()
	} else if r.sym = p.keysym(); r.sym == noSymbol {
		r.sym = unknownSymbol
	}
	if p.accept('+') {
		p.condition(&r)
	}
	p.want('{')
	for !p.is('}') && !p.is(end) {
		p.interpretStatement(&r)
	}
	p.want('}')
	p.want(';')
	if len(p.rules) == maxInterprets {
		p.fail("there are more than %d interprets", maxInterprets)
		return
	}
	p.rules = append(p.rules, r)
}

// condition reads AnyOf(all), or modifiers alone, which is Exactly.
func (p *parser) condition(r *interpret) {
	if m, ok := matches[lowered(p.tok.text)]; ok && p.is(ident) {
		p.next()
		r.match = m
		p.want('(')
		r.mods = p.mods()
		p.want(')')
		return
	}
	r.match, r.mods = exactly, p.mods()
}

func (p *parser) interpretStatement(r *interpret) {
	switch lowered(p.tok.text) {
	case "virtualmodifier", "virtualmod":
		p.next()
		p.want('=')
		r.virtual = p.mods()
		p.want(';')
	case "usemodmapmods", "usemodmap":
		p.next()
		p.want('=')
		r.levelOne = p.levelOne()
		p.want(';')
	case "action":
		p.next()
		p.want('=')
		r.action = p.action()
		p.want(';')
	default:
		p.other()
	}
}

func (p *parser) levelOne() bool {
	w := p.word()
	if w == "level" && p.accept(number) { // "level 1" is not written, and costs nothing
		return true
	}
	return w == "level1" || w == "levelone"
}

// action reads: SetMods(modifiers=Shift,clearLocks)
func (p *parser) action() (a action) {
	switch p.word() {
	case "noaction", "voidaction":
	case "setmods":
		a.kind = setMods
	case "latchmods", "lockmods", "setgroup", "latchgroup", "lockgroup":
		a.kind = otherAction
	default:
		a.kind = harmless
	}
	p.want('(')
	for !p.is(')') && !p.is(end) {
		if name := lowered(p.tok.text); p.is(ident) && (name == "modifiers" || name == "mods") {
			p.next()
			p.want('=')
			if p.is(ident) && (lowered(p.tok.text) == "modmapmods" || lowered(p.tok.text) == "usemodmapmods") {
				p.next()
				a.modMap = true
			} else {
				a.mods = p.mods()
			}
		} else {
			p.skipTo(',')
		}
		if !p.accept(',') {
			break
		}
	}
	p.want(')')
	return a
}

// rules are the interprets, by symbol, in the order in which they are tried.
type rules struct {
	bySym map[keysym][]interpret
	tried map[trial]*interpret
}

// trial is what the answer depends on; a keymap has few that differ.
type trial struct {
	sym    keysym
	first  bool
	modMap Mods
}

func newRules(all []interpret) rules {
	r := rules{map[keysym][]interpret{}, map[trial]*interpret{}}
	for _, i := range all {
		r.bySym[i.sym] = append(r.bySym[i.sym], i)
	}
	for _, list := range r.bySym {
		slices.SortStableFunc(list, func(a, b interpret) int { return cmp.Compare(a.match, b.match) })
	}
	return r
}

// find returns the one that applies to a level of a key, or nil (libxkbcommon, src/xkbcomp/keymap.c, FindInterpForKey).
func (r rules) find(l level, n int, modMap Mods) *interpret {
	if l.sym == noSymbol {
		return nil
	}
	if !l.many {
		if i := r.try(trial{l.sym, n == 0, modMap}); i != nil {
			return i
		}
	}
	return r.try(trial{noSymbol, n == 0, modMap})
}

func (r rules) try(t trial) *interpret {
	found, known := r.tried[t]
	if known {
		return found
	}
	list := r.bySym[t.sym]
	if i := slices.IndexFunc(list, func(i interpret) bool { return i.applies(t.first, t.modMap) }); i >= 0 {
		found = &list[i]
	}
	r.tried[t] = found
	return found
}

func (i interpret) applies(first bool, modMap Mods) bool {
	if i.levelOne && !first {
		modMap = 0
	}
	mods := Mods(i.mods) & realMods
	switch i.match {
	case exactly:
		return mods == modMap
	case allOf:
		return mods&modMap == mods
	case noneOf:
		return mods&modMap == 0
	case anyOf:
		return mods&modMap != 0
	default:
		return modMap == 0 || mods&modMap != 0
	}
}
