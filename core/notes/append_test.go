package notes

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
)

func TestWhatStandsInANoteStaysAsItIs(t *testing.T) {
	for _, c := range []struct{ rule, note, text, want string }{
		{"a paragraph of its own", "a\n", "b", "a\n\nb\n"},
		{"no line end yet", "a", "b\nc", "a\n\nb\nc\n"},
		{"a list goes on", "# T\n\n- a\n", "- b", "# T\n\n- a\n- b\n"},
		{"a list goes on, without a line end", "1. a", "2. b", "1. a\n2. b\n"},
		{"a list after text", "a\n", "- b", "a\n\n- b\n"},
		{"text after a list", "- a\n", "b", "- a\n\nb\n"},
		{"an empty line is there already", "a\n\n", "b", "a\n\nb\n"},
		{"spaces and empty lines", "a  \n \n\n", "b", "a  \n \n\nb\n"},
		{"an empty note", "", "b", "b\n"},
		{"front matter", "---\ntags: [a]\nodd:   'x'   # kept\n---\n", "b", "---\ntags: [a]\nodd:   'x'   # kept\n---\n\nb\n"},
		{"line ends of Windows", "a\r\n- b\r\n", "- c\nd", "a\r\n- b\r\n- c\r\nd\r\n"},
		{"text with line ends of Windows", "a\n", "b\r\nc\r\n", "a\n\nb\nc\n"},
		{"a byte order mark", "\uFEFFa\n", "b", "\uFEFFa\n\nb\n"},
	} {
		dir := t.TempDir()
		write(t, dir, "n.md", c.note)
		path, err := newFolder(t, dir).Append(t.Context(), "n.md", c.text)
		if err != nil || path != filepath.Join(dir, "n.md") || read(t, path) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.rule, read(t, filepath.Join(dir, "n.md")), err, c.want)
		}
	}
}

func TestAppendingFindsTheNote(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sub/Reading list.md", "# Books\n")
	write(t, dir, ".hidden/x.md", "x")
	write(t, dir, "big.md", strings.Repeat("x", maxNote-1))
	if err := os.Symlink("sub/Reading list.md", filepath.Join(dir, "link.md")); err != nil {
		t.Fatal(err)
	}
	f := newFolder(t, dir)
	for _, name := range []string{"books", "reading LIST", "sub/reading list", "sub/Reading list.md", "link.md", filepath.Join(dir, "sub/Reading list.md")} {
		if _, err := f.Append(t.Context(), name, "- "+name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := read(t, filepath.Join(dir, "sub/Reading list.md")); !strings.HasSuffix(got, "\n- "+name+"\n") {
			t.Errorf("%s: %q", name, got)
		}
	}
	if info, err := os.Lstat(filepath.Join(dir, "link.md")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is none any more: %v, %v", info.Mode(), err)
	}
	if got := found(t, f, "books link.md"); len(got) == 0 {
		t.Error("what was added is not found at once")
	}
	for _, c := range []struct {
		name, text string
		code       api.Code
	}{
		{"none", "x", api.NotFound},
		{".hidden/x.md", "x", api.NotFound},
		{"../x.md", "x", api.NotFound},
		{"books", " \n", api.InvalidInput},
		{"books", "a\x00b", api.InvalidInput},
		{"big.md", "x", api.InvalidInput},
	} {
		if _, err := f.Append(t.Context(), c.name, c.text); api.CodeOf(err) != c.code {
			t.Errorf("%s, %q: %v", c.name, c.text, err)
		}
	}
}

func TestTodaysNote(t *testing.T) {
	const begun = "\n- two\n"
	for _, c := range []struct {
		rule, settings, want, begin string
	}{
		{"a folder of nobody's", "none", "2026-03-14.md", "# 2026-03-14\n\n"},
		{"Obsidian's, as it comes", "", "2026-03-14.md", ""},
		{"Obsidian's, with a folder", `{"folder":"Journal/Daily","format":""}`, "Journal/Daily/2026-03-14.md", ""},
		{"with a format", `{"folder":"/J","format":"YYYY/MM/DD-MM-YY","autorun":true}`, "J/2026/03/14-03-26.md", ""},
		{"with names and words", `{"format":"dddd, D MMMM YYYY [Daily]"}`, "Saturday, 14 March 2026 Daily.md", ""},
		{"with weeks", `{"format":"GGGG-[W]WW"}`, "2026-W11.md", ""},
		{"with what is not known", `{"folder":"J","format":"YYYY-MM-DD HHmm"}`, "2026-03-14.md", ""},
		{"out of the folder", `{"folder":"../out"}`, "2026-03-14.md", ""},
		{"hidden", `{"folder":".obsidian"}`, "2026-03-14.md", ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			dir := t.TempDir()
			if c.settings != "none" {
				write(t, dir, ".obsidian/app.json", "{}")
			}
			if strings.HasPrefix(c.settings, "{") {
				write(t, dir, ".obsidian/daily-notes.json", c.settings)
			}
			f := newFolder(t, dir)
			for _, text := range []string{"- one", "- two"} {
				if path, err := f.Daily(t.Context(), text); err != nil || path != filepath.Join(dir, c.want) {
					t.Fatalf("%s, %v", path, err)
				}
			}
			if got, want := read(t, filepath.Join(dir, c.want)), c.begin+"- one"+begun; got != want {
				t.Errorf("%q, want %q", got, want)
			}
			if got := found(t, f, "two"); len(got) != 1 {
				t.Errorf("found %q", got)
			}
		})
	}
	dir := t.TempDir()
	write(t, dir, ".obsidian/daily-notes.json", "{")
	if _, err := newFolder(t, dir).Daily(t.Context(), "x"); api.CodeOf(err) != api.Failed || !strings.Contains(err.Error(), "daily-notes.json") {
		t.Error(err)
	}
	if path, err := newFolder(t, filepath.Join(dir, "not", "there")).Daily(t.Context(), "x"); err != nil || read(t, path) != "# 2026-03-14\n\nx\n" {
		t.Errorf("in a folder that is not there yet: %v", err)
	}
}

