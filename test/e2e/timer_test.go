package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// timer is one of `nerva timer list --json`.
type timer struct {
	ID    int64
	Due   time.Time
	Every string
	Text  string
	State string
}

func (s *session) timers() (list []timer) {
	s.Helper()
	s.json(&list, "nerva", "timer", "list", "--json")
	return list
}

// shownTitles are the notifications that mako shows.
func (s *session) shownTitles() (titles []string) {
	s.Helper()
	var list struct {
		Data [][]struct {
			Summary struct{ Data string }
		}
	}
	if err := json.Unmarshal([]byte(s.output("busctl", "--user", "--json=short", "call",
		"org.freedesktop.Notifications", "/fr/emersion/Mako", "fr.emersion.Mako", "ListNotifications")), &list); err != nil {
		s.Fatal(err)
	}
	for _, n := range list.Data[0] {
		titles = append(titles, n.Summary.Data)
	}
	return titles
}

func (s *session) showsOnce(title string) {
	s.Helper()
	s.eventually("mako shows "+title, func() bool { return slices.Contains(s.shownTitles(), title) })
	if n := count(s.shownTitles(), title); n != 1 {
		s.Errorf("%s is shown %d times", title, n)
	}
}

func count(all []string, one string) (n int) {
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}

// TestATimerRingsAndIsSnoozed: by a real notification service, whose button is pressed.
func TestATimerRingsAndIsSnoozed(t *testing.T) {
	s := withDaemon(t, offline)
	s.Cleanup(func() { s.output("makoctl", "dismiss", "--all") })
	if said := s.output("nerva", "timer", "add", "2", "seconds:", "zebra", "tea"); !strings.Contains(said, "1 rings on ") {
		t.Errorf("it says %q", said)
	}
	if list := s.timers(); len(list) != 1 || list[0].Text != "zebra tea" || list[0].State != "waiting" {
		t.Fatalf("the list is %+v", list)
	}
	s.showsOnce("zebra tea")
	if list := s.timers(); len(list) != 1 || list[0].State != "rung" {
		t.Errorf("the list is %+v", list)
	}
	s.output("makoctl", "invoke", "snooze")
	s.eventually("it is to ring again", func() bool {
		list := s.timers()
		return len(list) == 1 && list[0].State == "waiting" && time.Until(list[0].Due) > 9*time.Minute
	})
	if slices.Contains(s.shownTitles(), "zebra tea") {
		t.Error("it is still shown")
	}
	s.output("nerva", "timer", "cancel", "1")
	if list := s.timers(); len(list) != 0 {
		t.Errorf("the list is %+v", list)
	}
}

// TestATimerOutlivesItsDaemon: one that is due while nothing runs rings when there is a daemon again, and what was shown
// before is answered then.
func TestATimerOutlivesItsDaemon(t *testing.T) {
	s := start(t, offline)
	s.Cleanup(func() { s.output("makoctl", "dismiss", "--all") })
	first := s.nervad()
	s.output("nerva", "timer", "add", "zebra one in 1 second")
	s.output("nerva", "timer", "add", "zebra two in 3 seconds")
	s.showsOnce("zebra one")
	first.Kill()
	s.eventually("the second is over", func() bool { return s.owner("org.nerva.Nerva1") == 0 })
	s.nervad()
	s.showsOnce("zebra two")
	s.showsOnce("zebra one")
	// mako's newest notification is the second one.
	s.output("makoctl", "dismiss", "--all")
	s.eventually("both are answered", func() bool { return len(s.timers()) == 0 })
}

func TestASentenceSetsATimer(t *testing.T) {
	s := withDaemon(t, offline)
	if said := s.output("nerva", "ask", "remind me every weekday 10:00 to stand up"); !strings.Contains(said, "then every weekday 10:00: stand up") {
		t.Errorf("it says %q", said)
	}
	if list := s.timers(); len(list) != 1 || list[0].Every != "weekday 10:00" || list[0].Text != "stand up" {
		t.Errorf("the list is %+v", list)
	}
	for _, words := range [][]string{{"buy", "3", "apples"}, {"in", "20", "minutes"}, {"yesterday", "tea"}} {
		_, errs, exit := s.run("nerva", append([]string{"timer", "add"}, words...)...)
		if exit != 2 || !strings.Contains(errs, "; ") {
			t.Errorf("%q: exit status %d, %q", words, exit, errs)
		}
	}
	if _, errs, exit := s.run("nerva", "timer", "cancel", "77"); exit != 1 || !strings.Contains(errs, "there is no timer 77") {
		t.Errorf("exit status %d, %q", exit, errs)
	}
}
