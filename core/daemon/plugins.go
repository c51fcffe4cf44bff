package daemon

import (
	"context"
	"path"
	"path/filepath"

	"nerva/core/api"
	"nerva/core/config"
	"nerva/core/gate"
	"nerva/core/sandbox"
)

// pluginFolder is where a plugin finds its own files, in its sandbox alone.
const pluginFolder = "/run/nerva/plugin"

// plugins says where they are, and what the configuration in force gives them.
func (p *parts) plugins(box *sandbox.Sandbox) gate.Plugins {
	return gate.Plugins{
		Dir: filepath.Join(filepath.Dir(p.o.Paths.User), "skills"), Runner: pluginRunner{box}, Log: p.o.Log,
		Settings: func(name string) gate.PluginSettings {
			given := p.settings.now.Load().Plugins[name]
			s := gate.PluginSettings{Risk: api.Risk(given.Risk), Network: given.Network}
			for _, folder := range given.Write {
				s.Write = append(s.Write, config.Expand(folder))
			}
			return s
		},
	}
}

// loadPlugins reads them, and keeps for the status what is wrong.
func (p *parts) loadPlugins() {
	wrong := map[string]string{}
	for name, err := range p.gate.LoadPlugins() {
		p.o.Log.Error("a plugin is not there", "plugin", name, "error", err)
		wrong[name] = err.Error()
	}
	p.pluginErrors.Store(&wrong)
}

// pluginRunner is gate.Plugins' Runner: the sandbox of commands, with the plugin's files in it from memory.
type pluginRunner struct{ box *sandbox.Sandbox }

func (r pluginRunner) RunPlugin(ctx context.Context, run gate.PluginRun) (gate.PluginAnswer, error) {
	spec := sandbox.Spec{
		Argv: []string{path.Join(pluginFolder, run.Exec)}, Stdin: run.Input,
		Network: run.Network, Write: run.Write, Limits: sandbox.Limits{Time: run.Limit},
	}
	for _, f := range run.Files {
		file := sandbox.File{Dest: path.Join(pluginFolder, f.Name), Data: f.Data, Mode: 0o444}
		if f.Executable {
			file.Mode = 0o555
		}
		spec.Files = append(spec.Files, file)
	}
	done, err := r.box.Run(ctx, spec)
	answer := gate.PluginAnswer{Stdout: done.Stdout, Stderr: done.Stderr, Exit: done.Exit, Truncated: done.Truncated}
	if err == nil && done.Ended != "" {
		err = api.Errorf(api.Failed, "the plugin %s was ended: it reached its limit of %s", run.Name, done.Ended)
	}
	return answer, err
}
