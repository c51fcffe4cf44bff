package bus

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
)

// What is where on the session bus.
const (
	Name = "org.nerva.Nerva1"
	Path = dbus.ObjectPath("/org/nerva/Nerva1")

	LauncherInterface  = "org.nerva.Launcher1"
	AgentInterface     = "org.nerva.Agent1"
	RunInterface       = "org.nerva.Run1"
	SkillsInterface    = "org.nerva.Skills1"
	PolicyInterface    = "org.nerva.Policy1"
	WatchersInterface  = "org.nerva.Watchers1"
	WorkflowsInterface = "org.nerva.Workflows1"
	ManagerInterface   = "org.nerva.Manager1"

	errorPrefix = "org.nerva.Error."
	runsPath    = Path + "/run"

	busName       = "org.freedesktop.DBus"
	propertiesInt = "org.freedesktop.DBus.Properties"
	introspectInt = "org.freedesktop.DBus.Introspectable"
)

// RunPath is the object of a run.
func RunPath(run uint64) dbus.ObjectPath {
	return runsPath + dbus.ObjectPath("/"+strconv.FormatUint(run, 10))
}

// ParseRunPath is RunPath's inverse; only its exact form is a run's path.
func ParseRunPath(p dbus.ObjectPath) (uint64, error) {
	digits, ok := strings.CutPrefix(string(p), string(runsPath)+"/")
	run, err := strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil || RunPath(run) != p {
		return 0, api.Errorf(api.NotFound, "%s is not a run; runs are at %s/N, `nerva runs` lists them", p, runsPath)
	}
	return run, nil
}

// member is a name as godbus' calls and signals have it.
func member(iface, name string) string { return fmt.Sprintf("%s.%s", iface, name) }
