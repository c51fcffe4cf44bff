package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	mask      = "[hidden]"
	maxInput  = 256 << 10 // bytes of an input that are kept; the gate takes no longer ones
	keepStart = 2 << 10   // of an input that is longer, or no JSON
	minSecret = 6
)

// A key that contains one of these words, whatever its spelling (api_key, apiKey, API-KEY), has a secret as
// its value.
var secretKeys = []string{
	"password", "passwd", "passphrase", "token", "secret", "apikey", "privatekey", "accesskey", "authorization",
	"credential", "cookie",
}

type redactor struct {
	mu      sync.RWMutex
	secrets []string
}

func (r *redactor) add(secret string) {
	if len(secret) < minSecret {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = append(r.secrets, secret)
}

// text replaces every registered secret.
func (r *redactor) text(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, secret := range r.secrets {
		s = strings.ReplaceAll(s, secret, mask)
	}
	return s
}

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
	return encode(v)
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
	case []any:
		for i := range v {
			v[i] = r.value(v[i])
		}
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

func secretKey(key string) bool {
	plain := strings.Map(func(c rune) rune {
		if strings.ContainsRune("_-. ", c) {
			return -1
		}
		return c
	}, strings.ToLower(key))
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
