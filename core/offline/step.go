package offline

// step is one thing to do, as a sentence asked for it.
type step struct {
	skill string
	input map[string]any
	// from names the input's key that takes what an earlier step found; ref is how the sentence called it.
	from, ref string
	// window is what the sentence called the window whose id goes into the input's key windowKey; it has to
	// be looked up among those that are open.
	window, windowKey string
	// again says that the step only repeats an earlier result ("and tell me the result").
	again bool
	// verb is what a sentence that goes on with "and" and only a name repeats: "open".
	verb string
	// free says that the sentence ends in a text of any words, so that "and" in it may be part of it.
	free bool
	// bare says that it was not asked for by a verb (an expression alone).
	bare bool
}

// skills are the calls that the step makes, in order.
func (s step) skills() []string {
	switch {
	case s.again:
		return nil
	case s.windowKey != "":
		return []string{"list_windows", s.skill}
	}
	return []string{s.skill}
}

func simple(skill string) []step { return []step{{skill: skill, input: map[string]any{}}} }

// withText makes a step whose input's key takes a text, the words of the person or, where they point to an
// earlier result, that result. "the result of 3*4" is calculated first.
func withText(skill, key, text string, more map[string]any) []step {
	input := map[string]any{key: text}
	for k, v := range more {
		if v != "" {
			input[k] = v
		}
	}
	s := step{skill: skill, input: input, free: true}
	if isReference(text) {
		s.from, s.ref, s.free = key, text, false
		return []step{s}
	}
	if m := resultOf.FindStringSubmatch(text); m != nil {
		for _, t := range []string{or(m[1], m[2]), text} { // "the result of 3*4"; "the sum of 3 and 4"
			if e, ok := expression(t); ok {
				s.from, s.ref, s.free = key, "the result", false
				return []step{{skill: "calculate", input: map[string]any{"expression": e}}, s}
			}
		}
	}
	return []step{s}
}
