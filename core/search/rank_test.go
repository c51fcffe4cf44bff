package search

import (
	"slices"
	"strings"
	"testing"

	"nerva/core/api"
)

func desktopEngine() *Engine {
	e := New(nil)
	e.Set("apps", desktopItems())
	return e
}

func ids(results []api.Result) []string {
	list := []string{}
	for _, r := range results {
		list = append(list, strings.TrimPrefix(r.ID, "app:"))
	}
	return list
}

// TestRanking says what must come first, in this order. Names are ids of entries_test.go.
func TestRanking(t *testing.T) {
	e := desktopEngine()
	for _, c := range []struct{ rule, query, want string }{
		{"the start of a title, the shorter title first", "fi", "io.elementary.files firefox filezilla"},
		{"a title's start before another name's", "fil", "io.elementary.files filezilla org.gnome.Nautilus"},
		{"a title in full", "firefox", "firefox"},
		{"a title in full before longer ones", "foot", "foot"},
		{"a title in full before longer ones", "web", "org.gnome.Epiphany"},
		{"a title in full before longer ones", "notes", "org.gnome.Notes"},
		{"the first word before a later one", "calc", "org.gnome.Calculator libreoffice-calc"},
		{"the untranslated name", "settings", "org.gnome.Settings systemsettings"},
		{"the untranslated name", "weather", "org.gnome.Weather"},
		{"the untranslated name", "calendar", "org.gnome.Calendar"},
		{"the translated name", "einst", "org.gnome.Settings"},
		{"the translated name", "wett", "org.gnome.Weather"},
		{"accents need not be typed", "passworter", "org.gnome.seahorse.Application"},
		{"accents may be typed", "Passwörter", "org.gnome.seahorse.Application"},
		{"accents in descriptions", "systemüber", "org.gnome.SystemMonitor"},
		{"capitals exclude nothing", "FIREFOX", "firefox"},
		{"the executable's name", "nautilus", "org.gnome.Nautilus"},
		{"the executable's name", "code", "code"},
		{"the executable's name", "pavuc", "pavucontrol"},
		{"initials", "vsc", "code"},
		{"initials", "obs", "com.obsproject.Studio"},
		{"initials of humps", "lo", "libreoffice-startcenter"},
		{"initials after others", "kpx", "org.keepassxc.KeePassXC"},
		{"a subsequence of another name", "gcal", "org.gnome.Calculator org.gnome.Calendar"},
		{"a subsequence of the title", "ffx", "firefox"},
		{"a subsequence of the title", "thbird", "thunderbird"},
		{"words in any order", "calc libre", "libreoffice-calc"},
		{"words in any order", "client foot", "footclient"},
		{"words of title and description", "gimp image", "org.gimp.GIMP"},
		{"the start of a title in two words", "system set", "systemsettings"},
		{"the start of a title in two words", "text ed", "org.gnome.TextEditor"},
		{"the generic name", "browser", "torbrowser"},
		{"the generic name", "spreadsheet", "libreoffice-calc"},
		{"keywords", "xlsx", "libreoffice-calc"},
		{"keywords", "torrents", "transmission-gtk"},
		{"the id", "org.gnome.calculator", "org.gnome.Calculator"},
		{"the id", "org.gnome.Nautilus", "org.gnome.Nautilus"},
		{"inside a word, where there is nothing better", "zilla", "filezilla"},
		{"inside a word, in the middle", "nderbi", "thunderbird"},
		{"other scripts", "каль", "qalculate-gtk"},
		{"other scripts, one letter", "電", "org.kde.kalk"},
		{"spaces around do not matter", "  foot  client ", "footclient"},
	} {
		want := strings.Fields(c.want)
		got := ids(e.Query(c.query, 10))
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("%s: %q gives %q, want %q first", c.rule, c.query, got, want)
		}
	}
}

func TestTerminalsAreFoundByWhatTheyAre(t *testing.T) {
	for _, q := range []string{"term", "terminal", "shell"} {
		got := ids(desktopEngine().Query(q, 6))
		for _, want := range []string{"foot", "Alacritty", "kitty", "debian-xterm"} {
			if !slices.Contains(got, want) {
				t.Errorf("%s is not among the first six of %q: %q", want, q, got)
			}
		}
	}
}

