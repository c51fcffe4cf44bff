package policy

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"nerva/core/api"
)

// raised has the skills whose risk and effect depend on the arguments.
var raised = map[string]func(input json.RawMessage) (api.Risk, api.Effect){"launch_app": launching}

// Of returns skill with the risk and effect of one call of it. They are never below those of the skill itself.
func Of(skill api.Skill, input json.RawMessage) api.Skill {
	if of := raised[skill.ID]; of != nil {
		risk, effect := of(input)
		skill.Risk = higher(risks, skill.Risk, risk)
		skill.Effect = higher(order, skill.Effect, effect)
	}
	return skill
}

// launching: an application that is given a URI may send what stands in it to anybody, so only what is certainly
// a local file stays safe. A relative path is not: it may as well be an option or an address. Nor is a file with something
// written behind it: a page on the disk can send its own query anywhere. A file that is a program runs, in
// Wine or in Java, so that it is exec: safe as long as nobody else has had a word.
func launching(input json.RawMessage) (api.Risk, api.Effect) {
	var in struct {
		URIs []string `json:"uris"`
	}
	if err := json.Unmarshal(input, &in); err != nil {
		return api.Caution, api.Send
	}
	for _, uri := range in.URIs {
		if !strings.HasPrefix(uri, "/") && (!localURI(uri) || strings.ContainsAny(uri, "?#")) {
			return api.Caution, api.Send
		}
	}
	if slices.ContainsFunc(in.URIs, program) {
		return api.Safe, api.Exec
	}
	return api.Safe, api.Local
}

// programs are the ends of names of files that run, or load things from elsewhere, in the application made for them.
var programs = strings.Fields(`appimage bash bat bin cmd com deb desktop docm exe fish flatpak flatpakref flatpakrepo hta htm html jar jnlp
	js jse ksh lnk lua mht mhtml mjs msi msix out pl pptm ps1 py pyc pyw rb rpm run scr sh snap svg svgz url vbe vbs war webloc wsf xbap xhtml
	xlsm xpi zsh`)

// program says whether a file is one by its name: a document is what else an application is given.
func program(uri string) bool {
	name := strings.ToLower(uri)
	if u, err := url.Parse(uri); err == nil && u.Scheme != "" {
		name = strings.ToLower(u.Path) // with its escapes resolved
	}
	name = strings.TrimRight(name, " ./")
	return slices.Contains(programs, name[strings.LastIndexByte(name, '.')+1:])
}

// localURI knows the two forms of RFC 8089 that name no other host.
func localURI(uri string) bool {
	const scheme = "file://"
	if len(uri) < len(scheme) || !strings.EqualFold(uri[:len(scheme)], scheme) {
		return false
	}
	rest := uri[len(scheme):]
	return strings.HasPrefix(rest, "/") || strings.HasPrefix(rest, "localhost/")
}

var (
	risks = []api.Risk{api.Safe, api.Caution, api.Dangerous}
	order = []api.Effect{api.Observe, api.Local, api.Write, api.Send, api.Exec, api.Inject}
)

// higher holds a value that is not in the scale for the highest of all.
func higher[T comparable](scale []T, a, b T) T {
	rank := func(v T) int {
		for i, s := range scale {
			if s == v {
				return i
			}
		}
		return len(scale)
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}
