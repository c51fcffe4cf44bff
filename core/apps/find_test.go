package apps

import (
	"strings"
	"testing"

	"nerva/core/api"
)

func TestFind(t *testing.T) {
	h := newHome(t)
	h.write("sys/applications/org.gnome.Calculator.desktop", app("Taschenrechner", "Name[C]=x", "GenericName=Sums", "Keywords=math;arithmetic;"))
	h.write("sys/applications/firefox.desktop", app("Firefox", "GenericName=Web Browser"))
	h.write("sys/applications/chromium.desktop", app("Chromium", "Name[de]=Chrom", "GenericName=Web Browser", "Keywords=math;"))
	h.write("sys/applications/settings1.desktop", app("Settings"))
	h.write("sys/applications/settings2.desktop", app("Settings"))
	h.write("sys/applications/secret.desktop", app("Secret", "NoDisplay=true"))
	h.write("sys/applications/math.desktop.desktop", app("Odd"))
	env := h.env()
	env.Locales = []string{"de"}
	s := h.scan(env)
	for rule, c := range map[string]struct{ app, want string }{
		"id":                               {"firefox", "firefox"},
		"id.desktop":                       {"firefox.desktop", "firefox"},
		"an id that ends in .desktop":      {"math.desktop", "math.desktop"},
		"an id is found though not shown":  {"secret", "secret"},
		"id.desktop of what is not shown":  {"secret.desktop", "secret"},
		"name, letter case aside":          {"fireFOX", "firefox"},
		"localized name":                   {"chrom", "chromium"},
		"untranslated name":                {"CHROMIUM", "chromium"},
		"id, letter case aside":            {"ORG.gnome.calculator.desktop", "org.gnome.Calculator"},
		"last word of an id":               {"calculator", "org.gnome.Calculator"},
		"generic name":                     {"sums", "org.gnome.Calculator"},
		"keyword":                          {"Arithmetic", "org.gnome.Calculator"},
		"blanks round it":                  {" firefox ", "firefox"},
		"a name of what is not shown":      {"Secret ", "NotFound: no application is called"},
		"ambiguous name":                   {"settings", `InvalidInput: "settings" may be Settings (settings1), Settings (settings2); give the id`},
		"ambiguous generic name":           {"web browser", `InvalidInput: "web browser" may be Chrom (chromium), Firefox (firefox)`},
		"ambiguous keyword":                {"math", `InvalidInput: "math" may be`},
		"unknown":                          {"nothing", `NotFound: no application is called "nothing"`},
		"nothing":                          {"", "NotFound: no application is called"},
		"a part of a name is no exact one": {"fire", "NotFound: no application is called"},
	} {
		t.Run(rule, func(t *testing.T) {
			e, err := s.Find(c.app)
			var got string
			if err != nil {
				got = string(api.CodeOf(err)) + ": " + err.Error()
			} else {
				got = e.ID
			}
			if got != c.want && (err == nil || !strings.HasPrefix(got, c.want)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
