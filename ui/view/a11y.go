package view

// #cgo pkg-config: gtk4
// #include <stdlib.h>
// #include <gtk/gtk.h>
import "C"

import (
	"runtime"
	"unsafe"

	"github.com/diamondburned/gotk4/pkg/core/glib"
	"github.com/diamondburned/gotk4/pkg/gtk/v4"
)

// setRole must be called before the widget is shown for the first time: a role is fixed from then on.
func setRole(w gtk.Widgetter, role gtk.AccessibleRole) {
	glib.BaseObject(w).SetObjectProperty("accessible-role", int32(role))
}

// setName gives a widget the name that a screen reader says.
func setName(w *gtk.Accessible, name string) {
	w.UpdateProperty([]gtk.AccessibleProperty{gtk.AccessiblePropertyLabel}, []glib.Value{*glib.NewValue(name)})
}

// setSelected says whether a row is the selected one.
func setSelected(w *gtk.Accessible, selected bool) {
	value := glib.InitValue(glib.TypeInt)
	value.SetInt(0)
	if selected {
		value.SetInt(1)
	}
	w.UpdateState([]gtk.AccessibleState{gtk.AccessibleStateSelected}, []glib.Value{*value})
}

// announce has a screen reader say something. gotk4 has no binding for it.
func announce(w *gtk.Window, text string) {
	c := C.CString(text)
	defer C.free(unsafe.Pointer(c))
	// The address of a C object, which does not move; go vet can't know that of a uintptr.
	address := glib.BaseObject(w).Native()
	object := *(**C.GtkAccessible)(unsafe.Pointer(&address))
	C.gtk_accessible_announce(object, c, C.GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM)
	runtime.KeepAlive(w)
}
