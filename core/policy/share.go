package policy

import "fmt"

// Kinds are what llm.share tells apart of what a model may be shown.
var Kinds = []string{"screen", "clipboard", "files", "notes", "windows", "history"}

// Share says whether what is of this kind may be shown to a model at host, a server outside this machine.
// What is not decided is asked.
func (p Policy) Share(kind, host string) Verdict {
	v := Verdict{Decision: p.Shares[kind], By: "share"}
	switch v.Decision {
	case Allow:
		v.Reason = fmt.Sprintf("llm.share.%s allows it.", kind)
	case "", Ask:
		v.Decision = Ask
		v.Reason = fmt.Sprintf(
			"Something of yours (%s) would be sent to %s, outside of this computer; a yes for the run or for good is one for all of that kind.", kind, host)
	default:
		v.Decision = Deny
		v.Reason = fmt.Sprintf("Something of yours would be sent to %s, and llm.share.%s in the configuration denies that.", host, kind)
	}
	return v
}
