package lint

import (
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/source"
)

var syntaxError = &Rule{
	ID: "syntax-error", Group: Reliability, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title:      "A script does not parse",
		Text:       "The shell runs a script line by line: it does what stands before the error and then stops, half-way.",
		Bad:        "#!/bin/sh\nset -e\nmkdir -p /srv/shop\nif true; then\n  echo update\n",
		Good:       "#!/bin/sh\nset -e\nmkdir -p /srv/shop\nif true; then\n  echo update\nfi\n",
		Exceptions: "Text for a template engine in a script is no shell and is reported too.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		for _, t := range p.Trees() {
			for _, e := range t.Errors {
				if text, ok := strings.CutPrefix(e.Err.Error(), "syntax error: "); ok && !t.Nested {
					confidence := p.rule.Confidence
					if strings.Contains(text, "arithmetic") {
						confidence = Lower(confidence) // bash reads it when it comes to it
					}
					p.Report(Report{At: source.Span{Pos: e.Pos}, Confidence: confidence, Effect: t.Path, Message: t.Path + " does not parse: " + text + "; the shell stops here with half of the work done"})
				}
			}
		}
	},
}
