package skills

import (
	"net/url"
	"strings"
	"testing"

	"nerva/core/api"
)

func TestCleanURL(t *testing.T) {
	for _, test := range []struct{ rule, raw, want string }{
		{"as it stands", "https://example.org/a/b?c=d&e#f", "https://example.org/a/b?c=d&e#f"},
		{"upper case", "HTTPS://Example.ORG/Path", "https://example.org/Path"},
		{"a port", "http://localhost:8080", "http://localhost:8080"},
		{"an address", "http://127.0.0.1/", "http://127.0.0.1/"},
		{"an IPv6 address", "http://[2001:DB8::1]:80/", "http://[2001:db8::1]:80/"},
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
		if got, err := cleanURL(test.raw); err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", test.rule, got, err, test.want)
		}
	}
}

func TestCleanURLRefuses(t *testing.T) {
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
		got, err := cleanURL(test.raw)
		if api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %q, %v, want %q", test.rule, got, err, test.says)
		}
	}
}

// FuzzCleanURL: what is opened is plain text of an allowed scheme, has no user, and is its own clean form.
func FuzzCleanURL(f *testing.F) {
	for _, s := range []string{"https://example.org/a?b#c", "HTTP://Ünicode.example", "mailto:a@b?subject=c&body=%0A", "https://u@h/", "javascript:1", "https://[::1]/", "https://a%2fb/", "http://1.2.3.4.5/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := cleanURL(raw)
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
		if again, err := cleanURL(got); len(got) <= maxURL && (err != nil || again != got) {
			t.Errorf("%q gives %q and then %q, %v", raw, got, again, err)
		}
	})
}
