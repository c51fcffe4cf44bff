package audit

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// pem is put together so that no scanner takes this file for a key.
const pem = "-----BEGIN OPENSSH PRIVATE" + " KEY-----\nb3BlbnNzaC1rZXk\nAAAA\n-----END OPENSSH PRIVATE" + " KEY-----"

func TestWhatLooksLikeASecretIsHidden(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"an option's value", `{"argv":["mysql","--password=hunter2","-h","db"]}`, `{"argv":["mysql","--password=[hidden]","-h","db"]}`},
		{"an option's next word", `{"argv":["x","--api-key","k1","--token","k2","y"]}`, `{"argv":["x","--api-key","[hidden]","--token","[hidden]","y"]}`},
		{"curl's user", `{"argv":["/usr/bin/curl","-u","me:hunter2","http://x"]}`, `{"argv":["/usr/bin/curl","-u","me:[hidden]","http://x"]}`},
		{"a header", `{"argv":["curl","-H","Authorization: Bearer abc.DEF-1"]}`, `{"argv":["curl","-H","Authorization: Bearer [hidden]"]}`},
		{"a header in lower case, basic", `"authorization: basic bWU6aHVudGVyMg=="`, `"authorization: basic [hidden]"`},
		{"a header without a scheme", `"Authorization: 0123"`, `"Authorization: [hidden]"`},
		{"a scheme alone", `"sent Bearer abcdefgh12345678 to it"`, `"sent Bearer [hidden] to it"`},
		{"a header of one's own", `"X-Api-Key: abc123def"`, `"X-Api-Key: [hidden]"`},
		{"a cookie", `"Set-Cookie: sid=abc; Path=/"`, `"Set-Cookie: [hidden]"`},
		{"a URL with a password", `{"url":"https://me:p%40ss@example.org/x?y=1"}`, `{"url":"https://me:[hidden]@example.org/x?y=1"}`},
		{"a URL with a password that has an @", `"ftp://me:p@ss@example.org"`, `"ftp://me:[hidden]@example.org"`},
		{"a database's URL", `"postgres://app:s3cr3t@db:5432/x"`, `"postgres://app:[hidden]@db:5432/x"`},
		{"a URL's parameters", `{"url":"https://x/?a=1&access_token=abc&b=2#c"}`, `{"url":"https://x/?a=1&access_token=[hidden]&b=2#c"}`},
		{"the first parameter", `"https://x/?token=abc"`, `"https://x/?token=[hidden]"`},
		{"an assignment", `"export DB_PASSWORD='a b' AWS_SECRET_ACCESS_KEY=wJalr/x+y= more"`, `"export DB_PASSWORD=[hidden] AWS_SECRET_ACCESS_KEY=[hidden] more"`},
		{"JSON in a text", `"sent {\"user\":\"me\",\"password\": \"a\\\"b\"}"`, `"sent {\"user\":\"me\",\"password\": [hidden]}"`},
		{"JSON in JSON in a text", `"{\\\"token\\\":\\\"abc\\\",\\\"x\\\":1}"`, `"{\\\"token\\\":[hidden],\\\"x\\\":1}"`},
		{"a line of YAML", `"user: me\npassword: hunter2\nport: 1"`, `"user: me\npassword: [hidden]\nport: 1"`},
		{"a command line in a text", `"run mysql --password hunter2 -h db"`, `"run mysql --password [hidden] -h db"`},
		{"a private key", encode("key:\n" + pem + "\nend"), encode("key:\n-----BEGIN OPENSSH PRIVATE" + " KEY-----[hidden]-----END OPENSSH PRIVATE" + " KEY-----\nend")},
		{"a private key without its end", encode(pem[:50]), encode(pem[:35] + "[hidden]")},
		{"a JWT", `"got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJ_S-M"`, `"got [hidden]"`},
		{"AWS", `"id ` + "AKIA" + `IOSFODNN7EXAMPLE."`, `"id [hidden]."`},
		{"a model's key", `"sk-` + `proj-abcdefghij0123456789"`, `"[hidden]"`},
		{"GitHub", `"https://` + "ghp_" + `0123456789abcdefghijABCDEFGHIJ012345@github.com/x"`, `"https://[hidden]@github.com/x"`},
		{"Slack", `"` + "xoxb" + `-123456789012-abcdef"`, `"[hidden]"`},
		{"a key of JSON, whatever its value", `{"clientSecret":{"a":[1]},"x":{"API-KEY":null}}`, `{"clientSecret":"[hidden]","x":{"API-KEY":"[hidden]"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := new(redactor).input([]byte(c.in)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestOrdinaryWordsStay(t *testing.T) {
	for _, text := range []string{
		"invalid character 'x', unexpected token: something else",
		"the password is wrong; the token has expired, ask for another secret",
		"what is a token? a basic understanding of bearer responsibilities",
		"see https://example.org:8080/a@b?author=me&page=2#token",
		"mail me@example.org at 14:02",
		"max_tokens=4096 and num_tokens: 120000",
		"task-management-software-suite, sk-learn-contrib-packages",
		"a secretary at the cookie factory, authorization pending",
		"git log --oneline; ls --sort=size; chown 1000:1000",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
		"eyJ is how a JWT begins", "C:\\Users\\me", "std::string token::next()",
		`{"author":"me","tokens":12,"passenger":"x"}`,
	} {
		if got := new(redactor).text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, input := range []string{
		`{"argv":["git","commit","-m","token"]}`, `{"argv":["docker","login","--password-stdin"]}`,
		`{"argv":["docker","run","-u","1000:1000","x"]}`, `{"argv":["x","--token-file","/run/token"]}`, `{"max_tokens":10}`,
	} {
		if got := new(redactor).input([]byte(input)); got != input {
			t.Errorf("%s became %s", input, got)
		}
	}
}

func TestARegisteredSecretIsHiddenInEachForm(t *testing.T) {
	const secret = `hunter"2/ü+?`
	r := &redactor{}
	r.add(secret)
	std, raw := base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	for name, text := range map[string]string{
		"as it is": secret, "in JSON": encode(secret), "in JSON in JSON": encode(encode(secret)),
		"in a query": url.QueryEscape(secret), "in a path": url.PathEscape(secret), "hex": hex.EncodeToString([]byte(secret)),
		"HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))), "base64": std([]byte(secret)),
		"base64 behind one": std([]byte("x" + secret)), "base64 behind two": std([]byte("me" + secret + "!")),
		"base64 behind three": raw([]byte("me:" + secret)), "base64 for URLs": raw([]byte("user" + secret + "??>")),
	} {
		got := r.text("say " + text + " now")
		if !strings.Contains(got, mask) || !strings.HasPrefix(got, "say ") || !strings.HasSuffix(got, " now") || len(got) > len("say  now")+len(mask)+11 {
			t.Errorf("%s: %q became %q", name, text, got)
		}
	}
}

