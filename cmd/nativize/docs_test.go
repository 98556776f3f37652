package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestDocs holds docs/cli: a page a command, made from the commands. UPDATE=1
// rewrites it.
func TestDocs(t *testing.T) {
	const dir = "../../docs/cli"
	pages := cliPages(newRoot())
	if os.Getenv("UPDATE") != "" {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range pages {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	have, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range have {
		if _, ok := pages[filepath.Base(name)]; !ok {
			t.Errorf("%s is no page of a command; UPDATE=1 removes it", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%v; UPDATE=1 writes it", err)
			continue
		}
		if d := cmp.Diff(string(data), pages[name]); d != "" {
			t.Errorf("docs/cli/%s differs from the commands; UPDATE=1 rewrites it; -file +commands:\n%s", name, d)
		}
	}
}

// cliPages are the pages by file name.
func cliPages(root *cobra.Command) map[string]string {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	pages := map[string]string{}
	var list strings.Builder
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.Name() == "help" || cmd.Hidden {
			return
		}
		if cmd.HasParent() {
			pages[pageName(cmd)] = page(cmd)
			if !cmd.HasSubCommands() {
				fmt.Fprintf(&list, "| [`%s`](%s) | %s |\n", cmd.CommandPath(), pageName(cmd), cmd.Short)
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
	pages["README.md"] = "# Commands\n\nGenerated from the commands; `nativize COMMAND --help` prints the same.\n\n| command | does |\n| --- | --- |\n" + list.String() + `
The JSON of ` + "`audit`" + ` is described by the schema [report.schema.json](../report.schema.json). Exit codes are in the [guide](../guide.md#exit-codes).

Results go to standard output, everything else to standard error. Colours and progress are for terminals only; ` + "`NO_COLOR`" + ` turns colours
off, ` + "`FORCE_COLOR`" + ` turns them on elsewhere. ` + "`SOURCE_DATE_EPOCH`" + ` sets the time in packages.
`
	return pages
}

func pageName(cmd *cobra.Command) string {
	return strings.ReplaceAll(cmd.CommandPath(), " ", "_") + ".md"
}

func page(cmd *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n\n```\n%s\n```\n", cmd.CommandPath(), strings.TrimSuffix(cmd.Short, "."), cmd.UseLine())
	if cmd.Long != "" {
		fmt.Fprintf(&b, "\n%s\n", fenced(cmd.Long))
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\n## Examples\n\n```sh\n%s\n```\n", dedent(cmd.Example))
	}
	var rows []string
	cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && f.Name != "help" {
			rows = append(rows, flagRow(f))
		}
	})
	if len(rows) > 0 {
		fmt.Fprintf(&b, "\n## Flags\n\n| flag | value | default | means |\n| --- | --- | --- | --- |\n%s", strings.Join(rows, ""))
	}
	if cmd.HasSubCommands() {
		fmt.Fprint(&b, "\n## Commands\n\n")
		for _, sub := range cmd.Commands() {
			fmt.Fprintf(&b, "- [`%s`](%s): %s\n", sub.CommandPath(), pageName(sub), sub.Short)
		}
	}
	return b.String()
}

// fenced keeps indented lines, which are commands to type, as code.
func fenced(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		if trimmed := strings.TrimLeft(l, " \t"); trimmed != l && trimmed != "" {
			lines[i] = "    " + trimmed
		}
	}
	return strings.Join(lines, "\n")
}

func dedent(text string) string {
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, "  ")
	}
	return strings.Join(lines, "\n")
}

func flagRow(f *pflag.Flag) string {
	name := "`--" + f.Name + "`"
	if f.Shorthand != "" {
		name = "`-" + f.Shorthand + "`, " + name
	}
	kind, usage := pflag.UnquoteUsage(f)
	def := f.DefValue
	if def == "[]" || def == "false" || def == "" {
		def = ""
	} else {
		def = "`" + def + "`"
	}
	return fmt.Sprintf("| %s | %s | %s | %s |\n", name, kind, def, strings.ReplaceAll(usage, "|", `\|`))
}
