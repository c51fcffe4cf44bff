package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// text has what a us layout has, with and without shift, and what it has not.
const (
	plainText  = "The quick brown fox, 0123456789: {[(<|>)]} ~`'\"\\ @#$%^&*_+-=?!;/ jumps."
	foreignToo = plainText + " äß é ñ Ж 語 🙂"
)

// receive is a terminal that keeps each byte that it gets.
const receive = "stty raw -echo; exec cat >/home/user/received"

// typesInto has nervad type, and reads what the application got.
func (m *machine) typesInto(ctx context.Context, text string) error {
	if _, err := m.terminal(ctx, "typed", receive); err != nil {
		return err
	}
	if err := m.focused(ctx, "typed"); err != nil {
		return err
	}
	input, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return err
	}
	said, err := m.exec(ctx, "type_text", string(input))
	if err == nil {
		err = eventually(ctx, stepLimit, func() error {
			got, err := m.asRoot(ctx, "cat", "/home/user/received")
			if err == nil && got != text {
				err = fmt.Errorf("the application got %q; %s", got, said)
			}
			return err
		})
	}
	return errors.Join(err, m.closeTerminal(ctx, "typed"))
}

func (m *machine) typesByCompositor(ctx context.Context) error {
	if err := m.way(ctx, "virtual"); err != nil {
		return err
	}
	return errors.Join(m.typesInto(ctx, foreignToo), m.way(ctx, ""))
}

// way restarts nervad so that it types in this way alone, or in the best there is.
func (m *machine) way(ctx context.Context, only string) error {
	set := []string{"systemctl", "--user", "set-environment", "NERVA_INPUT=" + only}
	if only == "" {
		set = []string{"systemctl", "--user", "unset-environment", "NERVA_INPUT"}
	}
	if _, err := m.user(ctx, set...); err != nil {
		return err
	}
	_, err := m.user(ctx, "systemctl", "--user", "restart", "nervad")
	return err
}

// mouse is a terminal that is told of clicks, as ESC [ < button ; column ; row M (xterm's "SGR" mode).
const mouse = `stty raw -echo; printf '\033[?1000h\033[?1006h'; exec cat >/home/user/clicked`

func (m *machine) clicks(ctx context.Context) error {
	w, err := m.terminal(ctx, "mouse", mouse)
	if err != nil {
		return err
	}
	_, err = m.exec(ctx, "click", fmt.Sprintf(`{"x":%d,"y":%d}`, w.X+200, w.Y+150))
	if err == nil {
		err = eventually(ctx, stepLimit, func() error {
			got, err := m.asRoot(ctx, "cat", "/home/user/clicked")
			if err == nil && !strings.HasPrefix(got, "\033[<0;") {
				err = fmt.Errorf("the application got %q", got)
			}
			return err
		})
	}
	return errors.Join(err, m.closeTerminal(ctx, "mouse"))
}

// mends is the command that nerva names for a closed /dev/uinput.
var mends = regexp.MustCompile(`sudo (usermod [^"\x60;\n]*uinput [\w$-]+)`)

// closedDevice has nervad type through a device that is closed to it: nothing arrives, and the error says what to do.
func (m *machine) closedDevice(ctx context.Context) error {
	if _, err := m.user(ctx, "test", "-w", "/dev/uinput"); err == nil {
		return errors.New("the user may write to /dev/uinput")
	}
	if err := m.way(ctx, "uinput"); err != nil {
		return err
	}
	if _, err := m.terminal(ctx, "typed", receive); err != nil {
		return err
	}
	_, err := m.exec(ctx, "type_text", `{"text":"nothing"}`)
	switch {
	case err == nil:
		err = errors.New("nothing was wrong with typing through a closed device")
	case !mends.MatchString(err.Error()):
		err = fmt.Errorf("the error names no command: %w", err)
	default:
		var got string
		if got, err = m.asRoot(ctx, "cat", "/home/user/received"); err == nil && got != "" {
			err = fmt.Errorf("the application got %q", got)
		}
	}
	return errors.Join(err, m.closeTerminal(ctx, "typed"))
}

// doctorNames asks doctor for the command that opens the device.
func (m *machine) doctorNames(ctx context.Context) error {
	said, err := m.user(ctx, "sh", "-c", `nerva doctor --json || [ $? = 1 ]`)
	if err != nil {
		return err
	}
	found := mends.FindStringSubmatch(said)
	if found == nil {
		return fmt.Errorf("doctor names no command for /dev/uinput: %s", said)
	}
	m.fix = strings.ReplaceAll(found[1], "$USER", "user")
	return nil
}

// openedDevice does what doctor said, logs in again, and types through the device.
func (m *machine) openedDevice(ctx context.Context) error {
	if m.fix == "" {
		return errors.New("doctor named no command")
	}
	if _, err := m.asRoot(ctx, "sh", "-c", m.fix); err != nil {
		return err
	}
	if err := m.logout(ctx); err != nil {
		return err
	}
	if err := m.startSession(ctx); err != nil {
		return err
	}
	if err := m.meetCompositor(ctx); err != nil {
		return err
	}
	if _, err := m.user(ctx, "test", "-w", "/dev/uinput"); err != nil {
		return fmt.Errorf("%s did not help: %w", m.fix, err)
	}
	if err := m.way(ctx, "uinput"); err != nil {
		return err
	}
	return errors.Join(m.typesInto(ctx, plainText), m.way(ctx, ""))
}
