package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// since is when all files are read: a Tuesday, five days before the clocks go back in Europe.
var since = time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC)

func loadZone(t testing.TB, name string) *time.Location {
	t.Helper()
	at, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// inUTC are the meetings of a file within so many days, a line each.
func inUTC(t testing.TB, text string, days int) []string {
	t.Helper()
	c, err := read(t.Context(), []byte(text), since, loadZone(t, "Europe/Berlin"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Left > 0 {
		t.Errorf("%d events were left out", c.Left)
	}
	return told(c.Meetings(since, since.AddDate(0, 0, days)))
}

func told(all []Meeting) (lines []string) {
	for _, m := range all {
		line := fmt.Sprintf("%s +%d %s", m.Begins.UTC().Format("01-02 15:04"), int(m.Ends.Sub(m.Begins).Minutes()), m.Title)
		if m.Location != "" {
			line += " @ " + m.Location
		}
		if m.Link != "" {
			line += " > " + m.Link
		}
		lines = append(lines, line)
	}
	return lines
}

func expect(t testing.TB, got, want []string) {
	t.Helper()
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestTheFilesThatProgramsWrite: two weeks of each.
func TestTheFilesThatProgramsWrite(t *testing.T) {
	const meet, teams = " > https://meet.google.com/abc-defg-hij", " @ Microsoft Teams-Besprechung > https://teams.microsoft.com/l/meetup-join/" +
		"19%3Ameeting_MWY%40thread.v2/0?context=%7b%22Tid%22%3a%22aa%22%2c%22Oid%22%3a%22bb%22%7d"
	for file, want := range map[string][]string{
		"google.ics": {
			"10-21 13:00 +60 Review with Zoë @ Room 4; second floor > https://us02web.zoom.us/j/81234567890?pwd=Q0FGRQ&from=addon",
			"10-22 12:00 +30 Stand-up, later" + meet,
			"10-26 09:00 +30 Stand-up" + meet,
			"11-02 09:00 +30 Stand-up" + meet,
		},
		"outlook.ics": {
			"10-21 07:00 +30 Somewhere else",
			"10-21 09:30 +45 Call with Pune > https://teams.live.com/meet/9312345678?p=xY",
			"10-26 09:00 +60 Monatsrückblick" + teams,
		},
		"evolution.ics": {
			"10-21 12:30 +30 Jitsi with Boston @ https://meet.jit.si/NervaBoston > https://meet.jit.si/NervaBoston",
			"10-23 13:00 +60 Floating",
			"10-24 14:00 +60 Floating",
			"10-26 14:00 +60 Floating",
			"10-28 12:30 +30 Jitsi with Boston @ https://meet.jit.si/NervaBoston > https://meet.jit.si/NervaBoston",
		},
		"nextcloud.ics": {
			"10-22 08:00 +0 By conference > https://video.example.org/r/x",
			"10-23 08:00 +45 Talk to Rui @ https://cloud.example.org/index.php/call/a1b2c3d4 > https://cloud.example.org/index.php/call/a1b2c3d4",
			"10-25 09:00 +45 Talk to Rui @ https://cloud.example.org/index.php/call/a1b2c3d4 > https://cloud.example.org/index.php/call/a1b2c3d4",
			"10-27 09:00 +45 Talk to Rui @ https://cloud.example.org/index.php/call/a1b2c3d4 > https://cloud.example.org/index.php/call/a1b2c3d4",
		},
		"vdir.ics": {"10-21 10:00 +60 Oběd @ Kantýna"},
	} {
		t.Run(file, func(t *testing.T) {
			data, err := Load(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			expect(t, inUTC(t, string(data), 14), want)
			expect(t, inUTC(t, "\ufeff"+strings.ReplaceAll(string(data), "\n", "\r\n"), 14), want)
		})
	}
}

// calendarOf is a file of these components; an event has its lines, with | between them.
func calendarOf(components ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\nVERSION:2.0\n")
	for _, c := range components {
		if !strings.HasPrefix(c, "BEGIN:") {
			c = "BEGIN:VEVENT|" + c + "|END:VEVENT"
		}
		b.WriteString(strings.ReplaceAll(c, "|", "\n") + "\n")
	}
	return b.String() + "END:VCALENDAR\n"
}

func TestWhenAnEventComesAgain(t *testing.T) {
	for rule, c := range map[string]struct{ event, want string }{
		"once":                              {"DTSTART:20261022T100000Z", "10-22 10:00"},
		"once, before":                      {"DTSTART:20261020T115959Z", ""},
		"weekly, at 9 before and after":     {"DTSTART;TZID=Europe/Berlin:20261018T090000|RRULE:FREQ=WEEKLY", "10-25 08:00, 11-01 08:00"},
		"weekly, in a place of other rules": {"DTSTART;TZID=America/New_York:20261018T090000|RRULE:FREQ=WEEKLY", "10-25 13:00, 11-01 14:00"},
		"counted from the beginning":        {"DTSTART:20261001T100000Z|RRULE:FREQ=WEEKLY;COUNT=5", "10-22 10:00, 10-29 10:00"},
		"until, to the second":              {"DTSTART:20261015T100000Z|RRULE:FREQ=WEEKLY;UNTIL=20261029T100000Z", "10-22 10:00, 10-29 10:00"},
		"until in UTC, for another zone":    {"DTSTART;TZID=Asia/Tokyo:20261015T080000|RRULE:FREQ=WEEKLY;UNTIL=20261028T230000Z", "10-21 23:00, 10-28 23:00"},
		"until, of the wall's clock":        {"DTSTART;TZID=Asia/Tokyo:20261015T080000|RRULE:FREQ=WEEKLY;UNTIL=20261029T075959", "10-21 23:00"},
		"until a day, all of it":            {"DTSTART:20261015T100000Z|RRULE:FREQ=WEEKLY;UNTIL=20261029", "10-22 10:00, 10-29 10:00"},
		"until before":                      {"DTSTART:20261015T100000Z|RRULE:FREQ=DAILY;UNTIL=20261020T110000Z", ""},
		"until long after":                  {"DTSTART:20261015T100000Z|RRULE:FREQ=WEEKLY;UNTIL=99991231T235959Z", "10-22 10:00, 10-29 10:00"},
		"written loosely":                   {"DTSTART:20261015T100000Z|RRULE:freq=weekly;byday=th;", "10-22 10:00, 10-29 10:00"},
		"on two days":                       {"DTSTART:20261019T100000Z|RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;WKST=SU", "10-22 10:00, 11-02 10:00"},
		"the last friday":                   {"DTSTART:20260130T100000Z|RRULE:FREQ=MONTHLY;BYDAY=-1FR", "10-30 10:00"},
		"the last working day":              {"DTSTART:20260130T100000Z|RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "10-30 10:00"},
		"the 31st":                          {"DTSTART:20260131T100000Z|RRULE:FREQ=MONTHLY", "10-31 10:00"},
		"twice a day":                       {"DTSTART:20261021T100000Z|RRULE:FREQ=DAILY;COUNT=3;BYHOUR=10,16", "10-21 10:00, 10-21 16:00, 10-22 10:00"},
		"once a year":                       {"DTSTART:20001101T100000Z|RRULE:FREQ=YEARLY", "11-01 10:00"},
		"other dates as well":               {"DTSTART:20261022T100000Z|RDATE:20261023T110000Z,20261022T100000Z|RDATE;VALUE=PERIOD:20261024T110000Z/PT2H", "10-22 10:00, 10-23 11:00, 10-24 11:00"},
		"other dates after the last":        {"DTSTART:20261001T100000Z|RRULE:FREQ=DAILY;COUNT=2|RDATE;VALUE=DATE:20261024", "10-24 10:00"},
		"but not then":                      {"DTSTART:20261021T100000Z|RRULE:FREQ=DAILY;COUNT=5|EXDATE:20261022T100000Z,20261024T100000Z", "10-21 10:00, 10-23 10:00, 10-25 10:00"},
		"not then, in another zone":         {"DTSTART:20261021T100000Z|RRULE:FREQ=DAILY;COUNT=2|EXDATE;TZID=Europe/Berlin:20261022T120000", "10-21 10:00"},
		"not on that day":                   {"DTSTART:20261021T100000Z|RRULE:FREQ=DAILY;COUNT=2|EXDATE;VALUE=DATE:20261021", "10-22 10:00"},
		"not at the only time":              {"DTSTART:20261021T100000Z|EXDATE:20261021T100000Z", ""},
		"whole days":                        {"DTSTART;VALUE=DATE:20261021|RRULE:FREQ=DAILY", ""},
		"whole days, not said":              {"DTSTART:20261021|RRULE:FREQ=DAILY", ""},
		"cancelled":                         {"DTSTART:20261021T100000Z|RRULE:FREQ=DAILY|STATUS:cancelled", ""},
	} {
		t.Run(rule, func(t *testing.T) {
			var got []string
			for _, line := range inUTC(t, calendarOf("UID:a|SUMMARY:x|"+c.event), 14) {
				got = append(got, line[:len("10-22 10:00")])
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %q, want %q", strings.Join(got, ", "), c.want)
			}
		})
	}
}

// TestOneTimeOfASeriesMayBeAnother, wherever in the file it is said, and in whatever zone.
func TestOneTimeOfASeriesMayBeAnother(t *testing.T) {
	series := "UID:a|SUMMARY:series|DTSTART;TZID=Europe/Berlin:20261020T120000|RRULE:FREQ=DAILY;COUNT=5"
	moved := "UID:a|SUMMARY:moved|DTSTART:20261021T150000Z|RECURRENCE-ID:20261021T100000Z"
	renamed := "UID:a|SUMMARY:renamed|DTSTART:20261022T100000Z|RECURRENCE-ID;TZID=Europe/Berlin:20261022T120000"
	whole := "UID:a|SUMMARY:a day|DTSTART;VALUE=DATE:20261023|RECURRENCE-ID;TZID=Europe/Berlin:20261023T120000"
	other := "UID:b|SUMMARY:other|DTSTART:20261024T150000Z|RECURRENCE-ID:20261024T100000Z"
	want := []string{"10-21 15:00 +0 moved", "10-22 10:00 +0 renamed", "10-24 10:00 +0 series", "10-24 15:00 +0 other"}
	expect(t, inUTC(t, calendarOf(series, moved, renamed, whole, other), 14), want)
	expect(t, inUTC(t, calendarOf(other, whole, renamed, moved, series), 14), want)
}

// TestAZoneIsWhatTheFileSays, where its name says nothing.
func TestAZoneIsWhatTheFileSays(t *testing.T) {
	zone := func(parts string) string { return "BEGIN:VTIMEZONE|TZID:Ours|" + parts + "END:VTIMEZONE" }
	part := func(lines string) string { return "BEGIN:STANDARD|" + lines + "|END:STANDARD|" }
	event := func(at string) string {
		if !strings.HasPrefix(at, "TZID=") {
			at = "TZID=Ours:" + at
		}
		return "UID:a|what is folded wrong|DTSTART;" + at
	}
	back := part("DTSTART:19700101T030000|TZOFFSETFROM:+0200|TZOFFSETTO:+0100|RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")
	forth := part("DTSTART:19700101T020000|TZOFFSETFROM:+0100|TZOFFSETTO:+0200|RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU")
	for name, c := range map[string]struct{ zone, at, want string }{
		"before it is set back":        {zone(back + forth), "20261024T120000", "10-24 10:00"},
		"after it is set back":         {zone(back + forth), "20261026T120000", "10-26 11:00"},
		"a time that is there twice":   {zone(back + forth), "20261025T023000", "10-25 00:30"},
		"when it has been set":         {zone(back + forth), "20261025T030000", "10-25 02:00"},
		"a time that is skipped":       {zone(back + forth), "20270328T023000", "03-28 01:30"},
		"when it was set on":           {zone(back + forth), "20270328T030000", "03-28 01:00"},
		"a zone that never changes":    {zone(part("DTSTART:16010101T000000|TZOFFSETFROM:+0000|TZOFFSETTO:-0330")), "20261024T120000", "10-24 15:30"},
		"with seconds":                 {zone(part("DTSTART:16010101T000000|TZOFFSETFROM:+0000|TZOFFSETTO:-001530")), "20261024T120000", "10-24 12:15"},
		"one that begins later":        {zone(part("DTSTART:20270101T000000|TZOFFSETFROM:+0500|TZOFFSETTO:+0600")), "20261024T120000", "10-24 07:00"},
		"by the name of libical":       {zone("X-LIC-LOCATION:Asia/Tokyo|"), "20261024T120000", "10-24 03:00"},
		"rules that end":               {zone(part("DTSTART:20001025T030000|TZOFFSETFROM:+0200|TZOFFSETTO:+0300|RRULE:FREQ=YEARLY;UNTIL=20051025T010000Z") + part("DTSTART:20100101T000000|TZOFFSETFROM:+0300|TZOFFSETTO:+0400")), "20261024T120000", "10-24 08:00"},
		"dates instead of a rule":      {zone(part("DTSTART:20200101T000000|TZOFFSETFROM:+0200|TZOFFSETTO:+0300|RDATE:20260101T000000") + part("DTSTART:20250101T000000|TZOFFSETFROM:+0300|TZOFFSETTO:+0200")), "20261024T120000", "10-24 09:00"},
		"none: the local one":          {"", "20261024T120000", "10-24 10:00"},
		"twice, by the IANA's name":    {"", "TZID=Europe/Berlin:20261025T023000", "10-25 00:30"},
		"skipped, by that name":        {"", "TZID=Europe/Berlin:20270328T023000", "03-28 01:30"},
		"skipped, west of Greenwich":   {"", "TZID=America/New_York:20270314T023000", "03-14 07:30"},
		"twice, west of Greenwich":     {"", "TZID=America/New_York:20261101T013000", "11-01 05:30"},
		"half an hour, twice":          {"", "TZID=Australia/Lord_Howe:20270404T013000", "04-03 14:30"},
		"another's name for the local": {zone(part("DTSTART:16010101T000000|TZOFFSETFROM:+0000|TZOFFSETTO:+0000")), "20261024T120000Z", "10-24 12:00"},
	} {
		t.Run(name, func(t *testing.T) {
			all := []string{event(c.at)}
			if c.zone != "" {
				all = append(all, c.zone)
			}
			lines := inUTC(t, calendarOf(all...), 300)
			if len(lines) != 1 || !strings.HasPrefix(lines[0], c.want) {
				t.Errorf("got %q, want %s", lines, c.want)
			}
		})
	}
}

// TestWhatIsBrokenIsLeftOutAlone: the event beside it is there, and what is not counts.
func TestWhatIsBrokenIsLeftOutAlone(t *testing.T) {
	const good = "UID:good|SUMMARY:good|DTSTART:20261022T100000Z"
	badZone := func(part string) string {
		return "BEGIN:VTIMEZONE|TZID:Ours|BEGIN:STANDARD|" + part + "|END:STANDARD|END:VTIMEZONE\nBEGIN:VEVENT|UID:a|DTSTART;TZID=Ours:20261022T100000|END:VEVENT"
	}
	many := func(n int, line string) string { return strings.Repeat("|"+line, n) }
	for name, event := range map[string]string{
		"no beginning":                  "UID:a",
		"two beginnings":                "DTSTART:20261022T100000Z|DTSTART:20261022T100000Z",
		"a beginning that is none":      "DTSTART:tomorrow",
		"a day that is none":            "DTSTART:20260230T100000Z",
		"a year far away":               "DTSTART:99990101T100000Z",
		"no parameter":                  "DTSTART;TZID:20261022T100000",
		"a parameter without end":       `DTSTART;TZID="Europe/Berlin:20261022T100000`,
		"a long parameter":              "DTSTART;X=" + strings.Repeat("x", longestHead) + ":20261022T100000Z",
		"no colon after a name":         "DTSTART:20261022T100000Z|SUMMARY;X=1",
		"no duration":                   "DTSTART:20261022T100000Z|DURATION:1 hour",
		"a long duration":               "DTSTART:20261022T100000Z|DURATION:P99999W",
		"an end that is none":           "DTSTART:20261022T100000Z|DTEND:later",
		"no rule":                       "DTSTART:20261022T100000Z|RRULE:every day",
		"no frequency":                  "DTSTART:20261022T100000Z|RRULE:COUNT=3",
		"every second":                  "DTSTART:20261022T100000Z|RRULE:FREQ=SECONDLY",
		"every minute":                  "DTSTART:20261022T100000Z|RRULE:FREQ=MINUTELY;COUNT=2",
		"every hour for ever":           "DTSTART:20261022T100000Z|RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=5",
		"every second of a day":         "DTSTART:20261022T100000Z|RRULE:FREQ=DAILY;BYSECOND=1,2",
		"too often a day":               "DTSTART:20261022T100000Z|RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5",
		"a sixth monday":                "DTSTART:20261022T100000Z|RRULE:FREQ=MONTHLY;BYDAY=6MO",
		"a 53rd monday of a month":      "DTSTART:20261022T100000Z|RRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=53MO",
		"a month that is none":          "DTSTART:20261022T100000Z|RRULE:FREQ=YEARLY;BYMONTH=13",
		"easter":                        "DTSTART:20261022T100000Z|RRULE:FREQ=YEARLY;BYEASTER=400",
		"a long interval":               "DTSTART:20261022T100000Z|RRULE:FREQ=DAILY;INTERVAL=9223372036854775807",
		"a beginning in the rule":       "DTSTART:20261022T100000Z|RRULE:FREQ=DAILY;DTSTART=10000101T000000Z",
		"a long rule":                   "DTSTART:20261022T100000Z|RRULE:FREQ=DAILY;BYMONTHDAY=" + strings.Repeat("1,", 300) + "1",
		"two rules":                     "DTSTART:20261022T100000Z|RRULE:FREQ=DAILY|RRULE:FREQ=WEEKLY",
		"too old a rule":                "DTSTART:16010101T100000Z|RRULE:FREQ=DAILY",
		"an exception that is none":     "DTSTART:20261022T100000Z|RRULE:FREQ=DAILY|EXDATE:never",
		"another date that is none":     "DTSTART:20261022T100000Z|RDATE:never",
		"another of what":               "DTSTART:20261022T100000Z|RECURRENCE-ID:what",
		"too many dates":                "DTSTART:20261022T100000Z|RDATE:20261022T100000Z" + strings.Repeat(",20261022T100000Z", mostTimes),
		"too large":                     "DTSTART:20261022T100000Z" + many(5, "DESCRIPTION:"+strings.Repeat("x", longestLine)),
		"no end":                        "BEGIN:VEVENT|DTSTART:20261022T100000Z",
		"no end of a part":              "DTSTART:20261022T100000Z|BEGIN:VALARM",
		"a zone without an offset":      badZone("DTSTART:20200101T000000"),
		"a zone with a strange one":     badZone("DTSTART:20200101T000000|TZOFFSETFROM:+9900|TZOFFSETTO:+0000"),
		"a zone without a beginning":    badZone("TZOFFSETFROM:+0100|TZOFFSETTO:+0200"),
		"a zone that changes each day":  badZone("DTSTART:20200101T000000|TZOFFSETFROM:+0100|TZOFFSETTO:+0200|RRULE:FREQ=DAILY"),
		"a zone that changes too often": badZone("DTSTART:20200101T000000|TZOFFSETFROM:+0100|TZOFFSETTO:+0200|RRULE:FREQ=YEARLY;BYMONTHDAY=1,2,3,4,5,6;BYMONTH=1,2,3,4,5,6,7,8,9"),
		"a zone that is not right":      badZone("DTSTART:20200101T000000|TZOFFSETFROM;X|TZOFFSETFROM:+0100|TZOFFSETTO:+0200"),
		"a zone without parts":          "BEGIN:VTIMEZONE|TZID:Ours|END:VTIMEZONE\nBEGIN:VEVENT|UID:a|DTSTART;TZID=Ours:20261022T100000|END:VEVENT",
	} {
		t.Run(name, func(t *testing.T) {
			c, err := read(t.Context(), []byte(calendarOf(event, good)), since, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			if c.Left != 1 {
				t.Errorf("%d were left out", c.Left)
			}
			expect(t, told(c.Meetings(since, since.AddDate(0, 0, 14))), []string{"10-22 10:00 +0 good"})
		})
	}
}

func TestAFileThatIsNoCalendarIsNone(t *testing.T) {
	for _, text := range []string{"", "\n", "x", "BEGIN:VCARD\nEND:VCARD\n", "\x00\x01", "SQLite format 3\x00"} {
		if _, err := Read(t.Context(), []byte(text), since); err == nil {
			t.Errorf("%q is one", text)
		}
	}
	dir := t.TempDir()
	large := filepath.Join(dir, "large.ics")
	if err := os.WriteFile(large, bytes.Repeat([]byte{'x'}, largestFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{large: errLarge, dir: errNoFile} {
		if _, err := Load(path); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}

// TestAMeetingIsGivenFromItsTime: what is next is the first of all, and what was before is forgotten.
func TestAMeetingIsGivenFromItsTime(t *testing.T) {
	c, err := read(t.Context(), []byte(calendarOf("UID:a|SUMMARY:a|DTSTART:20261021T100000Z|RRULE:FREQ=DAILY;COUNT=3", "UID:b|SUMMARY:b|DTSTART:20261022T100000Z")), since, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 0, 0, 0, time.UTC) }
	for _, step := range []struct{ after, want time.Time }{
		{since, at(21, 10)},
		{at(21, 9), at(21, 10)},
		{at(21, 10), at(22, 10)},
		{at(22, 10), at(23, 10)},
		{at(23, 10), time.Time{}},
		{at(21, 0), at(21, 10)}, // nothing was forgotten by asking
	} {
		if got, ok := c.Next(step.after); !got.Equal(step.want) || ok == step.want.IsZero() {
			t.Errorf("after %v: %v, want %v", step.after, got, step.want)
		}
	}
	expect(t, told(c.Meetings(at(22, 10), at(23, 10))), []string{"10-22 10:00 +0 a", "10-22 10:00 +0 b"})
	if got, ok := c.Next(at(21, 0)); !ok || !got.Equal(at(22, 10)) {
		t.Errorf("it still knows %v", got)
	}
	if c.Kept() != ruleWeight+1 || !c.Several {
		t.Errorf("kept %d", c.Kept())
	}
}

// TestMuchIsBounded: what is beyond is left out and counted.
func TestMuchIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range mostKept + 5 {
		fmt.Fprintf(&b, "BEGIN:VEVENT\nUID:%d\nDTSTART:20261022T100000Z\nSUMMARY:%s\nEND:VEVENT\n", i, strings.Repeat("ü", mostText))
	}
	c, err := read(t.Context(), []byte("BEGIN:VCALENDAR\n"+b.String()+"END:VCALENDAR\n"), since, time.UTC)
	if err != nil || c.Left != 5 || c.Kept() != mostKept {
		t.Fatalf("%+v, %v", c.Left, err)
	}
	all := c.Meetings(since, since.AddDate(0, 0, 14))
	if len(all) != mostMeetings || all[0].Title != strings.Repeat("ü", mostText/2) {
		t.Errorf("%d, %q", len(all), all[0].Title)
	}
	b.Reset()
	for i := range mostRules + 5 {
		fmt.Fprintf(&b, "BEGIN:VEVENT\nUID:%d\nDTSTART:20261022T100000Z\nRRULE:FREQ=WEEKLY\nEND:VEVENT\n", i)
	}
	if c, err = read(t.Context(), []byte("BEGIN:VCALENDAR\n"+b.String()), since, time.UTC); err != nil || c.Left != 5 {
		t.Errorf("%d rules are too many, %v", c.Left, err)
	}
}

// TestAZoneThatIsWrongIsWorkedOutOnce: it may take 100 ms, and each of a hundred thousand events may name it.
func TestAZoneThatIsWrongIsWorkedOutOnce(t *testing.T) {
	z := zones{since: since, local: time.UTC, inFile: map[string]*component{"Ours": newComponent("VTIMEZONE")}, found: map[string]zone{}}
	for range 2 {
		if _, err := z.find("Ours"); !errors.Is(err, errZone) {
			t.Error(err)
		}
		delete(z.inFile, "Ours") // whoever looks again takes the local one
	}
}
