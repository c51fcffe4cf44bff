// Package network follows the connection to other computers, as NetworkManager has it.
//
// Each FollowNetwork has a connection to the system bus, in the goroutine that calls it. It must not know what the network is
// wanted for. Where another program sees to the network nothing is told.
//
// Source: NetworkManager D-Bus API, org.freedesktop.NetworkManager and org.freedesktop.NetworkManager.Connection.Active.
package network

import (
	"context"
	"log/slog"

	"github.com/godbus/dbus/v5"

	"nerva/core/desk"
	"nerva/wayland/internal/listen"
	"nerva/wayland/internal/service"
)

const (
	busName    = "org.freedesktop.NetworkManager"
	objectPath = dbus.ObjectPath("/org/freedesktop/NetworkManager")
	activePath = objectPath + "/ActiveConnection"
	activeAPI  = busName + ".Connection.Active"
)

// Network implements desk.Network.
type Network struct {
	dial listen.Dial
	log  *slog.Logger
}

// New returns a Network that connects to the system bus by dial each time.
func New(dial listen.Dial, log *slog.Logger) *Network { return &Network{dial, log} }

// FollowNetwork implements desk.Network. NetworkManager is waited for, and while it is away, which leaves the connections as
// they are, nothing is told.
func (n *Network) FollowNetwork(ctx context.Context, changed func(desk.Connection)) error {
	properties, member := dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchMember("PropertiesChanged")
	manager := listen.Service{
		Name: busName, Log: n.log,
		Changes: [][]dbus.MatchOption{
			{properties, member, dbus.WithMatchObjectPath(objectPath), dbus.WithMatchArg(0, busName)},
			{properties, member, dbus.WithMatchPathNamespace(activePath), dbus.WithMatchArg(0, activeAPI)}, // it may be renamed
		},
	}
	var last *desk.Connection
	return manager.Follow(ctx, n.dial, func(ctx context.Context, conn *dbus.Conn, owner string) error {
		now, err := ask(ctx, conn, owner)
		if err == nil && (last == nil || *last != now) {
			last = &now
			changed(now)
		}
		return err
	})
}

func ask(ctx context.Context, conn *dbus.Conn, owner string) (desk.Connection, error) {
	s := service.Service{Name: "the network service", Missing: "install NetworkManager", Object: conn.Object(owner, objectPath)}
	manager, err := s.Properties(ctx, busName)
	if err != nil {
		return desk.Connection{}, err
	}
	c := desk.Connection{State: stateOf(manager), Metered: metered(manager)}
	path, _ := manager["PrimaryConnection"].Value().(dbus.ObjectPath)
	if path == "/" || !path.IsValid() {
		return c, nil
	}
	s.Object = conn.Object(owner, path)
	active, err := s.Properties(ctx, activeAPI)
	if service.ErrorName(err) != "" {
		return c, nil // it has gone meanwhile, and another is told of
	}
	c.Name, c.Type = active.Text("Id"), typeOf(active)
	return c, err
}

// Of NMState, NMConnectivityState and NMMetered.
const (
	connectedLocal  = 50 // the least that is connected
	connectedGlobal = 70

	noConnectivity = 1
	captivePortal  = 2
	limited        = 3
	full           = 4

	isMetered      = 1
	guessedMetered = 3
)

// stateOf takes what the check of connectivity has found, and without one, which may be switched off, what the routes say.
func stateOf(manager service.Properties) string {
	state, _ := manager.Int("State")
	connectivity, _ := manager.Int("Connectivity")
	switch {
	case state < connectedLocal:
		return "offline"
	case connectivity == captivePortal:
		return "portal"
	case connectivity == full:
		return "online"
	case connectivity == noConnectivity || connectivity == limited || state < connectedGlobal:
		return "limited"
	}
	return "online"
}

func metered(manager service.Properties) bool {
	m, _ := manager.Int("Metered")
	return m == isMetered || m == guessedMetered
}

// types are those of connections (nm-settings(5), connection.type) that are not "other".
var types = map[string]string{
	"802-11-wireless": "wifi", "802-3-ethernet": "ethernet", "pppoe": "ethernet",
	"gsm": "mobile", "cdma": "mobile", "vpn": "vpn", "wireguard": "vpn", "tun": "vpn",
}

func typeOf(active service.Properties) string {
	if vpn, _ := active.Bool("Vpn"); vpn {
		return "vpn"
	}
	if of := types[active.Text("Type")]; of != "" {
		return of
	}
	return "other"
}
