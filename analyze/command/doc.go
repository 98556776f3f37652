package command

import (
	"fmt"
	"slices"
	"strings"
)

// Doc returns all models as Markdown, a table for each family.
func Doc() string {
	var b strings.Builder
	models, names := 0, 0
	for _, f := range Families() {
		models += len(f.Models)
		for _, m := range f.Models {
			names += 1 + len(m.Alias)
		}
	}
	fmt.Fprintf(&b, "# Commands that are modelled\n\n%d models under %d names. A command or option that is not listed is reported as opaque;\n", models, names)
	b.WriteString("it never stops the analysis. Each example is replayed against the real command by a test.\n")
	for _, f := range Families() {
		fmt.Fprintf(&b, "\n## %s\n\n| Command | Also | What is modelled | Usual outcome | Source | Example |\n|---|---|---|---|---|---|\n", f.Name)
		for _, m := range f.Models {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", code(m.Name), cell(strings.Join(m.Alias, " ")), cell(m.Doc), m.Kind, cell(m.Man), code(m.Example))
		}
	}
	return b.String()
}

// cell makes text fit for a cell of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`").Replace(s)
}

// code is text in a code span of a table cell, "" for none. A bar is written as
// an escape, which tables need even there.
func code(s string) string {
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) + fence
}

// Describe says in plain text what is modelled of one command; ok is false when
// there is no model of that name.
func Describe(name string) (text string, ok bool) {
	m := Lookup(name)
	if m == nil {
		return "", false
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", m.Name, m.Doc)
	field := func(label, s string) {
		if s != "" {
			fmt.Fprintf(&b, "  %-9s %s\n", label, s)
		}
	}
	field("also", strings.Join(m.Alias, " "))
	field("outcome", string(m.Kind))
	field("source", m.Man)
	field("options", strings.Join(m.Options(), " "))
	field("example", m.Example)
	return b.String(), true
}

// Options lists the options that the model knows, with their dashes, sorted;
// "=" after one says that it takes a value, "[=]" that it may.
func (m *Model) Options() []string {
	s := parseSpec(m.Flags)
	var out []string
	for name, ar := range s.short {
		out = append(out, "-"+string(name)+arityMark[ar])
	}
	for name, ar := range s.long {
		dash := "--"
		if s.single {
			dash = "-"
		}
		out = append(out, dash+name+arityMark[ar])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var arityMark = map[arity]string{needsValue: "=", mayHaveValue: "[=]"}
