package skills

import (
	"context"
	"encoding/json"
	"strings"

	"nerva/core/api"
	"nerva/core/apps"
)

type launchIn struct {
	App  string   `json:"app" jsonschema:"desktop file id or name of the application, such as firefox or Calculator"`
	URIs []string `json:"uris,omitempty" jsonschema:"files (absolute paths) or URIs to open with it"`
}

type launchOut struct {
	App  string   `json:"app"`
	Argv []string `json:"argv"`
	PID  int      `json:"pid,omitempty"`
	Unit string   `json:"unit,omitempty"`
}

type appsOut struct {
	Apps []App `json:"apps"`
}

func applications(d Deps) ([]*Skill, error) {
	var c collect
	launch := c.add(define(api.Skill{
		ID: "launch_app", Title: "Launch an application",
		Description: "Starts an installed application, or brings up one that allows a single instance. Use it " +
			"when the user wants to open or start a program, optionally with files. Returns the id of what was started.",
		Risk: api.Safe, Effect: api.Local,
	}, func(ctx context.Context, in launchIn) (launchOut, error) {
		if err := required("app", in.App); err != nil {
			return launchOut{}, err
		}
		l, err := d.Launcher.Launch(ctx, apps.Request{App: in.App, URIs: in.URIs})
		if l.Argv == nil {
			l.Argv = []string{}
		}
		return launchOut(l), err
	}))
	launch.Classify = classifyLaunch
	c.add(define(api.Skill{
		ID: "list_apps", Title: "List applications",
		Description: "Lists the installed applications with id and name. Use it to find the right id when a name is not certain.",
		Risk:        api.Safe, Effect: api.Observe,
	}, func(ctx context.Context, _ nothing) (appsOut, error) {
		list, err := d.Apps(ctx)
		if list == nil {
			list = []App{}
		}
		return appsOut{list}, err
	}))
	return c.done()
}

// classifyLaunch: an application that is given a URI may send what stands in it to anybody, so only what is
// certainly a local file stays safe. A relative path is not: it may as well be an option or an address.
func classifyLaunch(input json.RawMessage) (api.Risk, api.Effect) {
	var in launchIn
	if err := json.Unmarshal(input, &in); err != nil {
		return api.Caution, api.Send
	}
	for _, uri := range in.URIs {
		if !strings.HasPrefix(uri, "/") && !localURI(uri) {
			return api.Caution, api.Send
		}
	}
	return api.Safe, api.Local
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
