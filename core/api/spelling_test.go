package api

import "testing"

func TestASwapOfTwoLettersIsOneMistake(t *testing.T) {
	for words, want := range map[[2]string]int{
		{"", ""}: 0, {"a", ""}: 1, {"", "abc"}: 3, {"model", "model"}: 0, {"modl", "model"}: 1, {"mdoel", "model"}: 1, {"kitten", "sitting"}: 3,
		{"firefox", "kate"}: 5,
	} {
		for _, pair := range [][2]string{words, {words[1], words[0]}} {
			if got := Distance(pair[0], pair[1], 5); got != want {
				t.Errorf("%q: %d, want %d", pair, got, want)
			}
		}
	}
}
