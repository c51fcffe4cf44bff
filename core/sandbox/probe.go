package sandbox

import (
	"context"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
)

// bubblewrap is one that was seen to work.
type bubblewrap struct {
	path string
	// lock has the options that keep a program from making user namespaces of its own, where they work.
	lock []string
}

// probeLimit bounds the try of a program that does nothing.
const probeLimit = 5 * time.Second

// Probe says whether programs can be run here, by running one as Run does. It is tried until it works once. Its
// errors are api.Unavailable and say what is missing; without a sandbox nothing is ever run.
func (s *Sandbox) Probe(ctx context.Context) error {
	_, err := s.found(ctx)
	return err
}

func (s *Sandbox) found(ctx context.Context) (*bubblewrap, error) {
	if b := s.works.Load(); b != nil {
		return b, nil
	}
	path, err := desk.LookPath("bwrap")
	if err != nil {
		return nil, api.Errorf(api.Unavailable, "commands and plugins run only in a sandbox, and bubblewrap is missing: %w; install bubblewrap", err)
	}
	// --disable-userns came with bubblewrap 0.8, and a container may forbid what it does.
	for _, lock := range [][]string{{"--disable-userns"}, nil} {
		b := &bubblewrap{path, lock}
		var r Result
		r, err = s.run(ctx, b, Spec{Argv: []string{"true"}, Dir: "/", Limits: Limits{Time: probeLimit}})
		if err == nil && r.Exit == 0 {
			s.works.Store(b)
			return b, nil
		}
		if err == nil {
			err = api.Errorf(api.Unavailable, "true ended with %d", r.Exit)
		}
		if ctx.Err() != nil {
			return nil, err
		}
	}
	return nil, api.Errorf(api.Unavailable,
		"commands and plugins run only in a sandbox, and bubblewrap does not work here: %w; allow user namespaces without privileges "+
			"(sysctl kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns, user.max_user_namespaces)", err)
}
