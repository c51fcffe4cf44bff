package input

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

// fakeKeys is a keyboard on which each word of it changes what is held.
type fakeKeys struct {
	unplugged bool
	states    [][]int
	words     chan struct{} // nil: it never says anything
	closed    chan struct{}
}

func (f *fakeKeys) held() ([]int, error) {
	if f.unplugged {
		return nil, os.ErrClosed
	}
	return f.states[0], nil
}

func (f *fakeKeys) next(limit time.Time) error {
	select {
	case <-f.words:
		f.states = f.states[1:]
		return nil
	case <-f.closed:
		return os.ErrClosed
	case <-time.After(time.Until(limit)):
		return os.ErrDeadlineExceeded
	}
}

func (f *fakeKeys) Close() error {
	close(f.closed)
	return nil
}

func userWith(k *fakeKeys) *user {
	k.closed = make(chan struct{})
	u := newUser()
	u.scan = func(open map[string]keyboardFile) { open["event0"] = k }
	return u
}

func TestNothingIsTypedWhileAKeyIsHeld(t *testing.T) {
	words := make(chan struct{}, 2)
	k := &fakeKeys{states: [][]int{{42}, {42, 30}, {}}, words: words}
	words <- struct{}{}
	words <- struct{}{}
	u := userWith(k)
	if err := u.wait(t.Context()); err != nil || len(k.states) != 1 {
		t.Errorf("until it is let go of: %v, left are %v", err, k.states)
	}
	if err := u.wait(t.Context()); err != nil {
		t.Errorf("nothing is held: %v", err)
	}
	if err := userWith(&fakeKeys{states: [][]int{{42}}}).wait(t.Context()); api.CodeOf(err) != api.Busy {
		t.Errorf("held for good: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := userWith(&fakeKeys{states: [][]int{{42}}}).wait(ctx); api.CodeOf(err) != api.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
	gone := &fakeKeys{unplugged: true}
	if u = userWith(gone); u.wait(t.Context()) != nil || len(u.open) > 0 {
		t.Errorf("unplugged: %v are left", u.open)
	}
}

func TestHeldKeysAreReadFromTheKernelsBitmap(t *testing.T) {
	bits := make([]byte, keyBytes)
	for _, code := range []int{1, 42, 125, 0x110} {
		bits[code/8] |= 1 << (code % 8)
	}
	if got := pressed(bits); !slices.Equal(got, []int{1, 42, 125}) {
		t.Errorf("got %v", got)
	}
}

// TestTheUsersOwnTypingComesFirst: keys of somebody else are seen by the compositor's idle notification.
func TestTheUsersOwnTypingComesFirst(t *testing.T) {
	s := newSession(t, 1, "")
	u := s.newTypist(t, "us")
	j := newJudge(t, s.Display)
	n := len(j.now().keys)
	u.press(t, 30)
	done := make(chan error, 1)
	go func() {
		_, err := s.input.Press(t.Context(), desk.Chord{Keys: "enter"})
		done <- err
	}()
	// As long as the user goes on nothing else comes; each key follows the one before within a moment.
	for range 10 {
		n += 2
		j.await("the user's key", func(s *seen) bool { return len(s.keys) >= n })
		u.press(t, 30)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	j.await("Enter", func(s *seen) bool { return s.keys[len(s.keys)-1].code == 28 })
	for i, k := range j.now().keys[:n] {
		if k.code == 28 {
			t.Errorf("Enter came as event %d of %d", i, n)
		}
	}
}
