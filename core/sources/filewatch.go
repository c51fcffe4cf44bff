package sources

import (
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/paths"
)

// patience is how long the second half of a move is waited for. The kernel tells both in a row, but maybe not both at once
// (inotify(7)).
const patience = 20 * time.Millisecond

// fileWatch makes events of what the kernel tells. It belongs to the goroutine of its listener.
type fileWatch struct {
	folders
	s     *Sources
	post  post
	fits  func(path string) bool
	again bool   // see watched
	anew  func() // see watched

	halves []half // moves of which the second half has not come, in order
	// seen were found in a folder that was not watched from its beginning: the kernel may tell of them still, within as
	// many bytes of events as left says.
	seen  map[string]bool
	left  int
	grown bool // seen has, since left was found out
}

// half is the first one of a move.
type half struct {
	cookie   uint32
	path     string
	isFolder bool
	until    time.Time
}

// take takes what was read together.
func (w *fileWatch) take(events []raw, bytes int) error {
	w.left -= bytes
	last := lastWrites(events)
	for i, r := range events {
		switch {
		case r.has(unix.IN_Q_OVERFLOW):
			return errOverflow
		case r.has(unix.IN_IGNORED | way):
			w.ended(r.wd, r.mask)
			w.anew()
		case r.name == "" || r.has(unix.IN_MODIFY) && last[file{r.wd, r.name}] != i:
		default:
			w.happened(r)
		}
	}
	if w.grown {
		w.grown = false
		var err error
		if w.left, err = w.queue.queued(); err != nil {
			return err
		}
	}
	if w.left <= 0 {
		clear(w.seen)
	}
	return w.expire()
}

type file struct {
	wd   int32
	name string
}

// lastWrites gives the place of the last write to each file: of many that have happened before the first could be told,
// only that one says how the file is.
func lastWrites(events []raw) map[file]int {
	last := map[file]int{}
	for i, r := range events {
		if r.has(unix.IN_MODIFY) {
			last[file{r.wd, r.name}] = i
		}
	}
	return last
}

// happened takes one event of a folder, under each path that leads to it.
func (w *fileWatch) happened(r raw) {
	var from []half
	if r.has(unix.IN_MOVED_TO) {
		from = w.halvesOf(r.cookie)
	}
	for i, in := range slices.Clone(w.byWatch[r.wd]) {
		path := filepath.Join(in, r.name)
		if !w.watched[in].whole {
			w.waited(path)
			continue
		}
		w.lose(func(h half) bool { return h.path == path }) // something else is there now
		switch isFolder := r.has(unix.IN_ISDIR); {
		case r.has(unix.IN_MOVED_FROM):
			delete(w.seen, path)
			w.halves = append(w.halves, half{r.cookie, path, isFolder, time.Now().Add(patience)})
		case r.has(unix.IN_DELETE):
			delete(w.seen, path)
			w.remove(half{path: path, isFolder: isFolder}, "")
		case r.has(unix.IN_MODIFY):
			w.tell("changed", path, "", isFolder)
		case i < len(from):
			w.move(from[i], path)
		default:
			w.begin(r, path)
		}
	}
	for _, h := range from[min(len(from), len(w.byWatch[r.wd])):] {
		w.remove(h, "")
	}
}

// waited looks for folders that rules name where something has come on the way to them.
func (w *fileWatch) waited(path string) {
	if slices.ContainsFunc(w.reaches, func(r reach) bool { return paths.Within(r.base, path) }) {
		w.settle()
	}
}

// begin is for what has come from nowhere that is known.
func (w *fileWatch) begin(r raw, path string) {
	event := "created"
	if r.has(unix.IN_MOVED_TO) {
		event = "moved"
	}
	if !w.seen[path] || w.again {
		w.tell(event, path, "", r.has(unix.IN_ISDIR))
	}
	w.waited(path) // it may be a link to a folder
	if r.has(unix.IN_ISDIR) {
		w.walk(path)
	}
}

// come is for what lies in a folder that was not watched from its beginning.
func (w *fileWatch) come(path string, entry fs.DirEntry) {
	w.seen[path], w.grown = true, true
	w.tell("created", path, "", entry.IsDir())
}

func (w *fileWatch) move(from half, to string) {
	w.tellRemoved(from.path, from.isFolder, to)
	if !w.seen[to] || w.again {
		w.tell("moved", to, from.path, from.isFolder)
	}
	if from.isFolder {
		w.moved(from.path, to)
	} else {
		w.waited(to)
	}
}

func (w *fileWatch) remove(h half, to string) {
	w.tellRemoved(h.path, h.isFolder, to)
	if h.isFolder {
		w.gone(h.path)
		w.waited(h.path)
	}
}

// halvesOf takes out the first halves of a move, one for each path.
func (w *fileWatch) halvesOf(cookie uint32) []half {
	var of []half
	w.halves = slices.DeleteFunc(w.halves, func(h half) bool {
		if h.cookie == cookie {
			of = append(of, h)
		}
		return h.cookie == cookie
	})
	return of
}

// lose gives up waiting for the second halves of some moves: they lead to where nobody looks.
func (w *fileWatch) lose(which func(half) bool) {
	var lost []half
	w.halves = slices.DeleteFunc(w.halves, func(h half) bool {
		if which(h) {
			lost = append(lost, h)
		}
		return which(h)
	})
	for _, h := range lost {
		w.remove(h, "")
	}
}

// expire gives up the moves that have waited long enough, and has read return when the next has. Where there is none it
// waits for what happens alone.
func (w *fileWatch) expire() error {
	now := time.Now()
	w.lose(func(h half) bool { return !now.Before(h.until) })
	var until time.Time
	if len(w.halves) > 0 {
		until = w.halves[0].until
	}
	return w.queue.file.SetReadDeadline(until)
}
