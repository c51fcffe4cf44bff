package apps

import (
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// Each test changes real folders and waits for what the index says.

func TestWatchFiles(t *testing.T) {
	h := newHome(t)
	h.write("sys/applications/a.desktop", app("A"))
	x, changes := h.run(h.env())
	h.await(changes, "A")
	<-x.Ready()

	h.write("sys/applications/b.desktop", app("B"))
	h.await(changes, "A B")
	h.write("sys/applications/a.desktop", app("AA"))
	h.await(changes, "AA B")
	h.must(os.WriteFile(h.path("sys/applications/b.desktop"), []byte(app("BB")), 0o644)) // in place
	h.await(changes, "AA BB")
	h.write("home/applications/a.desktop", "[Desktop Entry]\nHidden=true\n")
	h.await(changes, "BB")
	h.must(os.Remove(h.path("home/applications/a.desktop")))
	h.await(changes, "AA BB")
	h.must(os.Remove(h.path("sys/applications/b.desktop")))
	h.await(changes, "AA")
	if got := names(x.Snapshot()); got != "AA" {
		t.Errorf("the snapshot is %q", got)
	}
}

func TestWatchFolders(t *testing.T) {
	h := newHome(t)
	_, changes := h.run(h.env()) // nothing exists yet
	h.await(changes, "")

	h.write("sys/applications/a.desktop", app("A"))
	h.await(changes, "A")
	h.write("sys/applications/kde/deep/b.desktop", app("B"))
	h.await(changes, "A B")
	h.write("sys/applications/kde/deep/c.desktop", app("C"))
	h.await(changes, "A B C")
	h.must(os.RemoveAll(h.path("sys/applications/kde")))
	h.await(changes, "A")
	h.must(os.Rename(h.path("sys/applications"), h.path("sys/old")))
	h.await(changes, "")
	h.write("sys/applications/d.desktop", app("D"))
	h.await(changes, "D")
	h.must(os.RemoveAll(h.path("sys")))
	h.await(changes, "")
	h.write("sys/applications/e.desktop", app("E"))
	h.await(changes, "E")
}

// A Nix profile is a chain of links of which one is swapped.
func TestWatchLinksOnTheWay(t *testing.T) {
	h := newHome(t)
	h.write("store/1/share/applications/a.desktop", app("One"))
	h.write("store/2/share/applications/a.desktop", app("Two"))
	h.link("../store/1", "profiles/profile-1")
	h.link("profile-1", "profiles/profile")
	h.link("profiles/profile", "current")
	env := h.env()
	env.DataDirs = []string{h.path("current/share")}
	_, changes := h.run(env)
	h.await(changes, "One")

	h.link("../store/2", "profiles/profile-2")
	h.link("profile-2", "profiles/next")
	h.must(os.Rename(h.path("profiles/next"), h.path("profiles/profile")))
	h.await(changes, "Two")
	h.must(os.Remove(h.path("current")))
	h.await(changes, "")
	h.link("profiles/profile-1", "current")
	h.await(changes, "One")
}

// Flatpak exports links to files whose way has a link that an update swaps.
func TestWatchTargetsOfLinks(t *testing.T) {
	h := newHome(t)
	h.write("app/1/x.desktop", app("One"))
	h.write("app/2/x.desktop", app("Two"))
	h.link("1", "app/current")
	h.link("../../app/current/x.desktop", "sys/applications/x.desktop")
	_, changes := h.run(h.env())
	h.await(changes, "One")

	h.link("2", "app/next")
	h.must(os.Rename(h.path("app/next"), h.path("app/current")))
	h.await(changes, "Two")
	h.must(os.WriteFile(h.path("app/2/x.desktop"), []byte(app("Edited")), 0o644))
	h.await(changes, "Edited")
}

// A scan that finds the same set calls nobody: the next call is about the next change.
func TestWatchTellsChangesOnly(t *testing.T) {
	h := newHome(t)
	h.log.wrote = make(chan struct{}, 10)
	h.write("sys/applications/a.desktop", app("A"))
	_, changes := h.run(h.env())
	h.await(changes, "A")
	h.write("sys/applications/mimeinfo.cache", "x")
	h.write("sys/applications/broken.desktop", "x")
	<-h.log.wrote // it was read
	h.write("sys/applications/b.desktop", app("B"))
	if got := <-changes; got != "A B" {
		t.Errorf("the next change is %q", got)
	}
}

// A burst of changes is read as one, and one that goes on is not waited for longer than patience.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDelay(100*time.Millisecond, time.Second)
		defer d.stop()
		start := time.Now()
		for range 3 {
			d.push()
			time.Sleep(60 * time.Millisecond) // the bubble's clock, not a wait
		}
		<-d.C()
		d.fired()
		if got := time.Since(start); got != 220*time.Millisecond {
			t.Errorf("a burst of 120 ms fired after %v", got)
		}
		start = time.Now()
		for fired := false; !fired; {
			d.push()
			select {
			case <-d.C():
				fired = true
			case <-time.After(60 * time.Millisecond):
			}
		}
		if got := time.Since(start); got != time.Second {
			t.Errorf("a burst without end fired after %v", got)
		}
	})
}

// A late subscriber gets the present state at once.
func TestOnChangeLate(t *testing.T) {
	h := newHome(t)
	h.write("sys/applications/a.desktop", app("A"))
	x, changes := h.run(h.env())
	h.await(changes, "A")
	var got string
	x.OnChange(func(s *Snapshot) { got = names(s) })
	if got != "A" {
		t.Errorf("got %q", got)
	}
}
