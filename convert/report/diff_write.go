package report

import (
	"bufio"
	"fmt"
	"io"

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
		for _, ch := range s.Changed {
			t.items(yellow, "~", []Item{ch.Item})
			for _, f := range ch.Fields {
				fmt.Fprintf(t.w, "      %s: %s\n", diag.Visible(f.Name), arrow(f))
			}
		}
	}
	t.findingItems("Findings that come", red, "+", c.New)
	t.findingItems("Findings that go", green, "-", c.Gone)
	return t.w.Flush()
}

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

func arrow(f FieldChange) string {
	return diag.Visible(orElse(f.Old, "none")) + " -> " + diag.Visible(orElse(f.New, "none"))
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
			m.items("changed", []Item{ch.Item})
			for _, f := range ch.Fields {
				m.line("  - %s: %s", prose(f.Name), arrowCode(f))
			}
		}
	}
	m.findingItems("Findings that come", c.New)
	m.findingItems("Findings that go", c.Gone)
	return m.w.Flush()
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

func arrowCode(f FieldChange) string {
	return code(orElse(f.Old, "none")) + " -> " + code(orElse(f.New, "none"))
}
