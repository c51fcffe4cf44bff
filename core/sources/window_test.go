package sources

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nerva/core/desk"
)

// list makes windows of words like 1:title*, of which the one with the star has the focus.
func list(words string) []desk.Window {
	var all []desk.Window
	for _, word := range strings.Fields(words) {
		name, focused := strings.CutSuffix(word, "*")
		id, title, _ := strings.Cut(name, ":")
		all = append(all, desk.Window{ID: id, Title: title, AppID: "app" + id, Workspace: "w", Focused: focused})
	}
	return all
}

func TestWhatHappensBetweenTwoLists(t *testing.T) {
	for _, c := range []struct{ before, now, want string }{
		{"1:a*", "1:a*", ""},
		{"1:a*", "1:a* 2:b", "opened 2"},
		{"1:a*", "1:a 2:b*", "opened 2, focused 2"},
		{"1:a 2:b*", "2:b* 1:a", ""},
		{"1:a 2:b*", "1:a*", "closed 2, focused 1"},
		{"1:a*", "1:b*", "titled 1"},
		{"1:a 2:b*", "1:b* 2:b", "titled 1, focused 1"},
		{"1:a*", "1:a", ""},
		{"1:a", "1:a*", "focused 1"},
		{"1:a* 2:b", "", "closed 1, closed 2"},
	} {
		var got []string
		for _, e := range compare(list(c.before), list(c.now)) {
			got = append(got, e.what+" "+e.window.ID)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("from %q to %q: %v, want %s", c.before, c.now, got, c.want)
		}
	}
}

const windowRule = "{{.Event}} {{.ID}} {{.App}} {{.Title}} {{.Workspace}} {{.Text}}"

func TestWhatWasThereBeforeTheRuleIsNotOpened(t *testing.T) {
	s := newStage(t, "").run()
	s.sources.SetWindows(list("1:a*"))
	s.sources.SetWindows(list("1:a* 2:b"))
	s.rules(rule("w", "window", windowRule))
	s.until("windows are watched")
	s.sources.SetWindows(list("1:a 2:b*"))
	s.does("focused 2 app2 b w b")
	s.rules("")
	s.until("no longer listened to")
	s.sources.SetWindows(nil)
	s.rules(rule("w", "window", windowRule))
	s.until("windows are watched")
	s.sources.SetWindows(list("3:c"))
	s.does("opened 3 app3 c w c")
}

func TestTheFirstListTellsNothing(t *testing.T) {
	s := newStage(t, rule("w", "window", windowRule)).run()
	s.until("windows are watched")
	s.sources.SetWindows(list("1:a* 2:b"))
	s.sources.SetWindows(list("1:a*"))
	s.does("closed 2 app2 b w b")
}

// TestATitleIsToldWithTheOneBefore, and with how long that had stood; of a burst with the one before it all.
func TestATitleIsToldWithTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindows(nil)
		w.open(true)
		tell := func(after time.Duration, words string) {
			time.Sleep(after)
			w.set(list(words))
		}
		tell(0, "1:make 2:b*")
		tell(7*time.Second, "1:make 2:b")
		tell(5*time.Second, "1:make 2:b 3:c*")
		tell(time.Second, "1:~ 2:b 3:d*")
		tell(2*time.Second, "1:done 2:b 3:d*")
		var got []string
		for e, ok := w.next(); ok; e, ok = w.next() {
			if e.what == "titled" {
				got = append(got, fmt.Sprintf("%s %s from %s after %v, focused %v", e.window.ID, e.window.Title, e.was, e.lasted, e.window.Focused))
			}
		}
		want := []string{"3 d from c after 1s, focused true", "1 done from make after 13s, focused false"}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// While a rule takes its time the titles of a progress bar come down to the last, and no change of the focus is lost.
func TestOfABurstOfTitlesTheLastIsTold(t *testing.T) {
	w := newWindows(nil)
	w.open(true)
	w.set(list("1:0 2:b*"))
	for i := range 1000 {
		focus := []string{"1:%d 2:b*", "1:%d* 2:b"}[i/100%2]
		w.set(list(fmt.Sprintf(focus, i+1)))
	}
	var got []string
	for e, ok := w.next(); ok; e, ok = w.next() {
		got = append(got, e.what+" "+e.window.ID)
	}
	want := append(slices.Repeat([]string{"focused 1", "focused 2"}, 5)[:9], "titled 1")
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWhatWaitsIsBoundedAndTheNewestIsKept(t *testing.T) {
	s := newStage(t, "")
	w := &s.sources.windows
	w.open(true)
	w.set(nil)
	for i := range happenings + 10 {
		w.set(list(fmt.Sprint(i)))
	}
	n, last := 0, windowEvent{}
	for e, ok := w.next(); ok; e, ok = w.next() {
		n, last = n+1, e
	}
	if n != happenings || last.what != "opened" || last.window.ID != fmt.Sprint(happenings+9) {
		t.Errorf("there are %d, and %+v is the last", n, last)
	}
	if said := s.log.String(); strings.Count(said, "\n") != 1 {
		t.Errorf("it said %s", said)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// once takes as many outcomes, each of which comes once, and compares the heap.
func (s *stage) once(events int, before uint64) {
	s.t.Helper()
	seen := map[string]bool{}
	for range events {
		did := <-s.did
		if seen[did] {
			s.t.Fatalf("it did %q twice", did)
		}
		seen[did] = true
	}
	clear(seen)
	if after := heap(); after > before+4<<20 {
		s.t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
}

func TestAFloodOfWindows(t *testing.T) {
	const events, second = 20_000, 1000
	s := newStage(t, rule("w", "window", "{{.ID}}", `match.events = ["opened"]`)).run()
	s.until("windows are watched")
	s.sources.SetWindows(nil)
	before := heap()
	for i := range events {
		s.sources.SetWindows(list(fmt.Sprintf("%d:a*", i)))
		if i%second == second-1 {
			s.once(second, before)
		}
	}
}

func TestCopiesComeInOrderAndWaitForTheRules(t *testing.T) {
	const events = 20_000
	s := newStage(t, rule("c", "clipboard", "{{.Text}} {{.App}} {{.Type}}")).run()
	s.until("the clipboard is watched")
	before := heap()
	go func() {
		for i := range events {
			s.sources.Copied(t.Context(), fmt.Sprint(i), "text/plain", "foot")
		}
	}()
	for i := range events {
		s.does(fmt.Sprintf("%d foot text/plain", i))
	}
	if after := heap(); after > before+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	s.rules("")
	s.until("no longer listened to")
	if s.sources.Follows() {
		t.Error("it follows the clipboard for nobody")
	}
	s.sources.Copied(t.Context(), "nobody wants it", "text/plain", "foot")
}

func TestACopyThatWaitsCanBeStopped(t *testing.T) {
	s := &Sources{}
	s.copied.open.Store(&copying{events: nil, ended: nil})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	s.Copied(ctx, "a", "text/plain", "") // returns
	ended := make(chan struct{})
	close(ended)
	s.copied.open.Store(&copying{events: nil, ended: ended})
	s.Copied(t.Context(), "a", "text/plain", "")
}
