package audit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
)

// genesis stands before the first record.
var genesis = strings.Repeat("0", sha256.Size*2)

const (
	columns  = `seq, kind, call, time, run, caller, skill, input, risk, tainted, decision, decided_by, outcome, error, duration_ms, prev, hash, tainted_by`
	maxName  = 128 // bytes of a skill's name: a model may make one up
	maxError = 4 << 10

	maxSources = 16 // of a taint, and what each of them may take
	maxSource  = 256
)

// record is one row. In an intent call is its own seq, in an anchor that of the last record that was cut.
type record struct {
	seq, call     uint64
	kind          string
	time          int64
	run           uint64
	caller, skill string
	input         string
	risk          string
	tainted       bool
	decision      string
	decidedBy     string
	outcome, err  string
	durationMS    int64
	prev, hash    string
	taintedBy     string // since version 2 of the table
}

// seal puts r behind head.
func (r *record) seal(head link) {
	r.seq, r.prev = head.seq+1, head.hash
	if r.kind == "intent" {
		r.call = r.seq
	}
	r.hash = r.sum()
}

// sum hashes the fields in the order below, each as its length (8 bytes, big-endian) and its bytes, numbers
// in decimal. With the lengths no two different records have one encoding. A field that a later version of the
// table brought is there only where it is set, so that the records from before keep their hashes; that one field
// more is hashed tells the two kinds apart.
func (r *record) sum() string {
	h := sha256.New()
	fields := []string{
		r.prev, strconv.FormatUint(r.seq, 10), r.kind, strconv.FormatUint(r.call, 10),
		strconv.FormatInt(r.time, 10), strconv.FormatUint(r.run, 10), r.caller, r.skill, r.input, r.risk,
		strconv.FormatBool(r.tainted), r.decision, r.decidedBy, r.outcome, r.err,
		strconv.FormatInt(r.durationMS, 10),
	}
	if r.taintedBy != "" {
		fields = append(fields, r.taintedBy)
	}
	for _, field := range fields {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(field)))
		h.Write(size[:])
		h.Write([]byte(field))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (r *record) insert(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO audit (`+columns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		r.seq, r.kind, r.call, r.time, r.run, r.caller, r.skill, r.input, r.risk, r.tainted,
		r.decision, r.decidedBy, r.outcome, r.err, r.durationMS, r.prev, r.hash, r.taintedBy)
	return err
}

// scan reads one row; more takes the columns that a query asks for beyond these.
func (r *record) scan(row interface{ Scan(...any) error }, more ...any) error {
	return row.Scan(append([]any{
		&r.seq, &r.kind, &r.call, &r.time, &r.run, &r.caller, &r.skill, &r.input, &r.risk, &r.tainted,
		&r.decision, &r.decidedBy, &r.outcome, &r.err, &r.durationMS, &r.prev, &r.hash, &r.taintedBy,
	}, more...)...)
}

func scanAll(rows *sql.Rows) ([]record, error) {
	defer func() { _ = rows.Close() }()
	var all []record
	for rows.Next() {
		var r record
		if err := r.scan(rows); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}
