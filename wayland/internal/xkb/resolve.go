package xkb

import (
	"cmp"
	"slices"
)

// resolve makes the Keymap: it binds virtual modifiers to real ones, gives keys their actions and types, and notes what lies where.
// The order is libxkbcommon's (src/xkbcomp/keymap.c, UpdateDerivedKeymapFields): interprets first, since they say which
// virtual modifiers a key has, then those become what the key's modifier_map says.
func (p *parser) resolve() *Keymap {
	k := &Keymap{
		text: p.text, layouts: p.layouts, endCodes: p.endCodes, endSymbols: p.endSymbols,
		types: map[string]*keyType{}, virtual: map[string]Mods{}, bySym: map[keysym][]place{}, byRune: map[rune][]place{},
	}
	raw := p.keysByCode()
	modMaps := p.modMaps(raw)
	bound := p.bind(raw, modMaps)
	real := func(m modMask) Mods {
		r := Mods(m) & realMods
		for i, b := range bound {
			if m&(1<<(8+i)) != 0 {
				r |= b
			}
		}
		return r
	}
	for i, name := range p.virtual {
		k.virtual[name] = bound[i]
	}
	for _, t := range p.types {
		k.types[t.name] = t.table(real)
	}
	k.build(p, raw, modMaps, real)
	k.index()
	k.free = p.spares(raw, modMaps)
	// Alt and its like begin shortcuts, and NumLock is on or off; but a keymap may use one bit for both purposes.
	never := Lock | Control | k.virtual["Alt"] | k.virtual["Meta"] | k.virtual["Super"] | k.virtual["Hyper"] | k.virtual["NumLock"]
	k.levelMods = realMods&^never | k.virtual["LevelThree"] | k.virtual["LevelFive"]
	return k
}

// code returns the code that a key's name or alias stands for.
func (p *parser) code(name string) (uint32, bool) {
	if c, ok := p.codes[name]; ok {
		return c, c <= maxCode
	}
	c, ok := p.codes[p.aliases[name]]
	return c, ok && c <= maxCode
}

func (p *parser) keysByCode() map[uint32]*rawKey {
	keys := map[uint32]*rawKey{}
	for _, name := range p.names {
		if c, ok := p.code(name); ok {
			keys[c] = p.keys[name]
		}
	}
	return keys
}

// modMaps returns the real modifiers of each code. One that is mapped by a symbol is the first key that has it.
func (p *parser) modMaps(raw map[uint32]*rawKey) map[uint32]Mods {
	maps := map[uint32]Mods{}
	bySym := map[keysym]Mods{}
	for _, m := range p.mapped {
		if m.key == "" {
			bySym[m.sym] |= m.mods
		} else if c, ok := p.code(m.key); ok {
			maps[c] |= m.mods
		}
	}
	if len(bySym) == 0 {
		return maps
	}
	for _, c := range sorted(raw) {
		for _, g := range raw[c].groups {
			for _, l := range g.levels {
				maps[c] |= bySym[l.sym]
				delete(bySym, l.sym)
			}
		}
	}
	return maps
}

// bind applies the interprets to the keys and returns which real modifiers each virtual one is.
func (p *parser) bind(raw map[uint32]*rawKey, modMaps map[uint32]Mods) []Mods {
	rules := newRules(p.rules)
	bound := make([]Mods, len(p.virtual))
	for i, m := range p.explicit {
		bound[i] = Mods(m) & realMods
	}
	for c, key := range raw {
		virtual := key.virtual
		for g := range key.groups {
			for n := range key.groups[g].levels {
				l := &key.groups[g].levels[n]
				rule := rules.find(*l, n, modMaps[c])
				if rule == nil || key.acts {
					continue
				}
				if !key.hasMods && (!rule.levelOne || g == 0 && n == 0) {
					virtual |= rule.virtual
				}
				if rule.action.kind != noAction {
					l.action = rule.action
				}
			}
		}
		for i := range bound {
			if virtual&(1<<(8+i)) != 0 {
				bound[i] |= modMaps[c]
			}
		}
	}
	return bound
}

// build makes the keys.
func (k *Keymap) build(p *parser, raw map[uint32]*rawKey, modMaps map[uint32]Mods, real func(modMask) Mods) {
	fallback := (&rawType{}).table(real)
	if len(p.types) > 0 {
		fallback = k.types[p.types[0].name]
	}
	for _, c := range sorted(raw) {
		from := raw[c]
		to := key{code: c, outside: from.outside, redirect: from.redirect}
		for _, g := range from.groups {
			typeNamed := func(name string) *keyType { return cmp.Or(k.types[name], fallback) }
			typ := typeNamed(cmp.Or(g.typ, from.typ, automatic(g.levels, false)))
			other := typeNamed(cmp.Or(g.typ, from.typ, automatic(g.levels, true)))
			if other == typ {
				other = nil
			}
			for n := range g.levels {
				a := &g.levels[n].action
				a.setting = real(a.mods)
				if a.modMap {
					a.setting |= modMaps[c]
				}
			}
			to.groups = append(to.groups, group{typ, g.levels, other})
		}
		k.keys = append(k.keys, to)
		for len(k.layouts) < len(to.groups) {
			k.layouts = append(k.layouts, "")
		}
	}
}

// index notes where every symbol lies, and which keys hold modifiers.
func (k *Keymap) index() {
	for i := range k.keys {
		key := &k.keys[i]
		holds := false
		for g := range key.groups {
			for n, l := range key.groups[g].levels {
				holds = holds || l.action.kind == setMods && l.action.setting != 0
				if l.sym == noSymbol || l.many || key.code < 9 {
					continue
				}
				at := place{key, uint8(g), uint8(n)}
				k.bySym[l.sym] = append(k.bySym[l.sym], at)
				if r := l.sym.char(); r != 0 {
					k.byRune[r] = append(k.byRune[r], at)
				}
			}
		}
		if holds && key.code >= 9 {
			k.holders = append(k.holders, key)
		}
	}
	slices.SortStableFunc(k.holders, func(a, b *key) int {
		return cmp.Or(cmp.Compare(holderRank(a), holderRank(b)), cmp.Compare(a.code, b.code))
	})
}

// holderRank puts keys that only stand for a modifier in the keymap last: no keyboard has the evdev codes 84 and 195 to
// 199. Shift comes after the others, for with it held some of them are other keys.
func holderRank(k *key) int {
	switch evdev := k.code - 8; {
	case evdev == 84 || evdev >= 195 && evdev <= 199:
		return 2
	case k.groups[0].levels != nil && k.groups[0].levels[0].action.setting == Shift:
		return 1
	}
	return 0
}

func sorted[V any](m map[uint32]V) []uint32 {
	keys := make([]uint32, 0, len(m))
	for c := range m {
		keys = append(keys, c)
	}
	slices.Sort(keys)
	return keys
}
