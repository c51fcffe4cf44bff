// Package assets holds the files that are built into a command. It owns no state and must not know who uses
// them.
package assets

import _ "embed"

// Style is the overlay's style sheet; package ui/style turns it into what GTK reads.
//
//go:embed style.css
var Style string
