package xkb

// rawType is a type as it is written, with virtual modifiers.
type rawType struct {
	name    string
	mods    modMask
	entries []entry
}

// entry says which level some modifiers select and which of them remain for others.
type entry struct {
	mods, preserve modMask
	level          uint8
}

func (p *parser) typeStatement() {
	if p.is(ident) {
		switch lowered(p.tok.text) {
		case "virtual_modifiers":
			p.virtualModifiers()
			return
		case "type":
			p.keyType()
			return
		}
	}
	p.other()
}

// keyType reads: type "TWO_LEVEL" { modifiers= Shift; map[Shift]= 2; preserve[Shift]= Shift; … };
func (p *parser) keyType() {
	p.want(ident)
	t := &rawType{name: p.want(quoted)}
	p.want('{')
	for !p.is('}') && !p.is(end) {
		switch lowered(p.tok.text) {
		case "modifiers":
			p.next()
			p.want('=')
			t.mods = p.mods()
			p.want(';')
		case "map":
			p.next()
			e := p.entry(t)
			level := p.index("level", maxLevels)
			p.want(';')
			if e != nil {
				e.level = uint8(level)
			}
		case "preserve":
			p.next()
			e := p.entry(t)
			preserve := p.mods()
			p.want(';')
			if e != nil {
				e.preserve = preserve
			}
		default:
			p.other()
		}
	}
	p.want('}')
	p.want(';')
	if len(p.types) == maxTypes {
		p.fail("there are more than %d types", maxTypes)
		return
	}
	p.types = append(p.types, t)
	p.byName[t.name] = t
}

// entry reads [Shift]= and returns the type's entry for that, a new one if there is none. Which comes first, what is
// preserved or the level, is not said.
func (p *parser) entry(t *rawType) *entry {
	p.want('[')
	mods := p.mods()
	p.want(']')
	p.want('=')
	for i := range t.entries {
		if t.entries[i].mods == mods {
			return &t.entries[i]
		}
	}
	if len(t.entries) == maxEntries {
		p.fail("the type %q has more than %d entries", t.name, maxEntries)
		return nil
	}
	t.entries = append(t.entries, entry{mods: mods})
	return &t.entries[len(t.entries)-1]
}

// table resolves the type's modifiers. The first entry that fits counts; one whose virtual modifiers are not bound to a key
// never does (libxkbcommon, src/state.c, get_entry_for_mods).
func (t *rawType) table(real func(modMask) Mods) *keyType {
	k := &keyType{mods: real(t.mods)}
	type resolved struct {
		mods, preserve Mods
		level          uint8
	}
	first := map[Mods]resolved{}
	for _, e := range t.entries {
		r := resolved{real(e.mods), real(e.preserve), e.level}
		if _, ok := first[r.mods]; !ok && (e.mods == 0 || r.mods != 0) {
			first[r.mods] = r
		}
	}
	for mods := range realMods + 1 {
		e := first[mods&k.mods]
		k.level[mods], k.preserve[mods] = e.level, e.preserve
	}
	return k
}
