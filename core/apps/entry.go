package apps

import (
	"errors"
	"fmt"
	"strings"
)

// verdict says what a desktop file is good for.
type verdict struct {
	// entry is nil where the file is no application: hidden, a link, a directory entry.
	entry *Entry
	// flaws are what was dropped of an entry that works otherwise, or why it can't be started.
	flaws []string
}

// parse reads a desktop file's content. The id and file name are the caller's; steps is the ladder of the
// wanted locales. An error means that the file is broken.
func parse(id, file string, data []byte, steps []string) (verdict, error) {
	kf, err := parseKeyFile(data)
	if err != nil {
		return verdict{}, err
	}
	main := kf[mainGroup]
	// Hidden is "strictly equivalent to the file not existing": nothing else in it matters, and files that
	// only hide another one tend to have no other key.
	if main.flag("Hidden") {
		return verdict{}, nil
	}
	switch t := main.text("Type"); t {
	case "Application":
	case "":
		return verdict{}, errors.New("the required key Type is missing")
	default:
		return verdict{}, nil
	}
	e := &Entry{
		ID:                      id,
		File:                    file,
		Name:                    main.localized("Name", steps),
		UntranslatedName:        main.localized("Name", nil),
		GenericName:             main.localized("GenericName", steps),
		UntranslatedGenericName: main.localized("GenericName", nil),
		Comment:                 main.localized("Comment", steps),
		Keywords:                main.localizedList("Keywords", steps),
		UntranslatedKeywords:    main.localizedList("Keywords", nil),
		Icon:                    main.localized("Icon", steps),
		Categories:              main.list("Categories"),
		StartupWMClass:          valid(main.text("StartupWMClass")),
		Exec:                    main.text("Exec"),
		Dir:                     main.text("Path"),
		TryExec:                 main.text("TryExec"),
		Terminal:                main.flag("Terminal"),
		DBusActivatable:         main.flag("DBusActivatable"),
		StartupNotify:           main.flag("StartupNotify"),
		noDisplay:               main.flag("NoDisplay"),
		onlyShowIn:              main.list("OnlyShowIn"),
		notShowIn:               main.list("NotShowIn"),
	}
	if strings.TrimSpace(e.Name) == "" {
		return verdict{}, errors.New("the required key Name is missing")
	}
	v := verdict{entry: e}
	switch {
	case e.Exec != "":
		if _, e.execErr = parseExec(e.Exec); e.execErr != nil {
			v.flaws = append(v.flaws, fmt.Sprintf("Exec: %v", e.execErr))
		}
	case !e.DBusActivatable:
		return verdict{}, errors.New("it has neither Exec nor DBusActivatable=true, so nothing can be started")
	}
	for _, action := range main.list("Actions") {
		a, err := parseAction(action, kf, steps, e.DBusActivatable)
		if err != nil {
			v.flaws = append(v.flaws, fmt.Sprintf("action %s: %v", clip(action), err))
			continue
		}
		if _, twice := e.Action(action); !twice {
			e.Actions = append(e.Actions, a)
		}
	}
	return v, nil
}

// parseAction reads the group of one action. Name is required, Exec only where the application is not
// activated over D-Bus (section "Additional applications actions", Table "Action Specific Keys").
func parseAction(id string, kf keyFile, steps []string, dbus bool) (Action, error) {
	g, ok := kf["Desktop Action "+id]
	if !ok {
		return Action{}, errors.New("its group is missing")
	}
	a := Action{
		ID:               id,
		Name:             g.localized("Name", steps),
		UntranslatedName: g.localized("Name", nil),
		Icon:             g.localized("Icon", steps),
		Exec:             g.text("Exec"),
	}
	switch {
	case a.Name == "":
		return Action{}, errors.New("its Name is missing")
	case a.Exec != "":
		if _, a.execErr = parseExec(a.Exec); a.execErr != nil && !dbus {
			return Action{}, a.execErr
		}
	case !dbus:
		return Action{}, errors.New("its Exec is missing")
	}
	return a, nil
}