func TestNonsenseFindsNothing(t *testing.T) {
	e := desktopEngine()
	for _, q := range []string{
		"xqzj", "asdfgh", "qwertz", "zzz", "firefoxx", "calculator foo", "....", "電電", "fireofx", "xx", "tkr", "orgg", "aef", "aof", "akf", "aml", "afu",
		strings.Repeat("a", 100), strings.Repeat("f", 10_000), "\x00", "fi\x00",
	} {
		if got := e.Query(q, 0); len(got) != 0 {
			t.Errorf("%.20q finds %q", q, ids(got))
		}
	}
}

func TestOneLetterFindsStartsOfWords(t *testing.T) {
	got := desktopEngine().Query("z", 0)
	if len(got) == 0 || got[0].Title != "Zeichen" && got[0].Title != "Zoom" {
		t.Fatalf("z gives %q first", ids(got))
	}
	if slices.Contains(ids(got), "firefox") || slices.Contains(ids(got), "audacity") {
		t.Errorf("z gives %q", ids(got))
	}
	for _, r := range desktopEngine().Query("o", 3) {
		if !strings.HasPrefix(r.Title, "O") {
			t.Errorf("o gives %s among the first three", r.Title)
		}
	}
}

func TestMatchesAreRunesOfTheTitle(t *testing.T) {
	e := New(nil)
	e.Set("x", []Item{
		{Result: api.Result{ID: "1", Title: "Passwörter und Schlüssel"}},
		{Result: api.Result{ID: "2", Title: "Visual Studio Code"}, Keywords: []string{"editor"}},
		{Result: api.Result{ID: "3", Title: "電卓 Kalk"}},
		{Result: api.Result{ID: "4", Title: "bad\xff\xfebytes"}},
		{Result: api.Result{ID: "5", Title: "Firefox"}},
	})
	for _, c := range []struct {
		rule, query, id string
		want            []int
	}{
		{"a start", "pass", "1", []int{0, 1, 2, 3}},
		{"a later word, behind an accent", "schlus", "1", []int{15, 16, 17, 18, 19, 20}},
		{"two words", "schl und", "1", []int{11, 12, 13, 15, 16, 17, 18}},
		{"initials", "vsc", "2", []int{0, 7, 14}},
		{"gaps", "ffx", "5", []int{0, 4, 6}},
		{"inside a word", "refo", "5", []int{2, 3, 4, 5}},
		{"behind wide letters", "kalk", "3", []int{3, 4, 5, 6}},
		{"behind broken bytes", "bytes", "4", []int{5, 6, 7, 8, 9}},
		{"not the title", "editor", "2", nil},
		{"one word of the title, one of a keyword", "editor code", "2", []int{14, 15, 16, 17}},
		{"each rune once", "fire fir", "5", []int{0, 1, 2, 3}},
	} {
		got := e.Query(c.query, 1)
		if len(got) != 1 || got[0].ID != c.id || !slices.Equal(got[0].Matches, c.want) {
			t.Errorf("%s: %q gives %+v, want %s %v", c.rule, c.query, got, c.id, c.want)
		}
	}
}

func TestUseBreaksNearTiesAndNotMore(t *testing.T) {
	used := map[string]float64{}
	e := New(func(id string) float64 { return used[id] })
	e.Set("apps", desktopItems())
	first := func(query string) string { return ids(e.Query(query, 1))[0] }
	for _, c := range []struct {
		rule, used, query, want string
	}{
		{"nothing is used", "", "fi", "io.elementary.files"},
		{"of two starts the used one", "app:firefox", "fi", "firefox"},
		{"a used later word before an unused start", "app:libreoffice-calc", "cal", "libreoffice-calc"},
		{"a title in full stays first", "app:filezilla", "files", "io.elementary.files"},
		{"a keyword never comes before a start", "app:libreoffice-draw", "dis", "discord"},
		{"a subsequence never comes before a start", "app:firefox", "fox", "firefox"},
		{"use makes nothing match", "app:firefox", "gimp", "org.gimp.GIMP"},
	} {
		clear(used)
		used[c.used] = 1
		e.Reboost()
		if got := first(c.query); got != c.want {
			t.Errorf("%s: %q gives %s, want %s", c.rule, c.query, got, c.want)
		}
	}
}

