package verify

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Report is all that was verified of one source.
type Report struct {
	Source     string       `json:"source"` // what was verified, as it was named
	Results    []*Result    `json:"results"`
	Comparison []Difference `json:"comparison,omitempty"` // of the deployment with the package
	Roots      []RootResult `json:"roots,omitempty"`      // of real package managers
	// Deployed is the run of the original script in a throwaway root, nil none.
	Deployed *DeployResult `json:"deployed,omitempty"`
}

// A RootResult is what became of one format in a throwaway root.
type RootResult struct {
	Format     string   `json:"format"`
	NotRun     string   `json:"not_run,omitempty"` // why there was none
	Table      string   `json:"table,omitempty"`
	Violations []string `json:"violations,omitempty"`
}

// Proven tells whether there is no violation and no difference without a rule.
func (r *Report) Proven() bool { return r.Problems() == 0 }

// Problems counts violations and differences that no rule explains.
func (r *Report) Problems() int {
	n := 0
	for _, res := range r.Results {
		n += len(res.Violations)
	}
	n += unexplained(r.Comparison)
	for _, root := range r.Roots {
		n += len(root.Violations)
	}
	if r.Deployed != nil {
		n += unexplained(r.Deployed.Comparison)
		if r.Deployed.NotRun != "" {
			n++
		}
	}
	return n
}

// unexplained counts the differences without a rule.
func unexplained(list []Difference) int {
	n := 0
	for _, d := range list {
		if d.Rule == "" {
			n++
		}
	}
	return n
}

// Formats are the forms of a report.
var ReportFormats = []string{"text", "json", "html"}

// Write prints the report. html is a section for a page, not a page.
func (r *Report) Write(w io.Writer, format string) error {
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(struct {
			Version int  `json:"version"`
			Proven  bool `json:"proven"`
			*Report
		}{1, r.Proven(), r})
	case "html":
		return section().Execute(w, r.view())
	case "text", "":
		b := bufio.NewWriter(w)
		r.text(b)
		return b.Flush()
	}
	return fmt.Errorf("the report has no form %q: it is one of %s", format, strings.Join(ReportFormats, ", "))
}

func (r *Report) text(w io.Writer) {
	for _, res := range r.Results {
		fmt.Fprintf(w, "%s %s (%s): %d scenarios, %d commands made to fail, %s\n\n", visible(res.Package), visible(res.Version), res.Format, res.Played, res.Injected, verdict(len(res.Violations)))
		table(w, res)
		for _, v := range res.Violations {
			fmt.Fprintf(w, "%s: %s\n    in: %s%s\n", v.Invariant, visible(v.Text), v.Scenario, v.where())
			for _, e := range v.Evidence {
				fmt.Fprintf(w, "    %s\n", visible(e))
			}
		}
		undecided(w, res.Undecided)
		if n := len(res.Scripts.Unknown); n > 0 {
			fmt.Fprintf(w, "\nnot understood in the scripts, and taken to succeed:\n")
			list(w, res.Scripts.Unknown)
		}
		if n := len(res.Scripts.Assumed); n > 0 {
			fmt.Fprintf(w, "\nassumed, as nothing decides it:\n")
			list(w, res.Scripts.Assumed)
		}
		fmt.Fprintln(w)
	}
	compared(w, "what the deployment leaves and what the package leaves", r.Comparison)
	for _, root := range r.Roots {
		fmt.Fprintf(w, "%s in a throwaway root: ", root.Format)
		if root.NotRun != "" {
			fmt.Fprintf(w, "not played: %s\n", root.NotRun)
			continue
		}
		fmt.Fprintf(w, "%s\n%s\n", verdict(len(root.Violations)), root.Table)
	}
	r.Deployed.deployed(w)
	if r.Proven() {
		fmt.Fprintln(w, "proven: no invariant is broken and every difference follows from a rule")
	} else {
		fmt.Fprintf(w, "not proven: %d problems\n", r.Problems())
	}
}

