// Package clips remembers what was copied, and keeps apart what is not to be: what a password manager offers as a
// secret, and what is copied while an application has the focus that the user has denied.
//
// A Keeper owns the tables clips and clip_forms of nerva's database, which any goroutine may use; the judgement of what is
// copied now and which application has the focus are each under a mutex. What is copied is read and stored in the
// goroutine that calls Run, which also tells the texts to a Follower. What is kept apart is not read, not stored and given to
// nobody; no content is ever logged. The package must not know who searches or follows, nor how the clipboard is reached.
package clips

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"log/slog"
	"strings"
	"sync"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/core/store"
)

// Limits say what is remembered.
type Limits struct {
	History bool // whether anything is
	Entries int
	Bytes   int64
	Age     time.Duration // 0: no limit
	// Denied says whether what is copied while the application has the focus is kept apart.
	Denied func(app string) bool
}

// Windows tells which application has the focus.
type Windows interface {
	List(ctx context.Context) ([]desk.Window, error)
}

// Follower is told the texts that others copy, from the time on that Run begins.
type Follower interface {
	// Follows says whether it wants the next one. What nobody wants is not read.
	Follows() bool
	// Copied tells a text, its type, and the application that had the focus. It may wait a little: what comes and goes
	// meanwhile is left out.
	Copied(ctx context.Context, text, kind, app string)
}

// Options go with Open. All of them but Follower must be set.
type Options struct {
	Clipboard desk.Clipboard
	Windows   Windows
	// Limits gives those in force and is called for each thing that is copied.
	Limits func() Limits
	// Secret says whether a text has in it what looks like a secret; it is not remembered then.
	Secret func(text string) bool
	// Changed is told what is remembered, newest first, at first and after each change.
	Changed func([]Entry)
	// Follower is told what would be remembered and is text, also while no history is wanted.
	Follower Follower
	Log      *slog.Logger
}

// Keeper remembers what is copied.
type Keeper struct {
	o   Options
	now func() time.Time

	judging sync.Mutex // holds these two, also while they are found out
	judged  desk.Offer
	private bool

	mu    sync.Mutex // holds the rest
	focus focus
	own   [sha256.Size]byte // of the text that was copied through the keeper last, until another one is seen

	change sync.Mutex // held by who changes the table until Changed has been told, so that it is told in order
	db     *sql.DB
}

// Open creates the tables where they are missing, forgets what is beyond the limits and tells what there is. The caller
// closes db after the last use of the keeper.
func Open(ctx context.Context, db *sql.DB, o Options) (*Keeper, error) {
	if err := store.Migrate(ctx, db, "clips", versions); err != nil {
		return nil, err
	}
	k := &Keeper{o: o, now: time.Now, db: db}
	return k, k.Trim(ctx)
}

// Text gives the text that is copied now. It is api.NotFound where there is none, and api.Denied where it is kept apart.
func (k *Keeper) Text(ctx context.Context) (string, error) {
	o, err := k.o.Clipboard.Offered(ctx)
	if err != nil {
		return "", err
	}
	if o == nil {
		return "", api.Errorf(api.NotFound, "nothing is copied: copy the text first")
	}
	if k.keptApart(ctx, o) {
		return "", api.Errorf(api.Denied, "what is copied comes from a password manager or an application that clipboard.denied names, "+
			"and is shown to nobody: paste it by hand")
	}
	kind := desk.TextType(o.Types())
	if kind == "" {
		return "", api.Errorf(api.NotFound, "what is copied is no text, it is offered as %.300q: copy a text first", o.Types())
	}
	text, err := o.Read(ctx, kind)
	return strings.ToValidUTF8(string(text), "\uFFFD"), err
}

// SetText copies a text.
func (k *Keeper) SetText(ctx context.Context, text string) error {
	k.setOwn([]byte(text))
	return k.o.Clipboard.SetText(ctx, text)
}

// Copy copies again what is remembered under the id, in all its forms. Where there is none it is api.NotFound.
func (k *Keeper) Copy(ctx context.Context, id int64) error {
	forms, err := k.forms(ctx, id)
	if err != nil {
		return err
	}
	k.setOwn(forms[0].Data)
	return k.o.Clipboard.Copy(ctx, forms...)
}
