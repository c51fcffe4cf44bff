package spawn

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nerva/core/desk"
)

// The expected values are what systemd-escape prints.
func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"firefox":              "firefox",
		"org.gnome.Calculator": "org.gnome.Calculator",
		"kde-org.kde.kate":     `kde\x2dorg.kde.kate`,
		".hidden":              `\x2ehidden`,
		"a b":                  `a\x20b`,
		"ä":                    `\xc3\xa4`,
		`a\b`:                  `a\x5cb`,
		"a@b:c_d":              `a\x40b:c_d`,
		"\x01":                 `\x01`,
		"50%":                  `50\x25`,
	} {
		if got := escape(in, 255); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := escape("a-b", 4); got != "a" {
		t.Errorf("an escape was cut: %q", got)
	}
}

func TestUnitName(t *testing.T) {
	c := desk.Command{AppID: "kde-x", Argv: []string{"/usr/bin/y"}}
	for got, want := range map[string]string{
		scopeName(c):                          `^app-nerva-kde\\x2dx-[0-9a-f]{16}\.scope$`,
		serviceName(c):                        `^app-nerva-kde\\x2dx@[0-9a-f]{16}\.service$`,
		scopeName(desk.Command{Argv: c.Argv}): `^app-nerva-y-[0-9a-f]{16}\.scope$`,
	} {
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("got %q, want %s", got, want)
		}
	}
	if one, two := scopeName(c), scopeName(c); one == two {
		t.Error("two units of the same name")
	}
	if got := serviceName(desk.Command{AppID: strings.Repeat("-", 200)}); len(got) > maxUnitName {
		t.Errorf("a name of %d bytes", len(got))
	}
}

func TestEnvironment(t *testing.T) {
	self := "SYSTEMD_EXEC_PID=" + strconv.Itoa(os.Getpid())
	for rule, c := range map[string]struct{ own, manager, want []string }{
		"by hand, our own session counts":     {[]string{"A=own", "B=own"}, []string{"A=mgr", "C=mgr"}, []string{"A=own", "B=own", "C=mgr"}},
		"a service has the manager's":         {[]string{self, "A=own", "B=own"}, []string{"A=mgr", "C=mgr"}, []string{"A=mgr", "B=own", "C=mgr"}},
		"a child of another service has none": {[]string{"SYSTEMD_EXEC_PID=1", "A=own"}, []string{"A=mgr"}, []string{"A=own"}},
		"private ones vanish from both":       {[]string{"INVOCATION_ID=x", "LISTEN_PID=1", "OPENAI_API_KEY=k"}, []string{"DESKTOP_STARTUP_ID=x", "NERVA_A=b"}, []string{}},
		"values keep their equal signs":       {[]string{"A=b=c"}, nil, []string{"A=b=c"}},
		"what is no variable vanishes":        {[]string{"A"}, nil, []string{}},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // no display to be found
			t.Setenv("WAYLAND_DISPLAY", "")
			if d := cmp.Diff(c.want, environment(c.own, c.manager).list()); d != "" {
				t.Error(d)
			}
		})
	}
}
