package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/record"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// realFloor are what was reached: repositories whose every difference has a rule
// may only become more, differences without one only fewer.
var realFloor = struct{ explained, open int }{23, 124}

// The end state of real deployments, recorded in throwaway roots, against that
// of the package that their repository becomes, installed on a machine with the
// same start: every difference follows from a rule. What does not is listed in
// docs/verify.md.
func TestRealDeployments(t *testing.T) {
	var rows []realRow
	explained, open := 0, 0
	for _, r := range records(t) {
		t.Run(r.Label, func(t *testing.T) {
			row := realRow{label: r.Label, rules: map[string]int{}}
			spec, d := realSpec(t, r)
			for _, x := range spec.Compare(d) {
				row.rules[x.Rule]++
				if x.Rule == "" {
					t.Logf("no rule for: %s (%s) %v %v", x.Text(), x.Why, x.DeployAt, x.PackageAt)
				}
			}
			rows = append(rows, row)
			if open += row.rules[""]; row.rules[""] == 0 {
				explained++
			}
		})
	}
	t.Logf("%d of %d repositories have a rule for every difference; %d differences have none", explained, len(rows), open)
	if explained < realFloor.explained || open > realFloor.open {
		t.Errorf("%d repositories with a rule for every difference, %d were reached; %d differences without one, %d were reached", explained, realFloor.explained, open, realFloor.open)
	}
	docPart(t, "real", realTable(rows))
}

// A realRow counts the differences of one repository by rule, "" none.
type realRow struct {
	label string
	rules map[string]int
}

func realTable(rows []realRow) string {
	var b strings.Builder
	b.WriteString("| Deployment | Differences | With a rule | Without | Rules |\n|---|---|---|---|---|\n")
	sum := map[string]int{}
	for _, r := range rows {
		all := 0
		var words []string
		for _, name := range sorted(r.rules) {
			all += r.rules[name]
			sum[name] += r.rules[name]
			if name != "" {
				words = append(words, fmt.Sprintf("%s %d", name, r.rules[name]))
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %s |\n", r.label, all, all-r.rules[""], r.rules[""], strings.Join(words, ", "))
	}
	b.WriteString("\n| Rule | Differences that it excuses |\n|---|---|\n")
	for _, r := range Rules() {
		if sum[r.Name] > 0 {
			fmt.Fprintf(&b, "| %s | %d |\n", r.Name, sum[r.Name])
		}
	}
	return b.String()
}

func records(t *testing.T) []*record.Record {
	dir := os.Getenv("NATIVIZE_REAL")
	if dir == "" || os.Getenv("NATIVIZE_TREES") == "" {
		t.Skip("NATIVIZE_REAL and NATIVIZE_TREES do not name the directories of records and repositories")
	}
	list, err := record.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// realSpec converts the repository of a record and returns the package, for the
// family of the recorded machine, and the recorded deployment.
func realSpec(t *testing.T, r *record.Record) (*Spec, *Deployment) {
	t.Helper()
	dir := filepath.Join(os.Getenv("NATIVIZE_TREES"), r.Tree)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is not laid out below NATIVIZE_TREES", r.Tree)
	}
	repo, err := source.Open(t.Context(), dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	a, err := analyze.Run(t.Context(), repo, analyze.Options{Script: r.Script})
	if err != nil {
		t.Fatal(err)
	}
	p, err := convert.Run(context.Background(), a, &choices.Choices{}, convert.Options{Epoch: 1400000000, Arch: "amd64"})
	var declined *convert.DeclinedError
	if errors.As(err, &declined) {
		t.Skipf("NATIVIZE_REAL: declined: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	format := plan.Deb
	if r.Start.OS == "redhat" {
		format = plan.RPM
	}
	s := sample{r.Label, a, p}
	end := r.End(2)
	h, log := r.Machine(end, a.Effects, func(name string) bool { _, ok := repo.Lookup(name); return ok })
	return s.spec(t, format), &Deployment{Host: h, Log: log, Code: append(end.CodeDirs(), r.Start.Checkout()), Start: r.Start.Lay}
}
