package xkb

import (
	"fmt"
	"strings"
)

func place3(code uint32, group, level int) string { return fmt.Sprintf("%d/%d/%d", code, group, level) }

// deadKeymap is a keymap with every dead key and every letter that there is in Unicode's first blocks, each on a key of its own.
func deadKeymap() string {
	var codes, keys strings.Builder
	code := 100
	add := func(sym string) {
		fmt.Fprintf(&codes, "<K%d> = %d;\n", code, code)
		fmt.Fprintf(&keys, "key <K%d> { [ %s ] };\n", code, sym)
		code++
	}
	for _, d := range deadKeys {
		add(d.name)
	}
	add("space")
	for r := rune(0x41); r < 0x3100; r++ {
		if l, _ := parts(r); l == 0 && typable(r) && code < maxCode {
			if r < 0x600 || r > 0x3040 {
				add(fmt.Sprintf("%#x", named(r)))
			}
		}
	}
	return "xkb_keymap { xkb_keycodes { minimum = 8; maximum = 4095;\n" + codes.String() +
		`}; xkb_types { type "ONE_LEVEL" { modifiers= none; }; }; xkb_compatibility { }; xkb_symbols {` + "\n" + keys.String() + "}; };"
}
