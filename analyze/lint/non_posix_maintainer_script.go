package lint

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/source"
)

var nonPosixMaintainer = &Rule{
	ID: "non-posix-maintainer-script", Group: Packaging, Severity: diag.Warning, Confidence: diag.High, Repo: true,
	Doc: Doc{
		Title:      "A maintainer script needs more than a POSIX shell",
		Text:       "Declared sh, it stops on Debian and Alpine, where sh is not bash, and leaves the package half configured. Declared bash, it fails where bash is not installed: apk systems and small images.",
		Bad:        "-- debian/postinst --\n#!/bin/sh\nset -e\nif [[ -d /etc/shop ]]; then\n\techo there\nfi\n",
		Good:       "-- debian/postinst --\n#!/bin/sh\nset -e\nif [ -d /etc/shop ]; then\n\techo there\nfi\n",
		Exceptions: "bash may be named on Debian, where it is essential: then only with medium confidence.",
		Since:      "0.1",
		References: []string{"Debian Policy 6.1 and 10.4"},
	},
	Run: func(p *Pass) {
		for _, m := range p.maintainers() {
			first, _, _ := strings.Cut(m.text, "\n")
			if strings.HasPrefix(first, "#!") && strings.Contains(first, "bash") {
				p.Report(Report{At: p.LineSpan(m.path, 1+m.line), Confidence: diag.Medium, Severity: diag.Note, Effect: m.path, Message: m.path + " needs bash, which small systems do not have", Help: "write it for sh"})
				continue
			}
			if m.rpm || strings.HasPrefix(first, "#!") && !strings.Contains(first, "sh") {
				continue
			}
			file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(m.text), m.path)
			if line, col, what, ok := failure(err); ok {
				p.notPOSIX(&m, source.Span{Pos: source.Pos{File: m.path, Line: line + m.line, Col: col}}, what)
				continue
			}
			if n, what := firstBashWord(file); what != "" {
				p.notPOSIX(&m, m.span(n), what)
			}
		}
	},
}

func (p *Pass) notPOSIX(m *maintainer, at source.Span, what string) {
	p.Report(Report{At: at, Effect: m.path, Message: what + " in " + m.path + " is not of POSIX sh: the package stays half configured where sh is dash or busybox", Help: "write it for sh"})
}

// firstBashWord is the first command of a file that only bash has.
func firstBashWord(file *syntax.File) (found syntax.Node, what string) {
	syntax.Walk(file, func(n syntax.Node) bool {
		if what == "" && n != nil {
			found, what = bashWord(n)
		}
		return what == ""
	})
	return found, what
}
