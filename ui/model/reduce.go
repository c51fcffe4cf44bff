package model

import "strings"

// Reduce returns the state after an event and what has to be done outside because of it. It changes
// nothing that s refers to.
func Reduce(s State, e Event) (State, []Effect) {
	next, effects := reduce(s, e)
	if s.InLog() && !next.InLog() {
		next.Log = Log{}
		effects = append(effects, LeaveLog{})
	}
	return guard(s, next, effects)
}

// guard begins anew with each question that appears, the one that was hidden in the meantime as well.
func guard(old, next State, effects []Effect) (State, []Effect) {
	was, had := old.Question()
	is, has := next.Question()
	seen := had && old.Visible
	if !has || !next.Visible || seen && was.ID == is.ID {
		return next, effects
	}
	next.settled = ""
	return next, append(effects, Settle{Question: is.ID})
}

func reduce(s State, e Event) (State, []Effect) {
	if s.InLog() {
		if s, effects, taken := reduceLog(s, e); taken {
			return s, effects
		}
	}
	switch e := e.(type) {
	case Summoned:
		if s.Visible && e.Toggle {
			return hide(s), nil
		}
		s, effects := show(s)
		if e.Text != "" {
			return typed(s, e.Text)
		}
		return s, effects
	case Dismissed:
		return hide(s), nil
	case FocusMoved:
		// A run opens windows itself; whoever reads along has not turned to something else by that.
		if s.Screen == ScreenRun {
			return s, nil
		}
		return hide(s), nil
	case Escaped:
		if s.Screen == ScreenActions {
			s.Screen = ScreenSearch
			return s, nil
		}
		return hide(s), nil
	case Typed:
		return typed(s, e.Text)
	case Moved:
		return moved(s, e.To)
	case Picked:
		return picked(s, e.Row)
	case Entered:
		return entered(s)
	case Asked:
		return ask(s)
	case ActionsToggled:
		return toggleActions(s)
	case LogToggled:
		return openLog(s)
	case LogSeen, LogGrew, LogPaged, LogVerified:
		return heardLog(s, e)
	case Found:
		return found(s, e)
	case Launched:
		if e.Err != nil {
			s.Visible, s.Notice = true, e.Err.Error()
		}
		return s, nil
	case LinkChanged:
		return linkChanged(s, e)
	case StatusChanged:
		s.Warning = e.Warning
		return s, nil
	default:
		return reduceRun(s, e)
	}
}

// show brings what matters most to the front: an open question, a run that is at work or whose end nobody
// saw, else the search with the newest results of the empty query, so that the first frame is complete.
func show(s State) (State, []Effect) {
	if s.Visible {
		return s, nil
	}
	s.Visible = true
	if r, ok := pressing(s.Runs); ok {
		s.Shown, s.Screen = r.ID, ScreenRun
	}
	if s.Asking != "" {
		s.Screen = ScreenRun
	}
	return query(see(s))
}

// hide also forgets what was typed: the next summon starts anew.
func hide(s State) State {
	s.Visible = false
	s.Text, s.Notice, s.pending = "", "", pendingNothing
	s.Screen, s.Selected, s.Action = ScreenSearch, 0, 0
	s.Results = s.recent
	s.query++ // an answer that is still on its way belongs to a text that is gone
	s.answered = s.query
	s.Runs = unseen(s.Runs)
	s.Shown = 0
	return s
}

func query(s State) (State, []Effect) {
	s.query++
	limit := Limit
	if s.Text == "" {
		limit = Suggestions
	}
	return s, []Effect{Query{Number: s.query, Text: s.Text, Limit: limit}}
}

func typed(s State, text string) (State, []Effect) {
	if text == s.Text {
		return s, nil
	}
	s.Text, s.Notice, s.pending = text, "", pendingNothing
	if s.Screen == ScreenRun && text == "" {
		return s, nil
	}
	s.Screen, s.Selected = ScreenSearch, 0
	if _, asking := prompt(text); asking {
		s.Results = nil
		s.query++
		s.answered = s.query
		return s, nil
	}
	return query(s)
}

