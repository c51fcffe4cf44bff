package plugins

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"nerva/core/api"
)

// maxSaid is how much of what a plugin writes to its standard error goes into the log, in bytes.
const maxSaid = 4 << 10

// runs gives the executor of a plugin whose files are these.
func (f *Folder) runs(name string, m manifest, files []File) func(context.Context, json.RawMessage) (json.RawMessage, error) {
	return func(ctx context.Context, input json.RawMessage) (json.RawMessage, error) {
		settings := f.o.Settings(name)
		a, err := f.o.Runner.RunPlugin(ctx, Run{
			Name: name, Files: files, Exec: m.Exec, Input: append(bytes.Clone(input), '\n'),
			Network: settings.Network, Write: settings.Write, Limit: m.limit,
		})
		said := strings.ToValidUTF8(string(a.Stderr[:min(len(a.Stderr), maxSaid)]), "\uFFFD")
		if said != "" {
			f.o.Log.Info("a plugin says", "plugin", name, "stderr", said)
		}
		switch {
		case err != nil:
			return nil, err
		case a.Exit != 0:
			return nil, api.Errorf(api.Failed, "the plugin %s ended with status %d%s; nervad's log has all that it said", name, a.Exit, lastLine(said))
		case a.Truncated:
			return nil, api.Errorf(api.Failed, "the plugin %s answered with more than is taken; ask for less", name)
		}
		var object map[string]any
		if err := json.Unmarshal(a.Stdout, &object); err != nil || object == nil {
			return nil, api.Errorf(api.Failed, "the plugin %s did not answer with a JSON object; it is the plugin's fault", name)
		}
		return bytes.TrimSpace(a.Stdout), nil
	}
}

// lastLine is the end of what a program said, usually its reason.
func lastLine(said string) string {
	said = strings.TrimSpace(said)
	if said = said[strings.LastIndexByte(said, '\n')+1:]; said == "" {
		return ""
	}
	if len(said) > 200 {
		said = strings.ToValidUTF8(said[:200], "") + "…"
	}
	return ": " + said
}
