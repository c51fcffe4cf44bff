// Package model is what the overlay knows and how that changes: a State, the Events that arrive from the
// keyboard, the pointer, the bus and the clock, and the one pure function Reduce between them.
//
// It owns nothing: a State is a value, and whoever holds it (package ui, on the GTK thread) owns it. A
// State that was handed out is never changed afterwards; Reduce copies what it changes. The package must
// not know GTK, D-Bus, goroutines or the clock: time comes in as an event, wishes go out as Effects.
package model
