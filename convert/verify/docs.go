package verify

import (
	"fmt"
	"strings"
)

// Doc returns scenarios, invariants and rules as Markdown tables.
func Doc() string {
	var b strings.Builder
	b.WriteString("## Scenarios\n\n| Scenario | What happens | Steps |\n|---|---|---|\n")
	for _, s := range Scenarios() {
		var steps []string
		for _, st := range s.Steps {
			w := string(st.Do)
			if st.Version > 0 {
				w += fmt.Sprintf(" %d", st.Version)
			}
			steps = append(steps, w)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.Name, s.Doc, strings.Join(steps, ", "))
	}
	b.WriteString("\n## Invariants\n\n| Invariant | Rule |\n|---|---|\n")
	for _, inv := range Invariants() {
		fmt.Fprintf(&b, "| %s | %s |\n", inv.Name, inv.Doc)
	}
	fmt.Fprintf(&b, "| %s | each command of each script fails once; after the repair and the same call again the machine is what it would have been, and no edit was lost on the way |\n", recovers)
	fmt.Fprintf(&b, "| %s | they are in the format's grammar and by the names of its family |\n", dependencies)
	b.WriteString("\n## Rules of the comparison\n\n| Rule | It excuses a difference when |\n|---|---|\n")
	for _, r := range Rules() {
		fmt.Fprintf(&b, "| %s | %s |\n", r.Name, r.Doc)
	}
	return b.String()
}
