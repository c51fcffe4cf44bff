package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nerva/core/api"
	"nerva/core/audit"
	"nerva/core/bus"
	"nerva/core/bus/bustest"
	"nerva/core/desk"
	"nerva/core/store"
)

func calculate(t *testing.T, c *bus.Client, expression string) {
	t.Helper()
	input := fmt.Sprintf(`{"expression":%q}`, expression)
	if _, err := c.Execute(t.Context(), "calculate", json.RawMessage(input), api.AskOptions{}); err != nil {
		t.Error(err)
	}
}

// TestWhoFollowsTheLogMissesNothing has calls end before, while and after somebody begins to follow.
func TestWhoFollowsTheLogMissesNothing(t *testing.T) {
	home(t)
	b := bustest.Start(t)
	stop := start(t, b, Options{})
	c := dial(t, b)
	const callers, each = 4, 20
	begun := make(chan bool, callers)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for i := range each {
				calculate(t, c, "1+1")
				if i == each/4 {
					begun <- true
				}
			}
		})
	}
	<-begun
	now, later, err := c.FollowLog(t.Context(), api.LogFilter{})
	if err != nil {
		t.Fatal(err)
	}
	times := map[uint64]int{}
	for _, r := range now {
		if r.Outcome != "" {
			times[r.Seq]++
		}
	}
	before := len(times)
	for r := range later {
		times[r.Seq]++
		if r.Outcome != "ok" || r.Ended <= r.Seq {
			t.Errorf("%+v", r)
		}
		if len(times) == callers*each {
			break
		}
	}
	group.Wait()
	t.Logf("%d before, %d later", before, len(times)-before)
	for seq, n := range times {
		if n != 1 {
			t.Errorf("record %d came %d times", seq, n)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	for r := range later { // it is closed, since the daemon is gone
		t.Errorf("then came %+v", r)
	}
}

// slow is a desktop on which launching takes until the test lets it go on.
type slow struct {
	*screen
	spawning, goOn chan bool
}

func (s slow) Spawn(context.Context, desk.Command) (desk.Process, error) {
	s.spawning <- true
	<-s.goOn
	return desk.Process{PID: 1}, nil
}

func TestACallUnderWayIsFollowedToItsEnd(t *testing.T) {
	home(t)
	b := bustest.Start(t)
	s := slow{&screen{}, make(chan bool), make(chan bool)}
	d := s.desk()
	d.Spawner = s
	stop := start(t, b, Options{Desk: d})
	c := dial(t, b)
	calculate(t, c, "1+1")
	launched := make(chan error, 1)
	go func() {
		_, err := c.Execute(t.Context(), "launch_app", json.RawMessage(`{"app":"Paint"}`), api.AskOptions{})
		launched <- err
	}()
	<-s.spawning
	// The newest call is not the one that ended last.
	now, later, err := c.FollowLog(t.Context(), api.LogFilter{Limit: 1})
	if err != nil || len(now) != 1 || now[0].Outcome != "" || now[0].Ended != 0 {
		t.Fatalf("%+v, %v", now, err)
	}
	calculate(t, c, "1+1")
	if r := <-later; r.Skill != "calculate" || r.Seq != 4 {
		t.Errorf("%+v", r)
	}
	s.goOn <- true
	if r := <-later; r.Skill != "launch_app" || r.Seq != 3 || r.Outcome != "ok" {
		t.Errorf("%+v", r)
	}
	if err := <-launched; err != nil {
		t.Error(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestTheLogIsCutAsConfigured(t *testing.T) {
	dir := home(t)
	state := filepath.Join(dir, ".local", "state", "nerva")
	db, err := store.Open(t.Context(), filepath.Join(state, "nerva.db"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := audit.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	long := []byte(`{"text":"` + strings.Repeat("x", 1<<10) + `"}`)
	for range 1200 {
		if err := l.Never(t.Context(), audit.Call{Skill: "calculate", Input: long}, audit.End{Outcome: audit.Denied}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ".config", "nerva", "config.toml"), "[llm]\nprovider = \"offline\"\n[log]\nsize_mb = 1\ndays = 0\n")
	b := bustest.Start(t)
	stop := start(t, b, Options{})
	c := dial(t, b)
	deadline := time.Now().Add(time.Minute)
	var v api.Verified
	for v.Cut < 800 && time.Now().Before(deadline) { // it is cut while the daemon is ready already
		if v, err = c.VerifyLog(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if v.Cut < 800 || v.Cut > 1400 {
		t.Errorf("%+v", v)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

func TestWhatLiesAmongTheSecretsIsHidden(t *testing.T) {
	dir := home(t)
	secrets := filepath.Join(dir, ".config", "nerva", "secrets")
	write(t, filepath.Join(secrets, "mail"), "correct horse\n")
	write(t, filepath.Join(secrets, "env"), "USER_ID=ab\nMAIL_PASS=\"battery-staple\"\nplain words stay\nMIIEvQIBADANBgkqhkiG9w0\n")
	write(t, filepath.Join(secrets, "long"), strings.Repeat("keyring", 10<<10))
	if err := unix.Mkfifo(filepath.Join(secrets, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(secrets, "link")); err != nil {
		t.Fatal(err)
	}
	b := bustest.Start(t)
	stop := start(t, b, Options{})
	c := dial(t, b)
	last := func(text string) string {
		t.Helper()
		input, _ := json.Marshal(map[string]string{"title": "x", "body": text})
		_, _ = c.Execute(t.Context(), "notify", input, api.AskOptions{}) // there is no desktop
		records, err := c.Log(t.Context(), api.LogFilter{Limit: 1})
		if err != nil || len(records) != 1 {
			t.Fatalf("%+v, %v", records, err)
		}
		return string(records[0].Input)
	}
	text := "correct horse, battery-staple, MIIEvQIBADANBgkqhkiG9w0, plain words stay, keyringkeyring, USER_ID, later on"
	if got := last(text); got != `{"body":"[hidden], [hidden], [hidden], plain words stay, keyringkeyring, USER_ID, later on","title":"x"}` {
		t.Error(got)
	}
	write(t, filepath.Join(secrets, "new"), "later on")
	if err := c.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := last("later on"); got != `{"body":"[hidden]","title":"x"}` {
		t.Errorf("after a reload: %s", got)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
