// Package wire is what the driver outside and the program in the machine say to each other over a virtio serial port:
// one JSON value a line, a Request in, a Reply out, as many at once as the driver likes. It owns nothing and knows
// nothing of what is run.
package wire

// Port is the name of the serial port; in the machine it is a file below /dev/virtio-ports.
const Port = "org.nerva.vm"

// Share is where the machine sees the folder that the driver shares with it.
const Share = "/share"

// A Request is a command to run in the machine. The program says Request 0 unasked, as a Reply, when it is there.
type Request struct {
	ID   uint64
	Argv []string
	// Root runs it as root; else it is the user of the desktop, with the groups that /etc/group gives now.
	Root bool
	// Env is added to an environment that has but PATH, HOME, USER and what a login adds.
	Env []string
	// Input is its standard input.
	Input string
	// Terminal gives it a terminal instead, and Type is typed there each time it has written Prompt.
	Terminal     bool
	Prompt, Type string
	// Seconds is the time limit; then the command and its children are killed.
	Seconds int
}

// A Reply is what came of it.
type Reply struct {
	ID       uint64
	Out, Err string
	// Exit is the status, -1 where a signal or the time limit ended it.
	Exit int
	// Fault says why it could not be run.
	Fault string
}
