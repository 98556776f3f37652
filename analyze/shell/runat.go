package shell

import (
	"slices"

	"github.com/nativize/nativize/analyze/source"
)

// RunAt walks shell text that stands in a file of another kind, such as a
// recipe of a Makefile, a step of a CI job or a line of a unit. at is where the
// text begins; places of what it does are counted from there. Syntax errors are
// among the problems of the result.
func (m *Machine) RunAt(text string, at source.Pos, opt Options) *Result {
	f := m.nested(text, at, "sh")
	if opt.Steps == 0 {
		opt.Steps = DefaultSteps
	}
	if opt.Script == "" {
		opt.Script = at.File
	}
	in := &interp{Machine: m, opt: opt, res: &Result{Problems: slices.Clone(f.notes)}}
	in.start(f)
	return in.res
}
