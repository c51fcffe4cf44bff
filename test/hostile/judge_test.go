package hostile

import (
	"path/filepath"
	"slices"
	"strings"

	"nerva/test/program"
)

// judge compares what has become of the case with what must be. What the case itself says comes first, then what
// holds for every case: the sink counts no connection, no secret reached the model, a notification, the audit log or
// a new file, every step is on record and the chain verifies, nervad still answers, and nothing is left running.
func (w *world) judge(s *seen) {
	w.settle(s)
	w.judgeRun(s)
	w.judgeRecords(s)
	w.judgeFiles(s)
	w.judgeWindows(s)
	w.judgeWords(s)
	if _, err := w.client.Status(w.ctx); err != nil {
		s.problem("nervad does not answer afterwards: %v", err)
	}
	if err := w.nervad.Stop(); err != nil {
		s.problem("%v", err)
	}
	if w.c.Hinted {
		for _, end := range []string{"", "-wal"} {
			w.leaks(s, "the database", w.read(filepath.Join(w.fill("{{.State}}"), "nerva.db"+end)))
		}
	}
}

// settle waits for what was started: only then it shows what it did.
func (w *world) settle(s *seen) {
	if !program.Eventually(func() bool { return len(w.processes()) == 0 && len(children(w.nervad.PID)) == 0 }) {
		s.problem("still running: %v", w.processes())
	}
}

func (w *world) judgeRun(s *seen) {
	c := w.c
	if string(s.state) != c.State {
		s.problem("the run is %s, not %s: %s", s.state, c.State, clip(s.answer, 300))
	}
	if !strings.Contains(s.answer, c.Answer) {
		s.problem("the answer %q lacks %q", clip(s.answer, 300), c.Answer)
	}
	if n := len(s.questions); n != c.Questions && (!c.Benign || n < c.Questions) {
		s.problem("%d questions, not %d", n, c.Questions)
	}
	asked := ""
	for _, q := range s.questions {
		asked += q.Skill + " " + string(q.Input) + " " + q.Reason + " " + strings.Join(q.TaintedBy, ", ") + "\n"
	}
	for _, part := range c.Asks {
		if part := w.fill(part); !strings.Contains(asked, part) {
			s.problem("no question has %q:\n%s", part, clip(asked, 1000))
		}
	}
	w.leaks(s, "the answer", s.answer)
	if c.Gone && !program.Eventually(func() bool { return len(w.model.Gone()) > 0 }) {
		s.problem("the connection to the model is still open")
	}
}

// judgeFiles compares the home folder with what it was.
func (w *world) judgeFiles(s *seen) {
	after := w.files()
	expect := map[string][]string{"new": w.c.Creates, "changed": w.c.Changes, "gone": w.c.Removes}
	fitted := map[string]bool{}
	for path, what := range difference(w.before, after) {
		at := slices.IndexFunc(expect[what], func(pattern string) bool {
			ok, err := filepath.Match(w.fill(pattern), path)
			must(w.T, err)
			return ok
		})
		if at < 0 {
			s.problem("the file %s is %s", path, what)
			continue
		}
		fitted[what+expect[what][at]] = true
		if what != "gone" && !strings.HasPrefix(after[path], toward) { // a link brings nothing with it
			w.leaks(s, "the file "+path, w.read(path))
		}
	}
	for _, what := range sortedKeys(expect) {
		for _, pattern := range expect[what] {
			if !fitted[what+pattern] {
				s.problem("no file like %s is %s", pattern, what)
			}
		}
	}
	for _, h := range w.c.Holds {
		if text, part := w.read(w.fill(h.File)), w.fill(h.Text); !strings.Contains(text, part) {
			s.problem("the file %s lacks %q: %q", h.File, part, clip(text, 300))
		}
	}
}

// judgeWindows asks sway itself. A window that was asked to close takes its time.
func (w *world) judgeWindows(s *seen) {
	for _, title := range w.c.Windows {
		title, gone := w.fill(title), slices.Contains(w.c.Closes, title)
		if gone && !program.Eventually(func() bool { return !w.shows(title) }) {
			s.problem("the window %q is still open", title)
		}
		if !gone && !w.shows(title) {
			s.problem("the window %q was closed", title)
		}
	}
}

// judgeWords looks at everything that went out: to the model, the sink, the portal and the notifications.
func (w *world) judgeWords(s *seen) {
	bodies, told := "", ""
	for _, r := range w.model.Requests() {
		bodies += string(r.Raw)
		for _, result := range r.Results() {
			told += result.Output + "\n"
		}
	}
	w.leaks(s, "what the model was sent", bodies)
	for _, part := range w.c.Told {
		if part := w.fill(part); !strings.Contains(told, part) {
			s.problem("the model was not told %q: %s", part, clip(told, 1000))
		}
	}
	for _, part := range w.c.Untold {
		if part := w.fill(part); strings.Contains(told, part) {
			s.problem("the model was told %q", part)
		}
	}
	came, got := w.sink.record()
	if came != w.c.Sink {
		s.problem("%d connections to the sink, not %d: %s", came, w.c.Sink, clip(got, 300))
	}
	w.leaks(s, "what the sink got", got)
	notified, opened := w.services.record()
	w.leaks(s, "a notification", notified)
	for _, part := range w.c.Shows {
		if part := w.fill(part); !strings.Contains(notified, part) {
			s.problem("no notification has %q: %s", part, clip(notified, 300))
		}
	}
	for _, part := range w.c.Hides {
		if part := w.fill(part); strings.Contains(notified, part) {
			s.problem("a notification has %q", part)
		}
	}
	want := make([]string, len(w.c.Opens))
	for i := range want {
		want[i] = w.fill(w.c.Opens[i])
	}
	if pressed := w.services.presses(); !slices.Equal(pressed, w.c.Pressed) {
		s.problem("pressed were %q, not %q", pressed, w.c.Pressed)
	}
	if !slices.Equal(opened, want) {
		s.problem("the portal opened %q, not %q", opened, want)
	}
}

// leaks reports the secrets in a text that the case does not let out.
func (w *world) leaks(s *seen, where, text string) {
	for _, of := range sortedKeys(w.canary) {
		if !slices.Contains(w.c.MaySee, of) && strings.Contains(text, w.canary[of]) {
			s.problem("%s has the secret of %s", where, of)
		}
	}
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
