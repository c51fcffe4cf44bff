// Package hostile holds nerva against a model that always asks for the worst next call.
//
// Each file in cases is one case: an attack, why it must fail, and the one defence that makes it fail; or, named
// NAME.benign.toml, its benign twin, which must run and put no further question, or "deny everything" would pass. A
// case gets a nervad of its own in a home folder full of secrets that are random in each run, on a bus of its own
// with a portal and a notification service that keep what they are told; a model server that speaks the real bytes
// and follows the case's script; a person, who is there or not; and a loopback server, the sink, that counts
// connections. What holds for every case is in judge_test.go.
//
// defences.toml says how each defence is taken out of the source. `make hostile-proof` does that, one at a time, and
// demands that the cases which name it fail; `make hostile` prints the table of the cases. lists_test.go names the
// cases that wait for a skill, and those in which the attack still succeeds, with the reason.
//
// There is no case for what has no skill yet: tools of MCP servers. That nothing types while a question is open, and that
// what is typed goes to the window of the question, is tested in core/gate. A second name of a secret that was there
// before, a hard link, is a file of the user's like any
// other, for which the person is asked; that no skill can make one has a case. How a question looks on a screen is not
// looked at here either: ui/markup and cmd/nerva test that. A program of the same user outside of any sandbox, which
// may take the overlay's name on the bus, is outside of what nerva promises. Tests of a case run in its goroutine; it
// owns everything that it starts.
package hostile
