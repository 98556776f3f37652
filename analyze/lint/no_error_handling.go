package lint

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

var noErrorHandling = &Rule{
	ID: "no-error-handling", Group: Reliability, Severity: diag.Warning, Confidence: diag.High, Fix: "adds set -e", Unsafe: true,
	Doc: Doc{
		Title:      "A step that fails does not stop the script",
		Text:       "Without set -e or a test of each step the script goes on after a failed download, build or migration: it restarts the service on half a deploy and ends with success.",
		Bad:        "#!/bin/sh\ncd /srv/shop\ngit pull --ff-only\nnpm ci\nsystemctl restart shop\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nnpm ci\nsystemctl restart shop\n",
		Exceptions: "Silent when most steps are tested one by one (|| exit, if, $?), or a trap on ERR ends the script.",
		Since:      "0.1",
		References: []string{"POSIX, set -e", "bash(1), ERR trap"},
	},
	Run: func(p *Pass) {
		for _, t := range p.Trees() {
			p.carelessScript(t)
		}
	},
}

// carelessScript reports a script whose steps are mostly not tested.
func (p *Pass) carelessScript(t shell.Parsed) {
	s := stepsOf(p, t)
	if t.Nested && (len(s.open) < 2 || len(t.Stmts) < 2) {
		return // a command line, not a script
	}
	if s.errexit || len(s.open) == 0 || len(s.open)+len(s.tested) < 2 || len(s.tested) > len(s.open) || p.sourcedOnly(t.Path) {
		return
	}
	if t.Nested && slices.ContainsFunc(p.found, func(f Finding) bool { return f.Main().File == t.Path }) {
		return // part of a script that is reported
	}
	first := s.open[0]
	last := s.open[len(s.open)-1]
	var related []diag.Label
	if last != first {
		related = []diag.Label{{At: last, Text: "this runs even when the step above has failed"}}
	}
	p.Report(Report{
		At: first, Related: related, Effect: t.Path, Fix: p.addErrexit(t),
		Message: "when this step fails the script goes on: " + plural(len(s.open), "step") + " of " + t.Path + " are not tested and set -e is not on",
		Help:    "put set -e (in bash: set -euo pipefail) below the first line",
	})
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return strconv.Itoa(n) + " " + word + "s"
}

// steps are the commands of a script that change something.
type steps struct {
	errexit      bool
	open, tested []source.Span
}

// stepsOf sorts the commands that change something into tested and open ones.
func stepsOf(p *Pass, t shell.Parsed) *steps {
	s := &steps{errexit: !t.Nested && firstLineErrexit(string(p.Text(t.Path)))}
	s.list(p, t, t.Stmts, false)
	return s
}

var shebangE = lazyregexp.New(`^#!\s*\S+(\s+\S+)*\s+-\w*e`)

func firstLineErrexit(text string) bool {
	line, _, _ := strings.Cut(text, "\n")
	return shebangE.MatchString(line)
}

func (s *steps) list(p *Pass, t shell.Parsed, stmts []*syntax.Stmt, tested bool) {
	for i, st := range stmts {
		next := i+1 < len(stmts) && asksStatus(t, stmts[i+1])
		s.stmt(p, t, st, tested || next)
	}
}

// asksStatus tells whether a statement looks at how the one before ended.
func asksStatus(t shell.Parsed, st *syntax.Stmt) bool {
	text := t.Text(st)
	i := strings.Index(text, "$?")
	return i >= 0 && i < 80 && !strings.HasPrefix(text, "echo")
}

