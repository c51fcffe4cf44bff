package compositor

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"nerva/core/desk"
)

// hyprClient is what we read of a window in Hyprland's j/clients.
type hyprClient struct {
	Address   string  `json:"address"`
	Mapped    bool    `json:"mapped"`
	Hidden    bool    `json:"hidden"` // behind another of its group
	At        [2]int  `json:"at"`     // logical pixels of the global space
	Size      [2]int  `json:"size"`
	Workspace hyprRef `json:"workspace"`
	Monitor   int     `json:"monitor"`
	Class     string  `json:"class"` // of Xwayland windows too
	Title     string  `json:"title"`
	PID       int     `json:"pid"`
	// FocusHistory counts from 0, the window that last had the focus; -1 never had it.
	FocusHistory int `json:"focusHistoryID"`
}

type hyprRef struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// hyprMonitor is what we read of an output in j/monitors.
type hyprMonitor struct {
	ID      int     `json:"id"`
	Name    string  `json:"name"`
	Active  hyprRef `json:"activeWorkspace"`
	Special hyprRef `json:"specialWorkspace"` // shown above the active one; without a name if there is none
}

// parseClients reads the replies to hyprlandState: three JSON values with white space between.
func parseClients(reply string) ([]window, error) {
	var clients []hyprClient
	var monitors []hyprMonitor
	var active struct {
		Address string `json:"address"` // nothing where no window has the focus
	}
	decoder := json.NewDecoder(strings.NewReader(reply))
	for _, value := range []any{&clients, &monitors, &active} {
		if err := decoder.Decode(value); err != nil {
			return nil, fmt.Errorf("%w in %.80q", err, reply)
		}
	}
	slices.SortStableFunc(clients, func(a, b hyprClient) int { return cmp.Compare(a.age(), b.age()) })
	var list []window
	for _, c := range clients {
		if c.Mapped {
			list = append(list, c.window(monitors, c.Address == active.Address))
		}
	}
	return list, nil
}

// age orders windows by their last focus.
func (c *hyprClient) age() int {
	if c.FocusHistory < 0 {
		return math.MaxInt
	}
	return c.FocusHistory
}

func (c *hyprClient) window(monitors []hyprMonitor, focused bool) window {
	w := window{
		Window: desk.Window{
			ID: c.Address, AppID: c.Class, Title: c.Title, PID: c.PID, Workspace: c.Workspace.Name, Focused: focused,
		},
		rect: desk.Region{X: c.At[0], Y: c.At[1], Width: c.Size[0], Height: c.Size[1]},
	}
	for _, m := range monitors {
		if m.ID == c.Monitor {
			w.Output = m.Name
			w.visible = !c.Hidden && (m.Active.ID == c.Workspace.ID || m.Special.Name != "" && m.Special.ID == c.Workspace.ID)
		}
	}
	return w
}
