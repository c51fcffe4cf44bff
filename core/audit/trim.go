package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	// cutAtOnce is how many records one transaction cuts, which a call may have to wait for: some milliseconds.
	cutAtOnce = 200
	// rowBytes is about what a record takes besides its texts: its numbers, its two hashes, its places in the indexes.
	rowBytes = 250
)

// Keep says what Trim leaves; 0 is no bound.
type Keep struct {
	// Newest is how many of the newest records stay whatever the bounds say: a clock that is wrong by years must not
	// empty the log.
	Newest uint64
	Age    time.Duration
	Bytes  int64 // of the records, about; the file keeps its size and has room for new ones
}

// What an anchor has as the key that decided, in decided_by.
const (
	byAge  = "log.days"
	bySize = "log.size_mb"
)

// anchor is an anchor record's input: it stands for all records up to Through, of which Hash is the last one's.
type anchor struct {
	Through uint64 `json:"through"`
	Hash    string `json:"hash"`
	Records uint64 `json:"records"` // that were cut with it; those before have had anchors of their own
}

// Trim cuts the oldest records that k does not keep and returns how many. It leaves the newest ones, however
// old, and begins no cut before a call that is under way or within one: intent and outcome go together. Each cut is
// one transaction with the anchor that stands for it, so the chain is whole at any moment. It is long, but other calls
// of the log get in between; two at a time do no harm.
func (l *Log) Trim(ctx context.Context, k Keep) (uint64, error) {
	var total uint64
	through, why, err := l.due(ctx, k)
	for more := true; more && err == nil; {
		var n uint64
		n, err = l.cutSome(ctx, through, why)
		total += n
		more = n > 0
	}
	if err != nil {
		return total, fmt.Errorf("shorten the audit log: %w", err)
	}
	return total, nil
}

// due gives the last record that may go, 0 where none may, and why.
func (l *Log) due(ctx context.Context, k Keep) (through uint64, why string, err error) {
	var last uint64
	err = l.db.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM audit`).Scan(&last)
	if err != nil || last <= k.Newest {
		return 0, "", err
	}
	if k.Age > 0 {
		// The first young one ends the cut even if the clock went back after it.
		var young uint64
		err = l.db.QueryRowContext(ctx, `SELECT seq FROM audit WHERE time >= ? ORDER BY seq LIMIT 1`,
			l.now().Add(-k.Age).UnixNano()).Scan(&young)
		if errors.Is(err, sql.ErrNoRows) {
			young, err = last+1, nil
		}
		if err != nil {
			return 0, "", err
		}
		through, why = young-1, byAge
	}
	if k.Bytes > 0 {
		large, err := l.beyond(ctx, last, k.Bytes)
		if err != nil {
			return 0, "", err
		}
		if large > through {
			through, why = large, bySize
		}
	}
	return min(through, last-k.Newest), why, nil
}

// beyond gives the newest record that the bytes don't reach, counted from the end; 0 where they reach all. It asks
// for a piece at a time, so that no call waits for the whole.
func (l *Log) beyond(ctx context.Context, last uint64, bytes int64) (uint64, error) {
	for next := last + 1; ; {
		var size int64
		var start sql.Null[uint64]
		err := l.db.QueryRowContext(ctx, `SELECT coalesce(sum(? + octet_length(caller) + octet_length(skill) + octet_length(input) +
				octet_length(decided_by) + octet_length(error) + octet_length(tainted_by)), 0), min(seq)
			FROM (SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?)`, rowBytes, next, l.piece).Scan(&size, &start)
		switch {
		case err != nil:
			return 0, err
		case !start.Valid:
			return 0, nil
		case size > bytes:
			return next - 1, nil // cut to within one piece's size of the bound
		}
		bytes, next = bytes-size, start.V
	}
}

// cutSome cuts some of the records up to through, or none if there is none or a call reaches over every border.
func (l *Log) cutSome(ctx context.Context, through uint64, why string) (n uint64, err error) {
	err = l.append(ctx, func(tx *sql.Tx, add func(*record) error) error {
		var first uint64
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(min(seq), 1) FROM audit`).Scan(&first); err != nil || through < first {
			return err
		}
		border, err := l.border(ctx, tx, first, through)
		if err != nil || border < first {
			return err
		}
		a := anchor{Through: border, Records: border - first + 1}
		if err := tx.QueryRowContext(ctx, `SELECT hash FROM audit WHERE seq = ?`, border).Scan(&a.Hash); err != nil {
			return err
		}
		// The anchor comes first: the table lets go of what an anchor stands for, and of nothing else.
		err = add(&record{kind: "anchor", call: border, time: l.now().UnixNano(), input: encode(a), decidedBy: why})
		if err != nil {
			return err
		}
		n = a.Records
		_, err = tx.ExecContext(ctx, `DELETE FROM audit WHERE seq <= ?`, border)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// border gives the last record of a cut that parts no call: about a piece's records from first where that can be,
// else later, and 0 where it can't be at all.
func (l *Log) border(ctx context.Context, tx *sql.Tx, first, through uint64) (uint64, error) {
	for size := l.piece; ; size *= 2 {
		border, err := whole(ctx, tx, first, min(first+size-1, through))
		if err != nil || border >= first {
			return border, err
		}
		if first+size-1 >= through {
			return 0, nil
		}
	}
}

// whole moves border down until every call that began before it has ended before it, too.
func whole(ctx context.Context, tx *sql.Tx, first, border uint64) (uint64, error) {
	for border >= first {
		var parted sql.Null[uint64]
		err := tx.QueryRowContext(ctx, `SELECT min(i.seq) FROM audit i WHERE i.kind = 'intent' AND i.seq <= ?1 AND
			NOT EXISTS (SELECT 1 FROM audit o WHERE o.kind = 'outcome' AND o.call = i.seq AND o.seq <= ?1)`, border).Scan(&parted)
		if err != nil {
			return 0, err
		}
		if !parted.Valid {
			return border, nil
		}
		border = parted.V - 1
	}
	return 0, nil
}

// beginning is the place that the chain begins at: behind what the newest anchor stands for. That the anchor is what
// was written shows when the chain is walked up to it.
func (l *Log) beginning(ctx context.Context) (link, error) {
	var input string
	var seq uint64
	err := l.db.QueryRowContext(ctx, `SELECT seq, input FROM audit WHERE kind = 'anchor' ORDER BY call DESC LIMIT 1`).Scan(&seq, &input)
	if errors.Is(err, sql.ErrNoRows) {
		return link{hash: genesis}, nil
	}
	if err != nil {
		return link{}, fmt.Errorf("read the audit log: %w", err)
	}
	var a anchor
	if err := json.Unmarshal([]byte(input), &a); err != nil {
		return link{}, broken(seq, "was changed: it is no anchor any more")
	}
	return link{a.Through, a.Hash}, nil
}
