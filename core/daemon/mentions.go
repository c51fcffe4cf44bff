package daemon

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/notes"
	"nerva/core/search"
)

const (
	// maxMentions is how many notes stand among the results for what they say.
	maxMentions = 5
	// mentionsLimit is how long an answer waits for them: as long as nobody who types sees it.
	mentionsLimit = 50 * time.Millisecond
)

// texts finds notes by what they say, without those whose paths are in except. It must return soon after ctx has ended.
type texts interface {
	Mentions(ctx context.Context, text string, limit int, except []string) ([]notes.Note, error)
}

// withMentions puts the notes that say what is typed where results that a name brought are no good ones any more. A note that
// has been found by its name keeps its place. Where notes are slow the answer is without them.
func (f *finder) withMentions(ctx context.Context, text string, results []api.Result, limit int) []api.Result {
	if _, asked := afterClipPrefix(text); asked || answered(results) || full(results, limit) {
		return results
	}
	ctx, done := context.WithTimeout(ctx, mentionsLimit)
	defer done()
	list, err := f.texts.Mentions(ctx, text, maxMentions, notePaths(results))
	if err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			f.log.Debug("notes are not found by what they say", "error", err)
		}
		return results
	}
	for i, n := range list {
		r := noteResult(n)
		r.Score = search.ScoreText - float64(i)
		r.Subtitle = cmp.Or(n.Snippet, r.Subtitle)
		results = append(results, r)
	}
	slices.SortStableFunc(results, func(a, b api.Result) int { return cmp.Compare(b.Score, a.Score) })
	if limit > 0 && len(results) > limit {
		results = results[:limit]
	}
	return results
}

// answered says that the text was a sum.
func answered(results []api.Result) bool {
	return len(results) > 0 && results[0].Kind == api.KindCalc
}

// full says that all the room is taken by good names.
func full(results []api.Result, limit int) bool {
	return limit > 0 && len(results) == limit && results[limit-1].Score >= search.ScoreText
}

func notePaths(results []api.Result) (paths []string) {
	for _, r := range results {
		if path, ok := strings.CutPrefix(r.ID, notePrefix); ok {
			paths = append(paths, path)
		}
	}
	return paths
}
