package diag

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Rule is what the formats tell about a rule. It is made from the table of
// rules, so that SARIF and the printed pages cannot differ.
type Rule struct {
	ID         string
	Title      string // one line, no full stop
	Text       string // why, in Markdown
	Help       string // what to do, in Markdown, with examples
	Severity   Severity
	Confidence Confidence
	URI        string // page of the rule, "" none
	Tags       []string
	// Secret tells that the finding points at a credential: the source line is
	// then withheld from every format.
	Secret bool
}

// A Report is what a format prints.
type Report struct {
	Tool       string // "nativize"
	Version    string // "1.2.3", without v
	URI        string // home page of the tool, "" none
	Findings   []Diagnostic
	Rules      []Rule
	Suppressed int // findings held back by ignores, a baseline or a limit

	// Sources returns the bytes of a file of the repository; nil when source
	// lines are not to be shown. An error leaves the lines of that file out.
	Sources func(path string) ([]byte, error)
	Color   bool
	Links   bool // OSC 8 hyperlinks to the rules' pages
	Width   int  // columns of the terminal; 0 is 100
}

// A Format writes a report in one form. The output is the result alone and
// ends with a newline.
type Format struct {
	Name  string // value of --format
	Doc   string // one line for --help
	Write func(w io.Writer, r *Report) error
}

// Formats are all formats, the default first.
var Formats = []Format{
	{"text", "findings with their source lines, for people", writeText},
	{"json", "versioned JSON, for programs", writeJSON},
	{"sarif", "SARIF 2.1.0, for code scanning and editors", writeSARIF},
	{"github", "GitHub workflow commands, shown on the changed lines", writeGitHub},
	{"gitlab", "GitLab code quality report", writeGitLab},
	{"checkstyle", "Checkstyle XML, for Jenkins and reviewers' bots", writeCheckstyle},
	{"junit", "JUnit XML, for anything that shows test results", writeJUnit},
}

// FormatNames are the names of all formats, in the order of [Formats].
func FormatNames() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = f.Name
	}
	return names
}

// Write writes r, sorted, in the named format. It fails for an unknown name,
// with the valid ones in the message, and when w fails.
func Write(w io.Writer, format string, r *Report) error {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == format })
	if i < 0 {
		return fmt.Errorf("unknown format %q (have %s)", format, strings.Join(FormatNames(), ", "))
	}
	sorted := *r
	sorted.Findings = Sorted(r.Findings)
	sorted.dropSecrets()
	if err := Formats[i].Write(w, &sorted); err != nil {
		return fmt.Errorf("write %s findings: %w", format, err)
	}
	return nil
}

// dropSecrets takes the resolved values from findings about credentials.
func (r *Report) dropSecrets() {
	for i := range r.Findings {
		if d := &r.Findings[i]; r.rule(d.Rule).Secret || secretRule(d.Rule) {
			d.Value = ""
		}
	}
}

// rule returns the metadata of a rule, or one made of its id alone.
func (r *Report) rule(id string) Rule {
	for _, rule := range r.Rules {
		if rule.ID == id {
			return rule
		}
	}
	return Rule{ID: id, Title: strings.ReplaceAll(id, "-", " ")}
}

func (r *Report) tool() string {
	if r.Tool == "" {
		return "nativize"
	}
	return r.Tool
}
