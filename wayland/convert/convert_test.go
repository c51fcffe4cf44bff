package convert

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

var _ desk.Converter = Converter{}

// realQalc skips the test where qalc is not installed, and gives it a home of its own.
func realQalc(t *testing.T) (home string) {
	t.Helper()
	if _, err := exec.LookPath("qalc"); err != nil {
		t.Skip("qalc is not installed; install the package qalc to run this test")
	}
	home = t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", "")
	return home
}

func TestConvert(t *testing.T) {
	realQalc(t)
	for _, test := range []struct {
		amount           float64
		from, to, result string
	}{
		{5, "km", "mi", "3.106855961"},
		{0, "km", "m", "0"},
		{1e300, "m", "km", "1e297"},
		{1e-7, "m", "km", "1e-10"},
		{90, "min", "h", "1.5"},
		{1, "year", "days", "365.25"},
		{-40, "°C", "°F", "-40"},
		{72, "F", "C", "22.22222222"},
		{5, "km/h", "m/s", "1.388888889"},
		{100, "kmh", "mph", "62.13711922"},
		{5, "m^2", "ft²", "53.81955208"},
		{10, "sq ft", "m2", "0.9290304"},
		{1, "kWh", "MJ", "3.6"},
		{1, "N m", "J", "1"},
		{8, "Mbps", "MB/s", "1"},
		{10, "stone", "kg", "63.5029318"},
		{3, "cups", "ml", "709.7647095"},
		{1, "fl oz", "ml", "29.57352956"},
	} {
		got, err := New().Convert(t.Context(), test.amount, test.from, test.to)
		if err != nil || got.Result != test.result || got.Rates != "" || !strings.HasSuffix(got.Text, "= "+test.result+" "+lastUnit(t, test.to)) {
			t.Errorf("%g %s in %s: got %+v, %v, want %s", test.amount, test.from, test.to, got, err, test.result)
		}
	}
}

func lastUnit(t *testing.T, written string) string {
	t.Helper()
	u, err := unit(written)
	if err != nil {
		t.Error(err)
	}
	return u
}

// TestCurrencies: the rates are those that came with libqalculate, which say when they are old.
func TestCurrencies(t *testing.T) {
	realQalc(t)
	for _, pair := range [][2]string{{"EUR", "USD"}, {"$", "€"}, {"dollars", "GBP"}, {"USD", "euros"}} {
		got, err := New().Convert(t.Context(), 100, pair[0], pair[1])
		if err != nil || got.Result == "" || got.Result == "100" {
			t.Errorf("%v: %+v, %v", pair, got, err)
		}
		if day, err := time.Parse(time.DateOnly, got.Rates); got.Rates != "" && (err != nil || day.After(time.Now())) {
			t.Errorf("%v: the rates are of %q", pair, got.Rates)
		}
	}
}

// TestConvertRefuses: what qalc would make something of, and what it could be made to do.
func TestConvertRefuses(t *testing.T) {
	home := realQalc(t)
	for _, test := range []struct{ rule, from, to string }{
		{"unknown", "foo", "m"},
		{"unknown to", "m", "xyzzy"},
		{"unknown to that is letters of units", "m", "foo"},
		{"another thing", "kg", "m"},
		{"another thing with the same name", "ft lb", "J"},
		{"capitals", "KM", "MI"},
		{"a variable", "pi", "m"},
		{"a function", "sqrt", "m"},
		{"a day", "today", "s"},
		{"the time", "now", "s"},
		{"a command", `command("touch ` + home + `/pwned")`, "m"},
		{"a command's name", "command", "m"},
		{"a file", "load(/etc/passwd)", "m"},
		{"a file's name", "m", "load"},
		{"a command of qalc's", "m", "save"},
		{"plotting", "plot(x)", "m"},
		{"an assignment", "m:=3", "m"},
		{"another expression", "m; exrates", "m"},
		{"a line", "m\nexrates", "m"},
		{"a comment", "m #", "m"},
		{"a target within", "m to km", "km"},
		{"a condition", "m where m", "km"},
		{"a base", "m", "hex"},
		{"a form", "m", "base 3"},
		{"another form", "m", "calendars"},
		{"factors", "m", "factors"},
		{"a great power", "m^9^9^9^9", "m"},
		{"an option", "m", "-exrates"},
		{"a sum", "m + km", "m"},
		{"a quote", `m "x"`, "m"},
		{"a bracket", "m)", "(m"},
		{"a list", "m,s", "m"},
		{"a number", "5 m", "m"},
		{"too long", strings.Repeat("m ", 40), "m"},
		{"nothing", "", "m"},
		{"a letter that is none", "m\x00", "m"},
		{"broken UTF-8", "m\xff", "m"},
	} {
		got, err := New().Convert(t.Context(), 5, test.from, test.to)
		if api.CodeOf(err) != api.InvalidInput || strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("%s: got %+v, %v", test.rule, got, err)
		}
	}
	for _, amount := range []float64{math.NaN(), math.Inf(1)} {
		if _, err := New().Convert(t.Context(), amount, "m", "km"); api.CodeOf(err) != api.InvalidInput {
			t.Errorf("%v: %v", amount, err)
		}
	}
	// Nothing was written, read or left behind: not even qalc's history.
	left, err := filepath.Glob(home + "/*")
	if err != nil || len(left) > 0 {
		t.Errorf("left in the home folder: %v, %v", left, err)
	}
	if _, err := os.Stat(home + "/.config"); err == nil {
		t.Error("qalc's settings were written to the home folder")
	}
}

