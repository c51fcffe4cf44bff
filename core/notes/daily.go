package notes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

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

// token is a part of a format that stands for one of the date, or words in brackets, or a run of letters that nothing is
// known of.
var token = regexp.MustCompile(`\[[^\]]*\]|YYYY|YY|GGGG|MMMM|MMM|MM|M|DDDD|DDD|DD|Do|D|dddd|ddd|WW|W|Q|[A-Za-z]+`)

// moment writes a date as Moment does, with the names in English. It is false where the format has what is not known here.
// https://momentjs.com/docs/#/displaying/format/
func moment(format string, t time.Time) (name string, ok bool) {
	year, week := t.ISOWeek()
	ok = true
	name = token.ReplaceAllStringFunc(format, func(part string) string {
		switch part {
		case "YYYY":
			return t.Format("2006")
		case "YY":
			return t.Format("06")
		case "MMMM":
			return t.Format("January")
		case "MMM":
			return t.Format("Jan")
		case "MM":
			return t.Format("01")
		case "M":
			return t.Format("1")
		case "DD":
			return t.Format("02")
		case "D":
			return t.Format("2")
		case "dddd":
			return t.Format("Monday")
		case "ddd":
			return t.Format("Mon")
		case "GGGG":
			return fmt.Sprintf("%04d", year)
		case "WW":
			return fmt.Sprintf("%02d", week)
		case "W":
			return fmt.Sprint(week)
		case "Q":
			return fmt.Sprint((int(t.Month())-1)/3 + 1)
		}
		if strings.HasPrefix(part, "[") {
			return strings.Trim(part, "[]")
		}
		ok = false
		return part
	})
	return name, ok && name != ""
}
