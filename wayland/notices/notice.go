package notices

import (
	"strings"

	"github.com/godbus/dbus/v5"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/service"
)

const (
	// bodyLimit is how many bytes of a body count.
	bodyLimit = 32 << 10
	// titleLimit is how many runes of a title count.
	titleLimit = 1000
)

// urgencies are those of the hint, a byte.
var urgencies = map[byte]string{0: "low", 1: "normal", 2: "critical"}

// noticeOf reads the arguments of Notify, susssasa{sv}i, which anybody may have written. What is of another type in the hints
// counts as missing.
func noticeOf(args []any) (n desk.Notice, ok bool) {
	if len(args) != 8 {
		return n, false
	}
	app, named := args[0].(string)
	title, titled := args[3].(string)
	body, bodied := args[4].(string)
	hints, hinted := args[6].(map[string]dbus.Variant)
	if !named || !titled || !bodied || !hinted {
		return n, false
	}
	of := service.Properties(hints)
	urgency, _ := hints["urgency"].Value().(byte)
	if _, given := hints["urgency"].Value().(byte); !given || urgencies[urgency] == "" {
		urgency = 1
	}
	n = desk.Notice{
		App: strings.TrimSuffix(of.Text("desktop-entry"), ".desktop"), Title: api.OneLine(title, titleLimit),
		Body: withoutMarkup(cut(body)), Category: of.Text("category"), Urgency: urgencies[urgency],
	}
	if n.App == "" {
		n.App = service.Line(app)
	}
	return n, true
}

func cut(body string) string {
	if len(body) > bodyLimit {
		body = strings.ToValidUTF8(body[:bodyLimit], "")
	}
	return body
}
