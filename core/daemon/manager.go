package daemon

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"time"

	"nerva/core/api"
)

// manager implements api.Manager.
type manager struct{ *parts }

// Status waits for nothing: each part says what it knows.
func (m manager) Status(context.Context) (api.Status, error) {
	_, attached := m.overlay()
	return api.Status{
		Version: m.o.Version, PID: os.Getpid(), UptimeS: int64(time.Since(m.started) / time.Second), Host: string(m.o.Host),
		Compositor: m.o.Desk.Windows.Compositor(), LLM: *m.settings.models.status.Load(), Overlay: attached,
		Config: m.settings.status(), Apps: len(m.index.Snapshot().Visible()), Runs: m.session.Open(), Plugins: m.pluginProblems(),
		Peers: m.peers,
	}, nil
}

func (m manager) pluginProblems() (list []api.PluginProblem) {
	wrong := *m.pluginErrors.Load()
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		list = append(list, api.PluginProblem{Plugin: name, Error: wrong[name]})
	}
	return list
}

// Reload tells systemd too: `systemctl reload` returns when the new configuration is in force.
func (m manager) Reload(ctx context.Context) error {
	notify(reloading())
	defer notify(ready)
	err := errors.Join(m.settings.reload(ctx), m.learned.Reload())
	m.loadPlugins()
	m.notes.use(m.ctx, m.settings.notesPath())
	err = errors.Join(err, m.setRules(ctx), m.declareTimers(ctx))
	m.trimClips(ctx)
	return err
}

func (m manager) Log(ctx context.Context, f api.LogFilter) ([]api.Record, error) {
	return m.log.Records(ctx, f)
}

func (m manager) VerifyLog(ctx context.Context) (api.Verified, error) { return m.log.Verify(ctx) }
