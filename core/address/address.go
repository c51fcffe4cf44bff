// Package address gives an address of the web or of a mail the one form in which it is compared, shown and opened. It has no
// state and no goroutine. It must not know who wrote the address, nor what opens it: what comes in was written by anybody.
package address

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nerva/core/api"
)

// maxURL bounds an address, in bytes: a person has to read it.
const maxURL = 4096

// Clean gives the one way to write an address, in ASCII, which reads as what a browser or a mail program makes of
// it: host names in lower case and punycode, everything else that is not ASCII percent-encoded, no port that goes without
// saying, and a path without dots and without escapes that say nothing. So a rule of the policy compares what is gone to.
// It refuses what could do more than show a page or begin a mail, and what looks like another address than it is. Its own
// result it leaves as it is. Its errors are api.InvalidInput and say what would be taken.
//
// Source: RFC 3986 (section 6.2), UTS 46 (hosts), RFC 6068 (mailto).
func Clean(raw string) (string, error) {
	if raw == "" {
		return "", api.Errorf(api.InvalidInput, "url is empty; say what it should be")
	}
	if len(raw) > maxURL {
		return "", bad("it has %d bytes, and at most %d are taken", len(raw), maxURL)
	}
	// A backslash is a slash to browsers and a letter to everybody else.
	if !utf8.ValidString(raw) || strings.ContainsFunc(raw, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\\' || r == utf8.RuneError
	}) {
		return "", bad("it has a space, a backslash or an invisible character")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "", bad("it can't be read: %w", err)
	}
	switch u.Scheme {
	case "http", "https":
		return webURL(u)
	case "mailto":
		return mailURL(u)
	case "":
		return "", bad("it has no scheme: begin it with https://")
	}
	return "", bad("only http, https and mailto are opened, and not %.32q: use open_path for a file", u.Scheme)
}

func bad(format string, args ...any) error {
	return api.Errorf(api.InvalidInput, "this address is not opened: "+format, args...)
}

func webURL(u *url.URL) (string, error) {
	switch {
	case u.Opaque != "" || u.Host == "":
		return "", bad("it has no host: write %s://HOST/…", u.Scheme)
	case u.User != nil:
		// https://bank.example@evil.example reads as the first and goes to the second.
		return "", bad("it has a name before the host, which looks like another host: leave out all before the @")
	}
	host, err := cleanHost(u.Hostname())
	if err != nil {
		return "", err
	}
	port, err := cleanPort(u.Scheme, u.Port())
	if err != nil {
		return "", err
	}
	u.RawPath = cleanPath(u.EscapedPath())
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil {
		return "", bad("it can't be read: %w", err)
	}
	u.Host, u.RawQuery = host+port, escaped(u.RawQuery)
	return ascii(u.String())
}

// mailFields are the parts of a mail that an address may fill in. Others are not harmless: some programs attach a
// file of this computer by "attach".
var mailFields = []string{"to", "cc", "bcc", "subject", "body", "in-reply-to"}

func mailURL(u *url.URL) (string, error) {
	if u.Opaque == "" && u.RawQuery == "" || u.Host != "" || u.Path != "" || u.Fragment != "" {
		return "", bad("a mail goes to mailto:NAME@HOST")
	}
	to, err := url.PathUnescape(u.Opaque)
	if err != nil {
		return "", bad("it can't be read: %w", err)
	}
	if to != "" {
		list, err := mail.ParseAddressList(to)
		if err != nil || slices.ContainsFunc(list, func(a *mail.Address) bool { return a.Name != "" }) {
			return "", bad("%.64q is no mail address: write NAME@HOST", to)
		}
	}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(part, "=")
		plain, err := url.PathUnescape(value)
		switch {
		case part == "":
		case err != nil:
			return "", bad("it can't be read: %w", err)
		case !slices.Contains(mailFields, strings.ToLower(name)):
			return "", bad("it fills in %.32q of the mail: only %s are taken", name, strings.Join(mailFields, ", "))
		case !strings.EqualFold(name, "body") && strings.ContainsFunc(plain, unicode.IsControl):
			return "", bad("a line ends in the mail's %s: put the text into its body", name)
		}
	}
	u.RawQuery = escaped(u.RawQuery)
	return ascii(u.String())
}

// escaped percent-encodes what url.Parse leaves alone in a query and a browser would not: a letter that is not ASCII
// has many look-alikes.
func escaped(query string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(query) {
		if c >= 0x80 || strings.IndexByte("\"'<>`{|}^", c) >= 0 {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// ascii is the last look at what is handed to another program.
func ascii(s string) (string, error) {
	if len(s) > maxURL {
		return "", bad("it has %d bytes in plain letters, and at most %d are taken", len(s), maxURL)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
		return "", bad("it can't be written in plain letters: write its name in the form xn--…")
	}
	return s, nil
}
