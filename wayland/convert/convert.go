// Package convert converts between units and between currencies, by libqalculate's program qalc.
//
// qalc is a whole calculator that guesses at what it does not know: foo is for it a femtobyte times a byte, and from
// kilograms to metres it goes by leaving kilograms. So units are checked before, by a grammar that has room for nothing
// else, and what qalc says it has understood is checked after: as many units as were written, and a plain number.
//
// A Converter has no state, and qalc gets a folder for its settings that goes with it. Nothing is fetched: exchange
// rates are those that came with libqalculate or that the user's own Qalculate has fetched. It must not know who asks.
package convert

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nerva/core/api"
	"nerva/core/desk"
	"nerva/wayland/internal/tool"
)

// limit is longer than others': qalc reads 1.3 MB of definitions first, which takes a quarter of a second of computing.
const limit = 20 * time.Second

// Converter implements desk.Converter.
type Converter struct{}

// New returns a Converter.
func New() Converter { return Converter{} }

// Convert implements desk.Converter.
func (Converter) Convert(ctx context.Context, amount float64, from, to string) (desk.Conversion, error) {
	if math.IsNaN(amount) || math.IsInf(amount, 0) {
		return desk.Conversion{}, api.Errorf(api.InvalidInput, "%v can't be converted: give a number", amount)
	}
	a, err := unit(from)
	if err != nil {
		return desk.Conversion{}, err
	}
	b, err := unit(to)
	if err != nil {
		return desk.Conversion{}, err
	}
	number := strconv.FormatFloat(amount, 'G', -1, 64)
	// A factor is asked for as a number without a unit: then whatever does not fit leaves a unit behind.
	expression := fmt.Sprintf("((%s) %s)/(1 %s)", number, a, b)
	if temperature(a) && temperature(b) {
		expression = fmt.Sprintf("(%s) %s to %s", number, a, b)
	}
	said, err := ask(ctx, expression)
	if err != nil {
		return desk.Conversion{}, err
	}
	c, err := read(said, a, b)
	if err != nil {
		return desk.Conversion{}, api.Errorf(api.CodeOf(err), "%s can't be converted into %s: %w", a, b, err)
	}
	c.Text = fmt.Sprintf("%s %s = %s %s", strings.ToLower(number), a, c.Result, b)
	return c, nil
}

// ask runs qalc on an expression of ours. It is told on its command line what it may not know, has no settings of the
// user's, who may have chosen another form of numbers, and writes its history where it is lost.
func ask(ctx context.Context, expression string) (string, error) {
	settings, err := os.MkdirTemp("", "nerva-")
	if err != nil {
		return "", api.Errorf(api.Failed, "there is no room for qalc's settings: make room in %s: %w", os.TempDir(), err)
	}
	defer func() { _ = os.RemoveAll(settings) }()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	const nowhere = "http://127.0.0.1:9" // port 9 discards; should some version of it fetch rates unasked, it gets none
	env := []string{
		"PATH=/nonexistent", "LC_ALL=C.UTF-8", "XDG_CONFIG_HOME=" + settings, "HOME=" + os.Getenv("HOME"),
		"http_proxy=" + nowhere, "https_proxy=" + nowhere, "all_proxy=" + nowhere,
	}
	if data := os.Getenv("XDG_DATA_HOME"); data != "" { // the rates that the user has fetched
		env = append(env, "XDG_DATA_HOME="+data)
	}
	argv := []string{"qalc", "-m", "5000", "-set", "unknowns off", "-set", "functions off", "-set", "variables off", "-set", "fractions off", expression}
	said, err := tool.Run(ctx, tool.Command{Argv: argv, Package: "qalc", Env: env})
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() == 1 {
		return "error: ", nil // it has complained of the expression, on its standard output
	}
	return said, err
}

var (
	// "It has been 645 days since the exchange rates last were updated."; a question follows, which nobody answers.
	age = regexp.MustCompile(`It has been ([0-9]{1,5}) days? since the exchange rates last were updated\.\s*(?:Do you wish to update the exchange rates now\? ?)?`)
	// "(5 kilometers) / (1 mile) ≈ 3.106855961" or "−40 celsius = −40 °F"
	answer = regexp.MustCompile(`^([^=≈\n]+) (?:[^\n]* )?[=≈] ([-−]?[0-9]+(?:\.[0-9]+)?)(?:E([-−]?[0-9]+))?(?: (` + name + `))?$`)
)

// read judges qalc's words on an expression of from and to.
func read(said, from, to string) (desk.Conversion, error) {
	var c desk.Conversion
	if m := age.FindStringSubmatchIndex(said); m != nil {
		days, err := strconv.Atoi(said[m[2]:m[3]])
		if err != nil {
			return c, notUnderstood(said)
		}
		c.Rates = time.Now().AddDate(0, 0, -days).Format(time.DateOnly)
		said = strings.TrimSpace(said[:m[0]] + said[m[1]:])
	}
	if strings.Contains(said, "error: ") || strings.Contains(said, "warning: ") {
		return c, api.Errorf(api.InvalidInput, "one of them is not known; capitals count, as in km and MB, and currencies are written EUR, USD")
	}
	m := answer.FindStringSubmatch(said)
	if m == nil {
		return c, api.Errorf(api.InvalidInput, "they don't measure the same thing, or one is not known; choose another unit")
	}
	written := from + " " + to
	if m[4] != "" { // a temperature
		written = from
	}
	if (m[4] != "") != temperature(to) || len(names.FindAllString(m[1], -1)) != len(names.FindAllString(written, -1)) {
		return c, api.Errorf(api.InvalidInput, "one of them is not known, or they don't measure the same thing; write names such as mile, lb or USD")
	}
	c.Result = plain(m[2])
	if m[3] != "" {
		c.Result += "e" + strings.ReplaceAll(m[3], "−", "-")
	}
	return c, nil
}

// plain takes away the zeros at the end, which only say how exact it is.
func plain(number string) string {
	number = strings.ReplaceAll(number, "−", "-")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number
}

func notUnderstood(said string) error {
	return api.Errorf(api.Failed, "what qalc says is not understood: update nerva: %w", fmt.Errorf("%.100q", said))
}
