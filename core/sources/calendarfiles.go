package sources

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// mostFiles is how many files of calendars are read; a folder has at most half of what those before it leave. deepest is how
	// many folders below one that is named they may lie.
	mostFiles, deepest = 40_000, 8
)

// stamp says whether a file is the one that was read.
type stamp struct {
	inode   uint64
	size    int64
	changed syscall.Timespec
}

// settled is a stamp to compare with later: none where the file was changed so lately that it may be again and have the
// same.
func (s stamp) settled() stamp {
	if time.Since(time.Unix(s.changed.Unix())) < time.Second {
		return stamp{}
	}
	return s
}

// calendarFiles gives the files with calendars in some folders, and those that are named themselves.
func calendarFiles(places []string) map[string]stamp {
	all := map[string]stamp{}
	for _, place := range places {
		if isCalendar(place) {
			addFile(all, place)
			continue
		}
		next := []string{place}
		for depth := 0; depth <= deepest && len(next) > 0; depth++ {
			var below []string
			for _, folder := range next {
				below = append(below, listFolder(all, folder)...)
			}
			next = below
		}
	}
	return all
}

// listFolder adds the files of a folder and gives the folders in it, without hidden ones, and the one to which Evolution
// moves calendars that were removed.
func listFolder(all map[string]stamp, folder string) (below []string) {
	entries, _ := os.ReadDir(folder) // what can't be read has none
	room := len(all) + (mostFiles-len(all))/2
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() && e.Name() != "trash":
			below = append(below, path)
		case isCalendar(path) && len(all) < room:
			addFile(all, path)
		}
	}
	return below
}

func addFile(all map[string]stamp, path string) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		all[path] = stamp{stat.Ino, stat.Size, stat.Ctim}
	}
}

// linkedFiles are the files to which links in some folders, or that are named themselves, lead.
func linkedFiles(places []string) (all []string) {
	for path := range calendarFiles(places) {
		if to := linkedFile(path); to != "" {
			all = append(all, to)
		}
	}
	return all
}

// linkedFile is where a link to a calendar leads; empty where there is none.
func linkedFile(path string) string {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		return ""
	}
	to, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	return to
}
