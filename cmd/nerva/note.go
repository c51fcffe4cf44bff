package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// note is what the skills say of one.
type note struct {
	Path     string    `json:"path"`
	Title    string    `json:"title"`
	Tags     []string  `json:"tags"`
	Modified time.Time `json:"modified"`
	Snippet  string    `json:"snippet,omitempty"`
}

func noteCommand(t terminal) *cobra.Command {
	add := noteAdd(t)
	list := &cobra.Command{Use: "list", Short: "list the notes, newest first", Args: none}
	listJSON := jsonFlag(list)
	list.RunE = func(c *cobra.Command, _ []string) error {
		return noteListing(c, t, "list_notes", map[string]string{}, *listJSON)
	}

	search := &cobra.Command{Use: "search TEXT…", Short: "find notes by what they say", Args: words("something to search for")}
	searchJSON := jsonFlag(search)
	search.RunE = func(c *cobra.Command, args []string) error {
		return noteListing(c, t, "search_notes", map[string]string{"query": strings.Join(args, " ")}, *searchJSON)
	}

	show := &cobra.Command{Use: "show NOTE", Short: "print a note, named by its path or title", Args: words("a note's path or title")}
	show.RunE = func(c *cobra.Command, args []string) error {
		var out struct {
			Text       string
			LinkedFrom []note `json:"linked_from"`
		}
		return callSkill(c, t, "read_note", map[string]string{"path": strings.Join(args, " ")}, &out, func() error {
			_, err := fmt.Fprintln(t.out, strings.TrimRight(printable(out.Text), "\n"))
			return errors.Join(err, linkedFrom(t, out.LinkedFrom))
		})
	}
	return group("note", "write and find notes", add, list, search, show)
}

func noteAdd(t terminal) *cobra.Command {
	add := &cobra.Command{Use: "add TEXT…", Short: "write a note, or add to one", Args: words("the note's text")}
	title := add.Flags().String("title", "", "the note's title; else its first line")
	to := add.Flags().String("to", "", "add the text at the end of this note, named by its path or title")
	daily := add.Flags().Bool("daily", false, "add the text at the end of today's note")
	add.RunE = func(c *cobra.Command, args []string) error {
		given := c.Flags().Changed
		switch {
		case given("title") && given("to"), given("title") && *daily, given("to") && *daily:
			return usageError{errors.New("--title is for a new note, --to and --daily add to one: give one of them")}
		case given("to") && *to == "":
			return usageError{errors.New("--to names no note; give its path or title")}
		}
		in := map[string]string{"text": strings.Join(args, " ")}
		if *title != "" {
			in["title"] = *title
		}
		if *to != "" {
			in["to"] = *to
		}
		if *daily {
			in["to"] = "daily"
		}
		var out struct{ Path string }
		return callSkill(c, t, "add_note", in, &out, func() error {
			_, err := fmt.Fprintln(t.out, printable(out.Path))
			return err
		})
	}
	return add
}

// linkedFrom goes beside the note where that is read by a program.
func linkedFrom(t terminal, notes []note) error {
	if len(notes) == 0 {
		return nil
	}
	titles := make([]string, len(notes))
	for i, n := range notes {
		titles[i] = printable(n.Title)
	}
	to := t.err
	if t.outTTY {
		to = t.out
	}
	_, err := fmt.Fprintf(to, "\nLinked from: %s\n", strings.Join(titles, ", "))
	return err
}

func noteListing(c *cobra.Command, t terminal, skill string, in map[string]string, asJSON bool) error {
	var out struct{ Notes []note }
	return callSkill(c, t, skill, in, &out, func() error {
		return listing(t, asJSON, out.Notes, []string{"modified", "title", "path"}, func(n note) []string {
			return []string{stamp(n.Modified), n.Title, n.Path}
		})
	})
}
