package daemon

import (
	"context"

	"nerva/core/api"
	"nerva/core/search"
)

// names answers programs in a sandbox, which may know what is called how and no more: not what notes say, what was copied, or
// what is suggested because of it. It has none of these, so that neither its answers nor their number or time tell of them.
type names struct {
	engine *search.Engine
	await  func(context.Context) error
}

func (n names) Query(ctx context.Context, text string, limit int) ([]api.Result, error) {
	if err := n.await(ctx); err != nil {
		return nil, err
	}
	return n.engine.Query(text, limit), nil
}
