package calendar

import (
	"strings"
	"testing"
)

func TestTheLinkIsWhereOneJoins(t *testing.T) {
	const zoom = "https://us02web.zoom.us/j/81234567890?pwd=aB"
	for rule, c := range map[string]struct{ event, want string }{
		"no link":                       {"SUMMARY:x|LOCATION:Room 4", ""},
		"not in the title":              {"SUMMARY:" + zoom, ""},
		"in the place":                  {"LOCATION:Room 4 / " + zoom, zoom},
		"as the address":                {"URL;VALUE=URI:" + zoom, zoom},
		"in the text":                   {`DESCRIPTION:Hi\n` + zoom + `\nBye`, zoom},
		"at the end of a sentence":      {"DESCRIPTION:It is at " + zoom + ".", zoom},
		"in brackets":                   {"DESCRIPTION:Join (" + zoom + ")", zoom},
		"in angles":                     {"DESCRIPTION:Join<" + zoom + ">", zoom},
		"in HTML":                       {`DESCRIPTION:<a href="` + strings.ReplaceAll(zoom, "?", "?a=b&amp\\;") + `">join</a>`, strings.ReplaceAll(zoom, "?", "?a=b&")},
		"with a long picture of itself": {`DESCRIPTION;ALTREP="data:text/html,` + strings.Repeat("x", 2000) + `":` + zoom, zoom},
		"a known service first":         {"CONFERENCE:https://example.org/room|DESCRIPTION:" + zoom, zoom},
		"the property for it first":     {"DESCRIPTION:" + zoom + "|CONFERENCE:https://meet.jit.si/room", "https://meet.jit.si/room"},
		"of any host, in CONFERENCE":    {"CONFERENCE;VALUE=URI:https://example.org/room", "https://example.org/room"},
		"of any host, Google's":         {"X-GOOGLE-CONFERENCE:https://example.org/room", "https://example.org/room"},
		"of any host, Microsoft's":      {"X-MICROSOFT-SKYPETEAMSMEETINGURL:https://example.org/room", "https://example.org/room"},
		"the first of several":          {"CONFERENCE:tel:+49-30-1|CONFERENCE:https://a.example/|CONFERENCE:https://b.example/", "https://a.example/"},
		"not of any host elsewhere":     {"URL:https://example.org/agenda|LOCATION:https://example.org/map", ""},
		"in its one form":               {"LOCATION:https://US02web.ZOOM.us:443/a/../j/1?x=ü", "https://us02web.zoom.us/j/1?x=%C3%BC"},
		"not without encryption":        {"CONFERENCE:http://meet.jit.si/room|URL:http://us02web.zoom.us/j/1", ""},
		"not another scheme":            {"CONFERENCE:zoommtg://zoom.us/join?confno=1|LOCATION:javascript:https://x", ""},
		"not by a name before the host": {"LOCATION:https://us02web.zoom.us/j/1@evil.example/|CONFERENCE:https://meet.jit.si@evil.example/x", "https://us02web.zoom.us/j/1@evil.example/"},
		"not by another host's end":     {"LOCATION:https://evilzoom.us/j/1 https://zoom.us.evil.example/j/1 https://evil.example/?zoom.us/j/1", ""},
		"not with what is not shown":    {"CONFERENCE:https://meet.jit.si/\u202eroom", ""},
		"not too long":                  {"CONFERENCE:https://meet.jit.si/" + strings.Repeat("x", longestLink), ""},
		"in other quotation marks":      {"DESCRIPTION:Hier: „https://us02web.zoom.us/j/1“ und «https://us02web.zoom.us/j/2»", "https://us02web.zoom.us/j/1"},
		"before a wide mark":            {"DESCRIPTION:会議（https://us02web.zoom.us/j/1）、12時", "https://us02web.zoom.us/j/1"},
		"before a space that stays":     {"DESCRIPTION:https://us02web.zoom.us/j/1\u00a0Passcode: 1", "https://us02web.zoom.us/j/1"},
		"before a space without width":  {"DESCRIPTION:https://us02web.zoom.us/j/1\u200b", "https://us02web.zoom.us/j/1"},
		"in Outlook's Safe Links": {
			`DESCRIPTION:Join the meeting now<https://eur03.safelinks.protection.outlook.com/ap/t-59584e83/?url=https%3A%2F%2Fteams.microsoft.com%2Fl%2Fmeetup-join%2F19%253ameeting_MWY%2540thread.v2%2F0%3Fcontext%3D%257b%2522Tid%2522%253a%2522a%2522%257d&data=05%7C02%7C&sdata=x%3D&reserved=0>`,
			"https://teams.microsoft.com/l/meetup-join/19%3Ameeting_MWY%40thread.v2/0?context=%7b%22Tid%22%3a%22a%22%7d",
		},
		"in Google's":             {`DESCRIPTION:<a href="https://www.google.com/url?q=https://us02web.zoom.us/j/1?pwd%3DaB&amp\;sa=D&amp\;source=calendar">join</a>`, "https://us02web.zoom.us/j/1?pwd=aB"},
		"not another in Google's": {"DESCRIPTION:https://www.google.com/url?q=https://example.org/ https://www.google.com/url?q=javascript:x", ""},
		"not one that says so":    {"DESCRIPTION:https://evilsafelinks.example/?url=https%3A%2F%2Fus02web.zoom.us%2Fj%2F1", ""},
		"after many others, not":  {"DESCRIPTION:" + strings.Repeat("https://example.org/ ", mostLinks) + zoom, ""},
	} {
		c2 := newComponent("VEVENT")
		for line := range strings.SplitSeq(c.event, "|") {
			c2.add([]byte(line))
		}
		if got := link(c2); got != c.want || c2.broken {
			t.Errorf("%s: got %q, want %q", rule, got, c.want)
		}
	}
}

