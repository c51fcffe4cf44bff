package when

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Words says a rule as Every reads it: "weekday 10:00", "hour", "20 minutes". A rule of cron that it has no words for is
// given as it stands.
func Words(rule string) string {
	if span, ok := strings.CutPrefix(rule, interval); ok {
		if d, err := time.ParseDuration(span); err == nil {
			return spanWords(d)
		}
		return rule
	}
	fields := strings.Fields(rule)
	if len(fields) != 5 || fields[3] != "*" {
		return rule
	}
	minute, err := strconv.Atoi(fields[0])
	hour, err2 := strconv.Atoi(fields[1])
	day := dayWords(fields[2], fields[4])
	if err != nil || err2 != nil || day == "" {
		return rule
	}
	return fmt.Sprintf("%s %d:%02d", day, hour, minute)
}

func spanWords(d time.Duration) string {
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"week", 7 * 24 * time.Hour}, {"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		switch n := d / u.unit; {
		case d%u.unit != 0 || n == 0:
		case n == 1 && u.unit < 24*time.Hour:
			return u.name
		case n == 1:
			return "1 " + u.name // "day" alone is a day of the calendar
		default:
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return d.String()
}

// dayWords says the fields for day and weekday, empty where they have no words.
func dayWords(day, weekday string) string {
	switch {
	case day != "*":
		n, err := strconv.Atoi(day)
		if err != nil || weekday != "*" {
			return ""
		}
		return "month on the " + strconv.Itoa(n)
	case weekday == "*":
		return "day"
	case weekday == "1-5":
		return "weekday"
	case weekday == "0,6":
		return "weekend"
	}
	var names []string
	for number := range strings.SplitSeq(weekday, ",") {
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n > 6 {
			return ""
		}
		names = append(names, strings.ToLower(time.Weekday(n).String()))
	}
	return strings.Join(names, ", ")
}
