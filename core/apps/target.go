package apps

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"nerva/core/api"
)

// scheme is the beginning of a URI (RFC 3986, section 3.1).
var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// checkTargets refuses what is neither a URI nor an absolute path. A model writes these strings, and one
// like "--exec=…" would reach the program as an option instead of something to open.
func checkTargets(uris []string) error {
	for _, u := range uris {
		if strings.ContainsFunc(u, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return api.Errorf(api.InvalidInput, "%q has control characters; write them percent-encoded", u)
		}
		if !filepath.IsAbs(u) && !utf8.ValidString(u) {
			return api.Errorf(api.InvalidInput, "%q is not UTF-8; write its other bytes percent-encoded", u)
		}
		if !scheme.MatchString(u) && !filepath.IsAbs(u) {
			return api.Errorf(api.InvalidInput, "%q is neither a URI nor an absolute path; give it as file:///… or /…", u)
		}
	}
	return nil
}

// LocalPath gives the path that a target stands for; local is false where it lies elsewhere.
func LocalPath(target string) (path string, local bool, err error) {
	if filepath.IsAbs(target) {
		return target, true, nil
	}
	u, err := url.Parse(target)
	if err != nil {
		return "", false, api.Errorf(api.InvalidInput, "%q is not a well-formed URI: %w; correct it", target, err)
	}
	if u.Scheme != "file" {
		return "", false, nil
	}
	if host, _ := os.Hostname(); u.Host != "" && !strings.EqualFold(u.Host, "localhost") && !strings.EqualFold(u.Host, host) {
		return "", false, nil
	}
	if !filepath.IsAbs(u.Path) || strings.ContainsRune(u.Path, 0) {
		return "", false, api.Errorf(api.InvalidInput, "%q names no absolute path; give it as file:///…", target)
	}
	return u.Path, true, nil
}

// asURIs turns paths into file URIs, for org.freedesktop.Application.Open, which takes nothing else.
func asURIs(targets []string) []string {
	uris := make([]string, len(targets))
	for i, t := range targets {
		if filepath.IsAbs(t) {
			t = (&url.URL{Scheme: "file", Path: t}).String()
		}
		uris[i] = t
	}
	return uris
}
