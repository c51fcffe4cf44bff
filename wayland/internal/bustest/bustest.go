// Package bustest makes a private bus the session bus of a test, on which nothing runs and nothing can be
// activated but what the test puts there.
//
// The bus belongs to the test and ends with it.
package bustest

import (
	"os"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/core/bus/bustest"
)

// Start starts a bus, makes it the test's session bus ($DBUS_SESSION_BUS_ADDRESS) and returns a function
// that stops it before the test ends. It skips the test where dbus-daemon is not installed.
func Start(t *testing.T) (stop func()) {
	t.Helper()
	b := bustest.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", b.Address)
	return b.Stop
}

// System makes the bus that Start made the test's system bus, too.
func System(t *testing.T) {
	t.Helper()
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
}

// Own connects to the bus that Start made and takes a name on it.
func Own(t *testing.T, name string) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own %s: %v, %v", name, reply, err)
	}
	return conn
}
