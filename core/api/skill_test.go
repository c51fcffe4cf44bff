package api_test

import (
	"testing"

	"nerva/core/api"
)

func TestEverySkillHasARiskAndAnEffect(t *testing.T) {
	for id := range api.Floors {
		if api.Effects[id] == "" {
			t.Errorf("%s has no effect", id)
		}
	}
	if len(api.Effects) != len(api.Floors) {
		t.Errorf("%d effects for %d skills", len(api.Effects), len(api.Floors))
	}
}
