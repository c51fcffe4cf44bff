package xkb

import (
	"strings"

	"nerva/core/api"
)

// What a keymap may have at most, far above any that is in use; it bounds what a hostile one costs.
const (
	maxCode       = 0xfff
	maxGroups     = 32
	maxLevels     = 64
	maxAllLevels  = 1 << 16
	maxTypes      = 512
	maxEntries    = 1024 // of a type
	maxInterprets = 1024
	maxVirtual    = 24
)

// parser reads the sections into what they say; resolve makes a Keymap of it.
type parser struct {
	lexer
	codes   map[string]uint32
	aliases map[string]string
	maximum uint32

	virtual  []string  // the name of bit 8, 9, … of a modMask
	explicit []modMask // what they are said to be, beside what modifier_map makes of them

	types   []*rawType
	byName  map[string]*rawType
	rules   []interpret
	mapAll  bool // what interpret.useModMapMods says for all: level one alone, or any
	layouts []string
	keys    map[string]*rawKey // by the name that key statements give
	names   []string           // of keys, in their order
	levels  int                // of all keys
	mapped  []mapping

	endCodes, endSymbols int
}

// modMask is a set of real modifiers, in the lowest eight bits, and virtual ones.
type modMask uint32

// mapping is a line of modifier_map.
type mapping struct {
	mods Mods
	key  string
	sym  keysym // where key is empty
}

// Parse reads a keymap. Bytes from a NUL on are no part of it: the protocol's file ends with one.
func Parse(text string) (*Keymap, error) {
	text, _, _ = strings.Cut(text, "\x00")
	if len(text) > MaxText {
		return nil, tooLarge("bytes", MaxText)
	}
	p := &parser{
		lexer:  lexer{text: text},
		codes:  map[string]uint32{},
		byName: map[string]*rawType{}, aliases: map[string]string{}, keys: map[string]*rawKey{},
		mapAll: true, maximum: maxCode, endCodes: -1, endSymbols: -1,
	}
	p.next()
	p.keymap()
	if p.err != nil {
		return nil, p.err
	}
	if p.endCodes < 0 || p.endSymbols < 0 {
		return nil, api.Errorf(api.InvalidInput, "the keymap has no keycodes or no symbols: choose another keyboard layout")
	}
	return p.resolve(), nil
}

// keymap reads: xkb_keymap "name" { sections }; with or without words like "default" before.
func (p *parser) keymap() {
	for p.is(ident) && !strings.EqualFold(p.tok.text, "xkb_keymap") {
		p.next()
	}
	p.want(ident)
	p.accept(quoted)
	p.want('{')
	for !p.is('}') && !p.is(end) {
		p.section()
	}
	p.want('}')
	p.accept(';')
}

func (p *parser) section() {
	kind := p.word()
	for p.is(ident) { // "default", "partial" and the like may stand before
		kind = p.word()
	}
	p.accept(quoted)
	p.want('{')
	statement := p.other
	switch kind {
	case "xkb_keycodes":
		statement = p.keycode
	case "xkb_types":
		statement = p.typeStatement
	case "xkb_compatibility", "xkb_compat", "xkb_compat_map", "xkb_compatibility_map":
		statement = p.compatStatement
	case "xkb_symbols":
		statement = p.symbolStatement
	}
	for !p.is('}') && !p.is(end) {
		statement()
	}
	switch kind {
	case "xkb_keycodes":
		p.endCodes = p.tok.at
	case "xkb_symbols":
		p.endSymbols = p.tok.at
	}
	p.want('}')
	p.accept(';')
}

// other goes past a statement that says nothing of use here.
func (p *parser) other() {
	if p.accept(';') {
		return
	}
	if !p.is(ident) && !p.is('!') {
		p.want(ident)
	}
	if strings.EqualFold(p.tok.text, "include") {
		p.fail("it is not complete, it includes another file")
	}
	p.skip()
}

// keycode reads: <NAME> = 9;  alias <A> = <B>;  maximum = 255;
func (p *parser) keycode() {
	if p.is(keyName) {
		name := p.want(keyName)
		p.want('=')
		p.codes[name] = p.number(1<<32 - 1)
		p.want(';')
		return
	}
	switch strings.ToLower(p.tok.text) {
	case "alias":
		p.next()
		name := p.want(keyName)
		p.want('=')
		p.aliases[name] = p.want(keyName)
		p.want(';')
	case "maximum":
		p.next()
		p.want('=')
		p.maximum = p.number(1<<32 - 1)
		p.want(';')
	default:
		p.other()
	}
}

// virtualModifiers reads: virtual_modifiers NumLock,LevelThree=Mod5;
func (p *parser) virtualModifiers() {
	p.want(ident)
	for {
		n := p.virtualModifier(p.want(ident))
		if p.accept('=') {
			p.explicit[n] |= p.mods()
		}
		if !p.accept(',') {
			break
		}
	}
	p.want(';')
}

// virtualModifier returns the number of a virtual modifier, which the first mention declares.
func (p *parser) virtualModifier(name string) int {
	for i, v := range p.virtual {
		if v == name {
			return i
		}
	}
	if len(p.virtual) == maxVirtual {
		p.fail("there are more than %d virtual modifiers", maxVirtual)
		return 0
	}
	p.virtual = append(p.virtual, name)
	p.explicit = append(p.explicit, 0)
	return len(p.virtual) - 1
}

var realNames = map[string]Mods{
	"shift": Shift, "lock": Lock, "control": Control, "mod1": Mod1, "mod2": Mod2, "mod3": Mod3, "mod4": Mod4, "mod5": Mod5,
	"none": 0, "all": realMods,
}

// mods reads modifiers: Shift+LevelThree, none, all, 0x8.
func (p *parser) mods() (m modMask) {
	for {
		if p.is(number) {
			m |= modMask(p.number(1<<32 - 1))
		} else if name := p.want(ident); name == "" {
			return 0
		} else if r, ok := realNames[strings.ToLower(name)]; ok {
			m |= modMask(r)
		} else {
			m |= 1 << (8 + p.virtualModifier(name))
		}
		if !p.accept('+') {
			return m
		}
	}
}

// index reads a group's or a level's number, from 0: 2, Group2, Level2.
func (p *parser) index(prefix string, limit uint32) int {
	if p.is(ident) && strings.HasPrefix(strings.ToLower(p.tok.text), prefix) {
		p.tok.kind, p.tok.text = number, p.tok.text[len(prefix):]
	}
	n := p.number(limit)
	if n == 0 {
		p.fail("there is no %s 0", prefix)
	}
	return max(0, int(n)-1)
}
