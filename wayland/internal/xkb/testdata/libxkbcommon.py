"""What libxkbcommon says, for the tests: it is the judge of keymaps.

  keysyms   prints the lines of keysyms.txt, from the names of xkbcommon-keysyms.h
  judge     reads questions as JSON, {"keymap", "group", "locked", "held", "symbols", "strokes": [[{"Code", "Mods", "Hold"}]]}, and answers
            {"error", "typed": what each row of strokes gives, by keys held, "masked": by modifiers told,
             "all": every character that some key gives with some of the modifiers held,
             "symbols": for each code, layout and level its symbols}
"""

import ctypes
import json
import re
import sys
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint32, c_void_p

lib = ctypes.CDLL("libxkbcommon.so.0")


def declare(name, result, *arguments):
    function = getattr(lib, name)
    function.restype, function.argtypes = result, arguments
    return function


context_new = declare("xkb_context_new", c_void_p, c_int)
keymap_new = declare("xkb_keymap_new_from_string", c_void_p, c_void_p, c_char_p, c_int, c_int)
keymap_unref = declare("xkb_keymap_unref", None, c_void_p)
max_code = declare("xkb_keymap_max_keycode", c_uint32, c_void_p)
layouts_of = declare("xkb_keymap_num_layouts_for_key", c_uint32, c_void_p, c_uint32)
levels_of = declare("xkb_keymap_num_levels_for_key", c_uint32, c_void_p, c_uint32, c_uint32)
syms_of = declare(
    "xkb_keymap_key_get_syms_by_level", c_int, c_void_p, c_uint32, c_uint32, c_uint32, POINTER(POINTER(c_uint32))
)
state_new = declare("xkb_state_new", c_void_p, c_void_p)
state_unref = declare("xkb_state_unref", None, c_void_p)
update_mask = declare(
    "xkb_state_update_mask", c_int, c_void_p, c_uint32, c_uint32, c_uint32, c_uint32, c_uint32, c_uint32
)
update_key = declare("xkb_state_update_key", c_int, c_void_p, c_uint32, c_int)
serialize_mods = declare("xkb_state_serialize_mods", c_uint32, c_void_p, c_int)
one_sym = declare("xkb_state_key_get_one_sym", c_uint32, c_void_p, c_uint32)
get_utf8 = declare("xkb_state_key_get_utf8", c_int, c_void_p, c_uint32, c_char_p, c_size_t)
to_utf32 = declare("xkb_keysym_to_utf32", c_uint32, c_uint32)
compose_table = declare("xkb_compose_table_new_from_locale", c_void_p, c_void_p, c_char_p, c_int)
compose_new = declare("xkb_compose_state_new", c_void_p, c_void_p, c_int)
compose_feed = declare("xkb_compose_state_feed", c_int, c_void_p, c_uint32)
compose_status = declare("xkb_compose_state_get_status", c_int, c_void_p)
compose_utf8 = declare("xkb_compose_state_get_utf8", c_int, c_void_p, c_char_p, c_size_t)
compose_reset = declare("xkb_compose_state_reset", None, c_void_p)

DEPRESSED, LOCKED, COMPOSING, COMPOSED = 1, 4, 1, 2


def utf8(state, code):
    buffer = ctypes.create_string_buffer(64)
    get_utf8(state, code, buffer, 64)
    return buffer.value.decode()


class Typist:
    """Types rows of strokes as a program with an input method by composition reads them."""

    def __init__(self, keymap, compose, group, locked):
        self.keymap, self.compose, self.group, self.locked = keymap, compose, group, locked

    def new(self, depressed=0):
        state = state_new(self.keymap)
        update_mask(state, depressed, 0, self.locked, 0, 0, self.group)
        return state

    def read(self, state, code):
        compose_feed(self.compose, one_sym(state, code))
        status = compose_status(self.compose)
        if status == COMPOSING:
            return ""
        if status == COMPOSED:
            buffer = ctypes.create_string_buffer(64)
            compose_utf8(self.compose, buffer, 64)
            return buffer.value.decode()
        return utf8(state, code)

    def masked(self, strokes):
        compose_reset(self.compose)
        text = ""
        for stroke in strokes:
            state = self.new(stroke["Mods"])
            text += self.read(state, stroke["Code"] + 8)
            state_unref(state)
        return text

    def typed(self, strokes):
        compose_reset(self.compose)
        state, text = self.new(), ""
        for stroke in strokes:
            hold = stroke["Hold"] or []
            for code in hold:
                compose_feed(self.compose, one_sym(state, code + 8))
                update_key(state, code + 8, 1)
            if serialize_mods(state, DEPRESSED) != stroke["Mods"]:
                text += "(held %#x)" % serialize_mods(state, DEPRESSED)
            text += self.read(state, stroke["Code"] + 8)
            update_key(state, stroke["Code"] + 8, 1)
            update_key(state, stroke["Code"] + 8, 0)
            for code in reversed(hold):
                update_key(state, code + 8, 0)
        if serialize_mods(state, DEPRESSED) or serialize_mods(state, LOCKED) != self.locked:
            text += "(left %#x locked %#x)" % (serialize_mods(state, DEPRESSED), serialize_mods(state, LOCKED))
        state_unref(state)
        return text

    def all(self, held):
        found, mods = set(), held
        while True:
            state = self.new(mods)
            found.update(utf8(state, code) for code in range(9, max_code(self.keymap) + 1))
            state_unref(state)
            if not mods:
                return sorted(found)
            mods = (mods - 1) & held


def symbols(keymap):
    found, syms = {}, POINTER(c_uint32)()
    for code in range(9, max_code(keymap) + 1):
        for layout in range(layouts_of(keymap, code)):
            for level in range(levels_of(keymap, code, layout)):
                n = syms_of(keymap, code, layout, level, ctypes.byref(syms))
                if n:
                    found["%d/%d/%d" % (code, layout, level)] = syms[:n]
    return found


def judge(question, context, compose):
    keymap = keymap_new(context, question["keymap"].encode(), 1, 0)
    if not keymap:
        return {"error": "libxkbcommon does not compile the keymap"}
    typist = Typist(keymap, compose, question["group"], question["locked"])
    answer = {
        "typed": [typist.typed(row) for row in question["strokes"]],
        "masked": [typist.masked(row) for row in question["strokes"]],
        "all": typist.all(question["held"]),
        "symbols": symbols(keymap) if question["symbols"] else {},
    }
    keymap_unref(keymap)
    return answer


def keysyms():
    with open("/usr/include/xkbcommon/xkbcommon-keysyms.h") as header:
        for line in header:
            if found := re.match(r"#define XKB_KEY_(\w+)\s+0x([0-9a-f]+)", line):
                char = to_utf32(int(found[2], 16))
                print(found[1], found[2].lstrip("0") or "0", *(["%x" % char] if char else []))


if sys.argv[1] == "keysyms":
    keysyms()
else:
    context = context_new(0)
    compose = compose_new(compose_table(context, b"en_US.UTF-8", 0), 0)
    json.dump([judge(q, context, compose) for q in json.load(sys.stdin)], sys.stdout)
