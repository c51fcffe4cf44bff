package skills

import (
	"context"
	"encoding/json"

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
		if err := stillThere(d, in.URIs); err != nil {
			return launchOut{}, err
		}
		l, err := d.Launcher.Launch(ctx, apps.Request{App: in.App, URIs: in.URIs})
		if l.Argv == nil {
			l.Argv = []string{}
		}
		return launchOut(l), err
	}))
	launch.Resolve = func(input json.RawMessage) (json.RawMessage, error) {
		return rewrite(input, "uris", func(uris []string) ([]string, error) { return resolveTargets(d, uris) })
	}
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