func found(s State, e Found) (State, []Effect) {
	if e.Query != s.query {
		return s, nil // latest query wins
	}
	s.answered = e.Query
	if e.Err != nil {
		s.pending = pendingNothing
		if s.Link == LinkUp { // else the link's own sentence says it
			s.Notice = e.Err.Error()
		}
		return s, nil
	}
	before, had := s.Selection()
	s.Results = group(e.Results)
	if s.Text == "" {
		s.recent = s.Results
	}
	s.Selected = indexOf(s.Items(), before, had)
	wanted := s.pending
	s.pending = pendingNothing
	switch wanted {
	case pendingEnter:
		return entered(s)
	case pendingActions:
		return toggleActions(s)
	}
	return s, announceSelection(s)
}

// entered does what the footer says Enter does. On results that are not those of the text yet it waits for
// the right ones: whoever types fast and presses Enter means what was typed, not what was shown.
func entered(s State) (State, []Effect) {
	if _, asking := prompt(s.Text); asking {
		return ask(s)
	}
	if s.Screen == ScreenRun {
		return s, nil
	}
	if s.answered != s.query && s.Link != LinkDown && s.Screen == ScreenSearch && s.Text != "" {
		s.pending = pendingEnter
		return s, nil
	}
	item, ok := s.Selection()
	if !ok {
		return s, nil
	}
	if item.Result.Kind == KindLog {
		return openLog(s)
	}
	if item.Run != 0 {
		s.Screen, s.Shown = ScreenRun, item.Run
		return see(s), nil
	}
	action := ""
	if s.Screen == ScreenActions {
		if s.Action >= len(item.Result.Actions) {
			return s, nil
		}
		action = item.Result.Actions[s.Action].ID
	}
	if actions := item.Result.Actions; item.Result.Answers && (action == "" || len(actions) > 0 && action == actions[0].ID) {
		return request(s, item.Result.Title, item.Result.ID)
	}
	return hide(s), []Effect{Activate{ID: item.Result.ID, Action: action}}
}

func picked(s State, row int) (State, []Effect) {
	s.pending = pendingNothing
	switch {
	case s.Screen == ScreenActions:
		s.Action = row
	case row < 0 || row >= len(s.Items()):
		return s, nil
	default:
		s.Selected = row
		s.answered = s.query // what was clicked was seen
	}
	return entered(s)
}

func toggleActions(s State) (State, []Effect) {
	switch s.Screen {
	case ScreenActions:
		s.Screen = ScreenSearch
		return s, nil
	case ScreenRun:
		return s, nil
	}
	if s.answered != s.query && s.Text != "" {
		s.pending = pendingActions
		return s, nil
	}
	item, ok := s.Selection()
	if !ok || len(item.Result.Actions) == 0 {
		return s, nil
	}
	s.Screen, s.Action = ScreenActions, 0
	return s, announceSelection(s)
}

func ask(s State) (State, []Effect) {
	text := s.Text
	if p, asking := prompt(text); asking {
		text = p
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return s, nil
	}
	return request(s, text, "")
}

// request shows the run of what is asked before it has a number.
func request(s State, text, result string) (State, []Effect) {
	if s.Asking != "" {
		return s, nil
	}
	s.Asking, s.Shown, s.Screen = text, 0, ScreenRun
	s.Text, s.Notice, s.pending = "", "", pendingNothing
	s.query++
	s.answered = s.query
	s.Results, s.Selected = s.recent, 0
	return s, []Effect{Ask{Prompt: text, Result: result}}
}

// prompt is what follows a leading question mark.
func prompt(text string) (string, bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(text, " "), "?")
	return strings.TrimSpace(rest), ok
}

func linkChanged(s State, e LinkChanged) (State, []Effect) {
	s.Link, s.LinkDetail = e.Link, e.Detail
	if e.Link != LinkUp {
		s.pending = pendingNothing
		return s, nil
	}
	return query(s)
}

// announceSelection has the selected row read out; the focus stays in the entry, so nothing else would.
func announceSelection(s State) []Effect {
	item, ok := s.Selection()
	if !ok || !s.Visible || s.Screen == ScreenRun || s.InLog() {
		return nil
	}
	if s.Screen == ScreenActions {
		if s.Action < len(item.Result.Actions) {
			return []Effect{Announce{item.Result.Actions[s.Action].Title}}
		}
		return nil
	}
	return []Effect{Announce{item.Result.Title + ", " + KindTitle(item.Result.Kind)}}
}

func indexOf(items []Item, want Item, ok bool) int {
	if !ok {
		return 0
	}
	for i, it := range items {
		if it.Run == want.Run && it.Result.ID == want.Result.ID {
			return i
		}
	}
	return 0
}
