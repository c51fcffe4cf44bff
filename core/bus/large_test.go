package bus

import (
	"encoding/json"
	"strings"
	"testing"

	"nerva/core/api"
)

// An array of D-Bus has at most 64 MiB, and a log may be longer.
func TestAnAnswerHoldsTheNewestThatHaveRoom(t *testing.T) {
	long := json.RawMessage(strings.Repeat("x", 1<<20))
	var records []api.Record
	for seq := range uint64(20) {
		records = append(records, api.Record{Seq: seq, Input: long})
	}
	if got := newest(records); len(got) != 15 || got[14].Seq != 19 {
		t.Errorf("got %d", len(got))
	}
	if got := newest(records[:3]); len(got) != 3 {
		t.Errorf("of three: got %d", len(got))
	}
	huge := []api.Record{{Seq: 1}, {Seq: 2, Input: json.RawMessage(strings.Repeat("x", maxReply+1))}}
	if got := newest(huge); len(got) != 1 || got[0].Seq != 2 {
		t.Errorf("of one that is larger: got %d", len(got))
	}
}

func TestALongLogIsReadInSeveralAnswers(t *testing.T) {
	f, _, bus := startServer(t)
	c := dialAt(t, bus)
	f.mu.Lock()
	for seq := range uint64(20) {
		f.records = append(f.records, api.Record{Seq: seq + 1, Input: json.RawMessage("{}")})
	}
	f.mu.Unlock()
	// What has room in one answer, what has not, and the one that says that there is no more.
	for limit, answers := range map[int]int{0: 3, 5: 1, 20: 2, 21: 3} {
		f.mu.Lock()
		f.asked = 0
		f.mu.Unlock()
		got, err := c.Log(t.Context(), api.LogFilter{Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		f.mu.Lock()
		want, asked := f.records, f.asked
		f.mu.Unlock()
		if limit > 0 && limit < len(want) {
			want = want[len(want)-limit:]
		}
		if len(got) != len(want) || asked != answers {
			t.Fatalf("at most %d: got %d in %d answers, want %d in %d", limit, len(got), asked, len(want), answers)
		}
		for i := range got {
			if got[i].Seq != want[i].Seq {
				t.Errorf("at most %d: %d is record %d, want %d", limit, i, got[i].Seq, want[i].Seq)
			}
		}
	}
}

func TestALargeRecordComesInAnAnswerOfItsOwn(t *testing.T) {
	f, _, bus := startServer(t)
	c := dialAt(t, bus)
	long := json.RawMessage(`"` + strings.Repeat("x", 9<<20) + `"`)
	f.mu.Lock()
	f.records = []api.Record{{Seq: 1, Input: long}, {Seq: 2, Input: long}}
	f.mu.Unlock()
	got, err := c.Log(t.Context(), api.LogFilter{})
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || len(got) != 2 || f.asked != 3 {
		t.Errorf("got %d in %d answers, %v", len(got), f.asked, err)
	}
}

func TestWhatIsSearchedForIsShort(t *testing.T) {
	_, _, bus := startServer(t)
	c := dialAt(t, bus)
	if _, err := c.Query(t.Context(), strings.Repeat("x", maxQuery), 1); err != nil {
		t.Error(err)
	}
	_, err := c.Query(t.Context(), strings.Repeat("x", maxQuery+1), 1)
	if api.CodeOf(err) != api.InvalidInput || !strings.Contains(err.Error(), "at most 1024") {
		t.Errorf("got %v", err)
	}
}
