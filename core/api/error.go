package api

import (
	"errors"
	"fmt"
)

// Code classes an error by what the caller can do about it. On D-Bus it is the last word of the error's
// name, org.nerva.Error.<Code>; on the command line it decides the exit code.
type Code string

// The codes, as fixed by the D-Bus interface.
const (
	NotFound     Code = "NotFound"     // the thing named does not exist
	InvalidInput Code = "InvalidInput" // the request itself is wrong; the same request fails again
	Denied       Code = "Denied"       // policy or a person said no
	Unavailable  Code = "Unavailable"  // something of the system is missing: no compositor, no portal, no model
	Busy         Code = "Busy"         // try again later
	Cancelled    Code = "Cancelled"    // stopped on request
	Failed       Code = "Failed"       // everything else
)

// Error is an error with a code. Its text is one sentence that ends with what to do next.
type Error struct {
	Code Code
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an *Error; like fmt.Errorf it understands %w.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// CodeOf returns the code of the outermost *Error in err's chain, Failed where there is none, and the
// empty code for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Failed
}
