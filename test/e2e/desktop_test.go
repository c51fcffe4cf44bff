package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"nerva/core/bus/overlay"
)

// node is what this package needs of sway's tree (sway-ipc(7), GET_TREE).
type node struct {
	ID       int64  `json:"id"`
	AppID    string `json:"app_id"`
	Name     string `json:"name"`
	PID      int    `json:"pid"`
	Focused  bool   `json:"focused"`
	Nodes    []node `json:"nodes"`
	Floating []node `json:"floating_nodes"`
}

func (n node) walk(visit func(node)) {
	visit(n)
	for _, c := range slices.Concat(n.Nodes, n.Floating) {
		c.walk(visit)
	}
}

// windows lists the toplevels of an application id.
func (s *session) windows(appID string) []node {
	s.Helper()
	var root node
	s.json(&root, "swaymsg", "-t", "get_tree", "-r")
	var found []node
	root.walk(func(n node) {
		if n.PID != 0 && n.AppID == appID {
			found = append(found, n)
		}
	})
	return found
}

// closeAll closes every window that a test has opened.
func (s *session) closeAll() {
	s.Helper()
	var left []node
	defer func() {
		if len(left) > 0 {
			s.Logf("these windows are left: %+v", left)
		}
	}()
	s.eventually("no window is left", func() bool {
		_, _, _ = s.run("swaymsg", "[title=.*] kill") // again, for what opens late; it fails where there is none
		var root node
		s.json(&root, "swaymsg", "-t", "get_tree", "-r")
		left = nil
		root.walk(func(n node) {
			if n.PID != 0 {
				left = append(left, n)
			}
		})
		return len(left) == 0
	})
}

// shown says whether the overlay says that it is on the screen; sees looks.
func (s *session) shown() bool {
	s.Helper()
	v, err := s.conn.Object(overlay.Name, overlay.Path).GetProperty(overlay.Interface + "." + overlay.PropertyVisible)
	s.must(err)
	return v.Value() == true
}

// summon runs what the key binding runs, and waits for the overlay.
func (s *session) summon() {
	s.Helper()
	s.output("nerva-ui")
	s.eventually("the overlay is shown", s.shown)
}

func (s *session) waitHidden() {
	s.Helper()
	s.eventually("the overlay is hidden", func() bool { return !s.shown() })
}

// keys sends key events: each word is typed, a word like "ctrl+k" or "Return" is pressed. The pause lets the
// compositor take wtype's keymap, or the first key would be lost.
func (s *session) keys(presses ...string) {
	s.Helper()
	for _, press := range presses {
		args := []string{"-s", "120"}
		parts := strings.Split(press, "+")
		for _, m := range parts[:len(parts)-1] {
			args = append(args, "-M", m)
		}
		args = append(args, "-k", parts[len(parts)-1])
		s.output("wtype", args...)
	}
}

// typing sends text as key events.
func (s *session) typing(text string) {
	s.Helper()
	s.output("wtype", "-s", "120", text)
}

// screenshot leaves a picture of the output under out/e2e/ and returns its path.
func (s *session) screenshot() string {
	s.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "..", "out", "e2e"))
	s.must(err)
	s.must(os.MkdirAll(dir, 0o755))
	path := filepath.Join(dir, strings.ReplaceAll(s.Name(), "/", "-")+".png")
	s.output("grim", path)
	return path
}

// text reads the letters in a picture of where the overlay's card is, in grey and three times as large, as tesseract likes it.
// It is read as one block, which keeps the short words of the footer, and as scattered text, which keeps
// what stands beside something larger.
func (s *session) text() string {
	s.Helper()
	shot := s.screenshot()
	large := shot + ".ocr.png"
	s.output("convert", shot, "-gravity", "North", "-crop", "60%x85%+0+0", "+repage", "-colorspace", "Gray", "-resize", "300%", large)
	defer os.Remove(large)
	text := ""
	for _, segmentation := range []string{"6", "11"} {
		c := exec.CommandContext(s.ctx, "tesseract", large, "-", "--psm", segmentation)
		c.Env = append(s.env, "OMP_THREAD_LIMIT=1") // on two processors its threads cost ten times what they bring
		out, err := c.Output()
		s.must(err)
		text += string(out)
	}
	return text
}

// sees waits until all the words stand on the screen.
func (s *session) sees(words ...string) {
	s.Helper()
	last := ""
	defer func() {
		if s.Failed() {
			s.Logf("the last screen said: %q", last)
		}
	}()
	s.eventually("the screen shows "+strings.Join(words, ", "), func() bool {
		last = s.text()
		seen := letters(last)
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(seen, letters(w)) })
	})
}

// letters keeps what optical character recognition is good at.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
