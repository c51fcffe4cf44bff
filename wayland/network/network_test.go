package network

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/bustest"
	"nerva/wayland/internal/service"
	"nerva/wayland/sessionbus"
)

var _ desk.Network = (*Network)(nil)

type values map[string]any

// export puts an object on the bus whose properties can change.
func export(t *testing.T, conn *dbus.Conn, path dbus.ObjectPath, of string, v values) *prop.Properties {
	t.Helper()
	exported := map[string]*prop.Prop{}
	for name, value := range v {
		exported[name] = &prop.Prop{Value: value, Emit: prop.EmitTrue}
	}
	p, err := prop.Export(conn, path, prop.Map{of: exported})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func following(t *testing.T) <-chan desk.Connection {
	t.Helper()
	told := make(chan desk.Connection, 16)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	n := New(sessionbus.NewSystem(ctx).Private, slog.New(slog.DiscardHandler))
	go func() { ended <- n.FollowNetwork(ctx, func(c desk.Connection) { told <- c }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("FollowNetwork returned %v", err)
		}
	})
	return told
}

func await(t *testing.T, told <-chan desk.Connection, want desk.Connection) {
	t.Helper()
	if got := <-told; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestTheConnectionIsFollowed: NetworkManager comes, connects, is renamed, loses the connection, goes and comes back.
func TestTheConnectionIsFollowed(t *testing.T) {
	bustest.Start(t)
	bustest.System(t)
	told := following(t)
	conn := bustest.Own(t, "org.example.Starting")
	manager := export(t, conn, objectPath, busName, values{
		"State": uint32(20), "Connectivity": uint32(1), "PrimaryConnection": dbus.ObjectPath("/"), "Metered": uint32(0),
	})
	home := export(t, conn, activePath+"/1", activeAPI, values{"Id": "Home", "Type": "802-11-wireless", "Vpn": false})
	own := func() {
		if reply, err := conn.RequestName(busName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
			t.Fatalf("%v, %v", reply, err)
		}
	}
	own()
	await(t, told, desk.Connection{State: "offline"})
	manager.SetMust(busName, "PrimaryConnection", activePath+"/1")
	await(t, told, desk.Connection{State: "offline", Name: "Home", Type: "wifi"})
	manager.SetMust(busName, "State", uint32(70))
	await(t, told, desk.Connection{State: "limited", Name: "Home", Type: "wifi"})
	for i := range uint32(100) {
		manager.SetMust(busName, "State", 60+i%2) // which says nothing else
	}
	manager.SetMust(busName, "Connectivity", uint32(2))
	await(t, told, desk.Connection{State: "portal", Name: "Home", Type: "wifi"})
	manager.SetMust(busName, "Connectivity", uint32(4))
	await(t, told, desk.Connection{State: "online", Name: "Home", Type: "wifi"})
	for _, name := range []string{"House", "Flat", "Hut", "At\nhome"} {
		home.SetMust(activeAPI, "Id", name)
		await(t, told, desk.Connection{State: "online", Name: strings.ReplaceAll(name, "\n", " "), Type: "wifi"})
	}
	manager.SetMust(busName, "Metered", uint32(3))
	await(t, told, desk.Connection{State: "online", Name: "At home", Type: "wifi", Metered: true})
	manager.SetMust(busName, "PrimaryConnection", activePath+"/2") // it has gone again
	await(t, told, desk.Connection{State: "online", Metered: true})
	if _, err := conn.ReleaseName(busName); err != nil {
		t.Fatal(err)
	}
	own() // as it was: nothing is told
	manager.SetMust(busName, "State", uint32(10))
	await(t, told, desk.Connection{State: "offline", Metered: true})
}

func of(v values) service.Properties {
	p := service.Properties{}
	for name, value := range v {
		p[name] = dbus.MakeVariant(value)
	}
	return p
}

func TestStates(t *testing.T) {
	for rule, test := range map[string]struct {
		has  values
		want string
	}{
		"nothing is known":             {nil, "offline"},
		"asleep":                       {values{"State": uint32(10), "Connectivity": uint32(4)}, "offline"},
		"connecting":                   {values{"State": uint32(40), "Connectivity": uint32(0)}, "offline"},
		"no check, with a route":       {values{"State": uint32(70), "Connectivity": uint32(0)}, "online"},
		"no check, without a route":    {values{"State": uint32(50), "Connectivity": uint32(0)}, "limited"},
		"the check finds nothing":      {values{"State": uint32(70), "Connectivity": uint32(1)}, "limited"},
		"the check finds less":         {values{"State": uint32(60), "Connectivity": uint32(3)}, "limited"},
		"a login is wanted":            {values{"State": uint32(60), "Connectivity": uint32(2)}, "portal"},
		"all is well":                  {values{"State": uint32(70), "Connectivity": uint32(4)}, "online"},
		"a state of another type":      {values{"State": "connected", "Connectivity": uint32(4)}, "offline"},
		"a connectivity that is to be": {values{"State": uint32(70), "Connectivity": uint32(9)}, "online"},
	} {
		if got := stateOf(of(test.has)); got != test.want {
			t.Errorf("%s: %s", rule, got)
		}
	}
}

func TestTypes(t *testing.T) {
	for named, want := range map[string]string{"802-3-ethernet": "ethernet", "gsm": "mobile", "wireguard": "vpn", "bridge": "other", "": "other"} {
		if got := typeOf(of(values{"Type": named})); got != want {
			t.Errorf("%q is %s", named, got)
		}
	}
	if got := typeOf(of(values{"Type": "802-3-ethernet", "Vpn": true})); got != "vpn" {
		t.Errorf("one that says that it is a VPN is %s", got)
	}
	if got := typeOf(of(values{"Type": uint32(1), "Vpn": "yes"})); got != "other" {
		t.Errorf("of other types: %s", got)
	}
}

func TestFollowNetworkReturnsWhereItCannotListen(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent")
	if err := New(sessionbus.NewSystem(t.Context()).Private, slog.New(slog.DiscardHandler)).FollowNetwork(t.Context(), nil); api.CodeOf(err) != api.Unavailable {
		t.Errorf("got %v", err)
	}
}
