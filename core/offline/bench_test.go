package offline

import "testing"

// The plan is worked out again in each turn, so it must stay far below the 10 ms that a step may take.
func BenchmarkUnderstand(b *testing.B) {
	for b.Loop() {
		if steps, rest := understand("please launch foot, jot down buy milk and eggs, work out 3 plus 4, and show me which windows are open"); rest != "" || len(steps) != 4 {
			b.Fatal(rest)
		}
	}
}
