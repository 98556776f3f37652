package lint

import (
	"bytes"

	"github.com/nativize/nativize/analyze/diag"
)

var crlfScript = &Rule{
	ID: "crlf-script", Group: Reliability, Severity: diag.Error, Confidence: diag.High, Fix: "converts the line ends",
	Doc: Doc{
		Title:      "A script has the line ends of Windows",
		Text:       "The shell takes the carriage return for part of the last word of each line: the interpreter is not found, directories get names that end in it, tests are never true.",
		Bad:        "#!/bin/sh\r\nset -e\r\nmkdir -p /srv/shop\r\n",
		Good:       "#!/bin/sh\nset -e\nmkdir -p /srv/shop\n",
		Exceptions: "Judged for scripts that are read as part of a deployment.",
		Since:      "0.1",
		References: []string{"gitattributes(5), eol"},
	},
	Run: func(p *Pass) {
		for _, t := range p.Trees() {
			text := p.Text(t.Path)
			if t.Nested || !bytes.Contains(text, []byte("\r\n")) {
				continue
			}
			i := bytes.Index(text, []byte("\r\n"))
			p.Report(Report{At: p.LineSpan(t.Path, p.pos(t.Path, i).Line), Effect: t.Path, Fix: p.unixEnds(t.Path),
				Message: "lines of " + t.Path + " end in a carriage return: the shell takes it for part of each last word", Help: "dos2unix, and \"*.sh text eol=lf\" in .gitattributes"})
		}
	},
}

// unixEnds takes the carriage returns out, one edit for each line.
func (p *Pass) unixEnds(name string) *Fix {
	fix := &Fix{Title: "convert the line ends"}
	text := p.Text(name)
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '\r' && text[i+1] == '\n' {
			fix.Edits = append(fix.Edits, Edit{At: p.At(name, i, i+1), New: ""})
		}
	}
	return fix
}
