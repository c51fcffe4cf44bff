package timers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/when"
)

func (w *world) add(text, every string, due time.Time) api.Timer {
	w.t.Helper()
	t, err := w.Add(w.t.Context(), when.Time{Due: due, Every: every}, text)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

// list gives the timers, each as "state due every text".
func (w *world) list() (all []string) {
	w.t.Helper()
	list, err := w.List(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, t := range list {
		all = append(all, strings.Join(strings.Fields(fmt.Sprint(t.State, " ", t.Due.Format("15:04:05"), " ", t.Every, " ", t.Text)), " "))
	}
	return all
}

func (w *world) lists(want ...string) {
	w.t.Helper()
	if got := w.list(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.t.Errorf("the list is %q, want %q", got, want)
	}
}

func TestItRingsWhenItIsDue(t *testing.T) {
	w := newWorld(t)
	tea := w.add("tea", "", start.Add(20*time.Minute))
	w.settled(tea.Due)
	w.add("bread", "", start.Add(10*time.Minute))
	w.settled(start.Add(10 * time.Minute))
	w.lists("waiting 14:40:00 bread", "waiting 14:50:00 tea")
	w.to(start.Add(10*time.Minute + 500*time.Millisecond))
	w.settled(tea.Due)
	w.expect("bread|14:40")
	w.lists("rung 14:40:00 bread", "waiting 14:50:00 tea")
	w.to(tea.Due)
	w.settled(time.Time{})
	w.expect("bread|14:40", "tea|14:50")
	w.press(t, "bread", actionDone)
	w.press(t, "tea", "")
	w.settled(time.Time{})
	w.settled(time.Time{})
	w.lists()
}

func TestWhatWasMissedIsToldOnWaking(t *testing.T) {
	w := newWorld(t)
	w.add("tea", "", start.Add(20*time.Minute))
	w.add("water", "@every 1h0m0s", start.Add(time.Hour))
	w.to(start.Add(50 * time.Hour))
	w.settled(start.Add(51 * time.Hour))
	w.expect("tea|Missed: it was due on Wednesday 25 November at 14:50", "water|Missed: it was due on Wednesday 25 November at 15:30 · every hour")
	w.lists("rung 14:50:00 tea", "waiting 17:30:00 hour water")
}

func TestARepetitionReplacesTheOneBefore(t *testing.T) {
	w := newWorld(t)
	w.add("water", "@every 1h0m0s", start.Add(time.Hour))
	w.to(start.Add(time.Hour))
	w.settled(start.Add(2 * time.Hour))
	w.to(start.Add(2 * time.Hour))
	w.settled(start.Add(3 * time.Hour))
	w.expect("water|16:30 · every hour")
	w.press(t, "water", actionDone)
	w.settled(start.Add(3 * time.Hour))
	w.lists("waiting 17:30:00 hour water")
}

func TestSnoozed(t *testing.T) {
	w := newWorld(t)
	w.add("tea", "", start.Add(time.Hour))
	w.add("water", "@every 1h0m0s", start.Add(time.Hour))
	w.to(start.Add(time.Hour))
	w.settled(start.Add(2 * time.Hour))
	w.press(t, "tea", actionSnooze)
	w.settled(start.Add(70 * time.Minute))
	w.press(t, "water", actionSnooze)
	w.settled(start.Add(70 * time.Minute))
	w.expect()
	w.lists("waiting 15:40:00 tea", "waiting 15:40:00 water", "waiting 16:30:00 hour water")
	w.to(start.Add(70 * time.Minute))
	w.settled(start.Add(2 * time.Hour))
	w.expect("tea|15:40", "water|15:40")
}

func TestCancelledItIsTakenAway(t *testing.T) {
	w := newWorld(t)
	tea := w.add("tea", "", start.Add(time.Hour))
	bread := w.add("bread", "", start.Add(2*time.Hour))
	w.to(start.Add(time.Hour))
	w.settled(bread.Due)
	for _, id := range []int64{tea.ID, bread.ID} {
		if err := w.Cancel(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	w.expect()
	w.lists()
	w.settled(time.Time{})
	if err := w.Cancel(t.Context(), tea.ID); api.CodeOf(err) != api.NotFound {
		t.Errorf("again: %v", err)
	}
	if next := w.add("milk", "", start.Add(3*time.Hour)); next.ID <= bread.ID {
		t.Errorf("the number %d is used again", next.ID)
	}
}

func TestWithoutAServiceItRingsOnceThereIsOne(t *testing.T) {
	w := newWorld(t)
	w.leave()
	w.add("tea", "", start.Add(time.Hour))
	w.to(start.Add(time.Hour))
	w.settled(time.Time{})
	w.lists("rung 15:30:00 tea")
	w.restart()
	w.settled(time.Time{})
	w.expect("tea|15:30")
	// And what another one showed is shown again, unless somebody has answered.
	w.restart()
	w.settled(time.Time{})
	w.expect("tea|15:30")
	w.press(t, "tea", actionDone)
	w.settled(time.Time{})
	w.restart()
	w.settled(time.Time{})
	w.expect()
}

func TestTheNumberOfAnotherServiceIsNoAnswer(t *testing.T) {
	w := newWorld(t)
	w.add("tea", "", start.Add(time.Hour))
	w.to(start.Add(time.Hour))
	w.settled(time.Time{})
	w.service.mu.Lock()
	w.by = "another" // and nobody has told us
	w.service.mu.Unlock()
	w.press(t, "tea", "")
	w.settled(time.Time{})
	w.lists("rung 15:30:00 tea")
}

func TestNobodyAnswersForADay(t *testing.T) {
	w := newWorld(t)
	w.add("tea", "", start.Add(time.Hour))
	w.to(start.Add(time.Hour))
	w.settled(time.Time{})
	w.to(start.Add(48 * time.Hour))
	w.settled(time.Time{})
	w.lists("rung 15:30:00 tea") // it is still on the screen
	w.gone(t, "tea")
	w.settled(time.Time{})
	w.lists()
}

func TestAClockThatIsSetBackRingsNothingTwice(t *testing.T) {
	w := newWorld(t)
	w.add("tea", "", start.Add(time.Hour))
	w.add("day", "0 16 * * *", start.Add(90*time.Minute))
	w.to(start.Add(2 * time.Hour))
	next := start.Add(90*time.Minute + 24*time.Hour)
	w.settled(next)
	w.press(t, "tea", actionDone)
	w.settled(next)
	w.to(start)
	w.settled(next)
	w.expect("day|Missed: it was due at 16:00 · every day 16:00")
}

func TestWrongTimers(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"", "  \n", strings.Repeat("x", maxText+1)} {
		if _, err := w.Add(t.Context(), when.Time{Due: start.Add(time.Hour)}, text); api.CodeOf(err) != api.InvalidInput {
			t.Errorf("%.10q: %v", text, err)
		}
	}
	if _, err := w.db.Exec(`INSERT INTO timers (due, every, text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 10000) SELECT 1e15, '', 'x' FROM n`); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add(t.Context(), when.Time{Due: start.Add(time.Hour)}, "one more"); api.CodeOf(err) != api.Busy || !strings.Contains(err.Error(), "cancel some") {
		t.Errorf("too many: %v", err)
	}
}

func (w *world) declare(all ...Declared) {
	w.t.Helper()
	if err := w.Declare(w.t.Context(), all); err != nil {
		w.t.Fatal(err)
	}
}

func TestTheTimersOfTheConfigurationAreThoseThatItHas(t *testing.T) {
	w := newWorld(t)
	w.add("tea", "", start.Add(10*time.Minute))
	pills, water := Declared{"pills", "0 15 * * *", "take the pills"}, Declared{"water", "@every 1h0m0s", "drink"}
	w.declare(pills, water)
	w.lists("waiting 14:40:00 tea", "waiting 15:00:00 day 15:00 take the pills", "waiting 15:30:00 hour drink")
	// What is as it was goes on: an hour is not counted anew.
	w.to(start.Add(40 * time.Minute))
	w.declare(pills, water)
	w.settled(start.Add(time.Hour))
	w.lists("rung 14:40:00 tea", "waiting 15:30:00 hour drink", "waiting 15:00:00 day 15:00 take the pills")
	w.expect("tea|Missed: it was due at 14:40", "take the pills|Missed: it was due at 15:00 · every day 15:00")
	water.Every = "@every 2h0m0s"
	w.declare(water)
	w.settled(start.Add(160 * time.Minute))
	w.lists("rung 14:40:00 tea", "waiting 17:10:00 2 hours drink")
	w.expect("tea|Missed: it was due at 14:40")
	list, err := w.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Cancel(t.Context(), list[1].ID); api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), `"water" of the configuration`) {
		t.Errorf("cancelled: %v", err)
	}
	w.declare()
	w.settled(time.Time{})
	w.lists("rung 14:40:00 tea")
}

// TestWhatNobodyAnsweredIsShownAfterAReboot: the service was there first, so its coming tells nothing.
func TestWhatNobodyAnsweredIsShownAfterAReboot(t *testing.T) {
	w := newWorld(t, fmt.Sprintf(`INSERT INTO timers (due, every, text, rang, shown, shown_by)
		VALUES (0, '', 'tea', %d, 3, 'another'), (0, '', 'bread', %d, 4, 'first')`, ms(start), ms(start)))
	w.expect("tea|14:30")
}
