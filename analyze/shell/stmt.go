package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// stmts walks a list until something leaves it.
func (in *interp) stmts(list []*syntax.Stmt) command.Status {
	st := command.Known(true)
	for _, s := range list {
		if in.cur.flow != goes || in.spent {
			break
		}
		st = in.stmt(s)
	}
	return st
}

// stmt walks one statement and returns how it ends.
func (in *interp) stmt(s *syntax.Stmt) command.Status {
	if !in.spend(1, in.pos(s.Pos())) {
		return command.Success
	}
	bg := in.bg
	in.bg = s.Background
	st := in.redirected(s)
	in.bg = bg
	if in.Host.Exact {
		st = in.exact(s, st)
	}
	if s.Negated {
		st = negate(st)
	}
	in.last = st
	if in.notInd == 0 && in.cur.opts.errexit && st.Tri == value.Maybe && st.Cond != nil && in.cur.flow == goes {
		in.assume(st.Cond, true) // set -e: it goes on only when this held
	}
	return st
}

func negate(st command.Status) command.Status {
	st.Tri = st.Tri.Not()
	st.Cond = st.Cond.Not()
	return st
}

// redirected walks a statement with its redirections.
func (in *interp) redirected(s *syntax.Stmt) command.Status {
	if len(s.Redirs) == 0 {
		return in.command(s.Cmd, s)
	}
	if in.Host.Exact && !in.opens(s.Redirs) {
		return command.Known(false)
	}
	stdin := in.stdin
	var targets []target
	for _, r := range s.Redirs {
		in.redirect(r, &targets)
	}
	defer func() { in.stdin = stdin }()
	toFile := false
	for _, t := range targets {
		toFile = toFile || t.stdout
	}
	if !toFile {
		st := in.command(s.Cmd, s)
		in.writeLogs(targets, s)
		return st
	}
	var st command.Status
	out := in.capture(func() { st = in.command(s.Cmd, s) })
	in.writeTargets(targets, out, s)
	return st
}

// A target is a file that output goes to.
type target struct {
	path   value.Value
	add    bool
	stdout bool
	at     source.Span
}

func (in *interp) redirect(r *syntax.Redirect, targets *[]target) {
	at := in.pos(r.OpPos)
	switch r.Op {
	case syntax.Hdoc, syntax.DashHdoc:
		if r.Hdoc != nil {
			at = in.pos(r.Hdoc.Pos())
		}
		in.stdin = newStream(in.heredoc(r), at)
	case syntax.WordHdoc:
		in.stdin = newStream(value.Concat(in.word(r.Word), value.Text("\n")), at)
	case syntax.RdrIn, syntax.RdrInOut:
		if r.N == nil || r.N.Value == "0" {
			in.stdin = in.fromFile(in.word(r.Word), at)
		} else {
			in.word(r.Word)
		}
	case syntax.DplIn, syntax.DplOut:
		if r.Op == syntax.DplOut && r.N == nil && !isFD(r.Word) { // >&file
			*targets = append(*targets, target{path: in.word(r.Word), stdout: true, at: in.cur.file.span(r)})
		}
	default:
		t := target{path: in.word(r.Word), at: in.cur.file.span(r)}
		t.add = r.Op == syntax.AppOut || r.Op == syntax.AppAll || r.Op == syntax.AppClob || r.Op == syntax.AppAllClob
		t.stdout = r.N == nil || r.N.Value == "1"
		*targets = append(*targets, t)
	}
}

func isFD(w *syntax.Word) bool {
	s := w.Lit()
	return s == "-" || s != "" && strings.Trim(strings.TrimSuffix(s, "-"), "0123456789") == "" || !plainWord(w)
}

func plainWord(w *syntax.Word) bool { return w.Lit() != "" }

