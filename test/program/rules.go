package program

import (
	"fmt"
	"strings"
)

// FiftyRules are rules of watchers as the configuration has them, five for each of ten sources' events that nobody makes.
func FiftyRules(folder string) string {
	var b strings.Builder
	for n := range 5 {
		for on, match := range map[string]string{
			"clipboard": `regex = "^nothing %d$"`, "window": `regex = "^nothing %d$"`, "file": `paths = ["` + folder + `/%d/**"]`,
			"timer": `cron = "0 0 1 1 %d"`, "dbus": `interface = "org.example.Nothing%d", member = "M"`, "unit": `unit = "nothing-%d.service"`,
			"notification": `regex = "^nothing %d$"`, "battery": `below = 1%d`, "network": `states = ["portal"], when = "Name == '%d'"`, "idle": `after = "2%dh"`,
		} {
			fmt.Fprintf(&b, "[[watchers.rule]]\nname = \"%s %d\"\non = %q\nmatch = { "+match+" }\nsuggest = { title = \"t\", ask = \"a\" }\n", on, n, on, n)
		}
	}
	return b.String()
}
