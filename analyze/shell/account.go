package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/source"
)

// note records the outcome of a statement; of several evaluations the strongest
// counts.
func (in *interp) note(n syntax.Node, what command.Outcome, detail string) {
	in.noteAt(site{node: n, file: in.cur.file}, what, detail)
}

func (in *interp) noteAt(at site, what command.Outcome, detail string) {
	if o, ok := at.file.what[at.node]; !ok || rank(what) > rank(o.what) {
		at.file.what[at.node] = outcome{what, detail}
	}
}

func rank(o command.Outcome) int { return slices.Index(command.Outcomes, o) }

// A Statement is one simple command of a script that was read, with its outcome.
type Statement struct {
	At      source.Span
	Text    string
	Outcome command.Outcome
	Detail  string
	Nested  bool // in text that a command runs
}

// Scripts returns the repository paths of the files that were read, in order.
func (m *Machine) Scripts() []ScriptInfo {
	var out []ScriptInfo
	for _, f := range m.order {
		if f.nest {
			continue
		}
		s := ScriptInfo{Path: f.path, Language: f.lang, Bashism: f.bash}
		if len(f.notes) > 0 {
			s.Error = f.notes[0].Error()
		}
		out = append(out, s)
	}
	return out
}

// A ScriptInfo describes a file that was read as shell.
type ScriptInfo struct {
	Path     string
	Language string
	Bashism  bool // declared sh, needs bash
	Error    string
}

// Statements returns the account of every simple command of the files read so
// far, sorted by place. A command in a function that is never called, or on a
// side that cannot happen, is unreached.
func (m *Machine) Statements() []Statement {
	var out []Statement
	for _, f := range m.order {
		list := f.commands()
		out = slices.Grow(out, len(list))
		for i := range list {
			out = append(out, f.statement(&list[i]))
		}
	}
	slices.SortStableFunc(out, func(a, b Statement) int { return a.At.Compare(b.At.Pos) })
	return slices.CompactFunc(out, sameStatement)
}

// A simple is a simple command as it is written.
type simple struct {
	node syntax.Node
	at   source.Span
	text string
}

// commands lists the simple commands of a file.
func (f *file) commands() []simple {
	if f.simples == nil {
		f.simples = []simple{}
		for _, s := range f.stmts {
			syntax.Walk(s, func(n syntax.Node) bool {
				if isSimple(n) {
					f.simples = append(f.simples, simple{n, f.span(n), f.src(n.Pos(), n.End())})
				}
				return true
			})
		}
	}
	return f.simples
}

// sameStatement joins the accounts of nested text that was evaluated with
// different values: the stronger outcome stays.
func sameStatement(a, b Statement) bool {
	return a.At == b.At && a.Text == b.Text && a.Nested && b.Nested
}

func isSimple(n syntax.Node) bool {
	switch n.(type) {
	case *syntax.CallExpr, *syntax.DeclClause, *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause:
		return true
	}
	return false
}

func (f *file) statement(c *simple) Statement {
	s := Statement{At: c.at, Text: c.text, Outcome: command.Unreached, Nested: f.nest}
	if o, ok := f.what[c.node]; ok {
		s.Outcome, s.Detail = o.what, o.detail
	}
	return s
}

// Source returns the text of a file that was read, as it was parsed.
func (m *Machine) Source(path string) (string, bool) {
	f, ok := m.files[path]
	if !ok || f.nest {
		return "", false
	}
	return f.text, true
}

// File returns the syntax trees of a file that was read: its own statements and
// those of text nested in it, for rules that look at syntax.
func (m *Machine) File(path string) []*syntax.Stmt {
	if f := m.files[path]; f != nil {
		return f.stmts
	}
	return nil
}

// SourceLines counts the lines of all files read.
func (m *Machine) SourceLines() int {
	n := 0
	for _, f := range m.order {
		if !f.nest {
			n += strings.Count(f.text, "\n")
		}
	}
	return n
}