// heredoc expands a here-document unless its delimiter is quoted.
func (in *interp) heredoc(r *syntax.Redirect) value.Value {
	if r.Hdoc == nil {
		return value.Value{}
	}
	quoted := false
	for _, p := range r.Word.Parts {
		switch p := p.(type) {
		case *syntax.SglQuoted, *syntax.DblQuoted:
			quoted = true
		case *syntax.Lit:
			quoted = quoted || strings.Contains(p.Value, `\`)
		}
	}
	var v value.Value
	if quoted {
		var b strings.Builder
		for _, p := range r.Hdoc.Parts {
			if lit, ok := p.(*syntax.Lit); ok {
				b.WriteString(lit.Value)
			}
		}
		v = in.unplug(b.String())
	} else {
		v = in.quoted(r.Hdoc.Parts, true)
	}
	if r.Op == syntax.DashHdoc {
		v = v.Text("heredoc", true, func(s string) string {
			lines := strings.SplitAfter(s, "\n")
			for i, l := range lines {
				lines[i] = strings.TrimLeft(l, "\t")
			}
			return strings.Join(lines, "")
		})
	}
	return v
}

// fromFile is standard input from a file of the machine.
func (in *interp) fromFile(path value.Value, at source.Pos) *stream {
	p := in.cur.actor.Path(path)
	s := &stream{at: at, from: p, piped: true}
	if _, n := in.Host.Follow(in.cur.actor.Where, p); n.Presence != value.No {
		s.content = n.Content
	}
	if text, ok := in.Host.Text(in.cur.actor.Where, p); ok {
		s.text, s.known = text, true
	} else {
		s.text = value.New(value.Content, host.Base(p), at)
	}
	return s
}

// writeTargets writes captured output to the files it goes to.
func (in *interp) writeTargets(targets []target, out *capture, s *syntax.Stmt) {
	done := false
	for _, t := range targets {
		if !t.stdout {
			in.writeLog(t)
			continue
		}
		if done {
			out = &capture{} // an earlier file gets nothing
		}
		in.writeTo(t, out, s)
		done = true
	}
}

func (in *interp) writeTo(t target, out *capture, s *syntax.Stmt) {
	text := out.v
	c := &host.Content{Kind: host.Literal, Text: text}
	if out.content != nil {
		c = out.content
	} else if s.Cmd == nil || text.Is("") && isTruncation(s.Cmd) {
		c = &host.Content{Kind: host.Empty}
	} else if h := text.Hole(); h != nil && h.Kind == value.Net {
		url, _ := h.Ref.(string)
		c = &host.Content{Kind: host.Fetched, URL: url}
	}
	before := len(in.Host.Log)
	in.place(in.cur.file.span(s))
	in.cur.actor.Write(t.path, c, t.add)
	if len(in.Host.Log) > before && s.Cmd != nil {
		in.note(s.Cmd, command.Changed, "")
	}
}

func isTruncation(c syntax.Command) bool {
	call, ok := c.(*syntax.CallExpr)
	return ok && (len(call.Args) == 0 || call.Args[0].Lit() == ":" || call.Args[0].Lit() == "true")
}

// writeLogs handles the files that take diagnostics only.
func (in *interp) writeLogs(targets []target, s *syntax.Stmt) {
	for _, t := range targets {
		in.place(in.cur.file.span(s))
		in.writeLog(t)
	}
}

func (in *interp) writeLog(t target) {
	in.cur.actor.Write(t.path, &host.Content{Kind: host.Unknown}, t.add)
}

// A stream is standard input that read takes lines from.
type stream struct {
	text    value.Value
	known   bool
	piped   bool
	at      source.Pos
	from    string
	content *host.Content
	taken   int // lines taken by read
	lines   []value.Value
}

func newStream(v value.Value, at source.Pos) *stream {
	return &stream{text: v, known: true, piped: true, at: at}
}

func (s *stream) input() command.Input {
	if s == nil {
		return command.Input{}
	}
	in := command.Input{Text: s.text, Known: s.known, Piped: s.piped, At: s.at, From: s.from, Content: s.content}
	if h := s.text.Hole(); h != nil && h.Kind == value.Net {
		in.Net, _ = h.Ref.(string)
		if in.Net == "" {
			in.Net = h.Name
		}
	}
	return in
}

// line takes the next line; more is No at the end, Maybe when it is not known.
func (s *stream) line(at source.Pos) (v value.Value, more value.Tri) {
	if s == nil || !s.known {
		return value.New(value.Content, "LINE", at), value.Maybe
	}
	if s.lines == nil {
		s.lines = splitLines(s.text)
		if s.lines == nil {
			s.known = false
			return value.New(value.Content, "LINE", at), value.Maybe
		}
	}
	if s.taken >= len(s.lines) {
		return value.Value{}, value.No
	}
	s.taken++
	return s.lines[s.taken-1], value.Yes
}

// splitLines cuts text into lines, nil when its alternatives differ or a hole
// may hold several.
func splitLines(v value.Value) []value.Value {
	if v.Len() > 1 {
		return nil
	}
	s := v.At(0)
	if h := s.Hole(); h != nil {
		return nil
	}
	out := []value.Value{}
	elems := s.Split("\n")
	if t, ok := elems[len(elems)-1].Exact(); ok && t == "" {
		elems = elems[:len(elems)-1]
	}
	for _, e := range elems {
		if h := e.Hole(); h != nil {
			return nil
		}
		out = append(out, value.FromStr(e))
	}
	return out
}

// A capture collects standard output: as text and, when one command alone made
// it from something that is not text, as content.
type capture struct {
	v       value.Value
	content *host.Content
	parts   int
}

// captured runs f and returns what it prints.
func (in *interp) captured(f func()) value.Value { return in.capture(f).v }

func (in *interp) capture(f func()) *capture {
	old := in.out
	c := &capture{}
	in.out = c
	f()
	in.out = old
	if c.parts > 1 {
		c.content = nil
	}
	return c
}

// emitContent prints what is better known by where it comes from.
func (in *interp) emitContent(v value.Value, c *host.Content) {
	if in.out == nil {
		return
	}
	if v.Is("") && c == nil {
		return
	}
	in.out.parts++
	in.out.content = c
	in.emit(v)
}

// emit prints.
func (in *interp) emit(v value.Value) {
	if in.out != nil {
		in.out.v = value.Concat(in.out.v, v)
	}
}

// subst is $(...): the output without newlines at its end.
func (in *interp) subst(p *syntax.CmdSubst) value.Value {
	if in.depth > maxDepth {
		in.last = command.Success
		return value.New(value.Output, "OUTPUT", in.pos(p.Pos()))
	}
	in.depth++
	defer func() { in.depth-- }()
	if v, ok := in.readFile(p); ok {
		in.last = command.Known(true)
		return trimNewlines(v)
	}
	bg := in.bg
	in.bg = false
	v := in.captured(func() {
		in.subshell(func() { in.last = in.ended(in.stmts(p.Stmts)) })
	})
	in.bg = bg
	return trimNewlines(v)
}

// readFile is $(< file).
func (in *interp) readFile(p *syntax.CmdSubst) (value.Value, bool) {
	if len(p.Stmts) != 1 || p.Stmts[0].Cmd != nil || len(p.Stmts[0].Redirs) != 1 || p.Stmts[0].Redirs[0].Op != syntax.RdrIn {
		return value.Value{}, false
	}
	return in.fromFile(in.word(p.Stmts[0].Redirs[0].Word), in.pos(p.Pos())).text, true
}

func trimNewlines(v value.Value) value.Value {
	return v.Map(func(s value.Str) value.Str {
		suffix := s.Suffix()
		if !strings.HasSuffix(suffix, "\n") {
			return s
		}
		parts := append([]value.Part(nil), s.Parts()...)
		last := len(parts) - 1
		parts[last].Lit = strings.TrimRight(suffix, "\n")
		if parts[last].Lit == "" {
			parts = parts[:last]
		}
		return value.MakeStr(parts...)
	})
}

// subshell runs f so that what it does to variables and the working directory
// is gone afterwards; what it does to the machine stays.
func (in *interp) subshell(f func()) {
	saved := *in.cur
	in.Host.Push()
	f()
	in.Host.Apply(in.Host.Pop().DropVars())
	if in.cur.flow == exits {
		in.last = in.cur.status
	}
	in.cur.actor, in.cur.args, in.cur.opts = saved.actor, saved.args, saved.opts
	in.cur.flow, in.cur.count, in.cur.funcs = saved.flow, saved.count, saved.funcs
	in.cur.guards, in.cur.trap, in.cur.dirs = saved.guards, saved.trap, saved.dirs
}

// command walks a command.
func (in *interp) command(c syntax.Command, s *syntax.Stmt) command.Status {
	switch c := c.(type) {
	case nil:
		return command.Known(true)
	case *syntax.CallExpr:
		return in.call(c, s)
	case *syntax.DeclClause:
		return in.declare(c)
	case *syntax.BinaryCmd:
		return in.binaryCmd(c)
	case *syntax.IfClause:
		return in.ifClause(c)
	case *syntax.CaseClause:
		return in.caseClause(c)
	case *syntax.ForClause:
		return in.forClause(c)
	case *syntax.WhileClause:
		return in.whileClause(c)
	case *syntax.Block:
		return in.stmts(c.Stmts)
	case *syntax.Subshell:
		st := command.Success
		in.subshell(func() { st = in.stmts(c.Stmts); in.traps(in.cur); st = in.ended(st) })
		return st
	case *syntax.FuncDecl:
		return in.declareFunc(c)
	case *syntax.TestClause:
		return in.testClause(c)
	case *syntax.ArithmCmd:
		in.note(c, command.Pure, "")
		return in.arithStatus(c.X)
	case *syntax.LetClause:
		in.note(c, command.Pure, "")
		st := command.Success
		for _, x := range c.Exprs {
			st = in.arithStatus(x)
		}
		return st
	case *syntax.TimeClause:
		if c.Stmt != nil {
			return in.stmt(c.Stmt)
		}
	case *syntax.CoprocClause:
		return in.stmt(c.Stmt)
	}
	return command.Success
}

func (in *interp) arithStatus(x syntax.ArithmExpr) command.Status {
	if n, ok := in.eval(x, 0); ok {
		return command.Known(n != 0)
	}
	return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
}

func (in *interp) declareFunc(c *syntax.FuncDecl) command.Status {
	if c.Name != nil {
		in.cur.funcs[c.Name.Value] = &function{body: c.Body, file: in.cur.file}
	}
	return command.Known(true)
}

// binaryCmd is a && b, a || b, a | b.
func (in *interp) binaryCmd(c *syntax.BinaryCmd) command.Status {
	switch c.Op {
	case syntax.AndStmt, syntax.OrStmt:
		return in.andOr(c)
	}
	return in.pipe(c)
}

// pipe walks both sides in subshells; the output of the left is the input of
// the right.
func (in *interp) pipe(c *syntax.BinaryCmd) command.Status {
	at := in.pos(c.X.Pos())
	left := command.Success
	out := in.capture(func() { in.subshell(func() { left = in.ended(in.stmt(c.X)) }) })
	old := in.stdin
	in.stdin = newStream(out.v, at)
	in.stdin.content = out.content
	if h := out.v.Hole(); h != nil {
		in.stdin.known = false
	}
	st := command.Success
	in.subshell(func() { st = in.ended(in.stmt(c.Y)) })
	in.stdin = old
	if in.Host.Exact && in.cur.opts.pipefail && left.Tri == value.No {
		return left
	}
	return st
}
