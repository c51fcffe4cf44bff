package notes

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// token is a part of a format that stands for one of the date, or words in brackets, or a run of letters that nothing is
// known of.
var token = regexp.MustCompile(`\[[^\]]*\]|YYYY|YY|GGGG|MMMM|MMM|MM|M|DDDD|DDD|DD|Do|D|dddd|ddd|WW|W|Q|[A-Za-z]+`)

// moment writes a date as Moment does, with the names in English. It is false where the format has what is not known here.
// https://momentjs.com/docs/#/displaying/format/
func moment(format string, t time.Time) (name string, ok bool) {
	year, week := t.ISOWeek()
	ok = true
	name = token.ReplaceAllStringFunc(format, func(part string) string {
		switch part {
		case "YYYY":
			return t.Format("2006")
		case "YY":
			return t.Format("06")
		case "MMMM":
			return t.Format("January")
		case "MMM":
			return t.Format("Jan")
		case "MM":
			return t.Format("01")
		case "M":
			return t.Format("1")
		case "DD":
			return t.Format("02")
		case "D":
			return t.Format("2")
		case "dddd":
			return t.Format("Monday")
		case "ddd":
			return t.Format("Mon")
		case "GGGG":
			return fmt.Sprintf("%04d", year)
		case "WW":
			return fmt.Sprintf("%02d", week)
		case "W":
			return fmt.Sprint(week)
		case "Q":
			return fmt.Sprint((int(t.Month())-1)/3 + 1)
		}
		if strings.HasPrefix(part, "[") {
			return strings.Trim(part, "[]")
		}
		ok = false
		return part
	})
	return name, ok && name != ""
}
