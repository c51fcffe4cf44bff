package offline

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Sentences about the computer itself: its players, volume, power, and units of measure. They stand before the others,
// whose "go to sleep" would look for a window and whose "start the music" for an application.

const (
	itself = `(?:\s+(?:the |my |this |your )?(?:computer|machine|laptop|pc|system|screen|session|desktop|device|it|down))?`
	tune   = `(?:(?:the |my |this |that |a |one )?(?:music|songs?|tracks?|playback|playing|video|movie|film|player|media|audio|podcast|album|radio)|it|this|that)`
	sound  = `(?:the |my )?(?:volume|sound|audio|speakers?|sound volume|volume level|sound level)`
	// amount is a number, with the sign of a currency before it or not.
	amount = `([$€£¥]?)\s*([-−]?\d{1,15}(?:\.\d{1,15})?)\s*`
	// unitName is one to three words without a digit in front.
	unitName = `([^\s\d,;.?!-][^\s,;.?!]{0,20}(?:\s[^\s\d,;.?!-][^\s,;.?!]{0,20}){0,2}?)`
)

func devices() []rule {
	r := ruleOf
	set := func(re, skill, key string, value any) rule {
		return r(re, func([]string, func(string) string) []step {
			return []step{{skill: skill, input: map[string]any{key: value}}}
		})
	}
	return []rule{
		set(`lock`+itself+`(?: up)?`, "power", "action", "lock"),
		set(`(?:suspend|sleep)`+itself+`|(?:put|send) (?:the |my |this )?(?:computer|machine|laptop|pc|it) to sleep|go to sleep`, "power", "action", "suspend"),
		set(`hibernate`+itself, "power", "action", "hibernate"),
		set(`reboot`+itself+`|restart (?:the |my |this )?(?:computer|machine|laptop|pc|system)`, "power", "action", "reboot"),
		set(`(?:power|switch|turn) (?:the |my |this )?(?:computer|machine|laptop|pc|system) off|(?:power off|shut down|shutdown|(?:switch|turn) off (?:the |my |this )?(?:computer|machine|laptop|pc|system))`+itself, "power", "action", "poweroff"),
		set(`log (?:me )?(?:out|off)(?: of (?:the |my |this )?(?:session|desktop|computer))?|(?:end|leave|quit) (?:the |my |this )session`, "power", "action", "logout"),

		set(`pause(?: `+tune+`)?`, "media_control", "action", "pause"),
		set(`(?:resume|unpause|continue)(?: `+tune+`)|play|(?:play|start) (?:the |some |my )?(?:music|playback|song|track|video|player)|(?:go on|keep) playing`, "media_control", "action", "play"),
		set(`stop (?:playing(?: `+tune+`)?|`+tune+`)`, "media_control", "action", "stop"),
		set(`(?:(?:play|go to|skip to) )?(?:the )?next (?:song|track|one|title|video)|skip(?: `+tune+`| ahead)?`, "media_control", "action", "next"),
		set(`(?:(?:play|go to|go back to|skip back to) )?(?:the )?(?:previous|last) (?:song|track|title|video)|(?:go|skip) back (?:a|one) (?:song|track)`, "media_control", "action", "previous"),
		r(`(?:tell me )?what(?:'s|’s| is) (?:currently )?(?:playing|being played|on the (?:player|stereo))|(?:what|which) (?:song|track|music|album|artist) is (?:this|that|playing|on)|now playing|who is (?:singing|playing)`,
			func([]string, func(string) string) []step { return simple("media_status") }),

		r(`(?:(?:set|turn|change|put|bring|make|adjust|lower|raise) )?`+sound+`(?: level)? (?:(?:down|up) )?(?:to |at |=\s*)?(\d{1,3})\s*(?:%|per ?cent)?`, volumeTo),
		r(`(?:turn|switch) (?:down|up) `+sound+` to (\d{1,3})\s*(?:%|per ?cent)?`, volumeTo),
		r(`(?:turn |make |switch )?(?:it |`+sound+` |the music )?(up|down|louder|quieter)`, volumeBy),
		r(`(increase|raise|lower|decrease|reduce|turn up|turn down) `+sound+`(?: by (\d{1,2})\s*(?:%|per ?cent)?)?`, volumeBy),
		set(`mute(?: `+sound+`|`+itself+`| everything)?|(?:switch|turn) (?:off `+sound+`|`+sound+` off)`, "set_volume", "mute", true),
		set(`unmute(?: `+sound+`|`+itself+`)?|(?:switch|turn) (?:on `+sound+`|`+sound+` (?:back )?on)`, "set_volume", "mute", false),

		r(`(?:(?:tell|show) me |check )?(?:(?:what|how)(?:'s|’s| is| are| much| full| long| charged)*\s+)*(?:the |my |is |does |will |left |charge )*(?:state |status |level )?(?:of )?(?:the |my )?battery(?: (?:level|status|state|charge|left|charged|full|life|last|percentage|have|do i have|is left|doing))*|am i (?:on battery|plugged in)|(?:is (?:the|my) (?:laptop|computer) )(?:charging|plugged in)|is (?:it|the battery) charging`,
			func([]string, func(string) string) []step { return simple("system_status") }),
		r(`(?:(?:show|tell) me |check )?(?:the )?(?:system|computer) (?:status|state|load)|how (?:is|busy is) (?:the|my|this) (?:computer|system|machine)(?: doing)?|how much (?:memory|ram|disk space|space|disk)(?: (?:is|do i have))?(?: (?:left|free|available))*|what(?:'s|’s| is) the (?:system )?(?:load|uptime)|uptime`,
			func([]string, func(string) string) []step { return simple("system_status") }),

		r(`(?:(?:convert|change|express|translate|turn|what(?:'s|’s| is| are)|how much (?:is|are)|calculate) )?`+amount+`(?:`+unitName+` )?(?:to|in|into|as) `+unitName, func(m []string, text func(string) string) []step {
			return conversion(m[1], m[2], m[3], m[4], text)
		}),
		r(`how (?:many|much) `+unitName+` (?:are|is|in|make|equals?)(?: there)?(?: in)? `+amount+unitName, func(m []string, text func(string) string) []step {
			return conversion(m[2], m[3], m[4], m[1], text)
		}),
	}
}