// undecided prints what would be violations, were something known that is not.
func undecided(w io.Writer, open []Violation) {
	if len(open) == 0 {
		return
	}
	fmt.Fprintf(w, "\nnot decided, as it hangs on a value, a command or a dependency that is not known:\n")
	var lines []string
	for _, v := range open {
		lines = append(lines, v.Invariant+": "+v.Text+" ("+v.Scenario+v.where()+")")
	}
	list(w, lines)
}

func list(w io.Writer, lines []string) {
	for i, l := range lines {
		if i == 20 {
			fmt.Fprintf(w, "    and %d more\n", len(lines)-i)
			return
		}
		fmt.Fprintf(w, "    %s\n", visible(l))
	}
}

func verdict(n int) string {
	switch n {
	case 0:
		return "every invariant holds"
	case 1:
		return "1 violation"
	}
	return fmt.Sprintf("%d violations", n)
}

func (v Violation) where() string {
	s := ""
	if v.Step > 0 {
		s = fmt.Sprintf(", step %d", v.Step)
	}
	if v.Scenario != staticScenario {
		if v.Systemd {
			s += ", with systemd"
		} else {
			s += ", without systemd"
		}
	}
	return s
}

// table prints a row for each scenario.
func table(w io.Writer, r *Result) {
	for _, c := range r.Cells {
		if c.NotRun != "" && !c.Systemd && len(environments(r.Format)) > 1 {
			continue
		}
		where := ""
		if len(environments(r.Format)) > 1 && !c.Systemd {
			where = ", without systemd"
		}
		fmt.Fprintf(w, "  %-56s %s\n", c.Scenario+where, c.text())
	}
	fmt.Fprintln(w)
}

func (c Cell) text() string {
	switch {
	case c.NotRun != "":
		return "-  (" + c.NotRun + ")"
	case len(c.Failed) == 0:
		return "ok"
	}
	var parts []string
	for _, name := range sorted(c.Failed) {
		parts = append(parts, fmt.Sprintf("%s: %d", name, c.Failed[name]))
	}
	return strings.Join(parts, ", ")
}

// compared prints the differences between deployment and package, errors first.
func compared(w io.Writer, title string, list []Difference) {
	if len(list) == 0 {
		return
	}
	for _, d := range list {
		if d.Rule == "" {
			fmt.Fprintf(w, "difference: %s%s\n", visible(d.Text()), d.where())
			for _, e := range d.evidence() {
				fmt.Fprintf(w, "    %s\n", visible(e))
			}
		}
	}
	fmt.Fprintf(w, "%s: %d differences, %d of them expected\n", title, len(list), len(list)-unexplained(list))
	for _, d := range list {
		if d.Rule != "" {
			fmt.Fprintf(w, "  expected: %s%s\n      %s: %s\n", visible(d.Text()), d.where(), d.Rule, visible(d.Why))
			if at := d.evidence(); len(at) > 0 {
				fmt.Fprintf(w, "      at %s\n", visible(strings.Join(at, ", ")))
			}
		}
	}
	fmt.Fprintln(w)
}

// evidence is where the difference comes from, on the deployment's side first.
func (d Difference) evidence() []string { return slices.Concat(d.DeployAt, d.PackageAt) }

// where names the formats, when not all have the difference.
func (d Difference) where() string {
	if len(d.Formats) == 0 {
		return ""
	}
	var names []string
	for _, f := range d.Formats {
		names = append(names, string(f))
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// deployed prints what became of the original script in its throwaway root.
func (r *DeployResult) deployed(w io.Writer) {
	if r == nil {
		return
	}
	fmt.Fprintf(w, "%s in a throwaway root: %d calls recorded\n", visible(r.Script), len(r.Calls))
	if r.NotRun != "" {
		fmt.Fprintf(w, "  not run to its end: %s\n", visible(r.NotRun))
	}
	compared(w, "what the script left there and what the package leaves", r.Comparison)
}

// visible replaces control characters: names come from packages of any maker.
func visible(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' || c == 0x7f || 0x80 <= c && c < 0xa0 || 0x202a <= c && c <= 0x202e || 0x2066 <= c && c <= 0x2069 {
			return '\uFFFD'
		}
		return c
	}, strings.ReplaceAll(s, "\n", " "))
}
