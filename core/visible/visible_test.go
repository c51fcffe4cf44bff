package visible

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestWhatCannotBeSeenIsWrittenOut(t *testing.T) {
	for _, c := range []struct{ rule, text, want, why string }{
		{"a control character", "a\x1b[2Kb\rc\n\t", `a\u{001B}[2Kb\u{000D}c\u{000A}\u{0009}`, whyControl},
		{"a control character of Latin-1", "a\u009bb", `a\u{009B}b`, whyControl},
		{"a right-to-left override", "\u202efdp.exe", `\u{202E}fdp.exe`, whyDirection},
		{"an isolate and a mark", "a\u2066b\u200f\u061c", `a\u{2066}b\u{200F}\u{061C}`, whyDirection},
		{"zero width", "a\u200bb\u2060\ufeff", `a\u{200B}b\u{2060}\u{FEFF}`, whyInvisible},
		{"a soft hyphen", "a\u00adb", `a\u{00AD}b`, whyInvisible},
		{"tag characters", "a\U000e0041\U000e007f", `a\u{E0041}\u{E007F}`, whyInvisible},
		{"a variation selector on a letter", "a\ufe0f\U000e0100", `a\u{FE0F}\u{E0100}`, whyInvisible},
		{"an invisible separator", "a\u2063b", `a\u{2063}b`, whyInvisible},
		{"a filler, and a pattern without dots", "\u3164\u2800\u115f", `\u{3164}\u{2800}\u{115F}`, whyInvisible},
		{"a no-break space and odd ones", "a\u00a0b\u2003\u3000\u202f", `a\u{00A0}b\u{2003}\u{3000}\u{202F}`, whySpace},
		{"line and paragraph separators", "a\u2028\u2029", `a\u{2028}\u{2029}`, whySpace},
		{"spaces that push the rest out of sight", "a" + strings.Repeat(" ", 17) + "b", "a" + strings.Repeat(" ", 16) + `\u{0020}b`, whySpace},
		{"private use", "a\ue000\U0010fffd", `a\u{E000}\u{10FFFD}`, whyPrivate},
		{"unassigned, and no character at all", "a\u0378\uffff", `a\u{0378}\u{FFFF}`, whyPrivate},
		{"bytes that are no text", "a\xff\xc3", `a\x{FF}\x{C3}`, whyBytes},
		{"a flood of marks", "a\u0301\u0302\u0303\u0304\u0305", "a\u0301\u0302\u0303" + `\u{0304}\u{0305}`, whyMarks},
		{"a mark without a letter", "\u0301a", `\u{0301}a`, whyMarks},
		{"a mark on a quote", "\"\u0308", `"\u{0308}`, whyMarks},
		{"a stroke over a letter, and a ring around one", "a\u0338b\u20dd", `a\u{0338}b\u{20DD}`, whyMarks},
		{"a backslash that would read as an escape", `a\u{202E}`, `a\u{005C}u{202E}`, whyBackslash},
	} {
		t.Run(c.rule, func(t *testing.T) { check(t, c.text, c.want, c.why) })
	}
}

func TestLettersThatPoseAsOthersAreWrittenOut(t *testing.T) {
	for _, c := range []struct{ rule, text, want, why string }{
		{"Cyrillic within a Latin word", "g\u043e\u043egle", `g\u{043E}\u{043E}gle`, whyMixed},
		{"Greek within a Latin word", "p\u03b1ypal", `p\u{03B1}ypal`, whyMixed},
		{"Latin within a Cyrillic word", "Росcия", `\u{0420}\u{043E}\u{0441}c\u{0438}\u{044F}`, whyMixed},
		{"Greek within a Cyrillic word", "приλет", `\u{043F}\u{0440}\u{0438}\u{03BB}\u{0435}\u{0442}`, whyMixed},
		{"Cherokee within a Latin word", "\u13aapple", `\u{13AA}pple`, whyMixed},
		{"a word that is ASCII to the eye, in a host", "http://\u0430\u0440\u0440\u04cf\u0435.com", `http://\u{0430}\u{0440}\u{0440}\u{04CF}\u{0435}.com`, whyAlike},
		{"a command that is ASCII to the eye", "\u0441\u0440", `\u{0441}\u{0440}`, whyAlike},
		{"a path below an honest folder", "/home/анна/\u0441\u0440", `/home/анна/\u{0441}\u{0440}`, whyAlike},
		{"one in a sentence of Latin words", "run \u0441\u0440 now", `run \u{0441}\u{0440} now`, whyAlike},
		{"full-width letters", "\uff52\uff4d -rf", `\u{FF52}\u{FF4D} -rf`, whyAlike},
		{"mathematical letters", "\U0001d42b\U0001d426", `\u{1D42B}\u{1D426}`, whyAlike},
		{"a Kelvin sign", "\u212aeys", `\u{212A}eys`, whyAlike},
		{"a ligature in a path", "/etc/\ufb01le", `/etc/\u{FB01}le`, whyAlike},
		{"a slash that is none", "etc\u2215passwd\uff0fx", `etc\u{2215}passwd\u{FF0F}x`, whyAlike},
		{"a Katakana no for a slash", "evil.com\u30cepath", `evil.com\u{30CE}path`, whyAlike},
		{"dots that are none", "\u2024\u2024/x", `\u{2024}\u{2024}/x`, whyAlike},
		{"a dash before an option", "rm \u2013rf", `rm \u{2013}rf`, whyAlike},
		{"a dotless i in a host", "g\u0131thub.com", `g\u{0131}thub.com`, whyAlike},
		{"digits of another script", "port8\u0665", `port8\u{0665}`, whyAlike},
	} {
		t.Run(c.rule, func(t *testing.T) { check(t, c.text, c.want, c.why) })
	}
}

