package desk

import "context"

// The interfaces of this file tell what happens, to whoever asked for it. Each calls its function from one goroutine, one
// after the other, until ctx ends, and returns ctx's error; while what it listens to is not there it waits for that, by
// its arrival and not by looking again. It returns another error only where it can't listen at all.

// Signals hears what is said on the message buses.
type Signals interface {
	// Hear tells each signal that fits, or, where a property is named, each change of that.
	Hear(ctx context.Context, what BusMatch, heard func(BusSignal)) error
}

// BusMatch chooses signals, or the changes of one property. Interface and one of Member and Property are set; the rest may be
// empty, which is any.
type BusMatch struct {
	System                      bool // the system bus, else that of the session
	Sender, Path                string
	Interface, Member, Property string
}

// BusSignal is a signal or a property's change. Values are as text: numbers in figures, structures as JSON.
type BusSignal struct {
	Sender string // its unique name
	Path   string
	Values []string // of a property: its new value
}

// Units hears of systemd.
type Units interface {
	// FollowUnits tells each change of the active state of a unit, of the user's own manager or of the system's.
	FollowUnits(ctx context.Context, system bool, changed func(UnitChange)) error
}

// UnitChange says that a unit has another active state now.
type UnitChange struct {
	Unit, Description string
	State, Was        string // as systemctl has them; Was is empty where it was not known
	Result            string // of a service that failed: "exit-code", "timeout", "oom-kill" and so on
}

// PowerSupply hears of the battery.
type PowerSupply interface {
	// FollowBattery tells the charge at first and after each change. A computer without a battery tells nothing.
	FollowBattery(ctx context.Context, changed func(Charge)) error
}

// Charge is what the batteries of the computer have in all.
type Charge struct {
	Percent float64 // 0 to 100
	State   string  // charging, discharging, full, empty or pending
	Minutes float64 // until it is empty or full; 0: not known
}

// Network hears of the connection to other computers.
type Network interface {
	// FollowNetwork tells the connection at first and after each change.
	FollowNetwork(ctx context.Context, changed func(Connection)) error
}

// Connection is the one that is used first.
type Connection struct {
	State   string // online, limited, portal (it wants a login) or offline
	Name    string
	Type    string // wifi, ethernet, mobile, vpn or other
	Metered bool   // what is sent over it costs
}

// Presence hears whether somebody is there.
type Presence interface {
	// FollowPresence tells that nobody has touched keyboard or pointer for so long, and that somebody has again. It tells
	// nothing at first.
	FollowPresence(ctx context.Context, seconds int, changed func(idle bool)) error
}

// Notices hears of the notifications that other programs send.
type Notices interface {
	// FollowNotices tells each notification that the service is asked to show, but for nerva's own.
	FollowNotices(ctx context.Context, sent func(Notice)) error
}

// Notice is a notification of another program.
type Notice struct {
	App         string // the id of its desktop entry, else the name that it gives
	Title, Body string // Body without markup
	Category    string
	Urgency     string // low, normal or critical
}