func TestRegisteredSecrets(t *testing.T) {
	r := &redactor{}
	for _, secret := range []string{"abcdef", "defghi", "20304050", "hidden", "short", "abcdef"} {
		r.add(secret)
	}
	for _, c := range []struct{ name, in, want string }{
		{"that overlap leave nothing", `"1abcdefghi2"`, `"1[hidden]2"`},
		{"one after the other", `"abcdefabcdef"`, `"[hidden]"`},
		{"as a number", `{"pin":20304050,"n":[1]}`, `{"n":[1],"pin":"[hidden]"}`},
		{"behind JSON's escapes", `{"a":"\u0061bc\u0064ef"}`, `{"a":"[hidden]"}`},
		{"as a key", `{"abcdef":1}`, `{"[hidden]":1}`},
		{"in what is no JSON", `{"a": abcdef`, `"{\"a\": [hidden]"`},
		{"of the mask's own letters are none", `"hidden"`, `"hidden"`},
		{"that are short are none", `"short"`, `"short"`},
	} {
		if got := r.input([]byte(c.in)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if n := len(r.known.forms); n > 60 {
		t.Errorf("%d forms: one that is registered again must add none", n)
	}
}

// FuzzRedact holds that a registered secret stands in nothing that is written down, and that an input stays JSON.
func FuzzRedact(f *testing.F) {
	f.Add("hunter2hunter2", "say hunter2hunter2", []byte(`{"a":"hunter2hunter2","b":[1,"x"]}`))
	f.Add("n][hid", "[hidden][hidden]n][hid", []byte(`"n][hidn][hid"`))
	f.Add(`","b":"`, `x`, []byte(`{"a":"x","b":"y"}`))
	f.Add("123456", "Bearer 123456", []byte(`{"pin":1234567,"e":123456e3}`))
	f.Add("\xff\xfe\xff\xfe\xff\xfe", "\xff\xfe\xff\xfe\xff\xfe", []byte("\xff\xfe\xff\xfe\xff\xfe"))
	f.Add("abcabc", "abcabcabc", []byte(`{"--password":["abcabc"],"argv":["curl","-u","abcabc:abcabc"]}`))
	f.Fuzz(func(t *testing.T, secret, text string, input []byte) {
		r := &redactor{}
		r.add(secret)
		got := r.text(text)
		out := r.input(input)
		if !json.Valid([]byte(out)) {
			t.Errorf("%q became %q", input, out)
		}
		if len(secret) < minSecret || strings.Contains(encode(mask), secret) {
			return
		}
		if strings.Contains(got, secret) {
			t.Errorf("%q became %q", text, got)
		}
		if strings.Contains(out, secret) {
			t.Errorf("%q became %q", input, out)
		}
		var v any
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			return // a number out of range
		}
		each(v, func(s string) {
			if strings.Contains(s, secret) {
				t.Errorf("%q became %q", input, out)
			}
		})
	})
}

// each visits every string in v.
func each(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, item := range v {
			each(item, visit)
		}
	case map[string]any:
		for key, item := range v {
			visit(key)
			each(item, visit)
		}
	}
}

func BenchmarkRedact(b *testing.B) {
	r := &redactor{}
	for _, secret := range []string{"hunter2hunter2", "correct horse battery"} {
		r.add(secret)
	}
	for name, size := range map[string]int{"small": 1, "large": 2000} {
		// The words are there, so that no shape is passed over.
		input := []byte(encode(map[string]string{"text": strings.Repeat("An ordinary sentence, with some words: and a key=/usr/bin/x, a token. ", size)}))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(input)))
			for b.Loop() {
				r.input(input)
			}
		})
	}
}
