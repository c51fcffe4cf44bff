package bus

import "github.com/godbus/dbus/v5"

// Conn is the client's connection. The overlay serves its own interface on it: the daemon knows by the
// connection that it is the overlay which asks and decides.
func (c *Client) Conn() *dbus.Conn { return c.conn }
