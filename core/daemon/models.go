package daemon

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"nerva/core/api"
	"nerva/core/config"
	"nerva/core/llm"
	"nerva/core/offline"
)

// stale is how old the news that no server answers may be when a run begins: somebody who starts one and
// asks again shall not be told what was true before.
const stale = 3 * time.Second

// models finds the model that the configuration means. mu guards all but status, which Status reads without
// waiting for a server.
type models struct {
	file   string // of the configuration, for sentences
	hide   func(secret string)
	log    *slog.Logger
	status atomic.Pointer[api.StatusLLM]

	mu     sync.Mutex
	config llm.Config
	found  *llm.Resolved // nil before it was looked for
	at     time.Time
	client *llm.Client // nil for the offline interpreter
}

func newModels(file string, hide func(string), log *slog.Logger) *models {
	return &models{file: file, hide: hide, log: log}
}

// configure takes over a configuration; what it means is looked for when it is needed.
func (m *models) configure(c config.LLM) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.config = llm.Config{Provider: c.Provider, Model: c.Model, BaseURL: c.BaseURL, Key: func() (string, error) {
		key, err := c.Key()
		m.hide(key)
		return key, err
	}}
	m.found = nil
	m.status.Store(&api.StatusLLM{Provider: c.Provider, Model: c.Model, Detail: "it was not looked for yet"})
}

// look finds out what the configuration means, so that Status can say it before the first run.
func (m *models) look(ctx context.Context) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resolve(ctx)
}

// current is the model for a run that begins, and the host outside of this machine that it is on, if it is.
func (m *models) current(ctx context.Context) (llm.Model, string, error) {
	client, host, err := m.server(ctx)
	if err == nil && client == nil {
		return offline.New(m.file), "", nil
	}
	return client, host, err
}

// server is the same; no client and no error is the offline interpreter.
func (m *models) server(ctx context.Context) (*llm.Client, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	named := m.config.Provider == llm.Offline
	if m.found == nil || !named && (!m.found.Reachable || m.found.Provider == llm.Offline) && time.Since(m.at) > stale {
		m.resolve(ctx)
	}
	if m.found.Provider == llm.Offline {
		return nil, "", nil
	}
	if m.client == nil {
		return nil, "", api.Errorf(api.Unavailable, "%s", m.found.Detail)
	}
	return m.client, m.found.Outside(), nil
}

// outside is the host of the model that was last found; see llm.Resolved.
func (m *models) outside() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.found == nil {
		return ""
	}
	return m.found.Outside()
}

func (m *models) resolve(ctx context.Context) {
	found := llm.Resolve(ctx, m.config)
	if ctx.Err() != nil && m.found != nil {
		return // an answer that was cut short is none
	}
	m.found, m.at = &found, time.Now()
	m.forget()
	if found.Provider != llm.Offline {
		client, err := llm.NewOpenAI(found.Apply(m.config))
		if err != nil {
			m.found.Reachable = false
			if m.found.Detail == "" {
				m.found.Detail = err.Error()
			}
		}
		m.client = client
	}
	status := api.StatusLLM{Provider: found.Provider, Model: found.Model, Reachable: found.Reachable, Detail: found.Detail}
	if old := m.status.Swap(&status); old == nil || *old != status {
		m.log.Info("model", "provider", found.Provider, "model", found.Model, "reachable", found.Reachable, "detail", found.Detail)
	}
}

func (m *models) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
}

func (m *models) forget() {
	if m.client != nil {
		m.client.Close()
		m.client = nil
	}
}