func TestABoostIsClamped(t *testing.T) {
	for _, b := range []float64{-1, 0, 1e300} {
		e := New(func(id string) float64 {
			if id == "app:filezilla" {
				return b
			}
			return 0
		})
		e.Set("apps", desktopItems())
		if got := ids(e.Query("firefox", 0)); got[0] != "firefox" {
			t.Errorf("boost %v: %q", b, got)
		}
		if got := e.Query("file", 1)[0].Score; got > pointsEqual+maxLift {
			t.Errorf("boost %v: score %v", b, got)
		}
	}
}

func TestAnEmptyQueryIsByUseThenKindThenTitle(t *testing.T) {
	used := map[string]float64{"note:b": 0.5, "app:b": 0.9}
	e := New(func(id string) float64 { return used[id] })
	item := func(kind, id string) Item {
		return Item{Result: api.Result{ID: kind + ":" + id, Kind: kind, Title: strings.ToUpper(id)}}
	}
	e.Set("notes", []Item{item("note", "a"), item("note", "b")})
	e.Set("files", []Item{item("file", "a")})
	e.Set("windows", []Item{item("window", "a")})
	e.Set("apps", []Item{item("app", "c"), item("app", "a"), item("app", "b")})
	want := []string{"b", "note:b", "a", "c", "window:a", "note:a", "file:a"}
	for _, text := range []string{"", "  \t"} {
		if got := ids(e.Query(text, 0)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if got := ids(e.Query(text, 3)); !slices.Equal(got, want[:3]) {
			t.Errorf("%q, limited: %q, want %q", text, got, want[:3])
		}
	}
}

func TestTiesAreByKindThenTitleThenID(t *testing.T) {
	e := New(nil)
	e.Set("a", []Item{
		{Result: api.Result{ID: "note:1", Kind: "note", Title: "Same"}},
		{Result: api.Result{ID: "window:1", Kind: "window", Title: "Same"}},
	})
	e.Set("b", []Item{
		{Result: api.Result{ID: "app:2", Kind: "app", Title: "Same"}},
		{Result: api.Result{ID: "app:1", Kind: "app", Title: "Same"}},
	})
	want := []string{"1", "2", "window:1", "note:1"}
	if got := ids(e.Query("same", 0)); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTextStandsBelowTheBeginningsOfWords(t *testing.T) {
	for _, c := range []struct {
		rule  string
		item  Item
		query string
		above bool
	}{
		{"a title", Item{Result: api.Result{Title: "Zebra"}}, "zebra", true},
		{"the start of a title", Item{Result: api.Result{Title: "Zebra crossing of the town"}}, "zeb", true},
		{"a later word of a title", Item{Result: api.Result{Title: "The town has a zebra crossing"}}, "zeb", true},
		{"another name", Item{Names: []string{"the zebra crossing"}}, "zeb", true},
		{"a description", Item{Generic: []string{"the zebra crossing"}}, "zeb", true},
		{"a keyword", Item{Keywords: []string{"horse", "zebra"}}, "zeb", true},
		{"an id's later word, the weakest beginning", Item{IDs: []string{"the-long-id-of-a-zebra-crossing"}}, "ze", true},
		{"initials", Item{Result: api.Result{Title: "Zone Editor"}}, "ze", true},
		{"inside a word", Item{Result: api.Result{Title: "Zebra"}}, "ebra", false},
		{"scattered letters", Item{Result: api.Result{Title: "Zigzagged umbrella"}}, "zebra", false},
	} {
		e := New(nil)
		e.Set("x", []Item{c.item})
		if got := e.Query(c.query, 0); len(got) != 1 && c.above || len(got) == 1 && got[0].Score > ScoreText != c.above {
			t.Errorf("%s: %+v, and text has %v", c.rule, got, ScoreText)
		}
	}
}
