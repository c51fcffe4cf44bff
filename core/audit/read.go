package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"nerva/core/api"
)

// Records gives the calls that f chooses, oldest first, each intent joined with its outcome. Seq and Time are
// the intent's; Prev and Hash are the outcome's once there is one, so that the last record's hash is the
// head of the chain when nothing is under way. While a call is under way its Outcome is empty.
func (l *Log) Records(ctx context.Context, f api.LogFilter) ([]api.Record, error) {
	where, args, order := chosen(f)
	rows, err := l.db.QueryContext(ctx, `SELECT i.seq, i.time, i.run, i.caller, i.skill, i.input, i.risk, i.tainted,
			i.decision, i.decided_by, coalesce(o.outcome, ''), coalesce(o.error, ''), coalesce(o.duration_ms, 0),
			coalesce(o.seq, 0), coalesce(o.prev, i.prev), coalesce(o.hash, i.hash), i.tainted_by
		FROM audit i LEFT JOIN audit o ON o.call = i.seq AND o.kind = 'outcome'
		WHERE i.kind = 'intent'`+where+` ORDER BY `+order+` DESC LIMIT ?`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	records, err := join(rows)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	slices.Reverse(records)
	return records, nil
}

// chosen puts f into SQL: only what it asks for, so that SQLite finds the shortest way to it.
func chosen(f api.LogFilter) (where string, args []any, order string) {
	order = "i.seq"
	only := func(asked bool, condition string, value any) {
		if asked {
			where += " AND " + condition
			args = append(args, value)
		}
	}
	only(f.After > 0, "i.seq > ?", f.After)
	only(f.Before > 0, "i.seq < ?", f.Before)
	only(f.Run > 0, "i.run = ?", f.Run)
	only(f.Skill != "", "i.skill = ?", f.Skill)
	only(!f.Since.IsZero(), "i.time >= ?", f.Since.UnixNano())
	for word := range strings.FieldsSeq(f.Text) {
		only(true, anywhere+` LIKE ? ESCAPE '\'`, "%"+wildcards.Replace(word)+"%")
	}
	only(f.EndedAfter > 0, "o.seq > ?", f.EndedAfter)
	if f.EndedAfter > 0 {
		order = "o.seq"
	}
	limit := f.Limit
	if limit <= 0 {
		limit = -1 // SQLite's word for no limit
	}
	return where, append(args, limit), order
}

// anywhere is what LogFilter.Text looks through; no word has a line feed, so none is found across two columns.
const anywhere = `(i.skill || char(10) || i.input || char(10) || i.caller || char(10) || i.decision || char(10) ||
	i.decided_by || char(10) || iif(i.tainted, 'tainted', '') || char(10) || coalesce(o.outcome || char(10) || o.error, ''))`

var wildcards = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func join(rows *sql.Rows) ([]api.Record, error) {
	defer func() { _ = rows.Close() }()
	records := []api.Record{}
	for rows.Next() {
		var r api.Record
		var at int64
		var input, taintedBy string
		err := rows.Scan(&r.Seq, &at, &r.Run, &r.Caller, &r.Skill, &input, &r.Risk, &r.Tainted,
			&r.Decision, &r.DecidedBy, &r.Outcome, &r.Error, &r.DurationMS, &r.Ended, &r.Prev, &r.Hash, &taintedBy)
		if err != nil {
			return nil, err
		}
		r.Time, r.Input = time.Unix(0, at), json.RawMessage(input)
		if !json.Valid(r.Input) { // somebody wrote into the database
			r.Input, _ = json.Marshal(input)
		}
		if taintedBy != "" && json.Unmarshal([]byte(taintedBy), &r.TaintedBy) != nil { // likewise
			r.TaintedBy = []string{taintedBy}
		}
		records = append(records, r)
	}
	return records, rows.Err()
}

// Verify recomputes the chain, from the newest anchor's place on. It returns how many records (intents, outcomes and
// anchors) are sound and how many were cut before them, and an api.Failed error that names the first one that is not
// sound and what is wrong with it.
func (l *Log) Verify(ctx context.Context) (api.Verified, error) {
	l.mu.Lock() // no record may come between reading the rows and comparing the head
	defer l.mu.Unlock()
	start, err := l.beginning(ctx)
	if err != nil {
		return api.Verified{}, err
	}
	c := checker{last: start, open: map[uint64]bool{}, want: l.head}
	err = l.walk(ctx, &c)
	return api.Verified{Records: c.last.seq - start.seq, Cut: start.seq}, err
}

func (l *Log) walk(ctx context.Context, c *checker) error {
	rows, err := l.db.QueryContext(ctx, `SELECT `+columns+` FROM audit ORDER BY seq`)
	if err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r record
		if err := r.scan(rows); err != nil {
			return broken(c.last.seq+1, "can't be read: %v", err)
		}
		if err := c.next(&r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	return c.end()
}

// checker walks the chain.
type checker struct {
	last link
	open map[uint64]bool // intents without outcome so far
	want link            // the head that this process has written or found
}

func (c *checker) next(r *record) error {
	switch want := c.last.seq + 1; {
	case r.seq != want:
		return broken(want, "is missing: after %d comes %d", c.last.seq, r.seq)
	case r.prev != c.last.hash:
		return broken(r.seq, "does not continue the one before it: it was inserted, moved, or replaced")
	case r.sum() != r.hash:
		return broken(r.seq, "was changed: its content does not fit its hash")
	case r.kind == "intent" && r.call != r.seq, r.kind == "outcome" && !c.open[r.call]:
		return broken(r.seq, "belongs to no call that was under way")
	case r.kind == "anchor" && r.call >= r.seq:
		return broken(r.seq, "stands for records that come after it")
	case c.want.seq == r.seq && c.want.hash != r.hash:
		return broken(r.seq, "is not the one that was written: the end of the log was replaced")
	}
	switch r.kind {
	case "intent":
		c.open[r.seq] = true
	case "outcome":
		delete(c.open, r.call)
	}
	c.last = link{r.seq, r.hash}
	return nil
}

func (c *checker) end() error {
	if c.last.seq < c.want.seq {
		return broken(c.last.seq+1, "is missing: the end of the log was cut off")
	}
	return nil
}

func broken(seq uint64, format string, args ...any) error {
	return api.Errorf(api.Failed, "audit record %d %s; the log can't be trusted from there on",
		seq, fmt.Sprintf(format, args...))
}
