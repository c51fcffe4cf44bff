package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

const (
	mask      = "[hidden]"
	maxInput  = 256 << 10 // bytes of an input that are kept; the gate takes no longer ones
	keepStart = 2 << 10   // of an input that is longer, or no JSON
)

// A key that contains one of these words, whatever its spelling (api_key, apiKey, API-KEY), has a secret as
// its value.
var secretKeys = []string{
	"password", "passwd", "passphrase", "token", "secret", "apikey", "privatekey", "accesskey", "authorization",
	"credential", "cookie",
}

// redactor takes secrets out of what is written down: those that were registered, in whatever form, and what looks
// like one.
type redactor struct{ known known }

func (r *redactor) add(secret string) { r.known.add(secret) }

// text gives s without secrets.
func (r *redactor) text(s string) string { return r.known.hide(shapes(r.known.hide(s))) }

// input gives raw as JSON without its secrets. What is no JSON, or is longer than any call may be, becomes a
// string of its beginning: it never ran.
func (r *redactor) input(raw []byte) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if len(raw) > maxInput || !json.Valid(raw) || d.Decode(&v) != nil {
		text := r.text(strings.ToValidUTF8(string(raw[:min(len(raw), maxInput)]), "\uFFFD"))
		v = text
		if len(text) > keepStart {
			v = cut(text, keepStart) + fmt.Sprintf("… (%d bytes)", len(raw))
		}
	} else {
		v = r.value(v)
	}
	out := encode(v)
	if r.known.in(out) { // of several strings, or of JSON's own signs
		return encode(mask)
	}
	return out
}

func encode(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a person reads it
	if err := e.Encode(v); err != nil {
		return `"[unreadable]"`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (r *redactor) value(v any) any {
	switch v := v.(type) {
	case string:
		return r.text(v)
	case json.Number:
		if r.known.in(v.String()) {
			return mask
		}
	case []any:
		return r.list(v)
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, inner := range v {
			if secretKey(key) {
				clean[r.text(key)] = mask
			} else {
				clean[r.text(key)] = r.value(inner)
			}
		}
		return clean
	}
	return v
}

// list may be a command line, where a secret is the word after its option.
func (r *redactor) list(v []any) []any {
	clean := make([]any, len(v))
	program, _ := first(v).(string)
	option := ""
	for i, item := range v {
		word, isWord := item.(string)
		switch {
		case isWord && secretOption(option):
			clean[i] = mask
		case isWord && filepath.Base(program) == "curl" && (option == "-u" || option == "--user") && strings.Contains(word, ":"):
			user, _, _ := strings.Cut(word, ":")
			clean[i] = r.text(user) + ":" + mask
		default:
			clean[i] = r.value(item)
		}
		option = word
	}
	return clean
}

func first(v []any) any {
	if len(v) == 0 {
		return nil
	}
	return v[0]
}

// secretOption says whether the word after this one is a secret: --password, but neither --password=x, nor
// --password-file, nor --password-stdin.
func secretOption(word string) bool {
	if !strings.HasPrefix(word, "-") || strings.ContainsAny(word, "= /") {
		return false
	}
	for _, other := range []string{"file", "stdin", "path", "fd", "dir", "env", "command", "type", "store", "helper"} {
		if strings.HasSuffix(word, "-"+other) {
			return false
		}
	}
	return secretKey(word)
}

func secretKey(key string) bool {
	plain := strings.Map(func(c rune) rune {
		if strings.ContainsRune("_-. ", c) {
			return -1
		}
		return c
	}, strings.ToLower(key))
	if strings.HasSuffix(plain, "tokens") {
		return false // of a model: max_tokens
	}
	for _, word := range secretKeys {
		if strings.Contains(plain, word) {
			return true
		}
	}
	return false
}

// cut shortens s to at most n bytes, on a rune's border.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
