package capture

import (
	"context"
	"errors"
	"image"
	"slices"
	"sync"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/outputs"
	"nerva/wayland/internal/wl"
)

// copy has the compositor copy its screen into our memory.
func (s *Screen) copy(ctx context.Context, p part) (desk.Picture, error) {
	ctx, cancel := context.WithTimeout(ctx, desk.Limit)
	defer cancel()
	conn, err := wl.Connect(ctx)
	if err != nil {
		return desk.Picture{}, err
	}
	made, err := copyFrom(ctx, conn, p)
	return made, wl.Sentence(ctx, errors.Join(err, conn.Close()))
}

func copyFrom(ctx context.Context, conn *wl.Conn, p part) (desk.Picture, error) {
	protocol, err := bind(conn)
	if err != nil {
		return desk.Picture{}, err
	}
	list, err := outputs.Read(ctx, conn)
	if err != nil {
		return desk.Picture{}, err
	}
	list, area, err := p.of(list)
	if err != nil {
		return desk.Picture{}, err
	}
	shots := make([]*shot, len(list))
	defer func() {
		for _, shot := range shots {
			shot.memory.free()
		}
	}()
	for i := range list {
		shots[i] = &shot{output: list[i], transform: list[i].Transform}
		protocol.copy(shots[i])
	}
	var made canvas
	var ready sync.WaitGroup
	ready.Go(func() { made = blank(list, area) }) // while the compositor waits for its next frame
	defer ready.Wait()
	if err := conn.Until(ctx, func() bool { return !slices.ContainsFunc(shots, (*shot).pending) }); err != nil {
		return desk.Picture{}, err
	}
	for _, shot := range shots {
		if shot.err != nil {
			return desk.Picture{}, shot.err
		}
	}
	ready.Wait()
	made.compose(shots)
	return desk.Picture{Image: made.RGBA, Area: area, Via: protocol.name()}, nil
}

// protocol is one by which a compositor copies an output.
type protocol interface {
	name() string
	// copy begins to fill s, in the goroutine that reads.
	copy(s *shot)
}

// bind takes the best protocol that there is.
func bind(conn *wl.Conn) (protocol, error) {
	shm := conn.BindFirst(shmInterface, 1, 1, nil)
	if p := bindImageCopy(conn, shm); p != nil {
		return p, nil
	}
	if p := bindScreencopy(conn, shm); p != nil {
		return p, nil
	}
	return nil, api.Errorf(api.Unavailable, "this compositor lets no program copy its screen: install its portal backend")
}

// shot is a copy of one output on its way. It belongs to the goroutine that reads.
type shot struct {
	output    outputs.Output
	memory    memory
	transform int  // wl_output.transform of what is in memory
	flipped   bool // its rows go from the bottom to the top
	done      bool
	err       error
}

func (s *shot) pending() bool { return !s.done && s.err == nil }

func (s *shot) fail(why string) {
	s.err = api.Errorf(api.Unavailable, "the compositor could not copy the output %s: %s", s.output.Name, why)
}

// of chooses the outputs that p touches, and says which area it is of all of them: what lies beyond them is left out.
func (p part) of(list []outputs.Output) ([]outputs.Output, desk.Region, error) {
	var all image.Rectangle
	var touched []outputs.Output
	for _, o := range list {
		place := rectangle(desk.Region{X: o.X, Y: o.Y, Width: o.Width, Height: o.Height})
		if p.output != "" && o.Name != p.output || p.region != nil && !place.Overlaps(rectangle(*p.region)) {
			continue
		}
		touched, all = append(touched, o), all.Union(place)
	}
	switch {
	case len(touched) == 0 && p.output != "":
		return nil, desk.Region{}, p.noOutput(errors.New("the compositor has none of this name"))
	case len(touched) == 0:
		return nil, desk.Region{}, p.outside(errors.New("no output is there"))
	case p.region != nil:
		all = all.Intersect(rectangle(*p.region))
	}
	return touched, desk.Region{X: all.Min.X, Y: all.Min.Y, Width: all.Dx(), Height: all.Dy()}, nil
}

// area is what a picture of p shows that another program has taken.
func (p part) area(ctx context.Context) (desk.Region, error) {
	if p.region != nil {
		return *p.region, nil
	}
	conn, err := wl.Connect(ctx)
	if err != nil {
		return desk.Region{}, err
	}
	list, err := outputs.Read(ctx, conn)
	var area desk.Region
	if err == nil {
		_, area, err = p.of(list)
	}
	return area, errors.Join(err, conn.Close())
}

func rectangle(r desk.Region) image.Rectangle {
	return image.Rect(r.X, r.Y, r.X+r.Width, r.Y+r.Height)
}
