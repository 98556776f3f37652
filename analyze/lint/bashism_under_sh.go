package lint

import (
	"bytes"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

var bashism = &Rule{
	ID: "bashism-under-sh", Group: Reliability, Severity: diag.Error, Confidence: diag.High, Fix: "names bash in the first line",
	Doc: Doc{
		Title:      "A script that is declared sh needs bash",
		Text:       "On Debian, Ubuntu and Alpine /bin/sh is not bash: the script stops at the construct, perhaps half-way, or a test is silently false.",
		Bad:        "#!/bin/sh\nset -e\nif [[ -d /srv/shop ]]; then\n  echo update\nfi\n",
		Good:       "#!/bin/bash\nset -e\nif [[ -d /srv/shop ]]; then\n  echo update\nfi\n",
		Exceptions: "Scripts without a first line do not count: the caller chooses their shell.",
		Since:      "0.1",
		References: []string{"Debian Policy 10.4: scripts"},
	},
	Run: func(p *Pass) {
		for _, t := range p.Trees() {
			if t.Nested || !declaredSh.MatchString(p.Line(t.Path, 1)) {
				continue
			}
			at, what, ok := p.bashOnly(t)
			if !ok {
				continue
			}
			p.Report(Report{At: at, Effect: t.Path, Fix: p.nameBash(t.Path), Related: []diag.Label{{At: p.LineSpan(t.Path, 1), Text: "the script is declared sh here"}},
				Message: what + " is of bash and the script is declared sh: where sh is dash or busybox it stops here", Help: "name bash in the first line, or write it for sh"})
		}
	},
}

var declaredSh = lazyregexp.New(`^#!\s*(/usr)?/bin/(env\s+)?sh\b`)

// bashOnly is the first construct of a script that only bash understands.
func (p *Pass) bashOnly(t shell.Parsed) (source.Span, string, bool) {
	if t.Bashism {
		_, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(bytes.NewReader(p.Text(t.Path)), t.Path)
		if line, col, what, ok := failure(err); ok {
			return source.Span{Pos: source.Pos{File: t.Path, Line: line, Col: col}}, what, true
		}
	}
	var at source.Span
	what := ""
	for _, s := range t.Stmts {
		syntax.Walk(s, func(n syntax.Node) bool {
			if what == "" {
				var found syntax.Node
				if found, what = bashWord(n); what != "" {
					at = t.Span(found)
				}
			}
			return what == ""
		})
	}
	return at, what, what != ""
}

// failure is where and why a parser of POSIX shell stops.
func failure(err error) (line, col int, what string, ok bool) {
	switch e := err.(type) {
	case syntax.LangError:
		return int(e.Pos.Line()), int(e.Pos.Col()), "the construct (" + e.Feature + ")", true
	case syntax.ParseError:
		return int(e.Pos.Line()), int(e.Pos.Col()), "the construct", true
	}
	return 0, 0, "", false
}

// bashWord tells of commands that parse everywhere and mean something in bash only.
func bashWord(n syntax.Node) (syntax.Node, string) {
	c, ok := n.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return nil, ""
	}
	switch name := Literal(c.Args[0]); name {
	case "[[", "source", "pushd", "popd", "shopt", "declare", "mapfile", "readarray", "function":
		return c, name
	case "set":
		for i, w := range c.Args[1:] {
			if Literal(w) == "pipefail" && i > 0 {
				return c, "set -o pipefail"
			}
		}
	case "[":
		for _, w := range c.Args[1:] {
			if Literal(w) == "==" {
				return w, "== in ["
			}
		}
	}
	return nil, ""
}

// nameBash puts bash in the first line.
func (p *Pass) nameBash(name string) *Fix {
	line := p.Line(name, 1)
	m := declaredSh.FindStringIndex(line)
	if m == nil {
		return nil
	}
	return &Fix{Title: "run it with bash", Edits: []Edit{{At: p.At(name, 0, m[1]), New: strings.TrimSuffix(line[:m[1]], "sh") + "bash"}}}
}
