// Package e2e tests nerva as a person and a script meet it: the built programs in a private desktop, with a
// real compositor, a real session bus, real portals and real key events. Only a hosted model is played, by
// test/modelserver, which speaks the real bytes.
//
// `make test` runs it by dev/desktop; anywhere else every test is skipped and says so. Tests run one after
// the other, because they share the compositor and the bus name; each has its own daemon and folders.
package e2e
