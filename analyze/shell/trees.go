package shell

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/source"
)

// A Parsed is a text that was read as shell: a file of the repository, or text in
// another that a command runs.
type Parsed struct {
	Path     string // of the file it stands in
	Language string // sh or bash
	Nested   bool
	Bashism  bool // declared sh, needs bash
	Stmts    []*syntax.Stmt
	Errors   []*source.Error // syntax errors

	f *file
}

// Trees returns the syntax trees of all texts read so far, in order.
func (m *Machine) Trees() []Parsed {
	out := make([]Parsed, len(m.order))
	for i, f := range m.order {
		out[i] = Parsed{Path: f.path, Language: f.lang, Nested: f.nest, Bashism: f.bash, Stmts: f.stmts, Errors: f.notes, f: f}
	}
	return out
}

// Pos is the place of a position of the tree in the file of the repository.
func (t Parsed) Pos(p syntax.Pos) source.Pos { return t.f.pos(p) }

// Span is the stretch of a node.
func (t Parsed) Span(n syntax.Node) source.Span { return t.f.span(n) }

// Text is the source text of a node, on one line.
func (t Parsed) Text(n syntax.Node) string { return t.f.src(n.Pos(), n.End()) }