func (s *steps) stmt(p *Pass, t shell.Parsed, st *syntax.Stmt, tested bool) {
	if st.Negated {
		tested = true
	}
	switch c := st.Cmd.(type) {
	case *syntax.CallExpr:
		s.call(p, t, c, tested)
	case *syntax.BinaryCmd:
		first := c.Op == syntax.AndStmt || c.Op == syntax.OrStmt
		s.stmt(p, t, c.X, tested || first)
		s.stmt(p, t, c.Y, tested)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			s.list(p, t, c.Cond, true)
			s.list(p, t, c.Then, tested)
		}
	case *syntax.WhileClause:
		s.list(p, t, c.Cond, true)
		s.list(p, t, c.Do, tested)
	case *syntax.ForClause:
		s.list(p, t, c.Do, tested)
	case *syntax.CaseClause:
		for _, item := range c.Items {
			s.list(p, t, item.Stmts, tested)
		}
	case *syntax.Block:
		s.list(p, t, c.Stmts, tested)
	case *syntax.Subshell:
		s.list(p, t, c.Stmts, tested)
	case *syntax.FuncDecl:
		s.stmt(p, t, c.Body, tested)
	}
}

func (s *steps) call(p *Pass, t shell.Parsed, c *syntax.CallExpr, tested bool) {
	if len(c.Args) == 0 {
		return
	}
	name := Literal(c.Args[0])
	if name == "set" || name == "trap" {
		s.option(name, c)
		return
	}
	if !p.changes(t.Pos(c.Pos())) {
		return
	}
	if tested {
		s.tested = append(s.tested, t.Span(c))
	} else {
		s.open = append(s.open, t.Span(c))
	}
}

// option notes set -e and traps of errors.
func (s *steps) option(name string, c *syntax.CallExpr) {
	for i, w := range c.Args[1:] {
		o := Literal(w)
		switch {
		case name == "trap":
			s.errexit = s.errexit || o == "ERR"
		case strings.HasPrefix(o, "-") && !strings.HasPrefix(o, "--") && strings.Contains(o, "e"):
			s.errexit = true
		case o == "errexit" && i > 0 && strings.HasSuffix(Literal(c.Args[i]), "o") && strings.HasPrefix(Literal(c.Args[i]), "-"):
			s.errexit = true
		}
	}
}

// changes tells whether the command at a place does something to a machine.
func (p *Pass) changes(at source.Pos) bool {
	set := onceEach(p.facts, "changes", func() map[source.Pos]bool {
		m := map[source.Pos]bool{}
		for _, s := range p.Statements() {
			if s.Outcome == command.Changed || s.Outcome == command.Opaque || s.Outcome == command.Mechanics && downloads.MatchString(s.Text) {
				m[s.At.Pos] = true
			}
		}
		return m
	})
	return set[at]
}

var downloads = lazyregexp.New(`^(sudo )?(curl|wget|git|tar|unzip|scp|rsync)\b`)

// sourcedOnly tells whether a file is only ever read by another script, which
// sets the options for both.
func (p *Pass) sourcedOnly(name string) bool {
	entry := ""
	for _, c := range p.Candidates {
		if c.Chosen {
			entry = c.Path
		}
	}
	if name == entry {
		return false
	}
	base := path.Base(name)
	for _, s := range p.Statements() {
		if rest, ok := strings.CutPrefix(s.Text, ". "); ok && strings.Contains(rest, base) {
			return true
		}
		if rest, ok := strings.CutPrefix(s.Text, "source "); ok && strings.Contains(rest, base) {
			return true
		}
	}
	return false
}

// addErrexit puts set -e below the first line and its comments.
func (p *Pass) addErrexit(t shell.Parsed) *Fix {
	if t.Nested {
		return nil
	}
	n := 1
	for strings.HasPrefix(p.Line(t.Path, n), "#") {
		n++
	}
	if n == 1 {
		return nil
	}
	line := "set -e\n"
	if t.Language == "bash" {
		line = "set -eo pipefail\n"
	}
	at := source.Span{Pos: source.Pos{File: t.Path, Line: n, Col: 1}, EndLine: n, EndCol: 1}
	return &Fix{Title: "stop at the first step that fails", Unsafe: true, Edits: []Edit{{At: at, New: line}}}
}
