// Package api holds the words that nerva's processes exchange: search results, runs with their steps,
// questions and events, skills, audit records and the errors that end at the user.
//
// It owns no state and starts no goroutine; every value is plain data whose JSON form is the one the
// command line prints and whose keys are those of the D-Bus dictionaries. It imports the standard
// library only and must not know how the words travel (core/bus) or who produces them.
package api
