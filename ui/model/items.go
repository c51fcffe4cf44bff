package model

import (
	"sort"
	"strings"

	"nerva/core/api"
)

// KindRun is the kind of the row that leads back to an open run. It is never a search result's.
const KindRun = "run"

// KindLog is the kind of the row that leads to the audit log; it is no search result's either.
const KindLog = "log"

// Item is a row of ScreenSearch: a result, a way back to an open run, or the way to the log.
type Item struct {
	Result api.Result
	Run    uint64
}

// Items are the rows of ScreenSearch: open runs first while nothing is typed, then the results, and last the log
// where that may be meant.
func (s State) Items() []Item {
	items := make([]Item, 0, len(s.Results)+1)
	if s.Text == "" {
		for _, r := range s.Runs {
			if r.Open() {
				items = append(items, Item{Run: r.ID, Result: api.Result{
					Kind: KindRun, Title: r.Prompt, Subtitle: Progress(r),
					Actions: []api.Action{{Title: "Show"}},
				}})
			}
		}
	}
	for _, r := range s.Results {
		items = append(items, Item{Result: r})
	}
	if meansLog(s.Text) {
		items = append(items, Item{Result: api.Result{
			ID: "nerva:log", Kind: KindLog, Title: "Audit log", Icon: "document-open-recent-symbolic",
			Subtitle: "Every call, who decided it and how it ended", Actions: []api.Action{{Title: "Show"}},
		}})
	}
	return items
}

// meansLog says whether text begins the log's name.
func meansLog(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	return len(text) >= 3 && (strings.HasPrefix("audit log", text) || strings.HasPrefix("log", text))
}

// Selection is the selected item.
func (s State) Selection() (Item, bool) {
	items := s.Items()
	if s.Selected < 0 || s.Selected >= len(items) {
		return Item{}, false
	}
	return items[s.Selected], true
}

// group puts the results of one kind together. The kinds stand in the order of their best result, so the
// best result of all stays first and Enter does what the ranking meant.
func group(results []api.Result) []api.Result {
	first := map[string]int{}
	for i, r := range results {
		if _, ok := first[r.Kind]; !ok {
			first[r.Kind] = i
		}
	}
	grouped := append([]api.Result(nil), results...)
	sort.SliceStable(grouped, func(i, j int) bool { return first[grouped[i].Kind] < first[grouped[j].Kind] })
	return grouped
}

// page is how far the page keys go: about what is visible at once.
const page = 8

func moved(s State, to Motion) (State, []Effect) {
	at, n := &s.Selected, len(s.Items())
	if s.Screen == ScreenActions {
		item, _ := s.Selection()
		at, n = &s.Action, len(item.Result.Actions)
	}
	if n == 0 || s.Screen == ScreenRun {
		return s, nil
	}
	switch to {
	case Next:
		*at = (*at + 1) % n
	case Previous:
		*at = (*at + n - 1) % n
	case NextPage:
		*at = min(*at+page, n-1)
	case PreviousPage:
		*at = max(*at-page, 0)
	case First:
		*at = 0
	case Last:
		*at = n - 1
	}
	return s, announceSelection(s)
}
