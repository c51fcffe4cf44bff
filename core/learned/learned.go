// Package learned keeps what people answered for good: a call that may always run, what a model elsewhere may always
// be shown, which content of a plugin was agreed to. It is a TOML file in the state folder that a person can read,
// since a configuration made by Nix can't be written to.
//
// The file owns the entries. A Store has the ones it last read, under a mutex, and any goroutine may use it. It must not
// know what an entry is good for: the gate asks whether there is one.
package learned

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"

	"nerva/core/api"
	"nerva/core/atomicfile"
)

// Key is what an entry is for: the fields of one of the three kinds are set.
type Key struct {
	// Skill and Input are exactly one call, the input in the form in which the gate runs it.
	Skill string `toml:"skill,omitempty"`
	Input string `toml:"input,omitempty"`
	// Share is a kind of llm.share, and Host the server that may be shown it.
	Share string `toml:"share,omitempty"`
	Host  string `toml:"host,omitempty"`
	// Plugin is a plugin's name; Content is the hash of what was agreed to, also of a plugin's Skill.
	Plugin  string `toml:"plugin,omitempty"`
	Content string `toml:"content,omitempty"`
}

// Entry is one answer. The log names by Name what it decided.
type Entry struct {
	Name string    `toml:"name"`
	Time time.Time `toml:"time"`
	Key
}

const (
	head = "# What was answered with \"always\". `nerva policy rules` lists it, and `nerva policy forget NAME` takes one out.\n" +
		"# nerva reads it when it starts or reloads.\n\n"
	maxFile  = 8 << 20 // bytes
	maxEntry = 4096    // entries; whoever has more of them wants a rule
)

// Store is the open file.
type Store struct {
	path string
	now  func() time.Time

	mu      sync.Mutex
	entries []Entry
	byKey   map[Key]string
	last    int // see file
}

// Open reads the file at path, which need not exist. On an error the store is of use: it knows nothing, and takes
// nothing, so that what is in the file is not lost.
func Open(path string) (*Store, error) {
	s := &Store{path: path, now: time.Now}
	return s, s.Reload()
}

// Reload reads the file again. On an error nothing is known any more: fewer yeses are safer than old ones.
func (s *Store) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load()
}

// Name gives the name of the entry for k, and false where there is none.
func (s *Store) Name(k Key) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, known := s.byKey[k]
	return name, known
}

// Entries lists what is known, oldest first.
func (s *Store) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.entries)
}

// Add keeps k and returns its name. It is on the disk when Add returns without an error.
func (s *Store) Add(k Key) (string, error) {
	var name string
	err := s.change(func(all []Entry) ([]Entry, error) {
		if known, there := s.byKey[k]; there {
			name = known
			return all, nil
		}
		if len(all) >= maxEntry {
			return nil, api.Errorf(api.Failed, "%s has %d answers, and no more are kept; forget some, or write a rule", s.path, len(all))
		}
		s.last++
		name = api.AnswerPrefix + strconv.Itoa(s.last)
		return append(all, Entry{Name: name, Time: s.now().UTC().Truncate(time.Second), Key: k}), nil
	})
	return name, err
}

// Forget takes out the entry of that name; one that is not there is an api.NotFound error.
func (s *Store) Forget(name string) error {
	return s.change(func(all []Entry) ([]Entry, error) {
		left := slices.DeleteFunc(slices.Clone(all), func(e Entry) bool { return e.Name == name })
		if len(left) == len(all) {
			return nil, api.Errorf(api.NotFound, "there is no answer called %.64q; `nerva policy rules` lists them", name)
		}
		return left, nil
	})
}

// change reads the file first: a person may have taken a line out.
func (s *Store) change(to func([]Entry) ([]Entry, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(); err != nil {
		return err
	}
	all, err := to(s.entries)
	if err != nil {
		return err
	}
	text, err := toml.Marshal(file{s.last, all})
	if err != nil {
		return fmt.Errorf("write %s: %w", s.path, err)
	}
	if err := atomicfile.Write(s.path, append([]byte(head), text...)); err != nil {
		return api.Errorf(api.Failed, "the answer can't be kept: %w; look at the disk of the state folder", err)
	}
	s.set(all)
	return nil
}

type file struct {
	// Last is the number of the newest name: one that was forgotten does not come back, or the log would name two by it.
	Last  int     `toml:"last"`
	Rules []Entry `toml:"rule"`
}

func (s *Store) load() error {
	s.set(nil)
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return api.Errorf(api.Failed, "what was answered with always can't be read: %w; mend or remove the file", err)
	}
	f, err := parse(text)
	if err != nil {
		return api.Errorf(api.Failed, "what was answered with always can't be read: %s: %w; mend or remove the file", s.path, err)
	}
	s.last = max(s.last, f.Last)
	for _, e := range f.Rules { // a person may have written the file
		if n, err := strconv.Atoi(strings.TrimPrefix(e.Name, api.AnswerPrefix)); err == nil {
			s.last = max(s.last, n)
		}
	}
	s.set(f.Rules)
	return nil
}

func parse(text []byte) (f file, err error) {
	if len(text) > maxFile {
		return f, fmt.Errorf("it has %d bytes, and at most %d are read", len(text), maxFile)
	}
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&f); err != nil {
		return f, err
	}
	for _, e := range f.Rules {
		if e.Name == "" || !e.sound() {
			return f, fmt.Errorf("the rule %q is none that nerva writes", e.Name)
		}
	}
	return f, nil
}

// sound says whether k is of exactly one kind, and whole.
func (k Key) sound() bool {
	switch {
	case k.Skill != "":
		return k.Input != "" && k.Share == "" && k.Host == "" && k.Plugin == ""
	case k.Share != "":
		return k == Key{Share: k.Share, Host: k.Host} && k.Host != ""
	}
	return k == Key{Plugin: k.Plugin, Content: k.Content} && k.Plugin != "" && k.Content != ""
}

func (s *Store) set(all []Entry) {
	s.entries, s.byKey = all, make(map[Key]string, len(all))
	for _, e := range all {
		s.byKey[e.Key] = e.Name
	}
}
