package sandbox_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTheServiceLetsBubblewrapWork: what nervad.service restricts holds for bubblewrap, too (systemd.exec(5)).
func TestTheServiceLetsBubblewrapWork(t *testing.T) {
	unit, err := os.ReadFile("../../assets/systemd/nervad.service")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for line := range strings.Lines(string(unit)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			settings[name] = value
		}
	}
	for name, why := range map[string]string{
		"RestrictSUIDSGID":      "it forbids openat2",
		"RestrictNamespaces":    "it forbids namespaces",
		"ProtectHostname":       "it forbids sethostname",
		"ProtectProc":           "no fresh /proc can be mounted where one is covered",
		"ProcSubset":            "no fresh /proc can be mounted where one is covered",
		"ProtectKernelTunables": "no fresh /proc can be mounted where one is covered",
	} {
		if value, set := settings[name]; set && value != "no" {
			t.Errorf("%s=%s: %s", name, value, why)
		}
	}
	for _, group := range []string{"@mount", "@privileged", "@process", "@resources", "@sandbox"} {
		if slices.Contains(strings.Fields(settings["SystemCallFilter"]), group) {
			t.Errorf("SystemCallFilter= takes %s away", group)
		}
	}
	if families := strings.Fields(settings["RestrictAddressFamilies"]); !slices.Contains(families, "AF_NETLINK") {
		t.Errorf("RestrictAddressFamilies=%s: the loopback interface is brought up by AF_NETLINK", families)
	}
}
