package timers

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"nerva/core/desk"
	"nerva/core/store"
	"nerva/core/wallclock"
	"nerva/core/when"
)

const childEnv = "NERVA_TIMERS_CHILD"

// TestMain is, in a child, a program that rings the timers of a database by a service at its standard input and output.
func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		if err := child(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func child(path string) error {
	slept, err := time.ParseDuration(os.Args[1])
	if err != nil {
		return err
	}
	db, err := store.Open(context.Background(), path)
	if err != nil {
		return err
	}
	alarm, err := wallclock.New()
	if err != nil {
		return err
	}
	k, err := Open(context.Background(), db, Options{
		Notifier: &remote{json.NewEncoder(os.Stdout), json.NewDecoder(os.Stdin)}, Alarm: ahead{alarm, slept},
		Now: func() time.Time { return time.Now().Add(slept).Round(0) }, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	return k.Run(context.Background())
}

// ahead is an alarm of a clock that was suspended for so long.
type ahead struct {
	*wallclock.Alarm
	slept time.Duration
}

func (a ahead) Set(at time.Time) error {
	if !at.IsZero() {
		at = at.Add(-a.slept)
	}
	return a.Alarm.Set(at)
}

// remote hands what is to be shown to the service in the test's process.
type remote struct {
	out *json.Encoder
	in  *json.Decoder
}

func (r *remote) Notify(_ context.Context, n desk.Notification) (shown desk.Shown, err error) {
	if err := r.out.Encode(n); err != nil {
		return shown, err
	}
	return shown, r.in.Decode(&shown)
}

func (*remote) Service(context.Context) (string, error) { return "first", nil }

func (*remote) Retract(context.Context, desk.Shown) error { return nil }

func (*remote) Follow(ctx context.Context, _ func(desk.NotificationEvent)) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestNoTimerIsLostNorShownTwice: a thousand of them, while their program is killed fifty times, before or after it has
// heard that one is shown, and the clock goes on for hours between that.
func TestNoTimerIsLostNorShownTwice(t *testing.T) {
	const timers, kills, span = 1000, 50, 10 * time.Hour
	path := filepath.Join(t.TempDir(), "nerva.db")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	fill(t, path, timers, func() time.Duration { return time.Duration(random.Int64N(int64(span))) })
	s := newService()
	times := map[string]int{}
	for n := range kills {
		ring(t, path, s, times, time.Duration(n)*span/kills, 1+random.IntN(timers/kills), random.IntN(2) == 0)
		onlyOnce(t, s)
	}
	ring(t, path, s, times, 2*span, timers-len(times), true)
	onlyOnce(t, s)
	for id := range timers {
		if text := fmt.Sprint("timer ", id); times[text] == 0 {
			t.Errorf("%s was lost", text)
		}
	}
	t.Logf("%d were shown %d times", len(times), sum(times))
}

func sum(times map[string]int) (n int) {
	for _, count := range times {
		n += count
	}
	return n
}

func fill(t *testing.T, path string, n int, due func() time.Duration) {
	t.Helper()
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	k, err := Open(t.Context(), db, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for id := range n {
		if _, err := k.Add(t.Context(), when.Time{Due: k.Now().Add(due())}, fmt.Sprint("timer ", id)); err != nil {
			t.Fatal(err)
		}
	}
}

// ring lets a child show so many timers that it had not shown before, or all that it has, and kills it, which has then heard
// of the last one that it is shown or has not.
func ring(t *testing.T, path string, s *service, times map[string]int, slept time.Duration, fresh int, heard bool) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], slept.String())
	c.Env = append(os.Environ(), childEnv+"="+path)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed
	}()
	// Where fewer are due than are to be shown, the child waits for the next one: a limit that is no failure.
	quiet := time.AfterFunc(500*time.Millisecond, func() { _ = c.Process.Kill() })
	defer quiet.Stop()
	lines := bufio.NewReader(out)
	for fresh > 0 {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return // it was killed
		}
		quiet.Reset(500 * time.Millisecond)
		var n desk.Notification
		if err := json.Unmarshal(line, &n); err != nil {
			t.Fatal(err)
		}
		if times[n.Title]++; times[n.Title] == 1 {
			fresh--
		}
		shown, err := s.Notify(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if fresh == 0 && !heard {
			return
		}
		if err := json.NewEncoder(in).Encode(shown); err != nil {
			t.Fatal(err)
		}
	}
}

// onlyOnce holds that no timer is on the screen twice.
func onlyOnce(t *testing.T, s *service) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]uint32{}
	for id, n := range s.on {
		if other, twice := seen[n.Title]; twice {
			t.Errorf("%s is shown by %d and by %d", n.Title, id, other)
		}
		seen[n.Title] = id
	}
}
