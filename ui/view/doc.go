// Package view draws a model.State with GTK widgets.
//
// Everything in it belongs to the GTK thread. Widgets are built once and updated in place, signals are
// connected once: gotk4 keeps the closures of a signal, and with them whole widgets, alive for as long as
// the object that has it (diamondburned/gotk4 issues 126 and 154). What people do leaves the package as
// model events; it must not know the daemon, and no handler waits for anything.
package view
