package notes

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"nerva/core/api"
	"nerva/core/beneath"
)

// dayFormat is how a daily note is called where nothing else says so, in Moment's language.
const dayFormat = "YYYY-MM-DD"

// Daily adds text at the end of today's note and returns its path. The note is YYYY-MM-DD.md in the folder, or where
// Obsidian has its daily notes if the folder is one of Obsidian's, and is made where it is missing.
func (f *Folder) Daily(ctx context.Context, text string) (path string, err error) {
	text, err = tidy(text)
	if err != nil {
		return "", err
	}
	rel, begin, err := f.daily()
	if err != nil {
		return "", err
	}
	path = filepath.Join(f.dir, rel)
	made, err := appended(begin, text)
	if err != nil {
		return "", err
	}
	if err := f.create(rel, made); !errors.Is(err, fs.ErrExist) {
		return path, err
	}
	return path, f.append(ctx, path, text)
}

// create makes a new note, and the folders that it lies in.
func (f *Folder) create(rel, text string) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return f.unmade(err)
	}
	root, err := f.open()
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(filepath.Dir(rel), 0o700); err != nil {
		return f.unmade(err)
	}
	files := f.o.Files()
	// The folder's links are followed, and none of the file's own: what is there is not to be written over.
	folder, err := files.Resolve(filepath.Join(f.dir, filepath.Dir(rel)), beneath.Read)
	if err != nil {
		return err
	}
	if err := files.Create(filepath.Join(folder, filepath.Base(rel)), text); err != nil {
		return err
	}
	f.changed()
	return nil
}

func (f *Folder) unmade(err error) error {
	return api.Errorf(api.Failed, "add the note to %s: %w; check that the folder can be written", f.dir, err)
}

// daily returns where today's note is, and what a new one begins with. Obsidian shows a note's name as its title.
func (f *Folder) daily() (rel, begin string, err error) {
	today := f.now()
	set, err := f.obsidian()
	if errors.Is(err, fs.ErrNotExist) {
		name, _ := moment(dayFormat, today)
		return name + ".md", "# " + name + "\n", nil
	}
	if err != nil {
		return "", "", api.Errorf(api.Failed, "read where Obsidian has its daily notes: %w; mend .obsidian/daily-notes.json in the folder of notes", err)
	}
	name, ok := moment(set.Format, today)
	rel = path.Join(strings.TrimPrefix(set.Folder, "/"), name+".md")
	if !ok || !filepath.IsLocal(rel) || secret(rel) || strings.ContainsRune(rel, 0) {
		f.o.Log.Warn("Obsidian's name for daily notes is one that nerva can't follow", "folder", set.Folder, "format", set.Format)
		name, _ = moment(dayFormat, today)
		rel = name + ".md"
	}
	return rel, "", nil
}

// obsidianDaily is what Obsidian keeps in .obsidian/daily-notes.json.
// https://help.obsidian.md/plugins/daily-notes
type obsidianDaily struct {
	Folder string `json:"folder"`
	Format string `json:"format"`
}

// obsidian reads the settings of a folder of Obsidian's; another one is fs.ErrNotExist.
func (f *Folder) obsidian() (obsidianDaily, error) {
	set := obsidianDaily{Format: dayFormat}
	root, err := f.open()
	if err != nil {
		return set, err
	}
	defer func() { _ = root.Close() }()
	if _, err := root.Stat(".obsidian"); err != nil {
		return set, err
	}
	file, err := root.OpenFile(".obsidian/daily-notes.json", os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return set, nil
	}
	if err != nil {
		return set, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, 1<<16))
	if err != nil {
		return set, err
	}
	return set, parseDaily(data, &set)
}

func parseDaily(data []byte, set *obsidianDaily) error {
	if err := json.Unmarshal(data, set); err != nil {
		return err
	}
	if set.Format == "" {
		set.Format = dayFormat
	}
	return nil
}
