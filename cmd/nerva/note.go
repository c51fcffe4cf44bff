package main

import (
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
	add := &cobra.Command{Use: "add TEXT…", Short: "write a note", Args: words("the note's text")}
	title := add.Flags().String("title", "", "the note's title; else its first line")
	add.RunE = func(c *cobra.Command, args []string) error {
		in := map[string]string{"text": strings.Join(args, " ")}
		if *title != "" {
			in["title"] = *title
		}
		var out struct{ Path string }
		return callSkill(c, t, "add_note", in, &out, func() error {
			_, err := fmt.Fprintln(t.out, printable(out.Path))
			return err
		})
	}

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
		var out struct{ Text string }
		return callSkill(c, t, "read_note", map[string]string{"path": strings.Join(args, " ")}, &out, func() error {
			_, err := fmt.Fprintln(t.out, strings.TrimRight(printable(out.Text), "\n"))
			return err
		})
	}
	return group("note", "write and find notes", add, list, search, show)
}

func noteListing(c *cobra.Command, t terminal, skill string, in map[string]string, asJSON bool) error {
	var out struct{ Notes []note }
	return callSkill(c, t, skill, in, &out, func() error {
		return listing(t, asJSON, out.Notes, []string{"modified", "title", "path"}, func(n note) []string {
			return []string{stamp(n.Modified), n.Title, n.Path}
		})
	})
}
