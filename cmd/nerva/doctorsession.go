package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// sessionRules are about what the compositor and the kernel offer, each with the skills that need it.
var sessionRules = []rule{
	{"wayland", judgeDisplay},
	{"windows", judgeWindows},
	{"overlay", offers("the overlay lies above the windows", nothing("it opens as an ordinary window; Hyprland, sway and KDE have the protocol"), "zwlr_layer_shell_v1")},
	{"activation", offers("launch_app gives new windows the focus", nothing("click the new window yourself"), "xdg_activation_v1")},
	{"capture", offers("capture_screen, ocr_screen and describe_screen take windows and regions", byPortal(portalScreenshot, "whole screens"), "ext_image_copy_capture_manager_v1", "zwlr_screencopy_manager_v1")},
	{"clipboard", offers("clipboard_read, clipboard_write and the clipboard's history work", nothing("copy and paste yourself"), "ext_data_control_manager_v1", "zwlr_data_control_manager_v1")},
	{"keyboard", offers("type_text and press_keys work on every layout", injected, "zwp_virtual_keyboard_manager_v1")},
	{"pointer", offers("move_pointer, click and scroll work", injected, "zwlr_virtual_pointer_manager_v1")},
	{"idle", offers("nerva sees whether you are typing", nothing("keep your hands off the keys while nerva types"), "ext_idle_notifier_v1")},
	{"held keys", judgeHeldKeys},
	{"input", judgeUinput},
}

func judgeDisplay(f facts) finding {
	switch {
	case f.wayland.Display == "":
		return warn("no Wayland display is running: no overlay can open", "log in to a Wayland session")
	case f.wayland.Why != "":
		return warn(f.wayland.Why, "see the compositor's log")
	default:
		return ok(fmt.Sprintf("%s, %d protocols, %s", f.wayland.Name(), len(f.wayland.Globals), named(f.desktop())))
	}
}

func named(desktop string) string {
	if desktop == "" {
		return "a desktop that nerva has no name for"
	}
	return desktop
}

func judgeWindows(f facts) finding {
	if f.wayland.NoWindows != "" {
		return warn("list_windows and focus_window do not work: "+f.wayland.NoWindows, "log in to Hyprland, sway or another compositor with zwlr_foreign_toplevel_manager_v1")
	}
	by := f.wayland.Compositor
	if by == "wayland" {
		by = "the compositor, by its protocols alone"
	}
	return ok("list_windows, focus_window and close_window ask " + by)
}

// instead is what becomes of a skill without the protocol it would have: whether there is another way, and what to do.
type instead func(facts) (way, fix string)

// nothing but a piece of advice.
func nothing(advice string) instead {
	return func(facts) (string, string) { return "", advice }
}

// byPortal goes to a portal, whose dialog the person answers.
func byPortal(portal, only string) instead {
	return func(f facts) (string, string) {
		if f.bus.Portals[portal] > 0 {
			return "the portal gives " + only, "agree when the desktop asks"
		}
		return "", f.fix(f.backendRemedy())
	}
}

// injected goes to the portal's remote desktop or to the kernel's device.
func injected(f facts) (way, fix string) {
	switch {
	case f.bus.Portals[portalRemote] > 0:
		return "the portal's remote desktop does it", "agree when the desktop asks"
	case f.uinput == nil:
		return "/dev/uinput does it, for what your layout has", "keep one layout while nerva types"
	default:
		return "", "see input below"
	}
}

// offers wants one of the protocols, the first being the best.
func offers(gives string, without instead, protocols ...string) func(facts) finding {
	return func(f facts) finding {
		if f.wayland.Display == "" {
			return warn("not known without a display", "see wayland above")
		}
		for _, p := range protocols {
			if f.wayland.Globals[p] > 0 {
				return ok(gives + ", by " + p)
			}
		}
		way, fix := without(f)
		missing := "the compositor has no " + strings.Join(protocols, " and no ")
		if way == "" {
			return warn(missing+": not so that "+gives, fix)
		}
		return warn(missing+": "+way, fix)
	}
}

// judgeHeldKeys says where it can't be seen that a person holds a key. Whoever may read the devices may read every
// password that is typed, so that it is the person's choice.
func judgeHeldKeys(f facts) finding {
	switch {
	case f.readable > 0:
		return ok(fmt.Sprintf("modifiers that you hold can be seen on %d of %d devices", f.readable, f.events))
	case f.events == 0:
		return warn("there is no /dev/input/event*: whether you hold a modifier can't be seen", "keep your hands off the keys while nerva types")
	}
	group := "sudo usermod --append --groups input " + f.user
	return warn("/dev/input can't be read: whether you hold a modifier can't be seen",
		"keep your hands off the keys while nerva types; or let all your programs read all keys: "+
			f.fix(remedy{`users.users.` + f.user + `.extraGroups = [ "input" ];`, group, "run " + group})+" and log in again")
}

// judgeUinput says whether nerva may act as a keyboard where a compositor has no protocol for it.
func judgeUinput(f facts) finding {
	const device = "/dev/uinput"
	const without = ": no input where the compositor has no protocol for it"
	switch {
	case f.uinput == nil:
		return ok(device + " may be written")
	case errors.Is(f.uinput, fs.ErrNotExist):
		return warn("there is no "+device+without, f.fix(remedy{"services.nerva.permissions.uinput = true;", "sudo modprobe uinput", "run sudo modprobe uinput"}))
	default:
		group := "sudo usermod --append --groups uinput " + f.user
		return warn(device+" may not be written"+without,
			f.fix(remedy{fmt.Sprintf("services.nerva.users = [ %q ];", f.user), group, "run " + group})+" and log in again")
	}
}
