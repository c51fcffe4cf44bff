package clips

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"nerva/core/desk"
)

// Run follows the clipboard until ctx ends, and returns its error.
func (k *Keeper) Run(ctx context.Context) error {
	first := true
	return k.o.Clipboard.Watch(ctx, func(o desk.Offer) {
		k.copied(ctx, o, first)
		first = false
	})
}

// copied takes what is copied. What was copied before Run began did not happen now, so that it is told to nobody.
func (k *Keeper) copied(ctx context.Context, o desk.Offer, before bool) {
	if o == nil || k.keptApart(ctx, o) {
		return
	}
	limits, kinds := k.o.Limits(), wanted(o.Types())
	told := !before && k.o.Follower != nil && k.o.Follower.Follows() && desk.TextType(o.Types()) != ""
	if !limits.History && !told {
		return
	}
	if !limits.History {
		kinds = kinds[:1]
	}
	forms, err := k.take(ctx, o, kinds)
	if err == nil && len(forms) > 0 {
		err = k.took(ctx, forms, limits, told)
	}
	if err != nil && ctx.Err() == nil {
		k.o.Log.Info("what was copied is not remembered", "error", err)
	}
}

// took remembers and tells. That a disk is full is nothing to those who follow.
func (k *Keeper) took(ctx context.Context, forms []desk.Form, limits Limits, told bool) error {
	e := describe(forms, k.focusedApp(), k.now())
	var err error
	switch {
	case limits.History && e.Bytes > limits.Bytes:
		return fmt.Errorf("it has %d bytes, and all that is remembered has at most %d", e.Bytes, limits.Bytes)
	case limits.History:
		err = k.add(ctx, e, forms)
	}
	if told && !k.isOwn(forms[0].Data) {
		k.o.Follower.Copied(ctx, strings.ToValidUTF8(string(forms[0].Data), "\uFFFD"), e.Type, e.App)
	}
	return err
}

func (k *Keeper) setOwn(text []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.own = sha256.Sum256(text)
}

// isOwn says whether a text was copied through the keeper: it comes back as anybody's does, and who is told texts and
// copies others for them would go on for ever.
func (k *Keeper) isOwn(text []byte) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.own == sha256.Sum256(text) {
		return true
	}
	k.own = [sha256.Size]byte{}
	return false
}
