package calendar

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"nerva/core/address"
)

// FuzzRead: whatever a file has in it, reading it and asking it ends, and soon; what is given lies in the span that was
// asked for, is text, and has a link that may be opened.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, event := range []string{
		"DTSTART:20261022T100000Z|RRULE:FREQ=SECONDLY", "DTSTART:19700101T000000|RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
		"DTSTART:20261022T100000Z|RRULE:FREQ=YEARLY;BYWEEKNO=53,-53;BYDAY=-53MO;BYSETPOS=-366,1", "DTSTART;TZID=../../etc/passwd:20261022T100000",
		"DTSTART:20261022T100000Z|RRULE:FREQ=MONTHLY;BYDAY=5SU,-5MO;BYHOUR=23;WKST=SU;COUNT=9999999999", "DTSTART;A=\\:20261022T100000Z",
		"DTSTART:20261022T100000Z|EXDATE;TZID=Asia/Tokyo:20261023T190000|RDATE;VALUE=PERIOD:20261023T100000Z/PT1H|CONFERENCE:https://[::1]/",
	} {
		f.Add([]byte(calendarOf(event)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		begin := time.Now()
		c, err := read(t.Context(), data, since, time.UTC)
		if err != nil {
			return
		}
		to := since.AddDate(0, 1, 0)
		next, ok := c.Next(since.Add(-time.Nanosecond))
		all := c.Meetings(since, to)
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
		if len(all) > 0 && (!ok || !next.Equal(all[0].Begins)) {
			t.Errorf("the next is at %v, and the first at %v", next, all[0].Begins)
		}
		for _, m := range all {
			if m.Begins.Before(since) || !m.Begins.Before(to) || m.Ends.Before(m.Begins) {
				t.Errorf("from %v to %v", m.Begins, m.Ends)
			}
			if !utf8.ValidString(m.Title+m.Location) || len(m.Title) > mostText || len(m.Location) > mostText {
				t.Errorf("%q, %q", m.Title, m.Location)
			}
			if clean, err := address.Clean(m.Link); m.Link != "" && (err != nil || clean != m.Link || !strings.HasPrefix(clean, "https://")) {
				t.Errorf("%q: %v", m.Link, err)
			}
		}
	})
}

// FuzzRule: what a rule gives comes in order, none of it before the beginning, and looking for more ends soon.
func FuzzRule(f *testing.F) {
	for _, rule := range []string{
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY;INTERVAL=24;BYHOUR=5", "FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1,-1", "FREQ=YEARLY;BYWEEKNO=1,53,-1;BYDAY=MO",
		"FREQ=WEEKLY;WKST=SU;BYDAY=SU,MO;INTERVAL=2;UNTIL=20301231T000000Z", "FREQ=YEARLY;BYYEARDAY=-366,366;COUNT=5", "FREQ=DAILY;INTERVAL=1000;BYHOUR=1,2;BYMINUTE=0,59",
	} {
		f.Add(rule, int64(1_766_000_000))
	}
	f.Fuzz(func(t *testing.T, text string, begins int64) {
		start := time.Unix(begins, 0).UTC()
		if start.Year() < firstRule || start.Year() > lastYear {
			return
		}
		rule, err := newRule(text, start, place{time.UTC})
		if err != nil {
			return
		}
		begin := time.Now()
		next, before := sequence(start, rule, nil), start.Add(-time.Second)
		for range 1000 {
			wall, ok := next()
			if !ok {
				break
			}
			if !wall.After(before) || wall.Year() > lastYear {
				t.Fatalf("%v after %v", wall, before)
			}
			before = wall
		}
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
