package diag

import (
	"encoding/xml"
	"io"
)

type checkstyle struct {
	XMLName xml.Name         `xml:"checkstyle"`
	Version string           `xml:"version,attr"`
	Files   []checkstyleFile `xml:"file"`
}

type checkstyleFile struct {
	Name   string            `xml:"name,attr"`
	Errors []checkstyleError `xml:"error"`
}

type checkstyleError struct {
	Line     int    `xml:"line,attr,omitempty"`
	Column   int    `xml:"column,attr,omitempty"`
	Severity string `xml:"severity,attr"`
	Message  string `xml:"message,attr"`
	Source   string `xml:"source,attr"`
}

// writeCheckstyle prints Checkstyle's XML, findings grouped by file.
//
// Source: Checkstyle's XMLLogger; severities error, warning, info.
func writeCheckstyle(w io.Writer, r *Report) error {
	out := checkstyle{Version: "8.0"}
	lines := newLines(r)
	for i := range r.Findings {
		d := &r.Findings[i]
		at := d.Main()
		if n := len(out.Files); n == 0 || out.Files[n-1].Name != Visible(at.File) {
			out.Files = append(out.Files, checkstyleFile{Name: Visible(at.File)})
		}
		f := &out.Files[len(out.Files)-1]
		f.Errors = append(f.Errors, checkstyleError{
			Line: at.Line, Column: max(lines.column(at.File, at.Line, at.Col), 0),
			Severity: checkstyleSeverity(d.Severity), Message: Visible(d.Message), Source: "nativize." + Visible(d.Rule),
		})
	}
	return encodeXML(w, out)
}

func checkstyleSeverity(s Severity) string {
	if s == Error || s == Warning {
		return string(s)
	}
	return "info"
}

func encodeXML(w io.Writer, v any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
