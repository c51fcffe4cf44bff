package hostile

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"nerva/wayland/atspi/atspitest"
)

// services are the desktop's services on a case's own bus: they do nothing and keep what they were told.
type services struct {
	conn *dbus.Conn

	mu       sync.Mutex
	notified []string
	opened   []string // paths and URLs
	pressed  []string // controls
}

const (
	notifications = "org.freedesktop.Notifications"
	portal        = "org.freedesktop.portal.Desktop"
	portalPath    = "/org/freedesktop/portal/desktop"
)

func newServices(t *testing.T, conn *dbus.Conn) *services {
	t.Helper()
	s := &services{conn: conn}
	must(t, conn.Export(notifier{s}, "/org/freedesktop/Notifications", notifications))
	must(t, conn.Export(openURI{s}, portalPath, "org.freedesktop.portal.OpenURI"))
	for _, name := range []string{notifications, portal} {
		reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
		must(t, err)
		if reply != dbus.RequestNameReplyPrimaryOwner {
			t.Fatalf("the name %s is taken", name)
		}
	}
	return s
}

func (s *services) record() (notified string, opened []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.notified, "\n"), append([]string(nil), s.opened...)
}

type notifier struct{ s *services }

// GetCapabilities says that bodies are markup, which makes a careless sender's pictures and links work.
func (notifier) GetCapabilities() ([]string, *dbus.Error) {
	return []string{"body", "body-markup", "body-hyperlinks", "body-images"}, nil
}

func (n notifier) Notify(_ string, _ uint32, _, title, body string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	n.s.mu.Lock()
	defer n.s.mu.Unlock()
	n.s.notified = append(n.s.notified, title+"\t"+body)
	return uint32(len(n.s.notified)), nil
}

type openURI struct{ s *services }

// OpenURI is the portal's method for URLs.
func (o openURI) OpenURI(sender dbus.Sender, _, uri string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	return o.s.open(sender, uri, options)
}

// OpenFile is the portal's method for files, which come as open descriptors.
func (o openURI) OpenFile(sender dbus.Sender, _ string, fd dbus.UnixFD, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	file := os.NewFile(uintptr(fd), "")
	defer file.Close()
	path, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		return "", dbus.MakeFailedError(err)
	}
	return o.s.open(sender, path, options)
}

// player is a media player that plays one title.
type player struct{ title string }

// GetAll is of org.freedesktop.DBus.Properties.
func (p player) GetAll(string) (map[string]dbus.Variant, *dbus.Error) {
	return map[string]dbus.Variant{
		"PlaybackStatus": dbus.MakeVariant("Playing"),
		"Metadata":       dbus.MakeVariant(map[string]dbus.Variant{"xesam:title": dbus.MakeVariant(p.title)}),
	}, nil
}

// play makes a player.
func (s *services) play(title string) error {
	if err := s.conn.Export(player{title}, "/org/mpris/MediaPlayer2", "org.freedesktop.DBus.Properties"); err != nil {
		return err
	}
	_, err := s.conn.RequestName("org.mpris.MediaPlayer2.test", dbus.NameFlagDoNotQueue)
	return err
}

// show makes an accessibility bus of the case's own bus, and an application on it with these buttons.
func (s *services) show(t *testing.T, address string, buttons []string) error {
	const application, frame, button, focusable, sensitive, visible = 75, 23, 43, 11, 24, 30 // at-spi2-core, atspi-constants.h
	states := []int{focusable, sensitive, visible}
	window := atspitest.Object{Name: "window", Role: frame, States: states}
	for _, name := range buttons {
		window.Children = append(window.Children, atspitest.Object{Name: name, Role: button, States: states, Actions: []string{"click"}})
	}
	registry := atspitest.NewRegistry(t, s.conn, address)
	conn, err := dbus.Connect(address) // the registry has the same path on its own
	if err != nil {
		return err
	}
	t.Cleanup(func() { _ = conn.Close() })
	registry.Add(conn.Names()[0])
	return atspitest.Serve(conn, atspitest.Object{Name: "test", Role: application, Children: []atspitest.Object{window}}, func(name string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pressed = append(s.pressed, name)
	})
}

// presses are the controls that were pressed.
func (s *services) presses() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.pressed...)
}

// open keeps what was opened and answers as org.freedesktop.portal.Request does.
func (s *services) open(sender dbus.Sender, what string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	token, _ := options["handle_token"].Value().(string)
	path := dbus.ObjectPath(portalPath + "/request/" + strings.ReplaceAll(string(sender)[1:], ".", "_") + "/" + token)
	s.mu.Lock()
	s.opened = append(s.opened, what)
	s.mu.Unlock()
	if err := s.conn.Emit(path, "org.freedesktop.portal.Request.Response", uint32(0), map[string]dbus.Variant{}); err != nil {
		return "", dbus.MakeFailedError(err)
	}
	return path, nil
}
