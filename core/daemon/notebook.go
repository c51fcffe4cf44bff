package daemon

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"nerva/core/beneath"
	"nerva/core/gate"
	"nerva/core/notes"
)

// notebook is the folder of notes that the configuration names now; it implements gate.Notes and texts. mu guards
// which folder that is, and the goroutine that follows it.
type notebook struct {
	changed func([]notes.Note)
	options notes.Options

	mu     sync.Mutex
	path   string
	folder atomic.Pointer[notes.Folder] // read without mu by who must not wait while another one is put in its place
	stop   func()                       // ends the goroutine that follows folder
}

// newNotebook has the index of the notes at the path index, and files write in the folder that use is given.
func newNotebook(changed func([]notes.Note), files func() *beneath.Tree, index string, log *slog.Logger) *notebook {
	return &notebook{changed: changed, options: notes.Options{Files: files, Index: index, Log: log}, stop: func() {}}
}

// use follows the folder at path from now on, until ctx ends or another one is used.
func (n *notebook) use(ctx context.Context, path string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if path == n.path {
		return
	}
	n.stop()
	ctx, cancel := context.WithCancel(ctx)
	folder := notes.New(path, n.options)
	folder.OnChange(n.changed)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := folder.Run(ctx); ctx.Err() == nil {
			n.options.Log.Error("the notes are not followed any more", "error", err)
		}
	}()
	n.path = path
	n.folder.Store(folder)
	n.stop = func() {
		cancel()
		<-ended
		if err := folder.Close(); err != nil {
			n.options.Log.Warn("the index of the notes was not closed", "error", err)
		}
	}
}

// close ends what use began.
func (n *notebook) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stop()
}

func (n *notebook) now() *notes.Folder {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.folder.Load()
}

func (n *notebook) Add(ctx context.Context, text, title string) (string, error) {
	return n.now().Add(ctx, text, title)
}

func (n *notebook) Append(ctx context.Context, name, text string) (string, error) {
	return n.now().Append(ctx, name, text)
}

func (n *notebook) Daily(ctx context.Context, text string) (string, error) {
	return n.now().Daily(ctx, text)
}

func (n *notebook) List(ctx context.Context) ([]gate.Note, error) {
	list, err := n.now().List(ctx)
	return gateNotes(list), err
}

func (n *notebook) Search(ctx context.Context, query string) ([]gate.Note, error) {
	list, err := n.now().Search(ctx, query)
	return gateNotes(list), err
}

// Mentions implements texts.
func (n *notebook) Mentions(ctx context.Context, text string, limit int, except []string) ([]notes.Note, error) {
	return n.folder.Load().Mentions(ctx, text, limit, except)
}

func (n *notebook) Find(ctx context.Context, name string) (gate.Note, error) {
	note, err := n.now().Find(ctx, name)
	return gate.Note(note), err
}

func (n *notebook) Linked(ctx context.Context, name string) ([]gate.Note, error) {
	list, err := n.now().Linked(ctx, name)
	return gateNotes(list), err
}

// gateNotes exists because neither package knows the other.
func gateNotes(list []notes.Note) []gate.Note {
	out := make([]gate.Note, 0, len(list))
	for _, n := range list {
		out = append(out, gate.Note(n))
	}
	return out
}
