package watchers

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// FuzzARuleAndAnEvent: whatever a rule and an event are, judging and filling end, and soon; what is filled is JSON of the
// shape that the rule has.
func FuzzARuleAndAnEvent(f *testing.F) {
	for _, seed := range []struct{ rule, event string }{
		{"on = \"clipboard\"\nmatch.regex = '^(a+)+$'\nask = \"{{.Text}}\"", `{"Text":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}`},
		{"on = \"window\"\nmatch.when = 'split(Title, \"\")[3] == lower(App)'\nskill = \"notify\"\ninput = {title = \"{{line .Title}}\"}", `{"Title":"abc\"d","App":"D"}`},
		{"on = \"dbus\"\nmatch.interface = \"a.b\"\nmatch.member = \"C\"\nmatch.when = 'first(Values) matches \"^x\"'\nask = \"{{index .Values 1}}\"", `{"Bus":"session","Interface":"a.b","Member":"C","Values":["x"]}`},
		{"on = \"file\"\nmatch.paths = [\"/{a,b}/**\"]\nask = \"{{base .Path}}{{if .Folder}}/{{end}}\"", `{"Path":"/a/b"}`},
		{"on = \"timer\"\nmatch.cron = \"*/5 1-3 * * MON\"\nquiet = \"22:00-07:00\"\nask = \"{{.Time.Hour}}\"", `{}`},
		{"on = \"battery\"\nmatch.when = 'max(Percent, 2 ** 3) % 2 < 1 ? true : Was == $env[\"State\"]'\nask = \"{{urlquery .State}}\"", `{"Percent":1e308}`},
		{"on = \"calendar\"\nmatch.before = \"10m\"\nmatch.when = 'Ends.Sub(Begins).Minutes() > 5'\nask = \"{{.Begins.Format .Title}}\"", `{"Begins":"2026-03-02T10:00:00Z","Title":"15:04"}`},
	} {
		f.Add(seed.rule, seed.event)
	}
	f.Fuzz(func(t *testing.T, text, fields string) {
		var r Rule
		if len(text) > 1<<12 || len(fields) > 1<<16 || toml.Unmarshal([]byte(text), &r) != nil {
			return
		}
		r.Name = "r"
		wrong := false
		c := r.Compile(known, func(key, problem string) {
			wrong = true
			if key == "" || problem == "" {
				t.Errorf("%q %q says nothing", key, problem)
			}
		})
		e, err := ParseEvent(r.On, []byte(fields), time.Now())
		if wrong || err != nil {
			return
		}
		begin := time.Now()
		_, _ = c.Judge(e)
		o, err := c.Outcome(e)
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		if err != nil {
			return
		}
		for _, a := range o.Actions {
			if a.Skill == "" {
				continue
			}
			var in map[string]any
			if err := json.Unmarshal(a.Input, &in); err != nil || r.Skill != "" && len(in) != len(r.Input) {
				t.Errorf("%s of %v: %v", a.Input, r.Input, err)
			}
		}
	})
}
