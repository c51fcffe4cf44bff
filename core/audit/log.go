// Package audit keeps the log of every call: two records each, chained by hashes. The intent is durable
// before the call runs, the outcome follows it.
//
// The database owns the records; a Log owns the head of the chain it has seen, under a mutex, so that any
// goroutine may use it. The package must not know policy, skills or who is asked: it writes down what the gate
// tells it, less the secrets.
//
// # The chain
//
// What is cut off the beginning, because it is old or much, is stood for by an anchor: a record in the chain like
// any other that keeps number and hash of the last record before the cut. See Trim.
//
// Each record holds the hash of the one before it (Prev; the first has 64 zeros), and its own: SHA-256 over
// Prev and every field of the record in a fixed order, each with its length before it. Verify finds a record
// that was changed, removed, inserted or moved. What a chain can't see by itself is a tail cut off while
// nerva was not running: what is left is a shorter, sound chain. While a Log is open it remembers its head, and
// then Verify sees that too. Someone who may write to the database and recomputes every hash is not seen;
// the log is evidence against the model and against accidents, not against the user's own account.
package audit

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"nerva/core/api"
	"nerva/core/store"
)

// The outcomes of a call, as api.Record has them.
const (
	OK        = "ok"
	Error     = "error"
	Refused   = "refused"
	Denied    = "denied"
	Cancelled = "cancelled"
	Unknown   = "unknown" // it had begun, and nobody knows how it ended
)

// The triggers keep nerva's own code from rewriting history; they are no protection against anybody else.
var versions = []string{`
CREATE TABLE audit (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL CHECK (kind IN ('intent', 'outcome')),
	call INTEGER NOT NULL, -- seq of the call's intent
	time INTEGER NOT NULL, -- nanoseconds since 1970
	run INTEGER NOT NULL, caller TEXT NOT NULL, skill TEXT NOT NULL, input TEXT NOT NULL,
	risk TEXT NOT NULL, tainted INTEGER NOT NULL, decision TEXT NOT NULL, decided_by TEXT NOT NULL,
	outcome TEXT NOT NULL, error TEXT NOT NULL, duration_ms INTEGER NOT NULL,
	prev TEXT NOT NULL, hash TEXT NOT NULL,
	UNIQUE (call, kind)
);
CREATE INDEX audit_run ON audit (run) WHERE kind = 'intent';
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
`, `
-- SQLite can't change a CHECK, so the table is made anew; dropping the old one takes its triggers along.
CREATE TABLE audit_2 (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL CHECK (kind IN ('intent', 'outcome', 'anchor')),
	call INTEGER NOT NULL, -- seq of the call's intent; of an anchor, seq of the last record that it stands for
	time INTEGER NOT NULL, -- nanoseconds since 1970
	run INTEGER NOT NULL, caller TEXT NOT NULL, skill TEXT NOT NULL, input TEXT NOT NULL,
	risk TEXT NOT NULL, tainted INTEGER NOT NULL, decision TEXT NOT NULL, decided_by TEXT NOT NULL,
	outcome TEXT NOT NULL, error TEXT NOT NULL, duration_ms INTEGER NOT NULL,
	prev TEXT NOT NULL, hash TEXT NOT NULL,
	tainted_by TEXT NOT NULL, -- a JSON array, or nothing
	UNIQUE (call, kind)
);
INSERT INTO audit_2 SELECT *, '' FROM audit;
DROP TABLE audit;
ALTER TABLE audit_2 RENAME TO audit;
CREATE INDEX audit_run ON audit (run) WHERE kind = 'intent';
CREATE INDEX audit_anchor ON audit (call) WHERE kind = 'anchor';
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
	WHEN NOT EXISTS (SELECT 1 FROM audit WHERE kind = 'anchor' AND call >= old.seq)
	BEGIN SELECT raise(ABORT, 'the audit log is append-only: no anchor stands for this record'); END;
`}

// Log is the open audit log.
type Log struct {
	db     *sql.DB
	now    func() time.Time
	hidden redactor
	piece  uint64 // records that Trim takes at once

	queue   sync.Mutex // holds waiting
	waiting []*entries

	mu    sync.Mutex
	head  link
	grown chan uint64 // sent to while mu is held
}

// link is a place in the chain.
type link struct {
	seq  uint64
	hash string
}

// Call is what is known of a call before it runs. Input may be anything that a model wrote, JSON or not.
type Call struct {
	Run       uint64
	Caller    string
	Skill     string
	Input     []byte
	Risk      api.Risk
	TaintedBy []string // what untrusted things the run had taken in, a sentence each
	Decision  string   // allow ask deny
	DecidedBy string
}

