package audit

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"sync"
)

const (
	minSecret = 6  // bytes; shorter ones would blacken ordinary words
	minCoded  = 8  // of a coded form, likewise
	maxPasses = 16 // what is left behind a mask may be a secret again, with the mask's own letters
)

// known is the set of registered secrets, in each form in which they may stand in a text.
type known struct {
	mu    sync.RWMutex
	forms []string
}

func (k *known) add(secret string) {
	if len(secret) < minSecret || strings.Contains(encode(mask), secret) { // a mask that shows it hides nothing
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if slices.Contains(k.forms, secret) {
		return // a key is registered at each use
	}
	for _, form := range append([]string{secret}, coded(secret)...) {
		if !slices.Contains(k.forms, form) && !strings.Contains(encode(mask), form) {
			k.forms = append(k.forms, form)
		}
	}
}

// coded gives the forms in which programs write a secret: in a URL, in JSON (also in JSON within JSON), as hex, and
// as base64 of any text that has it in its middle.
func coded(secret string) []string {
	quoted := strings.Trim(encode(secret), `"`)
	forms := []string{
		url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("", secret).String()[1:],
		quoted, strings.Trim(encode(quoted), `"`),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
	for before := range 3 {
		forms = append(forms, within64(base64.RawStdEncoding, secret, before), within64(base64.RawURLEncoding, secret, before))
	}
	return slices.DeleteFunc(forms, func(form string) bool { return form == secret || len(form) < min(minCoded, len(secret)) })
}

// within64 gives the letters that stand for nothing but secret where so many bytes come before it in its group of
// three: a letter has six bits, and those at the borders depend on the neighbours too.
func within64(e *base64.Encoding, secret string, before int) string {
	text := e.EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
	start := (before*8 + 5) / 6
	end := (before + len(secret)) * 8 / 6
	return text[start:end]
}

// in says whether a secret stands in s.
func (k *known) in(s string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.ContainsFunc(k.forms, func(form string) bool { return strings.Contains(s, form) })
}

// hide replaces every secret in s, those that overlap by one mask.
func (k *known) hide(s string) string {
	for range maxPasses {
		spans := k.find(s)
		if len(spans) == 0 {
			return s
		}
		s = replace(s, spans)
	}
	return mask
}

type span struct{ start, end int }

func (k *known) find(s string) []span {
	k.mu.RLock()
	defer k.mu.RUnlock()
	var spans []span
	for _, form := range k.forms {
		for from := 0; ; {
			i := strings.Index(s[from:], form)
			if i < 0 {
				break
			}
			spans = append(spans, span{from + i, from + i + len(form)})
			from += i + 1
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	return spans
}

// replace puts a mask for each of the spans, which are sorted, and one for those that touch.
func replace(s string, spans []span) string {
	var b strings.Builder
	at := 0
	for i := 0; i < len(spans); {
		whole := spans[i]
		for i++; i < len(spans) && spans[i].start <= whole.end; i++ {
			whole.end = max(whole.end, spans[i].end)
		}
		b.WriteString(s[at:whole.start])
		b.WriteString(mask)
		at = whole.end
	}
	b.WriteString(s[at:])
	return b.String()
}
