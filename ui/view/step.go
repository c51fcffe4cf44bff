package view

import (
	"github.com/diamondburned/gotk4/pkg/gtk/v4"

	"nerva/core/api"
	"nerva/core/visible"
	"nerva/ui/model"
)

const stepIcon = 16 // logical pixels

// step is one line of a run, and a second one where something went wrong.
type step struct {
	root                                        *gtk.Box
	image                                       *gtk.Image
	skill, argument, duration, outcome, failure *gtk.Label
	spinner                                     *gtk.Spinner
	class                                       string
	shown                                       api.Step
}

func newStep() *step {
	s := &step{
		root: box(gtk.OrientationVertical, 0), image: gtk.NewImage(), skill: line(), argument: line("argument"),
		duration: line("duration"), outcome: line("outcome"), failure: paragraph("failure"), spinner: gtk.NewSpinner(),
	}
	s.root.SetCSSClasses([]string{"steps"})
	setRole(s.root, gtk.AccessibleRoleListItem)
	s.image.SetPixelSize(stepIcon)
	s.argument.SetHExpand(true)
	s.outcome.SetWidthChars(2)
	s.outcome.SetXAlign(1)
	one := box(gtk.OrientationHorizontal, 8, "step")
	for _, w := range []gtk.Widgetter{s.image, s.skill, s.argument, s.duration, s.spinner, s.outcome} {
		one.Append(w)
	}
	s.failure.SetMarginStart(stepIcon + 8)
	s.root.Append(one)
	s.root.Append(s.failure)
	return s
}

func (s *step) set(d api.Step, icons *icons) {
	if s.shown.ID == d.ID && s.shown.State == d.State && s.shown.Skill == d.Skill &&
		s.shown.DurationMS == d.DurationMS && string(s.shown.Input) == string(d.Input) {
		return
	}
	s.shown = d
	argument := visible.Line(model.Argument(d.Input))
	setText(s.skill, visible.Line(d.Skill))
	setText(s.argument, argument)
	if icon := icons.lookup(skillIcon(d.Skill), stepIcon); icon != nil {
		s.image.SetFromPaintable(icon)
	} else {
		s.image.Clear()
	}
	running := d.State == api.StepRunning
	s.spinner.SetVisible(running)
	s.spinner.SetSpinning(running)
	s.outcome.SetVisible(!running)
	duration := ""
	if !running {
		duration = model.Duration(d.DurationMS)
	}
	setText(s.duration, duration)
	o := outcomes[d.State]
	setText(s.outcome, o.sign)
	swapClass(&s.outcome.Widget, &s.class, o.class)
	showIf(s.failure, failure(d))
	setClass(&s.failure.Widget, "bad", d.State == api.StepError)
	setClass(&s.failure.Widget, "held", d.State != api.StepError)
	setName(&s.root.Accessible, spoken(d.Skill, argument, o.word, duration, failure(d)))
}

var outcomes = map[api.StepState]struct{ sign, class, word string }{
	api.StepRunning: {"", "", "running"},
	api.StepOK:      {"✓", "ok", "done"},
	api.StepError:   {"✗", "bad", "failed"},
	api.StepRefused: {"✗", "held", "refused"},
	api.StepDenied:  {"✗", "held", "denied by policy"},
}

func failure(d api.Step) string {
	switch {
	case d.State == api.StepOK || d.State == api.StepRunning:
		return ""
	case d.Error != "":
		return visible.Line(oneLine(d.Error))
	case d.State == api.StepRefused:
		return "Refused"
	case d.State == api.StepDenied:
		return "Denied by policy"
	}
	return "Failed"
}

// skillIcon is an icon name that Adwaita has and most themes with it.
func skillIcon(skill string) string {
	if icon, ok := skillIcons[skill]; ok {
		return icon
	}
	return "system-run-symbolic"
}

var skillIcons = map[string]string{
	"launch_app": "view-app-grid-symbolic", "list_apps": "view-app-grid-symbolic",
	"list_windows": "focus-windows-symbolic", "get_active_window": "focus-windows-symbolic",
	"focus_window": "focus-windows-symbolic", "close_window": "window-close-symbolic",
	"move_window": "focus-windows-symbolic",
	"calculate":   "accessories-calculator-symbolic", "convert": "accessories-calculator-symbolic",
	"capture_screen": "camera-photo-symbolic", "ocr_screen": "camera-photo-symbolic",
	"describe_screen": "camera-photo-symbolic", "notify": "preferences-system-notifications-symbolic",
	"add_note": "document-new-symbolic", "edit_note": "document-edit-symbolic",
	"list_notes": "view-list-symbolic", "search_notes": "system-search-symbolic",
	"read_note": "text-x-generic-symbolic", "search_files": "system-search-symbolic",
	"read_file": "text-x-generic-symbolic", "write_file": "document-save-symbolic",
	"delete_file": "user-trash-symbolic", "open_path": "folder-open-symbolic",
	"open_url": "web-browser-symbolic", "run_command": "utilities-terminal-symbolic",
	"clipboard_read": "edit-paste-symbolic", "clipboard_write": "edit-copy-symbolic",
	"set_timer": "alarm-symbolic", "cancel_timer": "alarm-symbolic", "list_timers": "alarm-symbolic",
	"type_text": "input-keyboard-symbolic", "press_keys": "input-keyboard-symbolic",
	"move_pointer": "input-mouse-symbolic", "click": "input-mouse-symbolic", "scroll": "input-mouse-symbolic",
	"list_ui": "preferences-desktop-accessibility-symbolic", "activate_ui": "preferences-desktop-accessibility-symbolic",
	"media_control": "multimedia-player-symbolic", "media_status": "multimedia-player-symbolic",
	"set_volume": "audio-volume-high-symbolic", "power": "system-shutdown-symbolic",
	"send_message": "mail-send-symbolic",
}
