// Package policy decides what becomes of one call: it may run, a person is asked, or it is denied, and why.
//
// A Policy is a pure value: it owns no state, starts no goroutine, reads no clock and no file, and any
// goroutine may use it. It must not know how a skill is executed, who is asked or what is recorded; the
// gate does all that with the Verdict it gets from here.
package policy

import (
	"encoding/json"
	"fmt"
	"strings"

	"nerva/core/api"
)

// Decision is what becomes of a call.
type Decision string

// The decisions, as the audit log and the configuration write them.
const (
	Allow Decision = "allow"
	Ask   Decision = "ask"
	Deny  Decision = "deny"
)

// Verdict is a decision with its origin.
type Verdict struct {
	Decision Decision
	// By is a rule's name, "tier" or "taint", as in the audit log's decided_by.
	By string
	// Reason is a sentence for the person who is asked or told.
	Reason string
}

// Policy holds the decision for each tier, and the rules. The zero value is Default.
type Policy struct {
	Safe, Caution, Dangerous Decision
	Rules                    []Compiled
	// Locked are tiers of which no rule but the system's own can allow a call.
	Locked []api.Risk
	// Shares has the decision for each of Kinds; see Share.
	Shares map[string]Decision
	// Home is what ~ stands for in paths.
	Home string
	// Links returns a clean path with its symbolic links resolved, as far as it exists. Nil: there are none.
	Links func(path string) string
	// App returns the desktop entry id of what an application may be called by. Nil: every name is its own id.
	App func(name string) string
}

// Default is the policy of an empty configuration.
func Default() Policy { return Policy{Safe: Allow, Caution: Ask, Dangerous: Ask} }

// Validate returns an api.InvalidInput error that names the tier with a decision it can't have.
func (p Policy) Validate() error {
	for _, tier := range []struct {
		risk     api.Risk
		decision Decision
	}{{api.Safe, p.Safe}, {api.Caution, p.Caution}, {api.Dangerous, p.Dangerous}} {
		switch tier.decision {
		case "", Ask, Deny:
		case Allow:
			if tier.risk == api.Dangerous {
				return api.Errorf(api.InvalidInput,
					`policy.dangerous can't be "allow": a tier can't allow what is dangerous; write "ask" or "deny"`)
			}
		default:
			return api.Errorf(api.InvalidInput, `policy.%s can't be %q; write "allow", "ask" or "deny"`,
				tier.risk, tier.decision)
		}
	}
	return nil
}

// Decide says what becomes of a call of skill with input in a run that was tainted by taintedBy (empty: not
// tainted). The skill's risk and effect are those of this very call. The order is rules, tier, taint: taint
// turns what was allowed into a question, and never a denial into one.
func (p Policy) Decide(skill api.Skill, input json.RawMessage, taintedBy []string) Verdict {
	v, ruled := p.ruled(skill, input)
	if !ruled {
		v = p.tier(skill)
	}
	if v.Decision == Deny || len(taintedBy) == 0 || !Outward(skill.Effect) {
		return v
	}
	return Verdict{Decision: Ask, By: "taint", Reason: fmt.Sprintf(
		"%s %s, and this run has taken in what others may have written: it %s.",
		skill.ID, effects[skill.Effect], strings.Join(taintedBy, ", "))}
}

// tier holds a tier that is unknown for the highest, and a decision that is unknown for a denial: neither a
// skill nor a configuration gets more by a slip of the pen.
func (p Policy) tier(skill api.Skill) Verdict {
	risk, decision, usual := api.Dangerous, p.Dangerous, Ask
	switch skill.Risk {
	case api.Safe:
		risk, decision, usual = api.Safe, p.Safe, Allow
	case api.Caution:
		risk, decision, usual = api.Caution, p.Caution, Ask
	}
	if decision == "" {
		decision = usual
	}
	if decision == Allow && risk == api.Dangerous {
		decision = Ask
	}
	v := Verdict{Decision: decision, By: "tier"}
	switch decision {
	case Allow:
		v.Reason = fmt.Sprintf("Calls of the tier %s run without a question.", risk)
	case Ask:
		v.Reason = fmt.Sprintf("%s %s; calls of the tier %s need a yes.", skill.ID, effects[skill.Effect], risk)
	default:
		v.Decision = Deny
		v.Reason = fmt.Sprintf("Calls of the tier %s are denied by the policy; policy.%s in the configuration says so.", risk, risk)
	}
	return v
}

// Outward says whether an effect reaches beyond the session's own surface: these always ask in a tainted
// run. An effect that is not known counts.
func Outward(e api.Effect) bool { return e != api.Observe && e != api.Local }

var effects = map[api.Effect]string{
	api.Observe: "looks at something",
	api.Local:   "changes what the desktop does",
	api.Write:   "changes files or the clipboard",
	api.Send:    "may send data out of this computer",
	api.Exec:    "may run a program",
	api.Inject:  "acts as keyboard or pointer",
}
