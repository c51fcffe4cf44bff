package skills

import (
	"context"
	"time"

	"nerva/core/api"
	"nerva/core/apps"
	"nerva/core/desk"
	"nerva/core/picture"
	"nerva/core/when"
)

// Deps is what the executors act with. Nothing in it may be nil.
type Deps struct {
	Desk     desk.Desk
	Launcher AppLauncher
	// Apps lists the applications that a user would see in a menu.
	Apps      func(context.Context) ([]App, error)
	Notes     Notes
	Clipboard Clipboard
	Timers    Timers
	Calculate func(expression string) (string, error)
	Commands  Commands
	// Vision gives the model that is shown pictures now, and the host outside of this machine that it is on; none: it is here.
	Vision func(context.Context) (v Vision, host string, err error)
	// Captures is the folder for screenshots, usually $XDG_CACHE_HOME/nerva/captures. It is made 0700.
	Captures string
	// Places is called for each path.
	Places func() Places
	// Home stands for a leading "~".
	Home string
}

// App is an application by its desktop file id without ".desktop", and its localized name.
type App struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// AppLauncher starts applications; *apps.Launcher is one.
type AppLauncher interface {
	Launch(ctx context.Context, r apps.Request) (apps.Launched, error)
}

// Notes is the folder of notes. Paths are absolute.
type Notes interface {
	NoteFinder
	NoteWriter
}

// NoteFinder looks notes up.
type NoteFinder interface {
	List(ctx context.Context) ([]Note, error)
	Search(ctx context.Context, query string) ([]Note, error)
	// Find takes a path in the folder, a title or a file's name, and refuses any other path.
	Find(ctx context.Context, name string) (Note, error)
	// Linked gives the notes with a link to the one that Find finds.
	Linked(ctx context.Context, name string) ([]Note, error)
}

// NoteWriter adds to the notes, and changes nothing that is there.
type NoteWriter interface {
	Add(ctx context.Context, text, title string) (path string, err error)
	// Append adds text at the end of the note that Find finds, Daily at the end of today's, which it makes if need be.
	Append(ctx context.Context, name, text string) (path string, err error)
	Daily(ctx context.Context, text string) (path string, err error)
}

// Note is one Markdown file. Snippet is set by Search.
type Note struct {
	Path     string    `json:"path"`
	Title    string    `json:"title"`
	Tags     []string  `json:"tags"`
	Modified time.Time `json:"modified"`
	Snippet  string    `json:"snippet,omitempty"`
}

// Clipboard holds what is copied.
type Clipboard interface {
	// Text gives the text that is copied. Its error is api.NotFound where there is none, and api.Denied where it is to be
	// shown to nobody.
	Text(ctx context.Context) (string, error)
	SetText(ctx context.Context, text string) error
}

// Timers keeps timers and reminders; *timers.Keeper does.
type Timers interface {
	Now() time.Time
	Add(ctx context.Context, t when.Time, text string) (api.Timer, error)
	// List gives those that have rung first.
	List(ctx context.Context) ([]api.Timer, error)
	Cancel(ctx context.Context, id int64) error
}

// Vision looks at pictures.
type Vision interface {
	Describe(ctx context.Context, question string, p picture.Encoded) (string, error)
}

// Commands runs commands where they can do no harm.
type Commands interface {
	// Check says, without running anything, why a command may not run.
	Check(argv []string) error
	// Run runs a command that Check had nothing against; dir is absolute. An exit status is no
	// error, and the end by a limit is one that names it.
	Run(ctx context.Context, argv []string, dir string) (CommandResult, error)
}

// CommandResult is what a command printed, and its exit status.
type CommandResult struct {
	Stdout, Stderr []byte
	Exit           int
}

// required gives the sentence for a string that must have something in it.
func required(property, value string) error {
	if value == "" {
		return api.Errorf(api.InvalidInput, "%s is empty; say what it should be", property)
	}
	return nil
}
