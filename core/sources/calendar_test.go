package sources

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nerva/core/watchers"
)

// noon is the day of these tests.
var noon = time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC)

// watch is a clock that goes when it is told to.
type watch struct {
	t     *testing.T
	mu    sync.Mutex
	now   time.Time
	rings chan struct{}
	sets  chan time.Time
}

func (w *watch) Rings() <-chan struct{} { return w.rings }

func (w *watch) Set(at time.Time) error {
	w.sets <- at
	return nil
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// turn sets the clock, and rings.
func (w *watch) turn(clock string) {
	w.mu.Lock()
	w.now = at(clock)
	w.mu.Unlock()
	w.rings <- struct{}{}
}

// at is a time of that day; never: "".
func at(clock string) time.Time {
	if clock == "" {
		return time.Time{}
	}
	t, err := time.Parse("15:04:05", clock)
	if err != nil {
		panic(err)
	}
	return noon.Add(time.Duration(t.Hour()-12)*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second)
}

// waits until the clock has been set to a time.
func (w *watch) waits(clock string) {
	w.t.Helper()
	for set := range w.sets {
		if set.Equal(at(clock)) {
			return
		}
	}
}

// calendars runs sources with rules for ~/calendars, and a clock that shows noon.
func calendars(t *testing.T, rules string, change ...func(*Options)) (*stage, *watch) {
	t.Helper()
	s := newStage(t, rules)
	w := &watch{t: t, now: noon, rings: make(chan struct{}), sets: make(chan time.Time, 1000)}
	s.sources.o.Clock, s.sources.o.Now = w, w.Now
	for _, change := range change {
		change(&s.sources.o)
	}
	return s.run(), w
}

// keep writes a file below ~/calendars as programs do: a new one takes the place of the old one.
func (s *stage) keep(name string, events ...string) {
	s.t.Helper()
	text := "BEGIN:VCALENDAR\nVERSION:2.0\n"
	for _, e := range events {
		text += "BEGIN:VEVENT\n" + strings.ReplaceAll(e, "|", "\n") + "\nEND:VEVENT\n"
	}
	path := filepath.Join(s.home, "calendars", name)
	for _, err := range []error{
		os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path+".tmp", []byte(text+"END:VCALENDAR\n"), 0o600), os.Rename(path+".tmp", path),
	} {
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// meeting begins at a time of that day, as 130000.
func meeting(title, begins string, more ...string) string {
	return fmt.Sprintf("UID:%s|SUMMARY:%s|DTSTART:20261020T%sZ", title, title, begins) + strings.Join(append([]string{""}, more...), "|")
}

const meetingAsk = `{{.Title}} {{.Minutes}}`

func TestAMeetingIsToldOfItsLeadBefore(t *testing.T) {
	s, w := calendars(t, rule("r", "calendar", `{{.Text}} in {{.Minutes}} of {{.Calendar}} at {{.Location}} by {{.Link}}, {{.Ends.Sub .Begins}}, {{.Time.UTC.Format "15:04:05"}}`))
	w.waits("")
	s.keep("work/a.ics", meeting("A", "130000", "DURATION:PT30M", "LOCATION:Room 4", "CONFERENCE:https://meet.jit.si/a"))
	w.waits("12:55:00")
	w.turn("12:54:59")
	w.waits("12:55:00")
	w.turn("12:55:00")
	s.does("A in 5 of work at Room 4 by https://meet.jit.si/a, 30m0s, 12:55:00")
	w.waits("")
}

// TestEachLeadIsForItsRules: a meeting that is known late is told of late.
func TestEachLeadIsForItsRules(t *testing.T) {
	s, w := calendars(t, rule("hour", "calendar", "hour "+meetingAsk, `match.before = "1h"`)+rule("two", "calendar", "two "+meetingAsk, `match.before = "2m"`)+
		rule("all", "calendar", "all "+meetingAsk)+rule("not", "calendar", "not "+meetingAsk, `match = { when = "Link != ''" }`))
	s.keep("a.ics", meeting("A", "133000"), meeting("B", "123000"), meeting("B2", "123100"))
	s.does("hour B 30", "hour B2 31")
	for _, step := range []struct{ due, want string }{{"12:25:00", "all B 5"}, {"12:26:00", "all B2 5"}, {"12:28:00", "two B 2"}, {"12:29:00", "two B2 2"}, {"12:30:00", "hour A 60"}, {"13:25:00", "all A 5"}, {"13:28:00", "two A 2"}} {
		w.waits(step.due)
		w.turn(step.due)
		s.does(step.want)
	}
	w.waits("")
}

func TestWhatBecomesOfAFileChangesWhatIsDue(t *testing.T) {
	s, w := calendars(t, rule("r", "calendar", meetingAsk))
	w.waits("") // there is no folder
	s.keep("work/a.ics", meeting("A", "130000"))
	w.waits("12:55:00")
	s.keep("work/b.ics", meeting("B", "124500"))
	w.waits("12:40:00")
	s.keep("work/b.ics", meeting("B", "131500"))
	w.waits("12:55:00")
	s.do("remove ~/calendars/work/a.ics")
	w.waits("13:10:00")
	s.do("move ~/calendars/work ~/away")
	w.waits("")
	s.do("move ~/away ~/calendars/home")
	w.waits("13:10:00")
	s.do("move ~/calendars/home ~/calendars/again")
	s.keep("again/c.ics", meeting("C", "124500"))
	w.waits("12:40:00")
	s.do("move ~/calendars ~/elsewhere")
	w.waits("")
	s.do("move ~/elsewhere ~/calendars")
	w.waits("12:40:00")
	s.do("remove ~/calendars")
	w.waits("")
}

// TestAFileIsReadAlsoWhereItIsWrittenInPlace, or links lead to it, and by its own name.
func TestAFileIsReadAlsoWhereItIsWrittenInPlace(t *testing.T) {
	s, w := calendars(t, rule("r", "calendar", meetingAsk+" {{.Calendar}}"), func(o *Options) {
		o.Calendars = func() []string { return []string{"~/link", "~/{odd}, *name*/one.ics", "~/none"} }
		for _, err := range []error{
			os.Mkdir(filepath.Join(o.Home, "real"), 0o700), os.Symlink("real", filepath.Join(o.Home, "link")), os.Mkdir(filepath.Join(o.Home, "{odd}, *name*"), 0o700),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	w.waits("")
	s.keep("../real/a.ics", meeting("A", "130000"))
	w.waits("12:55:00")
	s.keep("../{odd}, *name*/other.ics", meeting("C", "120100"))
	s.keep("../{odd}, *name*/one.ics", meeting("B", "120400"), meeting("later", "180000"))
	s.does("B 4 one")
	text := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:D\nSUMMARY:D\nDTSTART:20261020T120300Z\nEND:VEVENT\nEND:VCALENDAR\n"
	if err := os.WriteFile(filepath.Join(s.home, "real/a.ics"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.does("D 3 link")
}

// TestAFileIsWatchedWhereALinkLeads, whether the link was there or comes later.
func TestAFileIsWatchedWhereALinkLeads(t *testing.T) {
	s, w := calendars(t, rule("r", "calendar", meetingAsk), func(o *Options) {
		for _, err := range []error{
			os.Mkdir(filepath.Join(o.Home, "calendars"), 0o700), os.Mkdir(filepath.Join(o.Home, "synced"), 0o700),
			os.Symlink("../synced/a.data", filepath.Join(o.Home, "calendars/a.ics")), os.WriteFile(filepath.Join(o.Home, "synced/a.data"), nil, 0o600),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	w.waits("")
	s.keep("../synced/a.data", meeting("A", "130000"))
	w.waits("12:55:00")
	s.keep("../synced/b.ics", meeting("B", "124500"))
	if err := os.Symlink("../synced/b.ics", filepath.Join(s.home, "calendars/b.ics")); err != nil {
		t.Fatal(err)
	}
	w.waits("12:40:00")
	s.keep("../synced/b.ics", meeting("B", "124000"))
	w.waits("12:35:00")
}

// TestAMeetingThatWasSleptThroughIsToldOfForAWhile.
func TestAMeetingThatWasSleptThroughIsToldOfForAWhile(t *testing.T) {
	s, w := calendars(t, rule("r", "calendar", meetingAsk))
	s.keep("a.ics", meeting("A", "130000"), meeting("B", "133000"), meeting("C", "140000"))
	w.waits("12:55:00")
	w.turn("13:34:59")
	s.does("B -5") // A began too long ago
	w.waits("13:55:00")
	w.turn("14:05:00")
	w.waits("")
}

// TestAnOccasionIsToldOfOnce: also where the file is written again, another file has the same, and the rules are others. With
// another link it is another.
func TestAnOccasionIsToldOfOnce(t *testing.T) {
	first := rule("r", "calendar", meetingAsk+" {{.Link}}")
	s, w := calendars(t, first)
	s.keep("a.ics", meeting("A", "120300", "RRULE:FREQ=DAILY;COUNT=2"), meeting("end", "130000"))
	s.does("A 3 ")
	w.turn("12:01:00")
	w.waits("12:55:00")
	s.keep("a.ics", meeting("A", "120300", "LOCATION:Room 4"), meeting("end", "131000"))
	w.waits("13:05:00")
	s.keep("b.ics", meeting("A", "120300"), meeting("end", "131500"))
	w.waits("13:05:00")
	s.rules(first + rule("other", "calendar", "other", `match.when = "Title == 'x'"`))
	s.rules("")
	s.until("no longer listened to")
	s.rules(first)
	s.until("files are watched")
	w.waits("13:05:00")
	s.keep("a.ics", meeting("A", "120300", "LOCATION:https://meet.jit.si/a"), meeting("end", "131000"))
	s.does("A 2 https://meet.jit.si/a")
	w.turn("11:00:00") // it was set back
	w.waits("13:05:00")
	w.turn("12:02:00")
	w.waits("13:05:00")
}

// TestAClockThatWasAheadTakesNothing: what was over is to come again, although no file is another.
func TestAClockThatWasAheadTakesNothing(t *testing.T) {
	s := newStage(t, "")
	s.keep("a.ics", meeting("A", "130000"))
	a := newAgenda(s.sources, []string{filepath.Join(s.home, "calendars")}, []time.Duration{grace}, func(watchers.Event) { t.Error("it is told of") })
	for _, step := range []struct{ now, next string }{{"12:00:00", "12:55:00"}, {"23:00:00", ""}, {"12:00:30", "12:55:00"}} {
		s.sources.o.Now = func() time.Time { return at(step.now) }
		a.look(t.Context())
		a.tell()
		for _, f := range a.files { // the file lies there for long
			f.stamp = calendarFiles(a.places)[filepath.Join(s.home, "calendars", "a.ics")]
		}
		if got := a.next(); !got.Equal(at(step.next)) {
			t.Errorf("at %s the next is due at %v", step.now, got)
		}
	}
}

// TestAClockThatWasFarBehindTakesNothing: the zone that the file defines is worked out for the years around the reading.
func TestAClockThatWasFarBehindTakesNothing(t *testing.T) {
	s := newStage(t, "")
	part := "BEGIN:STANDARD\nDTSTART:%s\nTZOFFSETFROM:+0%d00\nTZOFFSETTO:+0%d00\nEND:STANDARD\n"
	text := "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Ours\n" + fmt.Sprintf(part, "16010101T000000", 0, 1) + fmt.Sprintf(part, "20200101T000000", 1, 2) +
		"END:VTIMEZONE\nBEGIN:VEVENT\nUID:A\nDTSTART;TZID=Ours:20261020T150000\nEND:VEVENT\nEND:VCALENDAR\n"
	write(t, filepath.Join(s.home, "a.ics"), text)
	s.sources.o.Now = func() time.Time { return time.Unix(0, 0) }
	a := newAgenda(s.sources, []string{filepath.Join(s.home, "a.ics")}, []time.Duration{grace}, nil)
	for _, now := range []time.Time{time.Unix(0, 0), noon} {
		s.sources.o.Now = func() time.Time { return now }
		a.look(t.Context())
		a.refresh(t.Context())
		for path, f := range a.files { // the file lies there for long
			f.stamp = calendarFiles(a.places)[path]
		}
	}
	if got := a.next(); !got.Equal(at("12:55:00")) {
		t.Errorf("it is due at %v", got)
	}
}

func TestAFileThatWasChangedLatelyIsReadAgain(t *testing.T) {
	at := func(before time.Duration) stamp {
		return stamp{inode: 1, size: 2, changed: syscall.NsecToTimespec(time.Now().Add(-before).UnixNano())}
	}
	if young, old := at(time.Millisecond), at(time.Minute); young.settled() == young || old.settled() != old {
		t.Error("it is taken for what it was")
	}
}

// TestWhatIsKeptOfAllCalendarsIsBounded: a file that is too much is left out, and nothing of the others.
func TestWhatIsKeptOfAllCalendarsIsBounded(t *testing.T) {
	s := newStage(t, "")
	s.sources.entries = 6
	a := newAgenda(s.sources, []string{filepath.Join(s.home, "calendars")}, []time.Duration{grace}, nil)
	s.sources.o.Now = func() time.Time { return noon }
	s.keep("a.ics", meeting("A", "130000"), meeting("B", "130000"))
	a.refresh(t.Context())
	s.keep("b.ics", meeting("C", "130000"), meeting("D", "130000"))
	a.refresh(t.Context())
	if a.kept != 2 || strings.Count(s.log.String(), "too many events") != 1 {
		t.Errorf("%d are kept, %s", a.kept, s.log.String())
	}
	s.do("remove ~/calendars/a.ics")
	s.keep("b.ics", meeting("C", "130000"), meeting("D", "130000"), meeting("E", "130000"))
	a.refresh(t.Context())
	if a.kept != 3 {
		t.Errorf("%d are kept", a.kept)
	}
}

// TestACalendarTakesNoRoomOfOthers, whether it has many files or a large one.
func TestACalendarTakesNoRoomOfOthers(t *testing.T) {
	s := newStage(t, "")
	s.sources.entries = 12
	a := newAgenda(s.sources, []string{filepath.Join(s.home, "calendars")}, []time.Duration{grace}, nil)
	s.sources.o.Now = func() time.Time { return noon }
	for n := range 12 {
		s.keep(fmt.Sprintf("many/%d.ics", n), meeting("M", "130000"))
	}
	s.keep("large/a.ics", strings.Split(strings.Repeat(meeting("L", "130000")+"\x00", 12), "\x00")[:12]...)
	s.keep("mine/a.ics", meeting("A", "130000"))
	a.refresh(t.Context())
	if got := a.of[filepath.Join(s.home, "calendars/mine")]; got != 1 || a.kept != 7 {
		t.Errorf("%d of %d are of mine", got, a.kept)
	}
}

// TestAFileThatTakesLongIsLeftOut, and the others are read.
func TestAFileThatTakesLongIsLeftOut(t *testing.T) {
	s := newStage(t, "")
	s.sources.longestRead = 100 * time.Millisecond
	s.sources.o.Now = func() time.Time { return noon }
	a := newAgenda(s.sources, []string{filepath.Join(s.home, "calendars")}, []time.Duration{grace}, nil)
	var long []string
	for n := range 900 { // 20 s of it
		long = append(long, fmt.Sprintf("UID:%d|DTSTART:19700101T000000Z|RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11", n))
	}
	s.keep("a.ics", long...)
	s.keep("b.ics", meeting("B", "130000"))
	began := time.Now()
	a.refresh(t.Context())
	if took := time.Since(began); took > 10*time.Second || a.kept != 1 || strings.Count(s.log.String(), "too long") != 1 {
		t.Errorf("after %v %d are kept; %s", took, a.kept, s.log.String())
	}
}

// TestWhatIsBrokenIsSaidOnceAndWithoutItsWords, and the rest is there.
func TestWhatIsBrokenIsSaidOnceAndWithoutItsWords(t *testing.T) {
	s, w := calendars(t, rule("r", "calendar", meetingAsk))
	s.do("mkdir ~/calendars/x.ics", "write ~/calendars/b.ics zebra")
	s.keep("a.ics", "UID:zebra|SUMMARY:zebra|DTSTART:zebra", meeting("A", "130000"), meeting("zebra", "140000", "RRULE:FREQ=SECONDLY"))
	w.waits("12:55:00")
	s.do("write ~/calendars/c.ics zebra")
	s.keep("d.ics", meeting("D", "124500"))
	w.waits("12:40:00")
	if log := s.log.String(); strings.Count(log, "is left out") != 1 || strings.Contains(log, "zebra") {
		t.Error(log)
	}
}

// TestCalendarsAreReadWhileARuleWantsThem, and others when the configuration names others.
func TestCalendarsAreReadWhileARuleWantsThem(t *testing.T) {
	var places atomic.Pointer[[]string]
	places.Store(&[]string{"~/calendars"})
	s, w := calendars(t, rule("b", "battery", "b"), func(o *Options) { o.Calendars = func() []string { return *places.Load() } })
	s.begin("battery")
	s.keep("work/a.ics", meeting("A", "130000"), meeting("B", "120200"))
	s.keep(".git/b.ics", meeting("hidden", "120100"))
	s.keep("trash/b.ics", meeting("removed", "120100"))
	s.keep("../others/work.ics", meeting("C", "123000"))
	wants := rule("c", "calendar", meetingAsk)
	s.rules(wants)
	s.end("battery")
	s.does("B 2") // and not of those before
	w.waits("12:55:00")
	places.Store(&[]string{"~/others"})
	s.sources.Changed() // as after a change of the configuration
	w.waits("")
	w.waits("12:25:00")
	s.rules("")
	s.until("no longer listened to")
	w.waits("")
	s.rules(rule("c", "calendar", meetingAsk, "enabled = false"))
	s.keep("../others/work.ics", meeting("C", "120100"))
	s.rules(rule("b", "battery", "b"))
	s.begin("battery")
	if n := len(w.sets); n > 0 {
		t.Errorf("the clock was set %d times", n)
	}
}

func TestACalendarIsKnownByItsFolderOrItsFile(t *testing.T) {
	for path, want := range map[string][2]string{
		"/c/work/0d6e4f3a.ics": {"work", "0d6e4f3a"}, "/c/holidays.ics": {"c", "holidays"}, "/e/system/calendar.ics": {"system", "system"},
	} {
		if got := [2]string{calendarName(path, false), calendarName(path, true)}; got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestAFolderLeavesRoomForTheFilesOfOthers(t *testing.T) {
	home, all := t.TempDir(), map[string]stamp{}
	for n := range mostFiles - 4 {
		all[fmt.Sprint(n)] = stamp{}
	}
	for n := range 4 {
		write(t, filepath.Join(home, fmt.Sprint(n, ".ics")), "x")
	}
	if listFolder(all, home); len(all) != mostFiles-2 {
		t.Errorf("%d files more are found", len(all)-(mostFiles-4))
	}
}

// TestWhatWasToldOfIsForgotten, sooner where it is much: a calendar may have a thousand other meetings each minute.
func TestWhatWasToldOfIsForgotten(t *testing.T) {
	s := newStage(t, "")
	a := newAgenda(s.sources, nil, []time.Duration{grace}, nil)
	a.now = noon
	remember := func(n int, before time.Duration) {
		for i := range n {
			s.sources.told[occasion{link: fmt.Sprint(i), begins: noon.Add(-before).Unix()}] = true
		}
		a.tell()
	}
	if remember(mostTold, time.Hour); len(s.sources.told) != 0 {
		t.Errorf("%d of many are remembered", len(s.sources.told))
	}
	remember(1, time.Hour)
	if remember(1, 25*time.Hour); len(s.sources.told) != 1 {
		t.Errorf("%d of few are remembered", len(s.sources.told))
	}
}
