// Package report writes what is known of a deployment for people and
// programs: on a terminal, as JSON, as Markdown, and as one HTML file; it
// assesses maturity, compares two deployments, and audits fleets.
//
// Every form is made from one table of subjects (subjects.go), so that no form
// knows a fact that another leaves out. Text of the repository stays text in
// each form; credentials are withheld in all of them.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/convert/plan"
)

// Options say how a report is written. The zero value is a plain terminal of
// 80 columns.
type Options struct {
	Width   int  // columns; 0 is 80
	Color   bool // SGR colours, for the terminal form
	Verbose bool // everything, no caps, with conditions and statements

	// Package is the conversion, when there is one: the machine afterwards, and
	// what became of each line.
	Package *plan.Package
	// Unplanned says, when there is no Package, why a deployment to a server
	// could not be planned.
	Unplanned string
	// Sources returns a file of the repository, for annotated scripts; nil, or
	// an error, leaves the text of the file out.
	Sources func(path string) ([]byte, error)
}

// A Form is one way to write a report.
type Form struct {
	Name  string // value of --format
	Doc   string // one line for --help
	Ext   string // file name extension, with dot
	write func(w io.Writer, d *model.Deployment, opt Options) error
}

// Forms are all forms, the default first.
var Forms = []Form{
	{"text", "compact, for a terminal", ".txt", writeTerminal},
	{"json", "versioned JSON, as docs/report.schema.json says", ".json", writeJSON},
	{"markdown", "Markdown, for a pull request", ".md", writeMarkdown},
	{"html", "one self-contained HTML file with pictures", ".html", writeHTML},
}

// FormNames are the names of all forms, in the order of [Forms].
func FormNames() []string {
	names := make([]string, len(Forms))
	for i, f := range Forms {
		names[i] = f.Name
	}
	return names
}

// Write writes a report about d. It fails for an unknown form, with the valid
// ones in the message, and when w fails. d is not changed; when it has no
// Maturity, [Assess] gives one.
func Write(w io.Writer, form string, d *model.Deployment, opt Options) error {
	i := slices.IndexFunc(Forms, func(f Form) bool { return f.Name == form })
	if i < 0 {
		return fmt.Errorf("unknown form %q (have %s)", form, strings.Join(FormNames(), ", "))
	}
	d = prepared(d)
	if form != "json" {
		d.Findings = joined(d.Findings)
		inOrder(d)
	}
	if err := Forms[i].write(w, d, opt); err != nil {
		return fmt.Errorf("write %s report: %w", form, err)
	}
	return nil
}

// prepared is the copy of d that forms print: credentials withheld, every list
// there, maturity assessed.
func prepared(d *model.Deployment) *model.Deployment {
	out := filled(d)
	if out.Maturity == nil {
		out.Maturity = Assess(out)
	}
	redact(out)
	return out
}
