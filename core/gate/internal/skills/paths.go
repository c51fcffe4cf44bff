package skills

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"nerva/core/address"
	"nerva/core/api"
	"nerva/core/apps"
	"nerva/core/beneath"
	"nerva/core/paths"
)

// Places are the folders that paths may lie in, as the configuration has them now.
type Places struct {
	Files    *beneath.Tree // what skills read and write
	Notes    *beneath.Tree // the folder of notes
	Anywhere *beneath.Tree // what an application may be handed: all but what is protected
}

// resolver gives a skill's Resolve for an argument path that lies in tree.
func resolver(tree func() *beneath.Tree, use beneath.Use) func(json.RawMessage) (json.RawMessage, error) {
	return func(input json.RawMessage) (json.RawMessage, error) {
		return rewrite(input, "path", func(path string) (string, error) { return tree().Resolve(path, use) })
	}
}

// rewrite changes one argument of an input that fits its schema, if it is given, and keeps the form that the gate has
// brought the rest into.
func rewrite[T any](input json.RawMessage, name string, change func(T) (T, error)) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(input, &all); err != nil {
		return nil, api.Errorf(api.InvalidInput, "the input can't be read: %w", err)
	}
	if all[name] == nil {
		return input, nil
	}
	var value T
	if err := json.Unmarshal(all[name], &value); err != nil {
		return nil, api.Errorf(api.InvalidInput, "%s can't be read: %w", name, err)
	}
	value, err := change(value)
	if err != nil {
		return nil, err
	}
	if all[name], err = plainJSON(value); err != nil {
		return nil, err
	}
	return plainJSON(all)
}

// plainJSON leaves <, > and & as they are: a person reads it in the question.
func plainJSON(value any) (json.RawMessage, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, api.Errorf(api.Failed, "the input can't be written: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// resolveTargets does for what an application is to open what Resolve does for a path, and address.Clean for an address. Files
// need not exist: many applications make a new one.
func resolveTargets(d Deps, targets []string) ([]string, error) {
	resolved := slices.Clone(targets)
	for i, target := range targets {
		var err error
		if resolved[i], err = resolveTarget(d, target); err != nil {
			return nil, err
		}
	}
	return resolved, nil
}

func resolveTarget(d Deps, target string) (string, error) {
	if path := paths.Expand(d.Home, target); filepath.IsAbs(path) {
		return d.Places().Anywhere.Resolve(path, beneath.Read)
	}
	scheme, _, _ := strings.Cut(target, ":")
	switch strings.ToLower(scheme) {
	case "file":
		return resolveURI(d, target)
	case "http", "https", "mailto":
		return address.Clean(target)
	}
	return target, nil
}

// resolveURI gives a file URI in the form file:///…. A program may take more hosts for this computer than
// apps.LocalPath does, such as localhost. or 127.0.0.1, or fetch the file from there.
func resolveURI(d Deps, target string) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", api.Errorf(api.InvalidInput, "%q is not a well-formed URI: %w; correct it", target, err)
	}
	if u.Host != "" && !strings.EqualFold(u.Host, "localhost") {
		return "", api.Errorf(api.InvalidInput, "%q names the host %.64q, and only files of this computer are opened; give it as file:///…", target, u.Host)
	}
	path, _, err := apps.LocalPath(target)
	if err != nil {
		return "", err
	}
	real, err := d.Places().Anywhere.Resolve(path, beneath.Read)
	if err != nil {
		return "", err
	}
	// What comes after the path, such as the place in a page, stays.
	u.Host, u.User, u.OmitHost, u.Path, u.RawPath = "", nil, false, real, ""
	return u.String(), nil
}

// stillThere: an application opens its files by itself, so that all that can be done about a link that was put on the way
// since the call was allowed is to look once more.
func stillThere(d Deps, targets []string) error {
	now, err := resolveTargets(d, targets)
	if err != nil {
		return err
	}
	for i := range targets {
		if now[i] != targets[i] {
			return api.Errorf(api.Denied, "%s leads elsewhere by now, so nothing was opened; ask again", targets[i])
		}
	}
	return nil
}