// End is how a call ended.
type End struct {
	Outcome  string
	Error    string
	Duration time.Duration
}

// Entry is an intent that waits for its outcome.
type Entry struct{ call record }

// Open opens the log in db. Intents that have no outcome are from a daemon that died: the call may or may
// not have happened, so each gets the outcome Unknown. It is never run again.
func Open(ctx context.Context, db *sql.DB) (*Log, error) {
	if err := store.Migrate(ctx, db, "audit", versions); err != nil {
		return nil, err
	}
	l := &Log{db: db, now: time.Now, piece: cutAtOnce, grown: make(chan uint64, 1)}
	if err := l.finishUnknown(ctx); err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	return l, nil
}

func (l *Log) finishUnknown(ctx context.Context) error {
	rows, err := l.db.QueryContext(ctx, `SELECT `+columns+` FROM audit i WHERE kind = 'intent' AND
		NOT EXISTS (SELECT 1 FROM audit o WHERE o.kind = 'outcome' AND o.call = i.seq) ORDER BY seq`)
	if err != nil {
		return err
	}
	open, err := scanAll(rows)
	if err != nil {
		return err
	}
	end := End{Outcome: Unknown, Error: "nerva stopped while this call was under way; look whether it took effect before you ask again"}
	return l.append(ctx, func(_ *sql.Tx, add func(*record) error) error {
		for i := range open {
			if err := add(l.outcome(open[i], end)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Intent writes down that c is about to run. Once it has returned without an error the record is durable,
// and only then may the call run.
func (l *Log) Intent(ctx context.Context, c Call) (Entry, error) {
	r := l.intent(c)
	err := l.append(ctx, func(_ *sql.Tx, add func(*record) error) error { return add(r) })
	if err != nil {
		return Entry{}, fmt.Errorf("write the call to the audit log: %w", err)
	}
	return Entry{*r}, nil
}

// Outcome writes down how the call of e ended.
func (l *Log) Outcome(ctx context.Context, e Entry, end End) error {
	r := l.outcome(e.call, end)
	err := l.append(ctx, func(_ *sql.Tx, add func(*record) error) error { return add(r) })
	if err != nil {
		return fmt.Errorf("write the outcome to the audit log: %w", err)
	}
	return nil
}

// Never writes down a call that does not run at all, both records at once.
func (l *Log) Never(ctx context.Context, c Call, end End) error {
	err := l.append(ctx, func(_ *sql.Tx, add func(*record) error) error {
		r := l.intent(c)
		if err := add(r); err != nil {
			return err
		}
		return add(l.outcome(*r, end))
	})
	if err != nil {
		return fmt.Errorf("write the call to the audit log: %w", err)
	}
	return nil
}

// Hide registers a secret: from now on it is replaced wherever it stands in an input or an error. Values
// shorter than six bytes are ignored, they would blacken ordinary words.
func (l *Log) Hide(secret string) { l.hidden.add(secret) }

// Secret says whether something in text is a registered secret or looks like one.
func (l *Log) Secret(text string) bool { return l.hidden.text(text) != text }

// Redact gives value without its secrets, as the log keeps it.
func (l *Log) Redact(value []byte) []byte { return []byte(l.hidden.input(value)) }

// Grown tells its one reader the number of the newest record each time there are more; what it is too slow for is
// told as one.
func (l *Log) Grown() <-chan uint64 { return l.grown }

func (l *Log) intent(c Call) *record {
	return &record{
		kind: "intent", time: l.now().UnixNano(), run: c.Run, caller: c.Caller, skill: cut(l.hidden.text(c.Skill), maxName),
		input: l.hidden.input(c.Input), risk: string(c.Risk), tainted: len(c.TaintedBy) > 0, taintedBy: l.sources(c.TaintedBy),
		decision: c.Decision, decidedBy: c.DecidedBy,
	}
}

// sources gives the column tainted_by.
func (l *Log) sources(list []string) string {
	if len(list) == 0 {
		return ""
	}
	kept := make([]string, 0, min(len(list), maxSources+1))
	for _, source := range list[:min(len(list), maxSources)] {
		kept = append(kept, cut(l.hidden.text(source), maxSource))
	}
	if more := len(list) - maxSources; more > 0 {
		kept = append(kept, fmt.Sprintf("%d more", more))
	}
	return encode(kept)
}

// outcome repeats nothing of the intent but what ties it to it: the chain holds both.
func (l *Log) outcome(intent record, end End) *record {
	return &record{
		kind: "outcome", call: intent.seq, time: l.now().UnixNano(), run: intent.run,
		outcome: end.Outcome, err: cut(l.hidden.text(end.Error), maxError), durationMS: end.Duration.Milliseconds(),
	}
}