// fakeQalc is a qalc that says this; it keeps its arguments and environment.
func fakeQalc(t *testing.T, body string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	script := "#!/bin/sh\nfor a; do echo \"$a\"; done >" + dir + "/argv\nexport >" + dir + "/env\n" + body + "\n"
	if err := os.WriteFile(filepath.Join(dir, "qalc"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return dir
}

func TestQalcGetsNothingButTheExpression(t *testing.T) {
	t.Setenv("SECRET", "x")
	dir := fakeQalc(t, `echo "(5 kilometers) / (1 mile) ≈ 3.1"`)
	got, err := New().Convert(t.Context(), 5, " km", "mi ")
	if err != nil || got.Result != "3.1" || got.Text != "5 km = 3.1 mi" {
		t.Errorf("got %+v, %v", got, err)
	}
	argv, err := os.ReadFile(dir + "/argv")
	if err != nil || !strings.HasSuffix(string(argv), "\n((5) km)/(1 mi)\n") || !strings.Contains(string(argv), "functions off\n") {
		t.Errorf("argv %s, %v", argv, err)
	}
	env, err := os.ReadFile(dir + "/env")
	if err != nil || strings.Contains(string(env), "SECRET") || !strings.Contains(string(env), "https_proxy='http://127.0.0.1:9'") {
		t.Errorf("env %s, %v", env, err)
	}
}

func TestWhatQalcSays(t *testing.T) {
	for _, test := range []struct {
		rule, says string
		code       api.Code
		want       string
	}{
		{"nothing", "", api.InvalidInput, "don't measure the same"},
		{"a unit is left", "(5 kilograms) / (1 mile) = 5 kg/mi", api.InvalidInput, "don't measure the same"},
		{"it has read another unit", "(5 kilometer·hours) / (1 mile) = 3", api.InvalidInput, "one of them is not known"},
		{"it complains", "error: \"q\" is not a valid unit\n(5 kilometers) / (1 mile) = 3", api.InvalidInput, "is not known"},
		{"a question of age", "It has been 10 days since the exchange rates last were updated.\nDo you wish to update the exchange rates now? (5 EUR) / (1 USD) = 3", "", ""},
		{"it fails", "", api.InvalidInput, "is not known"},
		{"a flood", strings.Repeat("x", 3000), api.InvalidInput, "don't measure the same"},
		{"control characters", "\x1b[2J(5 a) / (1 b) = \x1b[2J3", api.InvalidInput, "don't measure the same"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			end := "\nexit 0"
			if test.rule == "it fails" {
				end = "\nexit 1"
			}
			fakeQalc(t, "while read -r line; do echo \"$line\"; done <<'END'\n"+test.says+"\nEND"+end)
			got, err := New().Convert(t.Context(), 5, "km", "mi")
			if api.CodeOf(err) != test.code || (err != nil && !strings.Contains(err.Error(), test.want)) || (err == nil && (got.Result != "3" || got.Rates == "")) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestWithoutQalc(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := New().Convert(t.Context(), 5, "km", "mi"); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "install the package qalc") {
		t.Error(err)
	}
	fakeQalc(t, "while :; do :; done")
	ctx, cancel := context.WithTimeout(t.Context(), 200_000_000) // 0.2 s
	defer cancel()
	if _, err := New().Convert(ctx, 5, "km", "mi"); api.CodeOf(err) != api.Unavailable || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("hanging: %v", err)
	}
}

// FuzzUnit: whatever is taken has no letter by which more than a unit could be said.
func FuzzUnit(f *testing.F) {
	for _, s := range []string{"km", "m^2", "km/h", "°C", "fl oz", "kWh", "to", `command("x")`, "m;x", "a per b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, written string) {
		u, err := unit(written)
		if err == nil && (u == "" || len(u) > 2*maxUnit || strings.ContainsAny(u, "()[]{}\"'`;:=,#@!?&|<>+-~\\%.\n\r\t\x00")) {
			t.Errorf("%q gives %q", written, u)
		}
	})
}

// FuzzRead: a result is a plain number, whatever qalc says.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"(5 kilometers) / (1 mile) ≈ 3.106855961", "−40 celsius = −40 °F", "It has been 3 days since the exchange rates last were updated.", "1 = 1E297"} {
		f.Add(s, "km", "mi")
	}
	f.Fuzz(func(t *testing.T, said, from, to string) {
		c, err := read(said, from, to)
		if err == nil && strings.Trim(c.Result, "-0123456789.e") != "" {
			t.Errorf("%q gives %+v", said, c)
		}
	})
}
