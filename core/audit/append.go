package audit

import (
	"context"
	"database/sql"
	"errors"
)

// entries are records that are to be written together.
type entries struct {
	ctx  context.Context
	fill func(tx *sql.Tx, add func(*record) error) error
	err  error
	done bool // it is in the log, or can't be; err says why
}

// append writes records in one transaction. Those of calls that come while another's are written go together into the next
// one: what takes time is the disk, once for each.
func (l *Log) append(ctx context.Context, fill func(tx *sql.Tx, add func(*record) error) error) error {
	e := &entries{ctx: ctx, fill: fill}
	l.queue.Lock()
	l.waiting = append(l.waiting, e)
	l.queue.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.done {
		return e.err // whoever came before has written these, too
	}
	l.queue.Lock()
	all := l.waiting
	l.waiting = nil
	l.queue.Unlock()
	if len(all) == 1 || l.write(ctx, all) != nil { // of several that can't be written together each has its own reason
		for _, one := range all {
			one.err = l.write(one.ctx, []*entries{one})
		}
	}
	for _, one := range all {
		one.done = true
	}
	return e.err
}

// write is called with mu held. The head is read from the database, not from memory: while one process hands the bus name to
// another both may write.
func (l *Log) write(ctx context.Context, all []*entries) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	head := link{hash: genesis}
	err = tx.QueryRowContext(ctx, `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&head.seq, &head.hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	for _, e := range all {
		err := e.fill(tx, func(r *record) error {
			r.seal(head)
			head = link{r.seq, r.hash}
			return r.insert(ctx, tx)
		})
		if err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if l.head != head {
		l.head = head
		select {
		case <-l.grown: // nobody has seen that one
		default:
		}
		l.grown <- head.seq
	}
	return nil
}
