package desk

import (
	"context"
	"image"
	"os"

	"nerva/core/api"
)

// Absent returns a Desk on which nothing is there: every request fails with api.Unavailable and why.
func Absent(why string) Desk {
	a := absent{why}
	return Desk{
		Windows: a, Screen: a, Reader: a, Notifier: a, Spawner: a, AppBus: absentApps(a),
		Tokens: a, Opener: a, Clipboard: absentClipboard(a), Input: a, Media: a, Volume: a, Power: a, System: a, Converter: a,
		Accessibility: a, Signals: a, Units: a, PowerSupply: a, Network: a, Presence: a, Notices: a,
	}
}

type absent struct{ why string }

func (a absent) err() error { return api.Errorf(api.Unavailable, "%s", a.why) }

func (absent) Compositor() string                                         { return "" }
func (a absent) List(context.Context) ([]Window, error)                   { return nil, a.err() }
func (a absent) Focus(context.Context, string) error                      { return a.err() }
func (a absent) Close(context.Context, string) error                      { return a.err() }
func (a absent) MoveTo(context.Context, string, string) error             { return a.err() }
func (a absent) Capture(context.Context, CaptureRequest) (Capture, error) { return Capture{}, a.err() }

func (a absent) Picture(context.Context, CaptureRequest) (Picture, error) { return Picture{}, a.err() }
func (a absent) Read(context.Context, *image.RGBA) ([]Word, error)        { return nil, a.err() }
func (a absent) Notify(context.Context, Notification) (Shown, error)      { return Shown{}, a.err() }
func (a absent) Service(context.Context) (string, error)                  { return "", a.err() }
func (a absent) Retract(context.Context, Shown) error                     { return a.err() }
func (a absent) Spawn(context.Context, Command) (Process, error)          { return Process{}, a.err() }
func (a absent) Token(context.Context, string) (string, error)            { return "", a.err() }
func (a absent) Open(context.Context, *os.File, string) error             { return a.err() }
func (a absent) Players(context.Context) ([]Player, error)                { return nil, a.err() }
func (a absent) Control(context.Context, string, MediaAction) (string, error) {
	return "", a.err()
}
func (a absent) Level(context.Context) (Level, error)                 { return Level{}, a.err() }
func (a absent) SetLevel(context.Context, int) error                  { return a.err() }
func (a absent) SetMuted(context.Context, bool) error                 { return a.err() }
func (a absent) Do(context.Context, PowerAction) error                { return a.err() }
func (a absent) Status(context.Context, string) (SystemStatus, error) { return SystemStatus{}, a.err() }
func (a absent) OpenURL(context.Context, string, string) error        { return a.err() }
func (a absent) Convert(context.Context, float64, string, string) (Conversion, error) {
	return Conversion{}, a.err()
}

func (a absent) Controls(context.Context, ControlQuery) ([]Control, bool, error) {
	return nil, false, a.err()
}
func (a absent) Focused(context.Context, string) (Control, error)   { return Control{}, a.err() }
func (a absent) Activate(context.Context, Control) (string, error)  { return "", a.err() }
func (a absent) Write(context.Context, Control, string, bool) error { return a.err() }

func (a absent) Watch(ctx context.Context, changed func([]Window)) error {
	changed(nil)
	<-ctx.Done()
	return ctx.Err()
}

func (absent) Follow(ctx context.Context, _ func(NotificationEvent)) error {
	<-ctx.Done()
	return ctx.Err()
}

func (a absent) Type(context.Context, Typing) (string, error)   { return "", a.err() }
func (a absent) Press(context.Context, Chord) (string, error)   { return "", a.err() }
func (a absent) Move(context.Context, Motion) (string, error)   { return "", a.err() }
func (a absent) Click(context.Context, Click) (string, error)   { return "", a.err() }
func (a absent) Drag(context.Context, Drag) (string, error)     { return "", a.err() }
func (a absent) Scroll(context.Context, Scroll) (string, error) { return "", a.err() }

func (a absent) Hear(context.Context, BusMatch, func(BusSignal)) error     { return a.err() }
func (a absent) FollowUnits(context.Context, bool, func(UnitChange)) error { return a.err() }
func (a absent) FollowBattery(context.Context, func(Charge)) error         { return a.err() }
func (a absent) FollowNetwork(context.Context, func(Connection)) error     { return a.err() }
func (a absent) FollowPresence(context.Context, int, func(bool)) error     { return a.err() }
func (a absent) FollowNotices(context.Context, func(Notice)) error         { return a.err() }

type absentApps absent

func (a absentApps) Activate(context.Context, AppCall) error { return absent(a).err() }

type absentClipboard absent

func (a absentClipboard) SetText(context.Context, string) error { return absent(a).err() }
func (a absentClipboard) Copy(context.Context, ...Form) error   { return absent(a).err() }
func (a absentClipboard) Offered(context.Context) (Offer, error) {
	return nil, absent(a).err()
}

func (absentClipboard) Watch(ctx context.Context, _ func(Offer)) error {
	<-ctx.Done()
	return ctx.Err()
}
