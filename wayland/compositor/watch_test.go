package compositor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"nerva/core/desk"
	"nerva/wayland/internal/socktest"
)

// watching runs Watch and returns the lists it reports. It is stopped with the test, and must then return
// the context's error.
func watching(t *testing.T, env Env) <-chan []desk.Window {
	t.Helper()
	return watch(t, New(t.Context(), env, quiet()))
}

func watch(t *testing.T, c *Client) <-chan []desk.Window {
	t.Helper()
	lists := make(chan []desk.Window, 16)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		ended <- c.Watch(ctx, func(list []desk.Window) { lists <- list })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Watch returned %v", err)
		}
	})
	return lists
}

func TestWatchOutlivesCompositors(t *testing.T) {
	dir := socktest.RuntimeDir(t)
	lists := watching(t, Env{RuntimeDir: dir})
	if list := <-lists; list != nil {
		t.Fatalf("without a compositor: %v", list)
	}

	first := startSway(t, swaySocket(dir, 1))
	if list := <-lists; len(list) != 6 || list[0].Title != "Calculator" {
		t.Fatalf("after its start: %v", list)
	}
	<-first.subscribed
	first.setTree(strings.ReplaceAll(first.tree, "Calculator", "Converter"))
	first.emit(3, `{"change": "title"}`)
	if list := <-lists; list[0].Title != "Converter" {
		t.Fatalf("after a change: %v", list)
	}

	first.emit(6, `{"change": "exit"}`)
	first.stop()
	if list := <-lists; list != nil {
		t.Fatalf("after its end: %v", list)
	}
	startSway(t, swaySocket(dir, 2))
	if list := <-lists; len(list) != 6 {
		t.Fatalf("after a restart: %v", list)
	}
}

func TestWatchFindsHyprlandWithItsFolder(t *testing.T) {
	dir := socktest.RuntimeDir(t)
	lists := watching(t, Env{RuntimeDir: dir})
	<-lists
	h := startHyprland(t, dir, "abc_1_2", map[string]string{hyprlandState: string(golden(t, "hyprland-state.txt"))})
	conn, err := h.events.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if list := <-lists; len(list) != 5 {
		t.Fatalf("after its start: %v", list)
	}
	h.mu.Lock()
	h.replies[hyprlandState] = "[]\n\n\n[]\n\n\n{}"
	h.mu.Unlock()
	fmt.Fprint(conn, "bell>>\nnonsense\nclosewindow>>55d0c8b11110\n")
	if list := <-lists; len(list) != 0 {
		t.Fatalf("after the last window was closed: %v", list)
	}
}

// TestWatchCoalesces: a terminal that changes its title for every line must not cost a list for each, and
// the last change must not be lost.
func TestWatchCoalesces(t *testing.T) {
	const events = 200
	dir := socktest.RuntimeDir(t)
	s := startSway(t, swaySocket(dir, 1))
	lists := watching(t, Env{RuntimeDir: dir})
	<-lists
	<-s.subscribed
	title := "Calculator"
	for i := range events {
		next := fmt.Sprintf("Title %d", i)
		s.setTree(strings.ReplaceAll(s.tree, title, next))
		title = next
		s.emit(3, `{"change": "title"}`)
	}
	for list := range lists {
		if list[0].Title == title {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trees >= events {
		t.Errorf("%d lists for %d events", s.trees, events)
	}
}

// TestWatchWithoutFolder: there is no runtime folder to watch, and still the list that there is.
func TestWatchWithoutFolder(t *testing.T) {
	lists := watching(t, Env{RuntimeDir: "/nonexistent"})
	if list := <-lists; list != nil {
		t.Errorf("list %v", list)
	}
}