func TestBusyIsTheAnswerWhileAnotherProgramWrites(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "n.md", "a\n")
	file, err := os.OpenFile(filepath.Join(dir, "n.md"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := newFolder(t, dir)
	if _, err := f.Append(t.Context(), "n.md", "b"); api.CodeOf(err) != api.Busy || read(t, file.Name()) != "a\n" {
		t.Error(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append(t.Context(), "n.md", "b"); err != nil || read(t, file.Name()) != "a\n\nb\n" {
		t.Error(err)
	}
}

func TestLinks(t *testing.T) {
	for _, c := range []struct{ rule, text, want string }{
		{"wiki links", "[[Note]] and [[sub/Other|words]], ![[Third#Heading]], [[#here]], [[Fourth.md]]", "note, sub/other, third, fourth"},
		{"relative wiki links", "[[../up]] [[./same]] [[/root]]", "/up, /in/same, root"},
		{"paths", "[a](b.md) [c](../d%20e.md#x \"title\") [f](<g h.md>) [i](/j.md) ![k](l.png)", "/in/b, /d e, /in/g h, /j, /in/l.png"},
		{"what leads elsewhere", "[a](https://example.org/b.md) [c](mailto:d@e) [f](#g) [h](../../i.md) [j](//k/l.md) [m]()", ""},
		{"references", "[a]: b.md\n[c]: <d e.md> \"title\"", "/in/b, /in/d e"},
		{"in the front matter", "---\nup: \"[[Parent]]\"\n---\n", "parent"},
		{"not in code", "`[[a]]`\n```\n[[b]]\n```\n", ""},
		{"once each", "[[a]] [[A]] [[ a ]]", "a"},
	} {
		if got := strings.Join(links(c.text, "in/name.md"), ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.rule, got, c.want)
		}
	}
}

func TestLinked(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "projects/Garden.md", "# The garden\n[[Garden]]")
	write(t, dir, "a.md", "# By name\n[[garden|it]]")
	write(t, dir, "b.md", "# By title\n[[The Garden]]")
	write(t, dir, "projects/c.md", "# By path\n[x](Garden.md#y)")
	write(t, dir, "d.md", "# By part of the path\n[[projects/garden]]")
	write(t, dir, "e.md", "# Elsewhere\n[x](Garden.md) [[other/Garden]] garden")
	f := newFolder(t, dir)
	want := []string{"By part of the path", "By path", "By title", "By name"}
	for _, name := range []string{"projects/Garden.md", "the garden", filepath.Join(dir, "projects/Garden.md")} {
		if got, err := f.Linked(t.Context(), name); err != nil || !slices.Equal(titles(got), want) {
			t.Errorf("%s: %q, %v", name, titles(got), err)
		}
	}
	write(t, dir, "a.md", "# By name\nno more")
	if got, err := f.Linked(t.Context(), "the garden"); err != nil || !slices.Equal(titles(got), want[:3]) {
		t.Errorf("%q, %v", titles(got), err)
	}
	if got, err := f.Linked(t.Context(), "b.md"); err != nil || got == nil || len(got) != 0 {
		t.Errorf("%q, %v", titles(got), err)
	}
	if _, err := f.Linked(t.Context(), "none"); api.CodeOf(err) != api.NotFound {
		t.Error(err)
	}
}

func FuzzLinks(f *testing.F) {
	for _, s := range []string{"[[a|b]]", "[a](<b c.md> \"d\")", "[a]: %zz", "[[../..]]", "[](", "[[\n]]", "![[#]]", "[x](/../a)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, target := range links(s, "in/name.md") {
			if target == "" || target == "/" || strings.HasPrefix(target, "/..") || strings.Contains(target, "\n") {
				t.Errorf("%q leads to %q", s, target)
			}
		}
	})
}

func FuzzAppended(f *testing.F) {
	f.Add("a\r\n", "- b\nc")
	f.Add("---\n---", "\n")
	f.Add("\ufeff", "x")
	f.Fuzz(func(t *testing.T, note, text string) {
		text, err := tidy(text)
		if err != nil {
			return
		}
		got, err := appended(note, text)
		if err == nil && (!strings.HasPrefix(got, note) || !strings.HasSuffix(strings.ReplaceAll(got, "\r\n", "\n"), strings.ReplaceAll(text, "\r\n", "\n")+"\n")) {
			t.Errorf("%q and %q make %q", note, text, got)
		}
	})
}

func FuzzMoment(f *testing.F) {
	f.Add(`{"folder":"a","format":"YYYY-MM-DD [x]"}`)
	f.Add(`{"format":"[]]YYYYYY"}`)
	f.Fuzz(func(t *testing.T, s string) {
		set := obsidianDaily{}
		if parseDaily([]byte(s), &set) != nil {
			return
		}
		if name, ok := moment(set.Format, time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)); ok && name == "" {
			t.Errorf("%q has no name", set.Format)
		}
	})
}
