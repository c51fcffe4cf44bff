package apps

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nerva/core/api"
)

// The rules are those of Desktop Entry Specification 1.5, section "The Exec key". Lines are written as
// they stand in a file, so that both levels of unescaping are held.
func TestExec(t *testing.T) {
	entry := &Entry{ID: "x", Name: "Näme", Icon: "ico", File: "/f/x.desktop"}
	for rule, c := range map[string]struct {
		exec string
		uris []string
		want string // arguments joined by |, processes by ‖
	}{
		"arguments are separated by blanks":             {`foo  a	b `, nil, `foo|a|b`},
		"double quotes keep blanks":                     {`"/opt/My App/run" "a b"`, nil, `/opt/My App/run|a b`},
		"an empty quoted argument stays":                {`foo ""`, nil, `foo|`},
		"four backslashes are one":                      {`foo "a\\\\b"`, nil, `foo|a\b`},
		"a quoted dollar sign has two backslashes":      {`foo "\\$HOME"`, nil, `foo|$HOME`},
		"a quoted quote has two backslashes":            {`foo "say \\"hi\\""`, nil, `foo|say "hi"`},
		"a quoted backtick has two backslashes":         {"foo \"\\\\`id\\\\`\"", nil, "foo|`id`"},
		"a quote escaped only once is meant well":       {`foo "say \"hi\""`, nil, `foo|say "hi"`},
		"a backslash before others in quotes stays":     {`foo "a\\b"`, nil, `foo|a\b`},
		"single quotes as GLib":                         {`sh -c 'echo "$1"' sh`, nil, `sh|-c|echo "$1"|sh`},
		"quotes within an argument as GLib":             {`foo --x="a b"c`, nil, `foo|--x=a bc`},
		"a backslash outside quotes as GLib":            {`foo a\\ b`, nil, `foo|a b`},
		"\\s makes a blank, which separates":            {`foo\sbar`, nil, `foo|bar`},
		"nothing is special to a shell":                 {`foo ~ $HOME * # ; && >x`, nil, `foo|~|$HOME|*|#|;|&&|>x`},
		"%% is a percent sign":                          {`foo 100%% %%f`, nil, `foo|100%|%f`},
		"%f without files vanishes":                     {`foo %f`, nil, `foo`},
		"%f alone in quotes vanishes":                   {`foo "%f"`, nil, `foo`},
		"%f within an argument leaves the rest":         {`foo --file=%f`, nil, `foo|--file=`},
		"%f is one file":                                {`foo %f`, []string{"/a b"}, `foo|/a b`},
		"%f with several files is several processes":    {`foo -x %f -y`, []string{"/a", "/b"}, `foo|-x|/a|-y‖foo|-x|/b|-y`},
		"%F is all files":                               {`foo %F -y`, []string{"/a", "/b"}, `foo|/a|/b|-y`},
		"%f takes a local file URI as a path":           {`foo %f`, []string{"file:///a%20b%C3%A4"}, `foo|/a bä`},
		"%f takes a host in any letter case":            {`foo %f`, []string{"file://LocalHost/a"}, `foo|/a`},
		"%f takes a file URI of localhost as a path":    {`foo %f`, []string{"file://localhost/a"}, `foo|/a`},
		"%u passes a URI as it is":                      {`foo %u`, []string{"file:///a%20b"}, `foo|file:///a%20b`},
		"%u passes a path as it is":                     {`foo %u`, []string{"/a b"}, `foo|/a b`},
		"%u with several is several processes":          {`foo %u`, []string{"x:1", "x:2"}, `foo|x:1‖foo|x:2`},
		"%U is all":                                     {`foo %U`, []string{"https://x/?a=b&c", "/z"}, `foo|https://x/?a=b&c|/z`},
		"%u within a plain argument":                    {`foo --url=%u`, []string{"https://x/"}, `foo|--url=https://x/`},
		"%u within a quoted plain argument":             {`foo "--url=%u"`, []string{"https://x/"}, `foo|--url=https://x/`},
		"a second file code vanishes":                   {`foo %u %F`, []string{"x:1"}, `foo|x:1`},
		"%i is --icon and the icon":                     {`foo %i`, nil, `foo|--icon|ico`},
		"%c is the localized name":                      {`foo -t %c`, nil, `foo|-t|Näme`},
		"%k is the desktop file":                        {`foo %k`, nil, `foo|/f/x.desktop`},
		"codes within a quoted argument":                {`foo "%c at %k"`, nil, `foo|Näme at /f/x.desktop`},
		"deprecated codes vanish":                       {`foo %d %D %n %N %v %m`, nil, `foo`},
		"a deprecated code within an argument vanishes": {`foo a%mb`, nil, `foo|ab`},
		"a code in an expanded value is not expanded":   {`foo %u`, []string{"x:%f%c"}, `foo|x:%f%c`},
	} {
		t.Run(rule, func(t *testing.T) {
			words, err := parseExec(unescape(c.exec))
			if err != nil {
				t.Fatal(err)
			}
			argvs, err := expand(words, entry, c.uris)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range argvs {
				got = append(got, strings.Join(a, "|"))
			}
			if d := cmp.Diff(c.want, strings.Join(got, "‖")); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestExecWithoutIcon(t *testing.T) {
	words, err := parseExec("foo %i -x")
	if err != nil {
		t.Fatal(err)
	}
	if got := fill(words, &Entry{}, -1, nil); !cmp.Equal(got, []string{"foo", "-x"}) {
		t.Error(got)
	}
}

func TestExecInvalid(t *testing.T) {
	for rule, c := range map[string]struct{ exec, want string }{
		"unknown code":                 {`foo %x`, `"%x" is no field code of the Desktop Entry Specification`},
		"unknown code, not ASCII":      {`foo %ä`, `is no field code`},
		"bare percent sign at the end": {`foo %`, `must be written %%`},
		"open double quote":            {`foo "a`, `a " is not closed`},
		"open single quote":            {`foo 'a`, `a ' is not closed`},
		"backslash at the end":         {`foo \`, `ends in a backslash`},
		"nothing":                      {`  `, `the command line is empty`},
		"only vanishing codes":         {`%d`, `the command line is empty`},
		"empty program":                {`"" a`, `the program's name is empty`},
		"a code as the program":        {`%u`, `the program's name is a field code`},
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := parseExec(c.exec)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want …%s…", err, c.want)
			}
		})
	}
}

// What a hostile model may try to pass as something to open.
func TestTargetsRefused(t *testing.T) {
	for rule, c := range map[string]struct {
		exec, target, want string
	}{
		"an option is no target":                {`foo %U`, "--exec=evil", "neither a URI nor an absolute path"},
		"a relative path is no target":          {`foo %f`, "a/b", "neither a URI nor an absolute path"},
		"nothing is no target":                  {`foo %f`, "", "neither a URI nor an absolute path"},
		"control characters":                    {`foo %u`, "x:a\nb", "control characters"},
		"no file code, no file":                 {`foo`, "/a", "does not open files"},
		"a remote URI for %f":                   {`foo %f`, "https://x/", "opens local files only"},
		"another host's file for %F":            {`foo %F`, "file://elsewhere.invalid/a", "opens local files only"},
		"a relative file URI":                   {`foo %f`, "file:a", "names no absolute path"},
		"NUL in a path":                         {`foo %f`, "file:///a%00b", "names no absolute path"},
		"bad percent-encoding for %f":           {`foo %f`, "file:///a%zz", "not a well-formed URI"},
		"%f in a line for a shell":              {`sh -c "view %f"`, "/$(evil)", "can't be given files safely"},
		"%f in a single-quoted line":            {`sh -c 'view;%f'`, "/x", "can't be given files safely"},
		"%F must be an argument of its own":     {`foo --files=%F`, "/x", "can't be given files safely"},
		"%U must be an argument of its own too": {`foo "x%U"`, "/x", "can't be given files safely"},
	} {
		t.Run(rule, func(t *testing.T) {
			err := checkTargets([]string{c.target})
			if err == nil {
				words, perr := parseExec(c.exec)
				if perr != nil {
					t.Fatal(perr)
				}
				_, err = expand(words, &Entry{Name: "Foo"}, []string{c.target})
			}
			if api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want InvalidInput …%s…", err, c.want)
			}
		})
	}
}

func FuzzExec(f *testing.F) {
	for _, s := range []string{`foo %U`, `"a b" '%f' \"`, `sh -c "x %c" %%`, `%`, `foo --x=%u%i`} {
		f.Add(s, "/a")
	}
	f.Fuzz(func(t *testing.T, line, target string) {
		words, err := parseExec(unescape(line))
		if err != nil {
			return
		}
		for _, targets := range [][]string{nil, {target}} {
			argvs, err := expand(words, &Entry{Name: "N"}, targets)
			if err != nil {
				continue
			}
			for _, argv := range argvs {
				if len(argv) == 0 || argv[0] != words[0].literal() {
					t.Fatalf("%q: the program changed: %q", line, argv)
				}
				if n := len(words) + 1; len(argv) > n { // +1: %i is two
					if !strings.Contains(line, "%i") {
						t.Fatalf("%q: more arguments than words: %q", line, argv)
					}
				}
			}
		}
	})
}