func conversion(sign, number, from, to string, text func(string) string) []step {
	value, err := strconv.ParseFloat(strings.ReplaceAll(number, "−", "-"), 64)
	if (sign == "") == (from == "") || err != nil {
		return nil // "5 to 6", "$5 km to mi"
	}
	return []step{{skill: "convert", input: map[string]any{"value": value, "from": text(sign + from), "to": text(to)}}}
}

func volumeTo(m []string, _ func(string) string) []step {
	percent, err := strconv.Atoi(m[1])
	if err != nil || percent > 100 {
		return nil
	}
	return []step{{skill: "set_volume", input: map[string]any{"percent": percent}}}
}

// volumeBy goes up or down, by ten percent where nothing is said.
func volumeBy(m []string, _ func(string) string) []step {
	by := 10
	if len(m) > 2 && m[2] != "" {
		var err error
		if by, err = strconv.Atoi(m[2]); err != nil {
			return nil
		}
	}
	switch strings.ToLower(m[1]) {
	case "down", "quieter", "lower", "decrease", "reduce", "turn down":
		by = -by
	}
	return []step{{skill: "set_volume", input: map[string]any{"change": by}}}
}

// deviceOutcome is outcome for the skills of this file.
func deviceOutcome(skill string, input map[string]any, r result) (said, value string, known bool) {
	switch skill {
	case "power":
		return fmt.Sprintf("Done: %s.", input["action"]), "", true
	case "media_control":
		return fmt.Sprintf("Told %s: %s.", or(field(r.data, "player"), "the player"), strings.ReplaceAll(fmt.Sprint(input["action"]), "_", " ")), "", true
	case "media_status":
		return playing(r)
	case "set_volume":
		value = field(r.data, "percent") + " %"
		if r.data["muted"] == true {
			value += ", muted"
		}
		return "The volume is " + value + ".", value, true
	case "system_status":
		return systemSentence(r)
	case "convert":
		value = field(r.data, "text")
		said = ended(value)
		if day := field(r.data, "rates"); day != "" {
			said += " The exchange rates are of " + day + "."
		}
		return said, value, true
	}
	return "", "", false
}

func playing(r result) (said, value string, known bool) {
	players, _ := r.data["players"].([]any)
	var all []string
	for _, p := range players {
		o, _ := p.(map[string]any)
		about := field(o, "player") + " (" + field(o, "status") + ")"
		if title := field(o, "title"); title != "" {
			about += ": " + title
		}
		if artist := field(o, "artist"); artist != "" {
			about += " by " + artist
		}
		all = append(all, about)
	}
	if all == nil {
		return "No media player is running.", "no player", true
	}
	value = strings.Join(all, "; ")
	return ended(value), value, true
}

func systemSentence(r result) (said, value string, known bool) {
	var all []string
	if battery, ok := r.data["battery"].(map[string]any); ok {
		about := "the battery is at " + field(battery, "percent") + " %, " + field(battery, "state")
		if left := duration(battery["time_left_s"]); left != "" {
			about += " with " + left + " to go"
		}
		all = append(all, about)
	} else if source := field(r.data, "power_source"); source != "" {
		all = append(all, "there is no battery, and the power comes from "+source)
	} else if why := field(r.data, "why"); why != "" {
		all = append(all, "the battery is not known ("+why+")")
	}
	for _, space := range []string{"memory", "disk"} {
		o, _ := r.data[space].(map[string]any)
		if free := gib(o["available_bytes"]); free != "" {
			all = append(all, "the "+space+" has "+free+" of "+gib(o["total_bytes"])+" free")
		}
	}
	if up := duration(r.data["uptime_s"]); up != "" {
		all = append(all, "it has been running for "+up)
	}
	value = strings.Join(all, "; ")
	if value == "" {
		return "Nothing is known of the computer.", "", true
	}
	return strings.ToUpper(value[:1]) + value[1:] + ".", value, true
}

// duration is a number of seconds in hours and minutes, empty for none.
func duration(v any) string {
	n, _ := v.(json.Number)
	s, err := n.Int64()
	if err != nil || s < 60 {
		return ""
	}
	if s < 3600 {
		return fmt.Sprintf("%d min", s/60)
	}
	return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
}

func gib(v any) string {
	n, _ := v.(json.Number)
	bytes, err := n.Float64()
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%.1f GiB", bytes/(1<<30))
}
