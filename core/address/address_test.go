package address

import (
	"net/url"
	"strings"
	"testing"

	"nerva/core/api"
)

func TestClean(t *testing.T) {
	for _, test := range []struct{ rule, raw, want string }{
		{"as it stands", "https://example.org/a/b?c=d&e#f", "https://example.org/a/b?c=d&e#f"},
		{"upper case", "HTTPS://Example.ORG/Path", "https://example.org/Path"},
		{"a port", "http://localhost:8080", "http://localhost:8080/"},
		{"a port with zeros", "http://localhost:08080", "http://localhost:8080/"},
		{"the port of http", "http://example.org:80/a", "http://example.org/a"},
		{"the port of https", "HTTPS://example.org:0443/a", "https://example.org/a"},
		{"the port of the other", "http://example.org:443/", "http://example.org:443/"},
		{"no path", "https://example.org", "https://example.org/"},
		{"no path and a query", "https://example.org?a", "https://example.org/?a"},
		{"no path and a fragment", "https://example.org#a", "https://example.org/#a"},
		{"dots", "https://example.org/a/./b/../c", "https://example.org/a/c"},
		{"dots, encoded", "https://example.org/a/%2e/b/%2E%2e/.%2e/c", "https://example.org/c"},
		{"dots at the end", "https://example.org/a/b/..", "https://example.org/a/"},
		{"a dot at the end", "https://example.org/a/b/%2e", "https://example.org/a/b/"},
		{"dots above all", "https://example.org/../../a", "https://example.org/a"},
		{"dots alone", "https://example.org/..", "https://example.org/"},
		{"dots over an empty segment", "https://example.org/a//../b", "https://example.org/a/b"},
		{"empty segments", "https://example.org//a//", "https://example.org//a//"},
		{"dots in names", "https://example.org/a..b/.c/...", "https://example.org/a..b/.c/..."},
		{"dots in a query", "https://example.org/a?b=/../c", "https://example.org/a?b=/../c"},
		{"dots encoded twice", "https://example.org/a/%252e%252e/b", "https://example.org/a/%252e%252e/b"},
		{"letters encoded", "https://example.org/%61%7e%2d%2fb", "https://example.org/a~-%2Fb"},
		{"a dot after the host", "https://example.org./a", "https://example.org/a"},
		{"another script's dot after the host", "https://example。org。/", "https://example.org/"},
		{"a dot after an address", "http://127.0.0.1./", "http://127.0.0.1/"},
		{"an address in full-width digits", "http://１２７.0.0.1/", "http://127.0.0.1/"},
		{"IPv4 within IPv6", "http://[::FFFF:7f00:1]/", "http://127.0.0.1/"},
		{"a number that is no last label", "http://127.example/", "http://127.example/"},
		{"a last label with a number", "http://example.x1/", "http://example.x1/"},
		{"an address", "http://127.0.0.1/", "http://127.0.0.1/"},
		{"an IPv6 address", "http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"},
		{"another script", "https://münchen.example/straße?q=ü#ö", "https://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%BC#%C3%B6"},
		{"a look-alike of apple.com", "https://аpple.com/", "https://xn--pple-43d.com/"},
		{"full-width letters", "https://ｅｘａｍｐｌｅ.org/", "https://example.org/"},
		{"an underscore", "https://my_site.example.org/", "https://my_site.example.org/"},
		{"brackets in a query", `https://example.org/?q="<b>"`, "https://example.org/?q=%22%3Cb%3E%22"},
		{"encoded already", "https://example.org/a%20b%2Fc?x=%22", "https://example.org/a%20b%2Fc?x=%22"},
		{"an empty port", "https://example.org:/", "https://example.org/"},
		{"a mail", "mailto:ann@example.org", "mailto:ann@example.org"},
		{"a mail with all", "mailto:a@b.example,c@d.example?cc=e@f.example&Subject=Hi%20you&body=a%0Ab", "mailto:a@b.example,c@d.example?cc=e@f.example&Subject=Hi%20you&body=a%0Ab"},
		{"a mail to nobody yet", "mailto:?subject=ü", "mailto:?subject=%C3%BC"},
	} {
		if got, err := Clean(test.raw); err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.rule, got, err, test.want)
		}
	}
}

