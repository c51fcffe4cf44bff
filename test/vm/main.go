// Vm boots a whole desktop, once with each compositor, installs nerva's package in it, and sees what the applications,
// the compositor and the screen get of what nerva does: `make vmtest`, by dev/vm, which has made the root and runs this
// inside it. No assertion believes a line that nerva printed.
//
// Each machine has one goroutine that goes through the steps in order; QEMU and its screen end with it. It must know
// nothing of how nerva is built: what it uses is the package, the command line, the bus and the documentation.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// settings are what dev/vm says.
type settings struct {
	root, guest, pkg, out string
	docs                  string
	run                   *regexp.Regexp
	shell                 bool
}

// wholeLimit is more than a whole run may take on a machine that has two slow processors.
const wholeLimit = 30 * time.Minute

func main() {
	var s settings
	flag.StringVar(&s.root, "root", "", "the root file system that the machines boot; it is not changed")
	flag.StringVar(&s.guest, "guest", "", "the program of ./guest")
	flag.StringVar(&s.pkg, "package", "", "nerva's Debian package")
	flag.StringVar(&s.out, "out", "out/vm", "the folder for pictures and logs")
	flag.StringVar(&s.docs, "docs", ".", "the checkout whose documentation names the key bindings")
	which := flag.String("machines", "sway,hyprland", "the compositors")
	run := flag.String("run", "", "only the steps that fit this regular expression, and those that all others need")
	flag.BoolVar(&s.shell, "shell", false, "after the steps run the lines of standard input in the machine, as the user, or as root after a #")
	together := flag.Bool("together", false, "run the machines at the same time")
	flag.Parse()
	var err error
	if s.run, err = regexp.Compile(*run); err != nil {
		fmt.Fprintln(os.Stderr, "vmtest: -run:", err)
		os.Exit(2)
	}
	if err := runAll(s, strings.Split(*which, ","), *together); err != nil {
		fmt.Fprintln(os.Stderr, "vmtest:", err)
		os.Exit(1)
	}
}

func runAll(s settings, which []string, together bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, wholeLimit, fmt.Errorf("the whole run took more than %s", wholeLimit))
	defer cancel()
	var chosen []compositor
	for _, name := range which {
		i := slices.IndexFunc(compositors, func(c compositor) bool { return c.name == name })
		if i < 0 {
			return fmt.Errorf("there is no machine %q", name)
		}
		chosen = append(chosen, compositors[i])
	}
	r := &report{to: os.Stdout}
	began := time.Now()
	var all sync.WaitGroup
	for _, c := range chosen {
		if ctx.Err() != nil {
			break
		}
		all.Go(func() { runOne(ctx, s, c, r) })
		if !together {
			all.Wait()
		}
	}
	all.Wait()
	fmt.Printf("%.0f s in all\n", time.Since(began).Seconds())
	return errors.Join(r.end(), context.Cause(ctx))
}
