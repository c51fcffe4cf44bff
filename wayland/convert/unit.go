package convert

import (
	"regexp"
	"strings"

	"nerva/core/api"
)

// maxUnit bounds a unit, in bytes.
const maxUnit = 64

// What a unit may be made of: names, each perhaps with a small power, joined by a slash, a star, a dot or a space.
// There is no bracket, quote, comma, sign or number in it, so that no function, option, assignment or file can be.
const name = `[\p{L}_°$€£¥₿]{1,32}`

var (
	names    = regexp.MustCompile(name)
	grammar  = regexp.MustCompile(`^` + name + `(?:\^?[2-9]|[²³])?(?: ?[/*· ] ?` + name + `(?:\^?[2-9]|[²³])?)*$`)
	hours    = regexp.MustCompile(`^([kMGT]?W|m?A)h$`)
	per      = regexp.MustCompile(` (?:per|a) `)
	reserved = regexp.MustCompile(`(?i)^(?:to|where|in|and|or|xor|not|mod|rem|div|per|times|plus|minus|power|of|for|x)$`)
)

// common are ways to write a unit that qalc takes for something else: for it F is a farad, and kmh a kilometre times
// an hour.
var common = map[string]string{
	"C": "°C", "F": "°F", "degC": "°C", "degF": "°F", "kmh": "km/h", "kph": "km/h", "Kbps": "kbit/s", "kbps": "kbit/s", "Mbps": "Mbit/s", "Gbps": "Gbit/s",
	"fl oz": "fl_oz", "floz": "fl_oz", "sq m": "m^2", "sqm": "m^2", "sq ft": "ft^2", "sqft": "ft^2", "sq km": "km^2", "sq mi": "mi^2",
	"light year": "lightyear", "light years": "lightyear", "nautical mile": "nmi", "nautical miles": "nmi", "tbsp": "tablespoon", "tsp": "teaspoon",
	"degrees celsius": "°C", "degrees fahrenheit": "°F", "Celsius": "°C", "Fahrenheit": "°F", "Kelvin": "K", "US gal": "gal", "KB": "kB", "sec": "s", "hr": "h", "hrs": "h",
	"dollar": "USD", "dollars": "USD", "yen": "JPY", "bitcoin": "BTC",
}

// unit is a unit as qalc takes it.
func unit(written string) (string, error) {
	u := strings.Join(strings.Fields(written), " ")
	if len(u) > maxUnit || !grammar.MatchString(u) {
		return "", notAUnit(written)
	}
	u = per.ReplaceAllString(u, "/")
	if c := common[u]; c != "" {
		return c, nil
	}
	if m := hours.FindStringSubmatch(u); m != nil {
		return m[1] + "*h", nil
	}
	for _, n := range names.FindAllString(u, -1) {
		if reserved.MatchString(n) && n != "in" {
			return "", notAUnit(written)
		}
	}
	return u, nil
}

func notAUnit(written string) error {
	return api.Errorf(api.InvalidInput, "%.64q is no unit: write one such as km, m^2, km/h, °C, EUR; capitals count", written)
}

// temperature says whether a unit has a zero of its own, so that it can't be converted by a factor.
func temperature(u string) bool {
	switch u {
	case "°C", "°F", "K", "oC", "oF", "℃", "℉", "celsius", "fahrenheit", "kelvin", "kelvins", "centigrade":
		return true
	}
	return false
}