func TestCleanRefuses(t *testing.T) {
	for _, test := range []struct{ rule, raw, says string }{
		{"nothing", "", "url is empty"},
		{"a file", "file:///etc/passwd", `not "file"`},
		{"a script", "javascript:alert(1)", `not "javascript"`},
		{"a script in capitals", "JavaScript:alert(1)", `not "javascript"`},
		{"data", "data:text/html,<script>", `not "data"`},
		{"a program's own scheme", "vscode://x/y", "only http, https and mailto"},
		{"a path", "/etc/passwd", "begin it with https://"},
		{"an option", "--version", "begin it with https://"},
		{"no scheme", "example.org/a", "begin it with https://"},
		{"a host as scheme", "localhost:8080/x", `not "localhost"`},
		{"a password", "https://user:pass@example.org/", "before the @"},
		{"a host as user", "https://bank.example@evil.example/", "before the @"},
		{"an empty user", "https://@evil.example/", "before the @"},
		{"a backslash", `https://evil.example\@bank.example/`, "a backslash"},
		{"a space", "https://example.org/a b", "a space"},
		{"a space before", " https://example.org/", "a space"},
		{"a line", "https://example.org/\nx", "a space"},
		{"a tab", "java\tscript:alert(1)", "a space"},
		{"NUL", "https://example.org/\x00", "invisible"},
		{"escape", "https://example.org/\x1b[2J", "invisible"},
		{"right to left", "https://example.org/\u202egnp.exe", "invisible"},
		{"no width", "https://exa\u200bmple.org/", "invisible"},
		{"broken UTF-8", "https://example.org/\xff", "invisible"},
		{"no host", "https:///path", "it has no host"},
		{"one slash", "https:/example.org", "it has no host"},
		{"no slash", "https:example.org", "it has no host"},
		{"a port alone", "https://:80/", "no name of a host"},
		{"a letter that maps to more", "https://evil.c℀.example.org/", "no name of a host"},
		{"a broken escape", "https://example.org/%zz", "can't be read"},
		{"a port that is none", "https://example.org:x/", "can't be read"},
		{"a zone", "http://[fe80::1%25eth0]/", "no name of a host"},
		{"a number for a host", "http://2130706433/", "is a number"},
		{"an octal number", "http://017700000001/", "is a number"},
		{"a hexadecimal number", "http://0X7F000001/", "is a number"},
		{"a hexadecimal part", "http://0x7f.1/", "is a number"},
		{"a hexadecimal number without digits", "http://example.0x/", "is a number"},
		{"a short address", "http://127.1/", "is a number"},
		{"an octal part", "http://127.0.0.01/", "is a number"},
		{"a number in full-width digits", "http://２１３０７０６４３３/", "is a number"},
		{"a number and a dot", "http://127.1./", "is a number"},
		{"five parts", "http://1.2.3.4.5/", "is a number"},
		{"a last label that is a number", "http://example.1/", "is a number"},
		{"bytes in a host that are no letters", "https://Ü%80.example/", "no name of a host"},
		{"two dots after the host", "https://example.org../", "no name of a host"},
		{"a dot before the host", "https://.example.org/", "no name of a host"},
		{"a dot alone", "https://./", "no name of a host"},
		{"a port too high", "http://example.org:65536/", "no port"},
		{"longer in plain letters", "https://example.org/" + strings.Repeat("ü", maxURL/4), "at most 4096"},
		{"a bad label", "https://xn--zzzzzz99999.example/", "no name of a host"},
		{"too long", "https://example.org/" + strings.Repeat("a", maxURL), "at most 4096"},
		{"a file with the mail", "mailto:a@b.example?attach=/etc/passwd", `fills in "attach"`},
		{"a file with the mail, encoded", "mailto:a@b.example?%61ttach=/etc/passwd", "fills in"},
		{"another attachment", "mailto:a@b.example?subject=x&ATTACHMENT=/etc/passwd", `fills in "ATTACHMENT"`},
		{"a header in the subject", "mailto:a@b.example?subject=x%0D%0ABcc:evil@example.org", "put the text into its body"},
		{"a header in the address", "mailto:a@b.example%0ABcc:evil@example.org", "no mail address"},
		{"a name with the address", "mailto:Bank%20%3Cevil@example.org%3E", "no mail address"},
		{"no address", "mailto:", "mailto:NAME@HOST"},
		{"a mail to a host", "mailto://example.org/", "mailto:NAME@HOST"},
		{"an address that is none", "mailto:ann", "no mail address"},
	} {
		got, err := Clean(test.raw)
		if api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %q, %v, want %q", test.rule, got, err, test.says)
		}
	}
}

// FuzzClean: what is opened is plain text of an allowed scheme, has no user and no dots to follow, and is its own clean
// form.
func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"https://example.org/a?b#c", "HTTP://Ünicode.example", "mailto:a@b?subject=c&body=%0A", "https://u@h/", "javascript:1", "https://[::1]/", "https://a%2fb/", "http://1.2.3.4.5/",
		"https://h./a/%2e%2e/./b/..", "http://h:080/%2561/..%2f", "https://h//..//%2E", "http://0x7f.1", "http://[::ffff:1.2.3.4]:65535?%2e", "https://h/ü/%2f../%41",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := Clean(raw)
		if err != nil {
			return
		}
		u, err := url.Parse(got)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "mailto") || u.User != nil {
			t.Errorf("%q gives %q, %v", raw, got, err)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q gives %q", raw, got)
		}
		for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
			if plain, err := url.PathUnescape(segment); plain == "." || plain == ".." || err != nil {
				t.Errorf("%q gives %q, with dots to follow", raw, got)
			}
		}
		if u.Scheme != "mailto" && (u.Path == "" || strings.HasSuffix(u.Hostname(), ".")) {
			t.Errorf("%q gives %q", raw, got)
		}
		if again, err := Clean(got); err != nil || again != got {
			t.Errorf("%q gives %q and then %q, %v", raw, got, again, err)
		}
	})
}
