package commands

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// flags are a command's arguments that make it run a program, write, or read a file as a list, which it prints in its
// complaints. A -- does not end them: it may be the value of an option.
type flags struct {
	words []string // as they stand, as find has them
	long  []string // without the dashes; with a value after =, and shortened as getopt_long(3) takes them
	short string   // letters, also in a bundle: -uf
	value string   // letters whose value may follow in the same argument: what is after them is no flag
}

// risky is kept small: commands that people do allow whole. Whatever it lacks, the sandbox has no secrets to read,
// nothing to write and no network.
var risky = map[string]flags{
	"date": {long: []string{"file", "set"}, short: "fs", value: "dIr"},
	"du":   {long: []string{"files0-from", "exclude-from"}, short: "X", value: "Bdt"},
	"fd":   fd, "fdfind": fd, // Debian's name for it
	"file": {long: []string{"files-from", "magic-file", "compile", "uncompress"}, short: "fmCzZ", value: "eFP"},
	"find": {words: []string{
		"-exec", "-execdir", "-ok", "-okdir", "-delete", "-fls", "-fprint", "-fprint0", "-fprintf", "-files0-from",
	}},
	// -c and the like stand before the subcommand, where a pattern has something else. What is named here may stand anywhere
	// after it; the outside of the repository among it.
	"git": {long: []string{
		"config-env", "exec", "exec-path", "ext-diff", "git-dir", "no-index", "open-files-in-pager", "output",
		"receive-pack", "textconv", "upload-pack", "work-tree",
	}, short: "O"},
	"rg": {
		long:  []string{"pre", "hostname-bin", "search-zip"},
		short: "z", value: "eABCEfgjmMrtTd",
	},
	"sort": {long: []string{"output", "compress-program", "files0-from", "temporary-directory"}, short: "oT", value: "ktS"},
	// A value is always the next argument. -R starts it again for folders, with an -o of its own.
	"tree": {long: []string{"fromfile", "fromtabfile"}, short: "oR"},
	"wc":   {long: []string{"files0-from"}},
}

var fd = flags{long: []string{"exec", "exec-batch"}, short: "xX", value: "dtecSoEj"}

// others are shells, languages and editors, programs that run what their arguments name, and such as run helpers by an
// option or a configuration. Without a pattern of their own "may run env" would mean "may run anything".
var others = strings.Fields(`
	ash bash busybox csh dash elvish fish ksh nu sh toybox zsh
	awk bun deno emacs ed ex gawk gdb go guile java julia lua mawk nano nawk node nvim octave perl php psql python r ruby sed
	sqlite3 tclsh vi vim wish
	bwrap chroot doas env expect fakeroot firejail flatpak ionice nice nohup nsenter parallel pkexec run0 runuser script
	setarch setpriv setsid stdbuf strace su sudo systemd-run taskset time timeout tmux unshare watch xargs
	docker git less make man more most mpv nix podman rsync socat ssh tar zip`)

// runsOthers: python3.13 is python.
func runsOthers(name string) bool { return slices.Contains(others, base(name)) }

func base(name string) string {
	name = strings.ToLower(filepath.Base(name))
	if short := strings.TrimRight(name, "0123456789.-"); short != "" && !slices.Contains(others, name) {
		return short
	}
	return name
}

// have says whether an argument is, or has in it, one of them. In doubt it is.
func (f flags) have(argument string) bool {
	if slices.Contains(f.words, argument) {
		return true
	}
	if word, isLong := strings.CutPrefix(argument, "--"); isLong {
		word, _, _ = strings.Cut(word, "=")
		return word != "" && slices.ContainsFunc(f.long, func(long string) bool { return strings.HasPrefix(long, word) })
	}
	bundle, isShort := strings.CutPrefix(argument, "-")
	for _, letter := range bundle {
		switch {
		case !isShort || strings.ContainsRune(f.value, letter):
			return false
		case strings.ContainsRune(f.short, letter):
			return true
		}
	}
	return false
}

// Environment keeps a command from programs that its own configuration names, as far as it listens to its environment.
// git reads a configuration in whatever folder it is run. Its diff.external, which can't be set to none, and what is
// named in it by names of its own (filters, text converters) still run, and the sandbox is around them.
func Environment(name string) []string {
	if base(name) != "git" {
		return nil
	}
	settings := [][2]string{
		{"core.fsmonitor", "false"},
		{"core.hooksPath", "/dev/null"},
		{"gpg.program", "false"},
		{"gpg.ssh.program", "false"},
		{"gpg.x509.program", "false"},
	}
	// Without GIT_OPTIONAL_LOCKS status would want to write the index.
	env := []string{
		"GIT_CONFIG_NOSYSTEM=1", "GIT_ATTR_NOSYSTEM=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
		"GIT_CONFIG_COUNT=" + strconv.Itoa(len(settings)),
	}
	for i, s := range settings {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, s[0]), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, s[1]))
	}
	return env
}
