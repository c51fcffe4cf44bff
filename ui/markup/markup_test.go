package markup

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"nerva/core/visible"
)

func TestHighlight(t *testing.T) {
	for _, c := range []struct {
		name, text string
		at         []int
		want       string
	}{
		{"neighbours share one element", "Firefox", []int{0, 1, 5}, "<b>Fi</b>ref<b>o</b>x"},
		{"the last letter closes", "foot", []int{3}, "foo<b>t</b>"},
		{"positions count runes", "Über", []int{1}, "Ü<b>b</b>er"},
		{"markup in a title is text", "<b>&", []int{0}, "<b>&lt;</b>b&gt;&amp;"},
		{"positions outside are ignored", "ab", []int{-1, 1, 9}, "a<b>b</b>"},
		{"a title is one line", "a\nb", nil, "a b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Highlight(c.text, c.at); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"bold, emphasis and code", "**a** *b* `c`", "<b>a</b> <i>b</i> <tt>c</tt>"},
		{"nothing inside code is markup", "`**a** <b>`", "<tt>**a** &lt;b&gt;</tt>"},
		{"what is not closed yet stands as it came", "so **far", "so **far"},
		{"stars between spaces multiply", "2 * 3 * 4", "2 * 3 * 4"},
		{"words with underscores", "add_note and read_note", "add_note and read_note"},
		{"a list", "- one\n  - two", "•  one\n  •  two"},
		{"a heading", "## Hello <you>", "<b>Hello &lt;you&gt;</b>"},
		{"a fence", "a\n```go\nx < *y*\n```\nb", "a\n<tt>x &lt; *y*</tt>\nb"},
		{"an element is text", "<span size='99999'>x</span>", "&lt;span size=&#39;99999&#39;&gt;x&lt;/span&gt;"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Markdown(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatIsSuspiciousIsMarked(t *testing.T) {
	got := Marked(visible.Text("a<\u202eb"), "#ff0000")
	want := `a&lt;<span foreground="#ff0000" weight="bold" underline="single">\u{202E}</span>b`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// wellFormed fails where markup is not well-formed or has an element that is not one of ours.
func wellFormed(t *testing.T, markup string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader("<markup>" + markup + "</markup>"))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", markup, err)
		}
		if e, ok := token.(xml.StartElement); ok {
			if !strings.Contains(" markup b i tt span ", " "+e.Name.Local+" ") || len(e.Attr) > 0 != (e.Name.Local == "span") {
				t.Fatalf("%q: element %v", markup, e)
			}
		}
	}
}

func FuzzMarkup(f *testing.F) {
	for _, s := range []string{"**a `b** c`", "<b>&amp;", "*_*_", "\x00\xff\ufffe", "```\n<", "# *a*", "__a*b__c*"} {
		f.Add(s, 1)
	}
	f.Fuzz(func(t *testing.T, text string, at int) {
		wellFormed(t, Markdown(text))
		wellFormed(t, Escape(text))
		wellFormed(t, Highlight(text, []int{at, at + 1, at + 3}))
		wellFormed(t, Marked(visible.Text(text), "#ff0000"))
		wellFormed(t, Marked(visible.Call(text, []byte(text)), "#ff0000"))
	})
}
