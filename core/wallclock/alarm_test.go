package wallclock

import (
	"testing"
	"time"
)

func alarm(t *testing.T) *Alarm {
	t.Helper()
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func set(t *testing.T, a *Alarm, at time.Time) {
	t.Helper()
	if err := a.Set(at); err != nil {
		t.Fatal(err)
	}
}

func TestItRingsAtTheTimeAndNotBefore(t *testing.T) {
	a := alarm(t)
	at := time.Now().Add(50 * time.Millisecond)
	set(t, a, at)
	<-a.Rings()
	if now := time.Now(); now.Before(at) {
		t.Errorf("it rang %v early", at.Sub(now))
	}
}

func TestAPastTimeRingsAtOnce(t *testing.T) {
	a := alarm(t)
	for _, at := range []time.Time{time.Now().Add(-time.Hour), time.Unix(0, 0), time.Unix(-5, 0)} {
		set(t, a, at)
		<-a.Rings()
	}
}

// TestOnlyTheLastTimeCounts: the one before would have rung first.
func TestOnlyTheLastTimeCounts(t *testing.T) {
	a := alarm(t)
	set(t, a, time.Now().Add(40*time.Millisecond))
	last := time.Now().Add(120 * time.Millisecond)
	set(t, a, last)
	<-a.Rings()
	if now := time.Now(); now.Before(last) {
		t.Errorf("it rang %v before the last time", last.Sub(now))
	}
	set(t, a, time.Now().Add(30*time.Millisecond))
	set(t, a, time.Time{})
	set(t, a, time.Now().Add(60*time.Millisecond))
	<-a.Rings()
	select {
	case <-a.Rings():
		t.Error("it rang twice")
	default:
	}
}

func TestACloseEndsItWhileItWaits(t *testing.T) {
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	set(t, a, time.Now().Add(time.Hour))
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if err := a.Set(time.Now()); err == nil {
		t.Error("a closed one can be set")
	}
}