func TestEachServiceIsKnownByItsMeetingsAlone(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"meet.jit.si/NervaBoston", "Jitsi"},
		{"meet.jit.si/", ""},
		{"jitsi.example.org/room#config.x=1", "Jitsi"},
		{"8x8.vc/vpaas-magic/room", "Jitsi"},
		{"zoom.us/j/123", "Zoom"},
		{"us02web.zoom.us/my/alice", "Zoom"},
		{"acme.zoomgov.com/w/123?tk=1", "Zoom"},
		{"us02web.zoom.us/u/kdF", ""},
		{"zoom.us/", ""},
		{"meet.google.com/abc-defg-hij?authuser=0", "Google Meet"},
		{"meet.google.com/lookup/abc", "Google Meet"},
		{"meet.google.com/landing", ""},
		{"teams.microsoft.com/l/meetup-join/19%3ax/0", "Microsoft Teams"},
		{"teams.microsoft.com/meet/123?p=x", "Microsoft Teams"},
		{"teams.live.com/meet/123", "Microsoft Teams"},
		{"teams.microsoft.com/meetingOptions/?x=y", ""},
		{"gov.teams.microsoft.us/l/meetup-join/19%3ax/0", "Microsoft Teams"},
		{"app.slack.com/huddle/T012/C345", "Slack"},
		{"acme.slack.com/archives/C345", ""},
		{"app.gather.town/app/aB1/Office", "Gather"},
		{"acme.webex.com/acme/j.php?MTID=m1", "Webex"},
		{"acme.webex.com/meet/alice", "Webex"},
		{"acme.webex.com/acme/globalcallin.php?MTID=1", ""},
		{"whereby.com/room", "Whereby"},
		{"acme.whereby.com/room", "Whereby"},
		{"meet.goto.com/123456789", "GoTo"},
		{"global.gotomeeting.com/join/123456789", "GoTo"},
		{"bbb.example.org/rooms/abc-def-ghi-jkl/join", "BigBlueButton"},
		{"uni.example/b/abc-def-ghi", "BigBlueButton"},
		{"uni.example/bbb/b/abc-def-ghi-jkl", "BigBlueButton"},
		{"uni.example/bigbluebutton/api/join?x", "BigBlueButton"},
		{"bbb2.uni.example/x", "BigBlueButton"},
		{"uni.example/b/page", ""},
		{"shop.example/b/the-new-collection", ""},
		{"hotel.example/rooms/the-old-big-room-with-a-view", ""},
		{"cloud.example.org/call/a1b2c3d4", "Nextcloud Talk"},
		{"cloud.example.org/nextcloud/index.php/call/a1b2c3d4#/", "Nextcloud Talk"},
		{"cloud.example.org/call/", ""},
		{"festival.example/open/call/2026", ""},
		{"example.org/recall/a1b2c3d4", ""},
	} {
		if got := service("https://" + c.address); got != c.want {
			t.Errorf("%s is %q, want %q", c.address, got, c.want)
		}
	}
}
