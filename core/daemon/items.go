package daemon

import (
	"path/filepath"
	"strings"

	"nerva/core/api"
	"nerva/core/apps"
	"nerva/core/desk"
	"nerva/core/notes"
	"nerva/core/search"
	"nerva/core/workflows"
)

// The actions of results that are not an application's own.
const (
	actionOpen  = "open"
	actionFocus = "focus"
	actionClose = "close"
	actionCopy  = "copy"
	actionRun   = "run"

	actionForget    = "forget"
	actionForgetAll = "forget-all"
)

// appItems makes a result of each application, and one of each of its actions.
func appItems(s *apps.Snapshot) []search.Item {
	var items []search.Item
	for _, e := range s.Visible() {
		items = append(items, appItem(e))
		for _, a := range e.Actions {
			items = append(items, actionItem(e, a))
		}
	}
	return items
}

func appItem(e *apps.Entry) search.Item {
	r := api.Result{
		ID: "app:" + e.ID, Kind: api.KindApp, Title: e.Name, Subtitle: e.GenericName, Icon: e.Icon,
		Actions: []api.Action{{ID: actionOpen, Title: "Open"}},
	}
	if r.Subtitle == "" {
		r.Subtitle = e.Comment
	}
	for _, a := range e.Actions {
		r.Actions = append(r.Actions, api.Action{ID: a.ID, Title: a.Name})
	}
	return search.Item{
		Result:   r,
		Names:    some(e.UntranslatedName, program(e.Exec)),
		Generic:  some(e.GenericName, e.UntranslatedGenericName),
		Keywords: append(append([]string{}, e.Keywords...), e.UntranslatedKeywords...),
		IDs:      some(e.ID),
	}
}

// actionItem is found by the action's name; the application's name only narrows down, so that the
// application itself stands first.
func actionItem(e *apps.Entry, a apps.Action) search.Item {
	icon := a.Icon
	if icon == "" {
		icon = e.Icon
	}
	return search.Item{
		Result: api.Result{
			ID: "app:" + e.ID + ":" + a.ID, Kind: api.KindApp, Title: a.Name, Subtitle: e.Name, Icon: icon,
			Actions: []api.Action{{ID: actionOpen, Title: a.Name}},
		},
		Names:    some(a.UntranslatedName),
		Keywords: some(e.Name, e.UntranslatedName),
	}
}

// program is what somebody who knows the command would type.
func program(exec string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(exec), " ")
	name := filepath.Base(strings.Trim(first, `"`))
	switch name {
	case ".", "/", "env", "sh", "bash", "flatpak", "gtk-launch", "python3":
		return "" // these say nothing of the application
	}
	return name
}

func some(texts ...string) []string {
	var list []string
	for _, t := range texts {
		if t != "" {
			list = append(list, t)
		}
	}
	return list
}

func windowItems(list []desk.Window) []search.Item {
	items := make([]search.Item, 0, len(list))
	for _, w := range list {
		where := w.AppID
		if w.Workspace != "" {
			where = strings.TrimPrefix(where+" · workspace "+w.Workspace, " · ")
		}
		items = append(items, search.Item{
			Result: api.Result{
				ID: "window:" + w.ID, Kind: api.KindWindow, Title: w.Title, Subtitle: where, Icon: w.AppID,
				Actions: []api.Action{{ID: actionFocus, Title: "Switch to"}, {ID: actionClose, Title: "Close"}},
			},
			IDs: some(w.AppID),
		})
	}
	return items
}

func noteItems(list []notes.Note) []search.Item {
	items := make([]search.Item, 0, len(list))
	for _, n := range list {
		items = append(items, search.Item{Result: noteResult(n), Keywords: n.Tags})
	}
	return items
}

func noteResult(n notes.Note) api.Result {
	return api.Result{
		ID: notePrefix + n.Path, Kind: api.KindNote, Title: n.Title, Subtitle: n.Modified.Format("2006-01-02 15:04"),
		Icon: "text-x-generic", Actions: []api.Action{{ID: actionOpen, Title: "Open"}},
	}
}

const notePrefix = api.KindNote + ":"

// workflowItems leaves out those that must be given something: `nerva workflow run` takes that.
func workflowItems(list []*workflows.Compiled) []search.Item {
	var items []search.Item
	for _, w := range list {
		if _, err := w.Give(nil); err != nil {
			continue
		}
		items = append(items, search.Item{
			Result: api.Result{
				ID: "workflow:" + w.Name, Kind: api.KindWorkflow, Title: w.Shown(), Subtitle: w.Summary(), Icon: "system-run-symbolic",
				Actions: []api.Action{{ID: actionRun, Title: "Run"}}, Answers: true,
			},
			Names: some(w.Name),
		})
	}
	return items
}
