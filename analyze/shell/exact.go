package shell

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// On an Exact host the machine runs a script as a shell would: what succeeds by
// the model succeeds, what fails fails, set -e ends the script, and a test that
// nothing decides is decided by what is usual and noted as assumed. So each run
// is one history and the states are not merged.

// exact decides the status of a statement and ends the script when set -e says
// so (POSIX.1-2024, set).
func (in *interp) exact(s *syntax.Stmt, st command.Status) command.Status {
	if st.Tri == value.Maybe {
		st.Tri = in.decided(value.Maybe, st.Cond, s)
	}
	st.Sure = true
	if st.Tri == value.No && !s.Negated && in.notInd == 0 && in.cur.flow == goes && countsForErrexit(s.Cmd) {
		in.unhandled(s)
	}
	return st
}

// countsForErrexit tells whether set -e looks at the failure of a command: not
// at that of lists and compound commands, whose parts it has seen.
func countsForErrexit(c syntax.Command) bool {
	switch c := c.(type) {
	case *syntax.CallExpr, *syntax.DeclClause, *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause, *syntax.Subshell:
		return true
	case *syntax.BinaryCmd:
		return c.Op == syntax.Pipe || c.Op == syntax.PipeAll
	}
	return false
}

// unhandled is a failure that the script does not look at.
func (in *interp) unhandled(s *syntax.Stmt) {
	at := in.pos(s.Pos())
	if !in.cur.opts.errexit {
		if call, ok := s.Cmd.(*syntax.CallExpr); ok && len(call.Args) > 0 && !isTest(call) {
			in.res.Failures = append(in.res.Failures, Failure{At: at, Text: in.cur.file.src(s.Pos(), s.End()), Why: in.why})
		}
		return
	}
	in.cur.flow, in.cur.status = exits, command.Known(false)
	if in.res.End.IsZero() {
		in.res.End = at
		in.res.Failures = append(in.res.Failures, Failure{At: at, Text: in.cur.file.src(s.Pos(), s.End()), Why: in.why})
	}
}

// isTest tells of a call of a command that only answers.
func isTest(c *syntax.CallExpr) bool {
	switch c.Args[0].Lit() {
	case "[", "test", "false", "grep", "cmp", "diff", "return", "exit", "getent", "id", "command", "type", "which":
		return true
	}
	return false
}

// decided settles what is open: by what holds on a fresh host, else a test of a
// value that is not known is taken to find it set and of no particular value.
func (in *interp) decided(t value.Tri, c *command.Cond, n syntax.Node) value.Tri {
	if t != value.Maybe {
		return t
	}
	t = usual(c)
	what := "it fails"
	if t == value.Yes {
		what = "it succeeds"
	}
	in.assumed(n, what)
	return t
}

func usual(c *command.Cond) value.Tri {
	switch {
	case c == nil:
		return value.No
	case c.Op == command.NotOp:
		return usual(c.L).Not()
	case c.Op == command.AndOp:
		return usual(c.L).And(usual(c.R))
	case c.Op == command.OrOp:
		return usual(c.L).Or(usual(c.R))
	case c.Fresh != value.Maybe:
		return c.Fresh
	}
	return value.No
}

func (in *interp) assumed(n syntax.Node, what string) {
	in.res.Assumed = append(in.res.Assumed, Failure{At: in.pos(n.Pos()), Text: in.cur.file.src(n.Pos(), n.End()), Why: what})
}

// modelExact walks a command by its model on an Exact host. A command that
// changes something may be made to fail; then it has done nothing.
func (in *interp) modelExact(m *command.Model, c *command.Call, at site) command.Status {
	in.why = ""
	mark := in.Host.Mark()
	in.Host.Push()
	switch {
	case in.missing(c):
		c.Outcome, c.Status, c.Detail = command.Pure, command.Known(false), c.Name+" is not installed"
	case m == nil:
		if c.Name == "" {
			c.Name = c.Argv[0].String()
		}
		in.unknown(c)
	default:
		m.Do(c)
	}
	if c.Outcome != command.Pure && c.Outcome != command.Message {
		in.res.Changes++
		if in.res.Changes == in.opt.FailAt {
			return in.inject(c, at, mark)
		}
	}
	in.Host.Apply(in.Host.Pop())
	in.res.Commands++
	if c.Outcome == command.Opaque {
		in.res.Opaque = append(in.res.Opaque, Failure{At: at.span.Pos, Text: command.Line(c.Argv), Why: c.Detail})
	}
	if c.Status.Tri == value.No {
		in.why = c.Detail
	}
	in.emitContent(c.Out, c.Content)
	in.noteCall(c, at, mark)
	if c.Status.Tri != value.Maybe {
		c.Status.Sure = true
	}
	return c.Status
}

// inject undoes a command and lets it fail.
func (in *interp) inject(c *command.Call, at site, mark int) command.Status {
	in.Host.Rewind(mark)
	in.why = "made to fail"
	in.res.Injected = &Failure{At: at.span.Pos, Text: command.Line(c.Argv), Why: in.why}
	in.noteCall(c, at, mark)
	return command.Known(false)
}

// missing tells that the program is known not to be there.
func (in *interp) missing(c *command.Call) bool {
	f, ok := in.Host.Get(host.Key{Space: host.Command, Where: c.Where, Name: c.Name}).(*host.Flag)
	return ok && f.Presence == value.No
}

// ended is the status of a subshell: that of exit, when it left so.
func (in *interp) ended(st command.Status) command.Status {
	if in.Host.Exact && in.cur.flow == exits {
		return in.cur.status
	}
	return st
}

// opens tells whether the files of redirections can be opened: one that is read
// must be there, one that is written needs its directory.
func (in *interp) opens(list []*syntax.Redirect) bool {
	for _, r := range list {
		if r.Word == nil || r.Op == syntax.DplIn || r.Op == syntax.DplOut || r.Hdoc != nil || r.Op == syntax.WordHdoc {
			continue
		}
		p := in.cur.actor.Path(in.word(r.Word))
		if p == "/dev/null" || strings.HasPrefix(p, "/dev/") {
			continue
		}
		if r.Op != syntax.RdrIn && r.Op != syntax.RdrInOut {
			p = path.Dir(p)
		}
		if _, n := in.Host.Follow(in.cur.actor.Where, p); n.Presence == value.No && !host.IsSystemDir(p) {
			in.why = p + " is not there"
			return false
		}
	}
	return true
}
