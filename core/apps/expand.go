package apps

import (
	"slices"
	"strings"

	"nerva/core/api"
)

// reserved are the characters that the specification wants quoted because they mean something to a shell.
const reserved = " \t\n\"'\\><~|&;$*?#()`"

// expand fills in the field codes and gives one argv for each process: several files for a program that
// takes one (%f, %u) start it several times (section "The Exec key", table of field codes).
//
// GLib and KDE hand files to a line without any file code as a last argument. This does not: the
// specification gives such a program no file, and "terminal" plus a path of a model's choice would run it.
func expand(words []word, e *Entry, targets []string) ([][]string, error) {
	at := slices.IndexFunc(words, func(w word) bool { return w.has(fileCodes) })
	if len(targets) == 0 {
		return [][]string{fill(words, e, -1, nil)}, nil
	}
	if at < 0 {
		return nil, api.Errorf(api.InvalidInput, "%s does not open files or addresses; start it without, or choose another application", e.Name)
	}
	code, err := fileCode(words[at], e)
	if err != nil {
		return nil, err
	}
	values := targets
	if code == 'f' || code == 'F' {
		if values, err = localPaths(targets, e); err != nil {
			return nil, err
		}
	}
	if code == 'F' || code == 'U' {
		return [][]string{fill(words, e, at, values)}, nil
	}
	var argvs [][]string
	for _, v := range values {
		argvs = append(argvs, fill(words, e, at, []string{v}))
	}
	return argvs, nil
}

// fileCode gives the word's file code. A code within a longer argument is fine as long as that is plain,
// as in --url=%u; where it looks like a line for a shell (sh -c "view %f"), what is filled in would be
// executed: "the result of field code expansion inside a quoted argument is undefined".
func fileCode(w word, e *Entry) (byte, error) {
	if code, ok := w.alone(); ok {
		return code, nil
	}
	if w.has("FU") || strings.ContainsAny(w.literal(), reserved) {
		return 0, api.Errorf(api.InvalidInput,
			"%s can't be given files safely, because %s has a field code within a quoted argument; open them from within %s",
			e.Name, e.File, e.Name)
	}
	i := slices.IndexFunc(w, func(p piece) bool { return p.code != 0 && strings.IndexByte(fileCodes, p.code) >= 0 })
	return w[i].code, nil
}

func localPaths(targets []string, e *Entry) ([]string, error) {
	paths := make([]string, len(targets))
	for i, t := range targets {
		path, local, err := LocalPath(t)
		if err != nil {
			return nil, err
		}
		if !local {
			return nil, api.Errorf(api.InvalidInput,
				"%s opens local files only, not %s; save it first, or choose an application that opens addresses", e.Name, t)
		}
		paths[i] = path
	}
	return paths, nil
}

// fill makes one argv. The first file code of word number at gets the values; every other file code
// vanishes, and an argument that was nothing but vanished codes goes with it.
func fill(words []word, e *Entry, at int, values []string) []string {
	var argv []string
	for i, w := range words {
		code, alone := w.alone()
		switch {
		case alone && i == at:
			argv = append(argv, values...)
		case alone && code == 'i':
			if e.Icon != "" {
				argv = append(argv, "--icon", e.Icon)
			}
		default:
			var one string
			if i == at {
				one = values[0]
			}
			if arg, keep := w.expand(e, one); keep {
				argv = append(argv, arg)
			}
		}
	}
	return argv
}

// expand makes one argument, its first file code replaced by value. %i has no place within an argument.
func (w word) expand(e *Entry, value string) (arg string, keep bool) {
	keep = len(w) == 0
	for _, p := range w {
		text := p.text
		switch p.code {
		case 'c':
			text = e.Name
		case 'k':
			text = e.File
		case 'f', 'F', 'u', 'U':
			text, value = value, ""
		}
		arg += text
		keep = keep || text != ""
	}
	return arg, keep
}
