package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
)

// ChangeForms are the forms of a [Change], the default first.
var ChangeForms = []string{"text", "json", "markdown"}

// WriteChange writes c in one of [ChangeForms].
func WriteChange(w io.Writer, form string, c *Change, opt Options) error {
	var err error
	switch form {
	case "text":
		err = writeChangeText(w, c, opt)
	case "json":
		err = encode(w, c)
	case "markdown":
		err = writeChangeMarkdown(w, c)
	default:
		return fmt.Errorf("unknown form %q (have text, json, markdown)", form)
	}
	if err != nil {
		return fmt.Errorf("write %s comparison: %w", form, err)
	}
	return nil
}

const nothingChanges = "Nothing changes on the server."

func writeChangeText(w io.Writer, c *Change, opt Options) error {
	t := &terminal{w: bufio.NewWriter(w), width: max(opt.Width, 80), color: opt.Color, verbose: opt.Verbose}
	if c.Empty() {
		fmt.Fprintln(t.w, nothingChanges)
	}
	for _, f := range c.Overall {
		fmt.Fprintf(t.w, "%s %s: %s\n", t.paint(yellow, "~"), diag.Visible(f.Name), arrow(f))
	}
	for _, s := range c.Subjects {
		fmt.Fprintf(t.w, "%s\n", t.paint(bold, s.Title))
		t.items(red, "-", s.Removed)
		t.items(green, "+", s.Added)
		t.changes(s.Changed)
	}
	t.findingItems("Findings that come", red, "+", c.New)
	t.findingItems("Findings that go", green, "-", c.Gone)
	if len(c.Other) > 0 {
		fmt.Fprintf(t.w, "%s\n", t.paint(bold, otherTitle))
		t.changes(c.Other)
	}
	return t.w.Flush()
}

// otherTitle heads the findings that both sides have.
const otherTitle = "Findings that say something else"

func (t *terminal) changes(list []ItemChange) {
	for _, ch := range list {
		t.items(yellow, "~", []Item{{ch.Key, sides(ch)}})
		for _, f := range ch.Fields {
			fmt.Fprintf(t.w, "      %s: %s\n", fieldName(f), arrow(f))
		}
	}
}

// sides are the places on both sides, or the one that both have.
func sides(ch ItemChange) string {
	if ch.Was == "" || ch.Was == ch.At {
		return ch.At
	}
	return ch.Was + " -> " + ch.At
}

func fieldName(f FieldChange) string { return strings.ReplaceAll(diag.Visible(f.Name), "_", " ") }

func (t *terminal) findingItems(title, color, sign string, items []Item) {
	if len(items) > 0 {
		fmt.Fprintf(t.w, "%s\n", t.paint(bold, title))
		t.items(color, sign, items)
	}
}

func (t *terminal) items(color, sign string, items []Item) {
	for _, i := range items {
		fmt.Fprintf(t.w, "  %s %s  %s\n", t.paint(color, sign), diag.Visible(i.Key), t.paint(dim, diag.Visible(i.At)))
	}
}

func arrow(f FieldChange) string { return arrowOf(f, diag.Visible) }

// arrowOf says a change, its texts written by show: of a list what goes and
// what comes, of anything else both values.
func arrowOf(f FieldChange, show func(string) string) string {
	if len(f.Removed)+len(f.Added) == 0 {
		return show(orElse(f.Old, "none")) + " -> " + show(orElse(f.New, "none"))
	}
	var parts []string
	for _, x := range f.Removed {
		parts = append(parts, "- "+show(x))
	}
	for _, x := range f.Added {
		parts = append(parts, "+ "+show(x))
	}
	return strings.Join(parts, ", ")
}

func writeChangeMarkdown(w io.Writer, c *Change) error {
	m := &markdown{w: bufio.NewWriter(w)}
	m.line("## What changes on the server\n")
	if c.Empty() {
		m.line(nothingChanges)
	}
	for _, f := range c.Overall {
		m.line("- **%s**: %s", prose(f.Name), arrowCode(f))
	}
	for _, s := range c.Subjects {
		m.line("\n### %s\n", prose(s.Title))
		m.items("removed", s.Removed)
		m.items("added", s.Added)
		for _, ch := range s.Changed {
			m.items("changed", []Item{{ch.Key, sides(ch)}})
			m.fields(ch.Fields)
		}
	}
	m.findingItems("Findings that come", c.New)
	m.findingItems("Findings that go", c.Gone)
	if len(c.Other) > 0 {
		m.line("\n### %s\n", otherTitle)
	}
	for _, ch := range c.Other {
		m.line("- %s %s", prose(ch.Key), code(sides(ch)))
		m.fields(ch.Fields)
	}
	return m.w.Flush()
}

func (m *markdown) fields(list []FieldChange) {
	for _, f := range list {
		m.line("  - %s: %s", prose(strings.ReplaceAll(f.Name, "_", " ")), arrowCode(f))
	}
}

func (m *markdown) findingItems(title string, items []Item) {
	if len(items) == 0 {
		return
	}
	m.line("\n### %s\n", title)
	for _, i := range items {
		m.line("- %s %s", prose(i.Key), code(i.At))
	}
}

func (m *markdown) items(word string, items []Item) {
	for _, i := range items {
		m.line("- %s %s %s", word, code(i.Key), code(i.At))
	}
}

func arrowCode(f FieldChange) string { return arrowOf(f, code) }
