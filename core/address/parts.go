package address

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// hosts maps as browsers do. Underscores, which host names may not have and have, are let through.
var hosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.BidiRule())

var (
	// plainHost: some letters map to a slash or a question mark.
	plainHost = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)
	// number is a last label by which a browser takes the whole host for an IPv4 address (WHATWG URL, "ends in a number
	// checker"): 127.1, 0x7f.1 and 2130706433 are 127.0.0.1.
	number = regexp.MustCompile(`(^|\.)([0-9]+|0x[0-9a-f]*)$`)
)

// maxHost is the length of a name in DNS, in bytes.
const maxHost = 253

func cleanHost(name string) (string, error) {
	if address, err := netip.ParseAddr(name); err == nil && address.Zone() == "" {
		return plainAddress(address), nil
	}
	host, err := hosts.ToASCII(name)
	// What is mapped to letters that are mapped further, such as bytes that are no UTF-8, is a name to nobody.
	if again, further := hosts.ToASCII(host); err != nil || further != nil || again != host {
		host = ""
	}
	host = strings.TrimSuffix(host, ".")
	if len(host) > maxHost || !plainHost.MatchString(host) {
		return "", bad("%.64q is no name of a host: check its spelling", name)
	}
	if !number.MatchString(host) {
		return host, nil
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return "", bad("%.64q is a number, which a browser may take for any host: write it with four parts, as in 192.0.2.1", name)
	}
	return plainAddress(address), nil
}

// plainAddress: one of IPv4 that is written as IPv6 goes to the same host.
func plainAddress(address netip.Addr) string {
	if address = address.Unmap(); address.Is6() {
		return "[" + address.String() + "]"
	}
	return address.String()
}

var usualPorts = map[string]uint64{"http": 80, "https": 443}

// cleanPort gives the colon with it, or nothing for the port that the scheme has by itself.
func cleanPort(scheme, port string) (string, error) {
	if port == "" {
		return "", nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "", bad("%.16q is no port: choose one up to 65535, or leave it out", port)
	}
	if n == usualPorts[scheme] {
		return "", nil
	}
	return ":" + strconv.FormatUint(n, 10), nil
}

// cleanPath takes out of an escaped path the escapes of letters that need none and then the dots. An empty segment is
// one like any other.
//
// Source: RFC 3986, sections 6.2.2 and 5.2.4.
func cleanPath(escaped string) string {
	segments := strings.Split(escapes.ReplaceAllStringFunc(escaped, plainEscape), "/")[1:]
	var kept []string
	for i, segment := range segments {
		switch segment {
		case ".":
		case "..":
			kept = kept[:max(len(kept)-1, 0)]
		default:
			kept = append(kept, segment)
			continue
		}
		if i == len(segments)-1 {
			kept = append(kept, "") // the folder
		}
	}
	return "/" + strings.Join(kept, "/")
}

var (
	escapes    = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	unreserved = regexp.MustCompile(`^[A-Za-z0-9._~-]$`) // RFC 3986, section 2.3
)

func plainEscape(escape string) string {
	if letter, err := url.PathUnescape(escape); err == nil && unreserved.MatchString(letter) {
		return letter
	}
	return strings.ToUpper(escape)
}
