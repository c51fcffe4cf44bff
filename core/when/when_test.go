package when

import (
	"strings"
	"testing"
	"time"

	"nerva/core/api"
)

// now is a Wednesday.
var now = time.Date(2026, 11, 25, 14, 30, 0, 0, berlin())

func berlin() *time.Location {
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return l
}

const shape = "2006-01-02 15:04:05"

func TestASpanIsCountedFromNow(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"20 minutes": 20 * time.Minute, "20m": 20 * time.Minute, "1h30m": 90 * time.Minute, "1 h 30": 0, "90 s": 90 * time.Second,
		"half an hour": 30 * time.Minute, "an hour": time.Hour, "a quarter of an hour": 15 * time.Minute, "1.5 hours": 90 * time.Minute,
		"1,5 hours": 90 * time.Minute, "an hour and a half": 90 * time.Minute, "one hour and thirty minutes": 90 * time.Minute,
		"2 days": 48 * time.Hour, "a week": 168 * time.Hour, "5 min.": 5 * time.Minute, "2 Hours, 5 Minutes": 125 * time.Minute,
		"": 0, "0 minutes": 0, "-5 minutes": 0, "minutes": 0, "20": 0, "20 apples": 0, "1e9 h": 0, "99999999999999999999 hours": 0, "5000000 weeks": 0,
		"20 minutes and": 0, "and 20 minutes": 0,
	} {
		got, err := In(text, now)
		switch {
		case want == 0 && api.CodeOf(err) != api.InvalidInput:
			t.Errorf("%q: %v, %v", text, got, err)
		case want != 0 && (err != nil || got.Due.Sub(now) != want || got.Every != ""):
			t.Errorf("%q: %v, %v, want %v", text, got.Due.Sub(now), err, want)
		}
	}
}

func TestATimeOfDayOrADayIsToCome(t *testing.T) {
	for text, want := range map[string]string{
		"15": "2026-11-25 15:00:00", "9": "2026-11-26 09:00:00", "9:30": "2026-11-26 09:30:00", "9pm": "2026-11-25 21:00:00",
		"9 p.m.": "2026-11-25 21:00:00", "12am": "2026-11-26 00:00:00", "12 pm": "2026-11-26 12:00:00", "noon": "2026-11-26 12:00:00",
		"midnight": "2026-11-26 00:00:00", "at 18:05": "2026-11-25 18:05:00", "14:30": "2026-11-26 14:30:00",
		"tomorrow": "2026-11-26 09:00:00", "tomorrow at 9": "2026-11-26 09:00:00", "Tomorrow 18:30": "2026-11-26 18:30:00",
		"9:15 tomorrow": "2026-11-26 09:15:00", "tomorrow evening": "2026-11-26 20:00:00", "tonight": "2026-11-25 20:00:00",
		"tonight at 9": "2026-11-25 21:00:00", "today at 17": "2026-11-25 17:00:00", "friday": "2026-11-27 09:00:00",
		"on Friday at 18:00": "2026-11-27 18:00:00", "wednesday 18:00": "2026-11-25 18:00:00", "wednesday 9:00": "2026-12-02 09:00:00",
		"next monday": "2026-11-30 09:00:00", "mon 8": "2026-11-30 08:00:00", "2026-12-24 18:00": "2026-12-24 18:00:00",
		"2026-12-24": "2026-12-24 09:00:00", "24 december": "2026-12-24 09:00:00", "December 24th at 6pm": "2026-12-24 18:00:00",
		"the 3rd of march": "2027-03-03 09:00:00", "3 Mar 2028 10:00": "2028-03-03 10:00:00", "2026-11-25T16:00:00+01:00": "2026-11-25 16:00:00",
		// The clocks go forward on 2027-03-28 at 2:00: there is no 2:30.
		"2027-03-28 2:30": "2027-03-28 03:30:00",
		"yesterday":       "", "": "", "25:00": "", "9:75": "", "13pm": "", "0am": "", "today at 9": "", "2026-11-24": "", "31 february": "",
		"30 february": "", "2026-13-01": "", "9:30 nonsense": "", "2099-01-01": "", "next": "", "december": "", "at": "",
	} {
		got, err := At(text, now)
		switch {
		case want == "" && api.CodeOf(err) != api.InvalidInput:
			t.Errorf("%q: %v, %v", text, got, err)
		case want != "" && (err != nil || got.Due.In(now.Location()).Format(shape) != want || got.Every != ""):
			t.Errorf("%q: %v, %v, want %s", text, got.Due, err, want)
		}
	}
}

