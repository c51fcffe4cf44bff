package commands_test

import (
	"strings"
	"testing"

	"nerva/core/api"
	"nerva/core/commands"
)

func fence(t *testing.T, allowed string, patterns ...string) commands.Fence {
	t.Helper()
	var list []commands.Pattern
	for _, p := range patterns {
		list = append(list, commands.Pattern{Argv: strings.Fields(p)})
	}
	return commands.New(strings.Fields(allowed), list, func(key, problem string) { t.Errorf("%s %s", key, problem) })
}

func TestCheck(t *testing.T) {
	git := []string{"git {status,log,diff} **", "git show HEAD"}
	for _, c := range []struct {
		name, allowed string
		patterns      []string
		argv          string // words
		why           string // what the error says; empty: it may run
	}{
		{"what is allowed runs", "ls date", nil, "ls -la /etc", ""},
		{"what is not does not", "ls date", nil, "rm -rf x", "only ls, date may be"},
		{"nothing is allowed", "", nil, "ls", "no command may be"},
		{"no command", "ls", nil, "", "argv is empty"},
		{"a path is another command", "ls", nil, "/bin/ls", "was not run"},
		{"a relative path too", "ls", nil, "./ls", "was not run"},
		{"a path may be allowed", "/opt/tool", nil, "/opt/tool x", ""},
		{"and then only it", "/opt/tool", nil, "tool x", "was not run"},
		{"a case is another command", "ls", nil, "LS", "was not run"},

		{"arguments fit a pattern", "git", git, "git log -3 --oneline", ""},
		{"or another", "git", git, "git show HEAD", ""},
		{"they fit none", "git", git, "git show HEAD~1", `may be run as ["git" "{status,log,diff}" "**"] or ["git" "show" "HEAD"]`},
		{"too few", "git", git, "git", "fit none"},
		{"an option before the subcommand fits none", "git", git, "git -c core.pager=x log", "fit none"},
		{"another folder fits none", "git", git, "git -C /x log", "fit none"},
		{"a pattern alone allows nothing", "ls", git, "git log", "commands.allowed in nerva's configuration lacks it"},
		{"a pattern is for its command alone", "git ls", git, "ls -l", ""},
		{"an asterisk stays in an element, and in a folder", "cat", []string{"cat /etc/*"}, "cat /etc/ssl/x", "fit none"},

		{"a flag that writes, under **", "git", git, "git log --output=x", `"--output=x"`},
		{"shortened", "git", git, "git log --outp x", `"--outp"`},
		{"that runs a program", "git", git, "git diff --ext-diff", "--ext-diff"},
		{"that reads anything", "git", git, "git diff --no-index /a /b", "--no-index"},
		{"a flag that the pattern names", "git", []string{"git diff --ext-diff **"}, "git diff --ext-diff x", ""},
		{"at its place only", "git", []string{"git diff --ext-diff **"}, "git diff --ext-diff --textconv", "--textconv"},
		{"a glob names no flag", "git", []string{"git diff --* **"}, "git diff --ext-diff", "--ext-diff"},

		{"date", "date", nil, "date -u +%s -Iseconds -d yesterday", ""},
		{"date -f", "date", nil, "date -f /etc/passwd", "-f"},
		{"date -f, bundled", "date", nil, "date -uf/etc/passwd", "-uf"},
		{"date --file", "date", nil, "date --file=/etc/passwd", "--file"},
		{"date --fi", "date", nil, "date --fi /etc/passwd", "--fi"},
		{"date -s", "date", nil, "date -s now", "-s"},
		{"date, where -- is a value", "date", nil, "date -d -- -f /etc/passwd", "-f"},
		{"find", "find", nil, "find . -name x -print", ""},
		{"find -exec", "find", nil, "find . -exec sh", "-exec"},
		{"find -delete", "find", nil, "find . -delete", "-delete"},
		{"find -fprint", "find", nil, "find . -fprint x", "-fprint"},
		{"find -exec, after --", "find", nil, "find -- . -exec sh", "-exec"},
		{"find -exec, under a pattern", "find", []string{"find /etc **"}, "find /etc -exec sh", "-exec"},
		{"sort", "sort", nil, "sort -k2 -t, x", ""},
		{"sort -o", "sort", nil, "sort -uo x x", "-uo"},
		{"sort --compress-program", "sort", nil, "sort --compress-program=sh x", "--compress"},
		{"rg --pre", "rg", nil, "rg --pre sh x", "--pre"},
		{"fd", "fd", nil, "fd -gH -ex -d1 -Ex -tx y", ""},
		{"fd -x", "fd", nil, "fd -x sh", "-x"},
		{"fd -x, after a flag without a value", "fd", nil, "fd -gx sh -c id", "-gx"},
		{"fd -X, after another", "fd", nil, "fd -pX sh -c id", "-pX"},
		{"fd by Debian's name", "fdfind", nil, "fdfind -x sh", "-x"},
		{"tree", "tree", nil, "tree -a -L 2 -P *.go", ""},
		{"tree -o", "tree", nil, "tree -o x", "-o"},
		{"tree -o, bundled", "tree", nil, "tree -ao x", "-ao"},
		{"tree -R, which writes as well", "tree", nil, "tree -R -L 1 -H .", "-R"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := fence(t, c.allowed, c.patterns...).Check(strings.Fields(c.argv))
			if c.why == "" && err != nil || c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)) {
				t.Errorf("got %v", err)
			}
			if code := api.CodeOf(err); err != nil && code != api.Denied && code != api.InvalidInput {
				t.Errorf("its code is %s", code)
			}
		})
	}
}

// TestWhatRunsOthersNeedsAPattern: at the configuration, and if that was not looked at, at the call.
func TestWhatRunsOthersNeedsAPattern(t *testing.T) {
	for _, name := range []string{"env", "xargs", "sudo", "nice", "timeout", "stdbuf", "busybox", "sh", "python3.13", "perl", "awk", "sed", "tar", "less", "man", "ssh", "git", "/usr/bin/env"} {
		var said []string
		f := commands.New([]string{name}, nil, func(key, problem string) { said = append(said, key+" "+problem) })
		if len(said) != 1 || !strings.Contains(said[0], "allowed[0] is") {
			t.Errorf("%s: %q", name, said)
		}
		if err := f.Check([]string{name, "x"}); api.CodeOf(err) != api.Denied {
			t.Errorf("%s: %v", name, err)
		}
		if err := fence(t, name, name+" x").Check([]string{name, "x"}); err != nil {
			t.Errorf("%s with a pattern: %v", name, err)
		}
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	for want, argv := range map[string][]string{
		"pattern[0].argv is empty":                    {},
		"pattern[0].argv has an empty name":           {""},
		"pattern[0].argv names the command \"{a,b}\"": {"{a,b}", "**"},
		"pattern[0].argv names the command \"./x\"":   {"./x"},
		"pattern[0].argv names the command \"/a/../x": {"/a/../x"},
		"pattern[0].argv has the pattern \"{a\" with": {"x", "{a"},
	} {
		var said []string
		commands.New(nil, []commands.Pattern{{Argv: argv}}, func(key, problem string) { said = append(said, key+" "+problem) })
		if len(said) != 1 || !strings.HasPrefix(said[0], want) {
			t.Errorf("want %s, got %q", want, said)
		}
	}
}
