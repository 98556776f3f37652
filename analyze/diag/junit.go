package diag

import (
	"encoding/xml"
	"io"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit prints one failed test a finding, a suite a file. Without
// findings it prints one passed test: readers of JUnit files take an empty
// file for a run that never happened.
func writeJUnit(w io.Writer, r *Report) error {
	out := junitSuites{Name: r.tool(), Tests: len(r.Findings), Failures: len(r.Findings)}
	for i := range r.Findings {
		addJUnit(&out, &r.Findings[i])
	}
	if len(r.Findings) == 0 {
		out.Tests = 1
		out.Suites = []junitSuite{{Name: r.tool(), Tests: 1, Cases: []junitCase{{Name: "no findings", Class: r.tool()}}}}
	}
	return encodeXML(w, out)
}

func addJUnit(out *junitSuites, d *Diagnostic) {
	at := d.Main()
	name := Visible(at.File)
	if name == "" {
		name = out.Name
	}
	if n := len(out.Suites); n == 0 || out.Suites[n-1].Name != name {
		out.Suites = append(out.Suites, junitSuite{Name: name})
	}
	s := &out.Suites[len(out.Suites)-1]
	s.Tests++
	s.Failures++
	s.Cases = append(s.Cases, junitCase{
		Name: Visible(d.Rule) + " " + Visible(at.Pos.String()), Class: name, File: Visible(at.File), Line: at.Line,
		Failure: &junitFailure{Message: Visible(d.Message), Type: string(d.Severity), Text: junitText(d)},
	})
}

func junitText(d *Diagnostic) string {
	text := Visible(d.Main().Pos.String()) + ": " + Visible(d.Message) + "\n"
	for _, l := range d.Related {
		text += Visible(l.At.Pos.String()) + ": " + Visible(l.Text) + "\n"
	}
	if d.Help != "" {
		text += "help: " + visibleLines(d.Help) + "\n"
	}
	return text
}
