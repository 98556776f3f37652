package verify

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/plan"
)

const docFile = "../../docs/verify.md"

// docs/verify.md has the scenarios, the invariants and the planted defects as
// they are. UPDATE=1 writes it.
func TestDoc(t *testing.T) {
	have, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	head, _, ok := strings.Cut(string(have), "<!-- generated -->\n")
	if !ok {
		t.Fatalf("%s has no line <!-- generated -->", docFile)
	}
	want := head + "<!-- generated -->\n" + Doc() + defectTable()
	if string(have) == want {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatalf("%s is not up to date: UPDATE=1 go test ./convert/verify -run TestDoc", docFile)
	}
	if err := os.WriteFile(docFile, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// docPart writes, with UPDATE=1, what a test has measured into the part of
// docs/verify.md between the marks of a name. What is measured depends on
// material that is not here, so that an old table is no failure.
func docPart(t *testing.T, name, want string) {
	t.Helper()
	have, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	from, to := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->\n"
	head, rest, ok := strings.Cut(string(have), from)
	is, tail, ended := strings.Cut(rest, to)
	switch {
	case !ok || !ended:
		t.Fatalf("%s has no part between %q and %q", docFile, from, to)
	case is == want || os.Getenv("UPDATE") == "":
	default:
		if err := os.WriteFile(docFile, []byte(head+from+want+to+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func defectTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## Planted defects\n\n%d defects; those from D1 on are of the packages that a project wrote by hand over a year,\nthe numbers with a dot are traps of the package managers found by experiment.\n\n| Defect | From | Format | Caught by |\n|---|---|---|---|\n", len(mutations))
	for _, m := range mutations {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", m.name, m.from, m.format, m.invariant)
	}
	any := victim{sample: sample{p: &plan.Package{Name: "NAME"}}, state: "/var/lib/NAME"}
	b.WriteString("\nPlanted in the packages of each of the other three samples; those marked are also built and played in\nthrowaway roots:\n\n| Defect | From | Format | Caught by | In roots |\n|---|---|---|---|---|\n")
	for _, m := range any.general() {
		mark := ""
		for _, d := range rootDefects {
			if d.name == m.name {
				mark = d.scenario
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", m.name, m.from, m.format, m.invariant, mark)
	}
	b.WriteString("\n## True findings in generated packages\n\nWhat verify found in the packages of the samples and is not repaired yet.\n\n| Sample | Invariant | Finding |\n|---|---|---|\n")
	for _, f := range findings {
		sample := f.sample
		if sample == "" {
			sample = "several"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", sample, f.invariant, f.why)
	}
	return b.String()
}
