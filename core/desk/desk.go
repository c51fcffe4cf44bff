// Package desk declares what the core asks of the desktop it runs in: windows, screen, clipboard,
// notifications, starting programs. The packages below wayland/ implement it, commands put the two
// together, tests use their own fakes.
//
// It owns no state and must not know any protocol. An implementation may be called from any goroutine,
// respects its context, and answers with an api.Unavailable error that says how to mend it where the
// thing is not there now (a compositor may come and go while the daemon stays).
package desk

import (
	"context"
	"image"
	"os"
	"time"
)

// Desk is the desktop. No field is nil: what is missing is filled by Absent.
type Desk struct {
	Windows   Windows
	Screen    Screen
	Reader    Reader
	Notifier  Notifier
	Spawner   Spawner
	AppBus    AppBus
	Tokens    Tokens
	Opener    Opener
	Clipboard Clipboard
	Input     Input
	Media     Media
	Volume    Volume
	Power     Power
	System    System
	Converter Converter

	Accessibility Accessibility

	Signals     Signals
	Units       Units
	PowerSupply PowerSupply
	Network     Network
	Presence    Presence
	Notices     Notices
}

// Window is one toplevel.
type Window struct {
	// ID is the compositor's own identifier (sway's con_id, Hyprland's address), opaque to everyone else. It means
	// no other window for as long as the compositor and this process live.
	ID        string `json:"id"`
	AppID     string `json:"app_id"`
	Title     string `json:"title"`
	PID       int    `json:"pid,omitempty"`
	Workspace string `json:"workspace"` // empty where the compositor tells nobody
	Output    string `json:"output"`
	Focused   bool   `json:"focused"`
	// Behind says of the focused one that it has the keyboard again only when a layer surface, which is no window, is gone.
	Behind bool `json:"-"`
}

// Windows is the compositor's list of toplevels.
type Windows interface {
	// Compositor names it: "sway", "hyprland", "wayland" for another one that tells its windows, or "" where there
	// is none now.
	Compositor() string
	// List asks the compositor now, most recently focused first where it knows, else in its own order.
	List(ctx context.Context) ([]Window, error)
	Focus(ctx context.Context, id string) error
	// Close asks a window to close, as its own button does: the program may ask back.
	Close(ctx context.Context, id string) error
	// MoveTo moves a window to a workspace, by the name that List has, and makes one of that name where there is
	// none; what is shown stays. Where the compositor has no such request it is api.Unavailable.
	MoveTo(ctx context.Context, id, workspace string) error
	// Watch calls changed with the whole list, at first and after each change, from one goroutine, until
	// ctx ends. While there is no compositor it waits for one; it returns only ctx's error.
	Watch(ctx context.Context, changed func([]Window)) error
}

// CaptureRequest says what to capture; the zero value is everything.
type CaptureRequest struct {
	Output string // an output's name
	Region *Region
	Window string // a Window's ID
}

// Region is in logical pixels of the global compositor space.
type Region struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Capture is a picture in a private (0600) PNG file that belongs to the caller.
type Capture struct {
	Path          string
	Width, Height int // physical pixels
	// Via names what made it: "portal", "ext-image-copy-capture", "screencopy" or "grim".
	Via string
	// Why says, where Via is not the first choice, what was wrong with those before it.
	Why string
}

// Picture is what the screen shows, in memory. Via and Why are those of a Capture.
type Picture struct {
	Image *image.RGBA // opaque, its first pixel at 0,0
	// Area is what it shows; Image has as many pixels for each logical one as the finest output in it.
	Area     Region
	Via, Why string
}

// Screen captures outputs, regions and windows.
type Screen interface {
	Capture(ctx context.Context, r CaptureRequest) (Capture, error)
	// Picture is for who looks at it now and keeps no file.
	Picture(ctx context.Context, r CaptureRequest) (Picture, error)
}

// Word is a word of a picture.
type Word struct {
	Text string
	Box  image.Rectangle // in the picture's pixels
	// Block and Line count the pieces of text that belong together, and the lines in all of the picture, from 1.
	Block, Line int
}

// Reader finds the text in pictures.
type Reader interface {
	// Read gives the words in the order in which they are read.
	Read(ctx context.Context, picture *image.RGBA) ([]Word, error)
}

