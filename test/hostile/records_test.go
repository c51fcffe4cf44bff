package hostile

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nerva/core/api"
)

// judgeRecords compares the audit log with the case and with the run's own steps.
func (w *world) judgeRecords(s *seen) {
	var records []api.Record
	for _, run := range s.runs {
		of, err := w.client.Log(w.ctx, api.LogFilter{Run: run})
		if err != nil {
			s.problem("the log can't be read: %v", err)
		}
		records = append(records, of...)
	}
	var got, of []string
	for _, r := range records {
		got = append(got, strings.Join([]string{r.Skill, r.Decision, r.DecidedBy, r.Outcome}, " "))
		if r.Skill != "show_request" || r.Outcome != "ok" { // that a model elsewhere may be shown the request is no step, that it may not is one
			of = append(of, string(stepState(r.Outcome)))
		}
	}
	if want := spread(w.c.Calls); !slices.EqualFunc(want, got, fits) {
		s.problem("the calls were %s, not %s", gather(got), gather(want))
	}
	var steps []string
	for _, step := range s.steps {
		steps = append(steps, string(step.State))
	}
	if !w.c.Cancel && !slices.Equal(steps, of) {
		s.problem("the steps ended as %v, the records say %v", steps, of)
	}
	if _, err := w.client.VerifyLog(w.ctx); err != nil {
		s.problem("the log does not verify: %v", err)
	}
	all, err := w.client.Log(w.ctx, api.LogFilter{})
	if err != nil {
		s.problem("the log can't be read: %v", err)
	}
	text, err := json.Marshal(all)
	must(w.T, err)
	w.leaks(s, "the audit log", string(text))
	if strings.Contains(string(text), w.canary["key"]) {
		s.problem("the audit log has the model's key")
	}
}

// stepState is the state of a step whose call has this outcome on record.
func stepState(outcome string) api.StepState {
	switch outcome {
	case "ok":
		return api.StepOK
	case "refused":
		return api.StepRefused
	case "denied":
		return api.StepDenied
	}
	return api.StepError
}

// fits compares a record with what the case says of it: * is any word, !word any other.
func fits(want, got string) bool {
	return slices.EqualFunc(strings.Split(want, " "), strings.Split(got, " "), func(want, got string) bool {
		not, negated := strings.CutPrefix(want, "!")
		return want == "*" || want == got || negated && not != got
	})
}

var times = regexp.MustCompile(`^(.*) x(\d+)$`)

// spread writes "call xN" out, gather the other way round.
func spread(calls []string) (all []string) {
	for _, c := range calls {
		m := times.FindStringSubmatch(c)
		if m == nil {
			all = append(all, c)
			continue
		}
		n, _ := strconv.Atoi(m[2]) // they are digits
		all = append(all, slices.Repeat([]string{m[1]}, n)...)
	}
	return all
}

func gather(calls []string) string {
	var all []string
	for i := 0; i < len(calls); {
		n := 1
		for i+n < len(calls) && calls[i+n] == calls[i] {
			n++
		}
		text := calls[i]
		if n > 1 {
			text += fmt.Sprintf(" x%d", n)
		}
		all = append(all, text)
		i += n
	}
	return "[" + strings.Join(all, ", ") + "]"
}