func TestARepetition(t *testing.T) {
	for text, want := range map[string][3]string{
		"hour": {"@every 1h0m0s", "2026-11-25 15:30:00", "2026-11-25 16:30:00"}, "20 minutes": {"@every 20m0s", "2026-11-25 14:50:00", "2026-11-25 15:10:00"},
		"day 9:00": {"0 9 * * *", "2026-11-26 09:00:00", "2026-11-27 09:00:00"}, "day": {"0 9 * * *", "2026-11-26 09:00:00", "2026-11-27 09:00:00"},
		"weekday 10:00":              {"0 10 * * 1-5", "2026-11-26 10:00:00", "2026-11-27 10:00:00"},
		"weekdays at 10":             {"0 10 * * 1-5", "2026-11-26 10:00:00", "2026-11-27 10:00:00"},
		"9:15 weekday":               {"15 9 * * 1-5", "2026-11-26 09:15:00", "2026-11-27 09:15:00"},
		"friday":                     {"0 9 * * 5", "2026-11-27 09:00:00", "2026-12-04 09:00:00"},
		"monday and thursday at 9pm": {"0 21 * * 1,4", "2026-11-26 21:00:00", "2026-11-30 21:00:00"},
		"sun, sat and wed 8:00":      {"0 8 * * 0,3,6", "2026-11-28 08:00:00", "2026-11-29 08:00:00"},
		"month on the 1st at 8":      {"0 8 1 * *", "2026-12-01 08:00:00", "2027-01-01 08:00:00"},
		"week on tuesday 7:30":       {"30 7 * * 2", "2026-12-01 07:30:00", "2026-12-08 07:30:00"},
		"weekend 11:00":              {"0 11 * * 0,6", "2026-11-28 11:00:00", "2026-11-29 11:00:00"},
		"*/15 9-17 * * 1-5":          {"*/15 9-17 * * 1-5", "2026-11-25 14:45:00", "2026-11-25 15:00:00"},
		"":                           {}, "second": {}, "30 seconds": {}, "blue moon": {}, "day 25:00": {}, "day 9:00 sharp": {}, "evening": {}, "61 * * * *": {}, "0 0 31 2 *": {},
	} {
		got, err := Every(text, now)
		if want[0] == "" {
			if api.CodeOf(err) != api.InvalidInput {
				t.Errorf("%q: %v, %v", text, got, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		next, err := Next(got.Every, got.Due, got.Due)
		if have := [3]string{got.Every, got.Due.Format(shape), next.Format(shape)}; err != nil || have != want {
			t.Errorf("%q: %v, %v, want %v", text, have, err, want)
		}
	}
}

// TestARuleIsSaidAsItIsRead: what Words says is the rule again.
func TestARuleIsSaidAsItIsRead(t *testing.T) {
	for rule, want := range map[string]string{
		"@every 1h0m0s": "hour", "@every 1m0s": "minute", "@every 20m0s": "20 minutes", "@every 24h0m0s": "1 day", "@every 336h0m0s": "2 weeks",
		"@every 90m0s": "90 minutes", "@every 1m30s": "1m30s", "0 9 * * *": "day 9:00", "30 7 * * 1-5": "weekday 7:30", "0 11 * * 0,6": "weekend 11:00",
		"5 9 * * 1,4": "monday, thursday 9:05", "0 8 1 * *": "month on the 1 8:00", "*/15 9-17 * * 1-5": "*/15 9-17 * * 1-5", "0 9 * 3 *": "0 9 * 3 *",
	} {
		words := Words(rule)
		if words != want {
			t.Errorf("%q is %q, want %q", rule, words, want)
		}
		again, err := Every(words, now)
		if wanted := strings.Replace(rule, "90m0s", "1h30m0s", 1); err != nil || again.Every != wanted {
			t.Errorf("%q is read as %q, %v, want %q", words, again.Every, err, wanted)
		}
	}
}

// TestWhatWasMissedIsNotRepeated: after a week the next time of an interval is the next one of its row.
func TestWhatWasMissedIsNotRepeated(t *testing.T) {
	next, err := Next("@every 20m0s", now, now.Add(7*24*time.Hour+time.Minute))
	if want := now.Add(7*24*time.Hour + 20*time.Minute); err != nil || !next.Equal(want) {
		t.Errorf("%v, %v, want %v", next, err, want)
	}
}

// TestTheWallClockDecides: at 9 is at 9 before and after the clocks change.
func TestTheWallClockDecides(t *testing.T) {
	saturday := time.Date(2027, 3, 27, 12, 0, 0, 0, now.Location())
	next, err := Next("0 9 * * *", saturday, saturday)
	if err != nil || next.Sub(saturday) != 20*time.Hour {
		t.Errorf("%v, %v", next, err)
	}
}

func TestASentenceHasItsTimeAtEitherEnd(t *testing.T) {
	for text, want := range map[string][2]string{
		"in 20 minutes check the oven":      {"2026-11-25 14:50:00", "check the oven"},
		"check the oven in 20 minutes":      {"2026-11-25 14:50:00", "check the oven"},
		"20 minutes: tea":                   {"2026-11-25 14:50:00", "tea"},
		"20m tea":                           {"2026-11-25 14:50:00", "tea"},
		"to call Ann tomorrow at 9":         {"2026-11-26 09:00:00", "call Ann"},
		"tomorrow at 9 to call Ann":         {"2026-11-26 09:00:00", "call Ann"},
		"every weekday 10:00 stand up":      {"2026-11-26 10:00:00 0 10 * * 1-5", "stand up"},
		"drink water every hour":            {"2026-11-25 15:30:00 @every 1h0m0s", "drink water"},
		"water the 3 plants on friday":      {"2026-11-27 09:00:00", "water the 3 plants"},
		"dinner at 9 tonight":               {"2026-11-25 21:00:00", "dinner"},
		"at 18:00 feed the cat":             {"2026-11-25 18:00:00", "feed the cat"},
		"in 1 hour":                         {"2026-11-25 15:30:00", ""},
		"buy 3 apples":                      {"", ""},
		"":                                  {"", ""},
		"tomorrow at 9 Sunday lunch is due": {"2026-11-26 09:00:00", "Sunday lunch is due"},
	} {
		phrase, rest, err := Sentence(text, now)
		got := Time{}
		if err == nil {
			got, err = phrase.Read(now)
		}
		have := strings.TrimSpace(got.Due.Format(shape) + " " + got.Every)
		switch {
		case want[0] == "" && api.CodeOf(err) != api.InvalidInput:
			t.Errorf("%q: %v %q, %v", text, have, rest, err)
		case want[0] != "" && (err != nil || have != want[0] || rest != want[1]):
			t.Errorf("%q: %s %q, %v, want %q", text, have, rest, err, want)
		}
	}
}

// FuzzSentence: whatever somebody writes, what is read lies ahead, and its repetitions go on.
func FuzzSentence(f *testing.F) {
	for _, seed := range []string{"in 20 minutes tea", "tomorrow at 9 x", "every weekday 10:00 y", "24 dec 2026 18:00 z", "1h30m", "*/5 * * * *", "next friday"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func(string, time.Time) (Time, error){In, At, Every, func(s string, now time.Time) (Time, error) {
			phrase, _, err := Sentence(s, now)
			if err != nil {
				return Time{}, err
			}
			return phrase.Read(now)
		}} {
			got, err := read(text, now)
			if err != nil {
				continue
			}
			if !got.Due.After(now) || got.Due.Sub(now) > longest+48*time.Hour {
				t.Fatalf("%q is at %v", text, got.Due)
			}
			if got.Every == "" {
				continue
			}
			if next, err := Next(got.Every, got.Due, got.Due); err != nil || !next.After(got.Due) {
				t.Fatalf("%q after %v: %v, %v", text, got.Due, next, err)
			}
		}
	})
}
