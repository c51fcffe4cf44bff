package daemon

import (
	"time"

	"nerva/core/audit"
)

// The audit log is cut when the daemon starts, and then at the first call after a day or after many. No timer wakes an
// idle daemon for it: where nothing is called nothing is added.
const (
	trimTime    = 24 * time.Hour
	trimRecords = 5000
)

// newestRecords are kept even by a bound that all of them are beyond.
const newestRecords = 1000

// followLog tells of new records, off the path of the calls that write them, and asks for a cut when it is due, until the
// daemon stops.
func (p *parts) followLog(logged func(seq uint64)) {
	var counted uint64
	cut := wallClock()
	for {
		select {
		case <-p.ctx.Done():
			return
		case seq := <-p.log.Grown():
			logged(seq)
			if counted == 0 {
				counted = seq
			}
			if seq-counted >= trimRecords || wallClock().Sub(cut) >= trimTime {
				counted, cut = seq, wallClock()
				select {
				case p.grown <- struct{}{}:
				default: // one is waiting already
				}
			}
		}
	}
}

// wallClock goes on while the computer is suspended, which the one that Go compares by does not.
func wallClock() time.Time { return time.Now().Round(0) }

// trims cuts the log, and what is remembered of what was copied, when it is due, until the daemon stops.
func (p *parts) trims() {
	for {
		n, err := p.log.Trim(p.ctx, p.settings.keep())
		switch {
		case p.ctx.Err() != nil:
			return
		case err != nil:
			p.o.Log.Error("the audit log is longer than it should be", "error", err)
		case n > 0:
			p.o.Log.Info("the oldest records of the audit log were cut", "records", n)
		}
		select {
		case <-p.ctx.Done():
			return
		case <-p.grown:
			p.trimClips(p.ctx)
		}
	}
}

func (s *settings) keep() audit.Keep {
	log := s.now.Load().Log
	return audit.Keep{
		Newest: newestRecords, Age: time.Duration(log.Days) * 24 * time.Hour, Bytes: int64(log.SizeMB) << 20,
	}
}