func check(t *testing.T, text, want, why string) {
	t.Helper()
	got := Text(text)
	if String(got) != want {
		t.Errorf("got %s, want %s", String(got), want)
	}
	if all := warnings(got); !slices.Equal(all, []string{why}) {
		t.Errorf("why: %q, want %q", all, why)
	}
	if back := Decode(want); back != text {
		t.Errorf("decodes to %q", back)
	}
}

func TestHonestTextStaysAsItIs(t *testing.T) {
	for _, text := range []string{
		"", "Open /etc/hosts with mode 0644, please!", `C:\Users\x and a \n`,
		"Встреча с Анной в 15:00, а у меня хор. Оно не о том.", "Отчёт.pdf", "/home/анна/Документы/отчёт.pdf", "IT-компания и/или SMS",
		"Καλημέρα κόσμε, αύριο στις 9", "你好，世界！使用Docker部署（测试）：完成。", "今日はGo言語でテストを書く。ノート", "오늘은 API를 테스트한다",
		"مرحبا بالعالم، ٢٠٢٤", "שלום עולם, זה טוב", "नमस्ते दुनिया", "สวัสดีใช้Dockerได้", "Ça va? Größe, naïve, Łódź, Şişli, kapı",
		"Tiê\u0301ng Việt, e\u0301", "don’t — “quoted” … 10–20 °C, 1º, 5 µm, ½, m², ①", "❤️ done 👍🏽 👩‍🚀 🇩🇪 ✅", "≠ ∑ → ™ №",
	} {
		t.Run(text, func(t *testing.T) {
			if got := Text(text); String(got) != text || len(warnings(got)) > 0 {
				t.Errorf("got %s: %q", String(got), warnings(got))
			}
		})
	}
}

func TestACallIsShownWholeAndExact(t *testing.T) {
	for _, c := range []struct{ rule, skill, input, want string }{
		{"a short one stands on a line", "open_path", `{"path":"/x"}`, `open_path {"path":"/x"}`},
		{
			"a long one has an argument a line", "run_command", `{"argv":["git","status"],"cwd":"/home/someone/with/a/long/path"}`,
			"run_command {\n  \"argv\": [\n    \"git\",\n    \"status\"\n  ],\n  \"cwd\": \"/home/someone/with/a/long/path\"\n}",
		},
		{"a right-to-left override", "open_path", `{"path":"` + "\u202e" + `fdp.exe"}`, `open_path {"path":"\u{202E}fdp.exe"}`},
		{"a line feed in a name is no line", "a\nb", "{}", `a\u{000A}b {}`},
		{"what is no JSON is shown all the same", "x", "\x1b[2K\xff", `x \u{001B}[2K\x{FF}`},
		{"an escape of JSON parts words", "x", `{"t":"а\nпривет \"мир\""}`, `x {"t":"а\nпривет \"мир\""}`},
		{"each string is judged by itself", "x", `["ср","Привет"]`, `x ["\u{0441}\u{0440}","Привет"]`},
		{"a text that looks like an escape", "x", `["\\u{202E}"]`, `x ["\\u{005C}u{202E}"]`},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := String(Call(c.skill, json.RawMessage(c.input))); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	if got := warnings(Call("x", []byte(`{"a":"\u001b"}`))); !slices.Equal(got, []string{whyControl}) {
		t.Errorf("JSON's own escape: %q", got)
	}
}

// nothingHidden fails where text has a character that can't be seen; an emoji's own selector and joiner pass where
// they stand in one.
func nothingHidden(t *testing.T, text string, feeds bool) {
	t.Helper()
	before := rune(0)
	for _, r := range text {
		emoji := r == emojiStyle && unicode.In(before, unicode.So, unicode.Sm) ||
			r == zeroWidthJoiner && (pictograph(before) || before == emojiStyle)
		if why := unseen(r); why != "" && !emoji && (r != '\n' || !feeds) {
			t.Fatalf("%q: %U is still there", text, r)
		}
		before = r
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"a\u202eb", "\\u{202E}", `\x{ff}\u{`, "\xff\xfe", "g\u043eogle", "❤️\ufe0f\u200d👩", "ср /etc/\u2215", "e\u0301\u0338", `\\u{5C}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Text(text)
		nothingHidden(t, String(got), false)
		if back := Decode(String(got)); back != text {
			t.Fatalf("%q became %q, which is %q", text, String(got), back)
		}
		for _, s := range got {
			if s.Text == "" || s.Suspicious != (s.Why != "") || s.Suspicious && strings.ContainsFunc(s.Text, func(r rune) bool { return r > unicode.MaxASCII }) {
				t.Fatalf("%q: segment %+v", text, s)
			}
		}
	})
}

func FuzzCall(f *testing.F) {
	for _, s := range []string{`{"a":"\u001b\\u{41}"}`, `{"path":"/x","text":"` + strings.Repeat("y", 80) + `"}`, "[\"\xff\"]", `{"a":"\\\"\u0041"}`, "{"} {
		f.Add("open_path", []byte(s))
	}
	f.Fuzz(func(t *testing.T, skill string, input []byte) {
		got := String(Call(skill, input))
		nothingHidden(t, got, json.Valid(input))
		want := string(input)
		var b bytes.Buffer
		if json.Compact(&b, input) == nil {
			if want = b.String(); len(skill)+len(want) > short {
				b.Reset()
				_ = json.Indent(&b, input, "", "  ")
				want = b.String()
			}
		}
		if back := Decode(got); back != skill+" "+want {
			t.Fatalf("%q became %q, which is %q", input, got, back)
		}
	})
}
