package gate

import (
	"context"
	"sync"

	"nerva/core/api"
)

// hands keeps questions and injected input apart: what types or clicks could answer a question. While one is open
// nothing may begin to inject, and opening one stops what does and waits until it has let go. Any goroutine may use it.
type hands struct {
	mu        sync.Mutex
	questions int
	acting    map[*act]struct{}
}

// act is one injection that is under way.
type act struct {
	stop context.CancelCauseFunc
	done chan struct{}
}

var errAsked = api.Errorf(api.Cancelled, "it was stopped because a question came up; nothing may type or click while one is open")

// open counts a question that is about to be shown. closed must be called when it is answered.
func (h *hands) open(ctx context.Context) (closed func(), err error) {
	h.mu.Lock()
	h.questions++
	var acting []*act
	for a := range h.acting {
		a.stop(errAsked)
		acting = append(acting, a)
	}
	h.mu.Unlock()
	closed = func() {
		h.mu.Lock()
		h.questions--
		h.mu.Unlock()
	}
	for _, a := range acting {
		select {
		case <-a.done:
		case <-ctx.Done():
			closed()
			return nil, api.Errorf(api.Busy, "the question can't be shown: something still types or clicks; stop it and ask again")
		}
	}
	return closed, nil
}

// begin gives the context of an injection, and false while a question is open. end must be called when it is over.
func (h *hands) begin(ctx context.Context) (_ context.Context, end func(), free bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.questions > 0 {
		return ctx, nil, false
	}
	ctx, stop := context.WithCancelCause(ctx)
	a := &act{stop, make(chan struct{})}
	h.acting[a] = struct{}{}
	return ctx, func() {
		h.mu.Lock()
		delete(h.acting, a)
		h.mu.Unlock()
		stop(nil)
		close(a.done)
	}, true
}