// Notification is what org.freedesktop.Notifications shows.
type Notification struct {
	Title, Body, Icon string
	Actions           []NotificationAction
	// Replaces is one that was shown before and that it takes the place of, where that is still shown.
	Replaces Shown
	// Tag is a name by which it takes the place of one that nobody knows the number of, as after a crash; not every
	// service looks at it. Empty: none.
	Tag string
	// Stays says that it is shown until a person closes it.
	Stays bool
}

// NotificationAction is a button. The one with the id "default" is the notification itself.
type NotificationAction struct {
	ID, Title string
}

// Shown is a notification at the service that showed it; the zero value is none.
type Shown struct {
	ID uint32
	By string // the service, no other one that came after it
}

// NotificationEvent is what became of a notification, or of the service.
type NotificationEvent struct {
	Kind   NotificationKind
	Shown  Shown  // of Invoked and Closed
	Action string // of Invoked: the id of the button
	// Token is the activation token that came with a button, or empty: what it opens may take the focus.
	Token string
}

// NotificationKind says what happened.
type NotificationKind int

// The kinds.
const (
	ServiceCame NotificationKind = iota // nothing is shown by it yet
	Invoked
	Dismissed // by a person
	Gone      // by itself, or because its program closed it
)

// Notifier shows notifications.
type Notifier interface {
	Notify(ctx context.Context, n Notification) (Shown, error)
	// Retract takes away what is shown; where it is not shown any more that is no error.
	Retract(ctx context.Context, s Shown) error
	// Service is the By of what the service that runs now shows.
	Service(ctx context.Context) (by string, err error)
	// Follow tells what becomes of notifications, those of others among them, one after the other, until ctx ends; it
	// returns early only with an error.
	Follow(ctx context.Context, happened func(NotificationEvent)) error
}

// Command is a program to start. It is executed as it stands, never by a shell.
type Command struct {
	// AppID is the desktop file id without ".desktop"; it names the systemd scope.
	AppID string
	// Argv has the program first, as a path or a name to be looked up in PATH.
	Argv []string
	// Dir is the working folder; empty means the user's home folder.
	Dir string
	// Env is added to the session's environment ("KEY=value").
	Env []string
}

// Process is what was started.
type Process struct {
	PID  int
	Unit string // the systemd unit, empty where systemd does not run
}

// Spawner starts programs that outlive the daemon, each in a systemd scope of its own where systemd runs.
type Spawner interface {
	Spawn(ctx context.Context, c Command) (Process, error)
}

// AppCall is a method call of org.freedesktop.Application.
type AppCall struct {
	// Name is the bus name: the desktop file id without ".desktop".
	Name string
	// Action is an action's id, empty for Activate or Open.
	Action string
	URIs   []string
	// Token goes into the platform data as activation-token and desktop-startup-id.
	Token string
}

// AppBus activates D-Bus activatable applications (Desktop Entry Specification, "D-Bus Activation").
type AppBus interface {
	Activate(ctx context.Context, c AppCall) error
}

// WithToken is ctx with an activation token that a person's click made, which Tokens gives in the place of a fresh one: a
// program that is started or raised by the click may take the focus.
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey{}, token)
}

// Token is the token of WithToken, empty where there is none.
func Token(ctx context.Context) string {
	token, _ := ctx.Value(tokenKey{}).(string)
	return token
}

type tokenKey struct{}

// Tokens gives xdg-activation tokens: that of WithToken, or a fresh one.
type Tokens interface {
	Token(ctx context.Context, appID string) (string, error)
}

// Opener opens a file, a folder or an address with the application that the user prefers for it. The token is an
// activation token or empty.
type Opener interface {
	// Open takes a file that is open for reading, so that it is the one that was meant, whatever becomes of its path;
	// its Name is the absolute path, links resolved. It stays the caller's.
	Open(ctx context.Context, file *os.File, token string) error
	// OpenURL takes a URL as it stands: what may be opened is its caller's business. A file: URL is api.InvalidInput.
	OpenURL(ctx context.Context, url, token string) error
}

// Limit bounds every single request to the desktop that has no other bound: a compositor or a portal that
// hangs must not hang a run.
const Limit = 5 * time.Second
