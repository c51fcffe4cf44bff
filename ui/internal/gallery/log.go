package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/ui/model"
)

// showLog opens the log with made-up records.
func showLog(name string, apply func(model.Event)) {
	apply(model.LogToggled{})
	now := time.Now()
	all := calls(now)
	verified := model.LogVerified{Verified: api.Verified{Records: 1204}, Now: now}
	switch name {
	case "log-one":
		all, verified.Verified.Records = all[:1], 2
	case "log-none":
		all, verified.Verified.Records = nil, 0
	case "log-broken":
		verified.Err = api.Errorf(api.Failed, "audit record 1187 was changed: its content does not fit its hash; the log can't be trusted from there on")
	case "log-many":
		for i := range 10_000 - len(all) {
			r := all[[]int{0, 1, 2, 3, 5, 6}[i%6]]
			r.Time = now.Add(-time.Duration(i) * 7 * time.Minute)
			all = append(all, r)
		}
	}
	for i := range all {
		all[i].Seq = uint64(2*len(all) - 2*i)
		all[i].Ended, all[i].Hash = all[i].Seq+1, strings.Repeat(fmt.Sprintf("%04x", all[i].Seq), 16)
	}
	entries := make([]model.Entry, len(all))
	for i, r := range all {
		entries[i] = model.NewEntry(r)
	}
	apply(model.LogSeen{Number: 1, Entries: entries, Now: now})
	apply(verified)
}

// calls are some of every kind, newest first.
func calls(now time.Time) []api.Record {
	at := func(ago time.Duration, caller string, run uint64, skill, input string, risk api.Risk, decision, by, outcome, err string, ms int64) api.Record {
		return api.Record{
			Time: now.Add(-ago), Caller: caller, Run: run, Skill: skill, Input: json.RawMessage(input), Risk: risk,
			Decision: decision, DecidedBy: by, Outcome: outcome, Error: err, DurationMS: ms,
		}
	}
	tainted := at(6*time.Minute, "overlay", 12, "run_command", `{"argv":["git","log","--oneline","-n","20"],"cwd":"/home/ada/src/nerva"}`, api.Caution, "ask", "overlay", "ok", "", 1340)
	tainted.Tainted, tainted.TaintedBy = true, []string{"read the windows at 14:02", "read the file /home/ada/Downloads/offer.pdf at 14:03"}
	huge, _ := json.Marshal(map[string]string{"path": "/home/ada/Documents/big.txt", "text": strings.Repeat("0123456789abcde\n", 16<<10)})
	return []api.Record{
		at(time.Minute, "cli", 14, "calculate", `{"expression":"(1499 + 249) * 1.19"}`, api.Safe, "allow", "tier", "ok", "", 1),
		at(2*time.Minute, "overlay", 13, "open_path", `{"path":"/home/ada/Documents/invoices/`+"\u202e"+`fdp.exe"}`, api.Caution, "ask", "overlay", "refused", "", 0),
		tainted,
		at(9*time.Minute, "overlay", 12, "read_file", `{"path":"/home/ada/.ssh/id_ed25519"}`, api.Caution, "deny", "no keys", "denied", "the rule \"no keys\" denies read_file; change it in config.toml", 0),
		at(40*time.Minute, "agent", 11, "write_file", string(huge), api.Dangerous, "ask", "terminal", "ok", "", 52_000),
		at(50*time.Minute, "agent", 11, "capture_screen", `{}`, api.Safe, "allow", "tier", "error", strings.Repeat("the portal does not answer; log in again. ", 90), 2500),
		at(26*time.Hour, "dbus", 10, "add_note", `{"title":"שלום עולם","text":"קניות"}`, api.Safe, "allow", "tier", "ok", "", 14),
		at(27*time.Hour, "dbus", 10, "notify", `{"title":"\u0007bell\u001b[31m red","body":"x"}`, api.Safe, "allow", "tier", "unknown", "nerva stopped while this call was under way; look whether it took effect before you ask again", 0),
		at(60*time.Hour, "cli", 9, "open_url", `{"url":"https://example.org/a/very/long/path/that/does/not/end/where/one/would/think/it/should"}`, api.Caution, "ask", "nobody", "refused", "", 0),
		at(61*time.Hour, "cli", 9, "list_windows", `{}`, api.Safe, "allow", "tier", "cancelled", "", 340),
	}
}
