// Package apps knows the installed applications and starts them: it reads desktop entries by the Desktop
// Entry Specification 1.5 (https://specifications.freedesktop.org/desktop-entry-spec/1.5/), keeps an index
// of them that follows the file system, finds one by id or name, and turns an Exec line into an argv.
//
// The goroutine in Index.Run owns the scan, its cache and the watches. Everyone else reads immutable
// snapshots, so that nothing on the keystroke path waits. The package must not know how a process is
// started, what a D-Bus connection is or which compositor runs: it asks core/desk for those.
//
// Where the specification is silent or real files break it, GLib's gio/gdesktopappinfo.c decides, and the
// exceptions to that are written down at the code that makes them.
package apps

import "slices"

// Entry is one desktop entry of Type=Application. It is immutable once it is in a Snapshot.
type Entry struct {
	// ID is the desktop file id without ".desktop": "org.gnome.Calculator", "kde-org.kde.kate".
	ID string
	// File is the desktop file's path as it was found, links not resolved.
	File string

	// Name, GenericName, Comment, Keywords and Icon are localized. The Untranslated ones are what the file
	// says without a locale, which people who know the program's real name type.
	Name, UntranslatedName               string
	GenericName, UntranslatedGenericName string
	Comment                              string
	Keywords, UntranslatedKeywords       []string
	// Icon is a name of the icon theme or an absolute path; it may be empty.
	Icon           string
	Categories     []string
	StartupWMClass string

	// Exec is the command line with the escapes of a string value undone, its quoting not yet.
	Exec string
	// Dir is the Path key: the working folder, empty where there is none.
	Dir             string
	TryExec         string
	Terminal        bool
	DBusActivatable bool
	StartupNotify   bool
	Actions         []Action

	noDisplay             bool
	onlyShowIn, notShowIn []string
	// execErr says why Exec cannot be used, nil where it can.
	execErr error
}

// Action is an additional way to start an application (section "Additional applications actions").
type Action struct {
	ID                     string
	Name, UntranslatedName string
	Icon                   string
	Exec                   string

	execErr error
}

// Action finds an action by its id.
func (e *Entry) Action(id string) (Action, bool) {
	i := slices.IndexFunc(e.Actions, func(a Action) bool { return a.ID == id })
	if i < 0 {
		return Action{}, false
	}
	return e.Actions[i], true
}

// shownIn applies OnlyShowIn and NotShowIn: the desktops of XDG_CURRENT_DESKTOP are tried in order and the
// first that either list names decides (section "Recognized desktop entry keys"). Names compare exactly.
func (e *Entry) shownIn(desktops []string) bool {
	for _, d := range desktops {
		switch {
		case slices.Contains(e.onlyShowIn, d):
			return true
		case slices.Contains(e.notShowIn, d):
			return false
		}
	}
	return len(e.onlyShowIn) == 0
}
