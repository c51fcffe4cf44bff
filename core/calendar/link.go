package calendar

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	ics "github.com/arran4/golang-ical"

	"nerva/core/address"
)

// services are those whose meetings are known by their addresses, without the scheme. Their invitations have other
// addresses too: how to dial in, what may be set.
var services = []struct {
	name    string
	address *regexp.Regexp
}{
	{"Jitsi", regexp.MustCompile(`^(meet\.jit\.si|jitsi\.[^/]+|8x8\.vc/[^/?#]+)/[^/?#]`)},
	{"Zoom", regexp.MustCompile(`^([a-z0-9-]+\.)*(zoom\.us|zoomgov\.com)/(j|my|s|w|wc)/[^/?#]`)},
	{"Google Meet", regexp.MustCompile(`^meet\.google\.com/([a-z]{3}-[a-z]{4}-[a-z]{3}|lookup/[^/?#]+)($|[/?#])`)},
	{"Microsoft Teams", regexp.MustCompile(`^((gov|dod)\.)?teams\.(microsoft\.(com|us)|live\.com|cloud\.microsoft)/(l/meetup-join|meet)/[^/?#]`)},
	{"Webex", regexp.MustCompile(`^([a-z0-9-]+\.)+webex\.com/([^?#]*/)?((meet|join|m)/[^/?#]|j\.php\?)`)},
	{"Whereby", regexp.MustCompile(`^([a-z0-9-]+\.)?whereby\.com/[^/?#]`)},
	{"GoTo", regexp.MustCompile(`^(meet\.goto\.com|gotomeet\.me|[a-z0-9-]+\.gotomeeting\.com/join)/[^/?#]`)},
	{"Slack", regexp.MustCompile(`^app\.slack\.com/huddle/[^/?#]`)},
	{"Gather", regexp.MustCompile(`^app\.(v2\.)?gather\.town/app/[^/?#]`)},
	// Those that anybody may run are known by the paths of their rooms.
	{"BigBlueButton", regexp.MustCompile(`^[^/]+/(((bbb/)?b/[a-z0-9]{3}(-[a-z0-9]{3}){2,3}|rooms/[a-z0-9]{3}(-[a-z0-9]{3}){3})($|[/?#])|bigbluebutton/[^/?#])`)},
	{"BigBlueButton", regexp.MustCompile(`^bbb[0-9]*\.[^/]+/[^/?#]`)},
	{"Nextcloud Talk", regexp.MustCompile(`^[^/]+(/[A-Za-z0-9_.-]+){0,3}/call/[a-z0-9]{8,64}($|[/?#])`)},
}

// conferences are the properties that are for the link of a meeting and nothing else (RFC 7986, section 5.11, and what two
// programs write); linked are all in which there may be one.
var (
	conferences = []string{"CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL"}
	linked      = slices.Concat(conferences, []string{"URL", "LOCATION", "DESCRIPTION"})
)

const (
	// mostLinks is how many addresses of an event are looked at, longestLink how many bytes one may have.
	mostLinks   = 50
	longestLink = 2048
)

// secure finds what may be an address. It ends where text around one begins: at a space, a bracket, a quotation mark, a tag, or
// what writing without spaces has after one.
var secure = regexp.MustCompile(`https://[^\s\p{Z}\x{200B}<>"'()\[\]{}|\\^` + "`" + `\p{Ps}\p{Pe}\p{Pi}\p{Pf}、。，．；：！？\x00-\x1f]+`)

// link is where one joins the meeting: the first address of a known service, else the first of a property that is for
// nothing else.
func link(c *component) (first string) {
	looked := 0
	for _, name := range linked {
		for _, p := range c.props[name] {
			for _, found := range secure.FindAllString(ics.FromText(p.value), mostLinks-looked) {
				looked++
				at, ok := webAddress(found)
				if inner, wrapped := webAddress(unwrap(at)); wrapped {
					at = inner
				}
				if ok && service(at) != "" {
					return at
				}
				if ok && first == "" && slices.Contains(conferences, name) {
					first = at
				}
			}
			if looked == mostLinks {
				return first
			}
		}
	}
	return first
}

// webAddress gives an address found in a text in the form in which it is opened.
func webAddress(found string) (string, bool) {
	found = strings.TrimRight(strings.ReplaceAll(found, "&amp;", "&"), ".,;:!?*_~")
	if len(found) > longestLink {
		return "", false
	}
	clean, err := address.Clean(found)
	return clean, err == nil && len(clean) <= longestLink
}

// unwrap gives the address that Outlook's Safe Links or Google's calendar has put into one of its own; empty where none is.
func unwrap(at string) string {
	u, err := url.Parse(at)
	switch {
	case err != nil:
	case strings.HasSuffix(u.Host, ".safelinks.protection.outlook.com"):
		return secure.FindString(u.Query().Get("url"))
	case u.Host == "www.google.com" && u.Path == "/url":
		return secure.FindString(u.Query().Get("q"))
	}
	return ""
}

// service is the name of the one that an address is a meeting of; empty where none is known.
func service(at string) string {
	at = strings.TrimPrefix(at, "https://")
	for _, s := range services {
		if s.address.MatchString(at) {
			return s.name
		}
	}
	return ""
}
