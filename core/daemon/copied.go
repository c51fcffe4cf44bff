package daemon

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"nerva/core/api"
	"nerva/core/clips"
	"nerva/core/search"
)

// clipPrefix begins a query for what was copied: it stands among other results only where it is asked for.
const clipPrefix = "clip "

// copied finds what was copied. It has the entries in memory, so that typing waits for no disk.
type copied struct {
	engine *search.Engine
	newest atomic.Pointer[[]search.Item]
}

func newCopied() *copied { return &copied{engine: search.New(nil)} }

// set replaces the entries, newest first.
func (c *copied) set(list []clips.Entry) {
	items := make([]search.Item, len(list))
	for i, e := range list {
		items[i] = clipItem(e)
	}
	c.newest.Store(&items)
	c.engine.Set("clips", items)
}

// afterClipPrefix is what is sought among what was copied; it is false where the text asks for something else.
func afterClipPrefix(text string) (rest string, asked bool) {
	text = strings.TrimLeft(text, " ")
	if len(text) < len(clipPrefix) || !strings.EqualFold(text[:len(clipPrefix)], clipPrefix) {
		return "", false
	}
	return strings.TrimSpace(text[len(clipPrefix):]), true
}

// query gives what fits what follows the prefix, and the newest where nothing does. It is false where the text does not
// ask for what was copied.
func (c *copied) query(text string, limit int) (results []api.Result, asked bool) {
	rest, asked := afterClipPrefix(text)
	if !asked {
		return nil, false
	}
	if rest != "" {
		results = c.engine.Query(rest, limit)
		return results, len(results) > 0 // an application may be called so
	}
	items := c.newest.Load()
	if items == nil {
		return nil, false
	}
	for i, item := range *items {
		if limit > 0 && i == limit {
			break
		}
		item.Result.Score = float64(len(*items) - i)
		results = append(results, item.Result)
	}
	return results, len(results) > 0
}

func clipItem(e clips.Entry) search.Item {
	icon := "edit-paste-symbolic"
	if strings.HasPrefix(e.Type, "image/") {
		icon = "image-x-generic"
	}
	about := e.Time.Format("2006-01-02 15:04") + " · " + size(e.Bytes)
	if e.App != "" {
		about += " · " + e.App
	}
	return search.Item{
		Result: api.Result{
			ID: api.KindClip + ":" + strconv.FormatInt(e.ID, 10), Kind: api.KindClip, Title: e.Title, Subtitle: about, Icon: icon,
			Actions: []api.Action{
				{ID: actionCopy, Title: "Copy"}, {ID: actionForget, Title: "Forget"}, {ID: actionForgetAll, Title: "Forget all that was copied"},
			},
		},
		Keywords: some(e.Text, e.App),
	}
}

func size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1000_000:
		return fmt.Sprintf("%d kB", bytes/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}

// actOnClip does one of the actions of a result.
func actOnClip(ctx context.Context, k *clips.Keeper, rest, action string) error {
	id, err := strconv.ParseInt(rest, 10, 64)
	if err != nil {
		return api.Errorf(api.NotFound, "nothing that was copied is called %q; `nerva search \"clip \"` lists what was", rest)
	}
	switch action {
	case "", actionCopy:
		return k.Copy(ctx, id)
	case actionForget:
		return k.Forget(ctx, id)
	case actionForgetAll:
		return k.Clear(ctx)
	}
	return noAction(api.KindClip+":"+rest, action)
}

func (s *settings) clips() clips.Limits {
	now := s.now.Load()
	c := now.Clipboard
	return clips.Limits{
		History: c.History, Entries: c.Entries, Bytes: int64(c.SizeMB) << 20, Age: time.Duration(c.Days) * 24 * time.Hour, Denied: now.denied,
	}
}

// openClips opens what was copied, for the finder and the gate.
func (p *parts) openClips(ctx context.Context) (err error) {
	p.clips, err = clips.Open(ctx, p.db, clips.Options{
		Clipboard: p.o.Desk.Clipboard, Windows: p.o.Desk.Windows, Limits: p.settings.clips, Secret: p.log.Secret,
		Changed: p.finder.copied.set, Follower: p.sources, Log: p.o.Log,
	})
	p.finder.clips = p.clips
	return err
}

func (p *parts) trimClips(ctx context.Context) {
	if err := p.clips.Trim(ctx); err != nil && !errors.Is(err, context.Canceled) {
		p.o.Log.Error("more is remembered of what was copied than should be", "error", err)
	}
}
