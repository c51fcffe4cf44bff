package bustest

import (
	"io"
	"os"
	"os/exec"
	"testing"
)

// Talk starts a program on the bus, with these variables as well, and gives its standard input and output. The program
// must end when its input does, which is when the test ends.
func (b Bus) Talk(t *testing.T, cmd *exec.Cmd, env ...string) (in io.Writer, out io.Reader) {
	t.Helper()
	cmd.Env = append(append(os.Environ(), "DBUS_SESSION_BUS_ADDRESS="+b.Address), env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	return stdin, stdout
}
