package shell

import (
	"maps"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// A site is where a command line stands: the node that its outcome is noted at.
type site struct {
	node syntax.Node
	file *file
	span source.Span
}

// call walks a simple command.
func (in *interp) call(c *syntax.CallExpr, s *syntax.Stmt) command.Status {
	if len(c.Args) == 0 {
		return in.assignments(c)
	}
	argv := in.fields(c.Args)
	if in.cur.flow != goes || in.spent {
		return command.Success
	}
	if len(argv) == 0 { // the command was an empty variable
		in.note(c, command.Pure, "")
		return command.Known(true)
	}
	at := site{node: c, file: in.cur.file, span: in.cur.file.span(c)}
	if len(c.Assigns) > 0 {
		return in.withAssigns(c, func() command.Status { return in.run(&in.cur.actor, argv, at) })
	}
	return in.run(&in.cur.actor, argv, at)
}

// assignments is a command line of assignments alone: its status is that of the
// last substitution.
func (in *interp) assignments(c *syntax.CallExpr) command.Status {
	in.note(c, command.Pure, "")
	st := command.Known(true)
	for _, a := range c.Assigns {
		in.assign(a) // $? in it is that of the command before
		if hasSubst(a) {
			st = in.last
		}
	}
	return st
}

func hasSubst(a *syntax.Assign) bool {
	if a.Value == nil {
		return false
	}
	for _, p := range a.Value.Parts {
		switch p := p.(type) {
		case *syntax.CmdSubst:
			return true
		case *syntax.DblQuoted:
			for _, q := range p.Parts {
				if _, ok := q.(*syntax.CmdSubst); ok {
					return true
				}
			}
		}
	}
	return false
}

// assign does one assignment.
func (in *interp) assign(a *syntax.Assign) {
	if a.Name == nil {
		return
	}
	name := a.Name.Value
	switch {
	case a.Array != nil:
		in.assignArray(a)
	case a.Index != nil:
		in.assignElement(name, a)
	case a.Append:
		before, set := in.lookup(name, in.pos(a.Pos()))
		if set == value.Maybe {
			before = value.Value{}
		}
		in.set(name, value.Concat(before, in.word(a.Value)))
	default:
		in.set(name, in.word(a.Value))
	}
}

func (in *interp) assignArray(a *syntax.Assign) {
	name := a.Name.Value
	old := in.find(name)
	if old != nil && old.assoc != nil || len(a.Array.Elems) > 0 && a.Array.Elems[0].Index != nil {
		in.assignAssoc(a, old)
		return
	}
	var words []*syntax.Word
	for _, e := range a.Array.Elems {
		if e.Value != nil {
			words = append(words, e.Value)
		}
	}
	n := &variable{array: true}
	if a.Append && old != nil {
		n.list, n.many, n.mixed = slices.Clip(old.asList()), old.many, old.mixed || old.many
	}
	for _, v := range in.fields(words) {
		n.mixed = n.mixed || n.many // after any number of elements no index is known
		n.many = n.many || many(v)
		n.list = append(n.list, v)
	}
	if len(n.list) > 0 {
		n.val = n.list[0]
	}
	in.Host.Set(in.key(name), n)
}

func (in *interp) assignAssoc(a *syntax.Assign, old *variable) {
	m := map[string]value.Value{}
	if a.Append && old != nil {
		for k, v := range old.assoc {
			m[k] = v
		}
	}
	for _, e := range a.Array.Elems {
		w, ok := e.Index.(*syntax.Word)
		if !ok || e.Value == nil {
			continue
		}
		if k, ok := in.word(w).Exact(); ok {
			m[k] = in.word(e.Value)
		}
	}
	in.Host.Set(in.key(a.Name.Value), &variable{assoc: m, array: true})
}

func (in *interp) assignElement(name string, a *syntax.Assign) {
	n := variable{array: true}
	if old := in.find(name); old != nil {
		n = *old
		n.list, n.array = old.asList(), true
	}
	v := in.word(a.Value)
	if a.Append {
		old, _ := in.element(name, a.Index, in.pos(a.Pos()))
		v = value.Concat(old, v)
	}
	if w, ok := a.Index.(*syntax.Word); ok && n.assoc != nil {
		n.setKey(in.word(w), v)
	} else if i, ok := in.number(a.Index); ok {
		n.setIndex(i, v)
	} else {
		n.setIndex(-1, v)
	}
	in.Host.Set(in.key(name), &n)
}

// setKey sets an element of an associative array.
func (n *variable) setKey(key, v value.Value) {
	k, exact := key.Exact()
	if !exact {
		n.many = true
		return
	}
	n.assoc = maps.Clone(n.assoc)
	n.assoc[k] = v
}

// setIndex sets an element of an indexed array. An index below zero, or one that
// leaves a gap, makes the places of all elements unknown.
func (n *variable) setIndex(i int, v value.Value) {
	switch {
	case i < 0 || i > len(n.list):
		n.list, n.many, n.mixed = append(slices.Clip(n.list), v), true, true
	case n.mixed:
		n.list = joinLists(n.list, []value.Value{v})
	case i == len(n.list):
		n.list = append(slices.Clip(n.list), v)
	default:
		n.list = slices.Clone(n.list)
		n.list[i] = v
	}
	n.val = n.list[0]
}

// withAssigns walks a command with assignments before it: they are its
// environment alone.
func (in *interp) withAssigns(c *syntax.CallExpr, f func() command.Status) command.Status {
	type old struct {
		k host.Key
		e host.Entry
	}
	var saved []old
	for _, a := range c.Assigns {
		if a.Name == nil {
			continue
		}
		k := in.key(a.Name.Value)
		saved = append(saved, old{k, in.Host.Get(k)})
		in.assign(a)
		if v, ok := in.Host.Get(k).(*variable); ok {
			n := *v
			n.exported = true
			in.Host.Set(k, &n)
		}
	}
	st := f()
	for _, o := range saved {
		if o.e == nil {
			o.e = &variable{unset: true}
		}
		in.Host.Set(o.k, o.e)
	}
	return st
}

// run walks a command line of expanded words.
func (in *interp) run(a *host.Actor, argv []value.Value, at site) command.Status {
	in.steps++
	if in.depth > maxDepth {
		in.problem(at.span.Pos, "calls are nested more than %d deep: this one was not followed", maxDepth)
		in.noteAt(at, command.Opaque, "nested too deep")
		return command.Success
	}
	name, exact := argv[0].Exact()
	if !exact {
		return in.runUnknownName(a, argv, at)
	}
	if b := lookupBuiltin(name); b != nil && !in.shadowed(name) {
		return in.runBuiltin(b, a, name, argv, at)
	}
	if f := in.cur.funcs[name]; f != nil && a == &in.cur.actor {
		return in.callFunc(f, name, argv, at)
	}
	if strings.Contains(name, "/") {
		if st, ok := in.runFile(a, argv, at); ok {
			return st
		}
		name = path.Base(name)
	}
	return in.model(a, name, argv, at)
}

// shadowed tells whether the script has a function of that name.
func (in *interp) shadowed(name string) bool {
	return in.cur.funcs[name] != nil && !specialBuiltins[name]
}

// runUnknownName handles a command whose name has a hole or several values:
// each known one is walked.
func (in *interp) runUnknownName(a *host.Actor, argv []value.Value, at site) command.Status {
	st, walked := command.Success, false
	if argv[0].Len() > 1 {
		for i := range argv[0].Len() {
			s := argv[0].At(i)
			if t, ok := s.Exact(); !ok || t == "" {
				continue
			}
			line := append([]value.Value{value.FromStr(s)}, argv[1:]...)
			in.perhaps(at.node.Pos(), argv[0].String()+" is "+s.String(), func() command.Status { return in.run(a, line, at) })
			walked = true
		}
	}
	if walked {
		return st
	}
	s := argv[0].Best()
	if base, ok := s.Base().Exact(); ok && command.Lookup(base) != nil { // $VENV/bin/pip
		if st, ok := in.runFile(a, argv, at); ok {
			return st
		}
		return in.model(a, base, argv, at)
	}
	if st, ok := in.runFile(a, argv, at); ok {
		return st
	}
	return in.model(a, "", argv, at)
}

// model walks a command by its model, or as opaque.
func (in *interp) model(a *host.Actor, name string, argv []value.Value, at site) command.Status {
	line := &struct { // made at once
		call command.Call
		sh   bridge
	}{sh: bridge{in, at}}
	c := &line.call
	c.Actor, c.Name, c.Argv, c.In, c.At, c.Sh = a, name, argv, in.stdin.input(), at.span.Pos, &line.sh
	in.place(at.span)
	m := command.Lookup(name)
	if in.Host.Exact {
		return in.modelExact(m, c, at)
	}
	from := len(in.Host.Log)
	if m == nil {
		if name == "" {
			c.Name = argv[0].String()
		}
		in.unknown(c)
	} else {
		m.Do(c)
	}
	in.askedOutput(c)
	in.emitContent(c.Out, c.Content)
	if in.bg && m == nil {
		in.background(c, from)
	}
	in.environment(from)
	in.noteCall(c, at, from)
	return c.Status
}

// askedOutput ties the output of a query to what its success tells: nothing is
// printed when it fails.
func (in *interp) askedOutput(c *command.Call) {
	h := c.Out.Hole()
	if h == nil || c.Status.Tri != value.Maybe || c.Status.Cond == nil || h.Ref != nil {
		return
	}
	n := *h
	n.Ref = c.Status.Cond
	c.Out = value.Of(&n)
}

// unknown is a command without a model.
func (in *interp) unknown(c *command.Call) {
	why := "the command " + c.Name + " is not modelled"
	if c.Argv[0].Len() > 1 || !c.Argv[0].Known() {
		why = "which command " + c.Argv[0].String() + " is, is not known"
	}
	command.Unknown(c, why)
}

// environment notes the variables that programs started since from get.
func (in *interp) environment(from int) {
	for _, e := range in.Host.Log[from:] {
		switch e.Op {
		case host.StartOp, host.RunCode, host.Migrate:
			if e.Vars == nil {
				e.Vars = in.exports()
			}
		}
	}
}

// exports lists the variables of this process that the script exports, sorted.
func (in *interp) exports() []string {
	var out []string
	in.Host.Each(host.Var, in.cur.proc, func(name string, e host.Entry) {
		if v := e.(*variable); v.exported && !v.unset && name != "PATH" {
			out = append(out, name+"="+v.val.String())
		}
	})
	slices.Sort(out)
	return out
}

// background is a program of its own that is started to stay.
func (in *interp) background(c *command.Call, from int) {
	in.Host.Log = in.Host.Log[:from]
	c.Record(&host.Effect{Op: host.StartOp, Name: c.Name, What: command.Line(c.Argv), Path: c.Path(c.Argv[0])})
	c.Outcome, c.Detail = command.Changed, "a program is started in the background"
}

// noteCall notes the outcome of a call; an effect outweighs what the model says
// of the command in general.
func (in *interp) noteCall(c *command.Call, at site, from int) {
	what := c.Outcome
	if what == command.Message && in.out != nil {
		what = command.Pure
	}
	in.noteAt(at, what, c.Detail)
}

// callFunc walks a function of the script.
func (in *interp) callFunc(f *function, name string, argv []value.Value, at site) command.Status {
	level := 0
	for c := in.cur; c != nil; c = c.caller {
		if c.fn == name {
			level++
		}
	}
	if level >= maxRecursion {
		in.noteAt(at, command.Pure, "recursion is not followed further")
		return command.Status{Tri: value.Maybe, Cond: &command.Cond{Op: command.Other}}
	}
	in.noteAt(at, command.Pure, "function "+name)
	in.nextID++
	ctx := *in.cur
	ctx.caller, ctx.fn, ctx.file = in.cur, name, f.file
	ctx.args = spreadArgs(args{list: argv[1:]})
	ctx.frame = &frame{id: in.nextID, up: in.cur.frame}
	ctx.via = append(slices.Clip(in.cur.via), at.span.Pos)
	ctx.call, ctx.loop = &pending{depth: in.Host.Depth()}, nil
	st := in.enter(&ctx, func() command.Status { return in.stmt(f.body) })
	in.afterCall(&ctx)
	return st
}

// enter walks f in a context and returns how it ends.
func (in *interp) enter(ctx *context, f func() command.Status) command.Status {
	caller := in.cur
	in.cur = ctx
	in.depth++
	st := f()
	in.depth--
	switch {
	case ctx.flow == returns:
		st = ctx.status
		ctx.flow = goes
	case ctx.flow == exits && returned(ctx.call):
		st = ctx.call.ends[0].ctx.status
		ctx.flow = goes
		if ctx.call.rest > 0 {
			in.unite(ctx.call, true)
			in.settleAlone(ctx.call, failed(ctx.status))
			in.cur = caller
			return joinReturns(st, ctx.call)
		}
	}
	in.unite(ctx.call, false)
	in.settle(ctx.call)
	st = joinReturns(st, ctx.call)
	in.cur = caller
	return st
}

// returned tells whether an arm left by return: the caller goes on after it,
// though the rest of the function ends the script.
func returned(p *pending) bool {
	return len(p.ends) > 0 && p.ends[0].ctx.flow == returns
}

// joinReturns takes in the statuses of arms that returned early.
func joinReturns(st command.Status, p *pending) command.Status {
	for _, e := range p.ends {
		s := e.ctx.status
		if s.Tri == st.Tri {
			continue
		}
		c := e.cond
		if e.want != (s.Tri == value.Yes) {
			c = c.Not()
		}
		return command.Asks(value.Maybe, orOther(c))
	}
	return st
}

// afterCall takes over what a function call changed in its caller's shell.
func (in *interp) afterCall(ctx *context) {
	c := in.cur
	c.actor.Cwd = ctx.actor.Cwd
	c.actor.User = ctx.actor.User
	c.opts, c.trap, c.dirs = ctx.opts, ctx.trap, ctx.dirs
	if ctx.flow == exits {
		c.flow, c.status = exits, ctx.status
	}
	if n := len(c.guards); len(ctx.guards) > n && ctx.flow == goes {
		for _, e := range ctx.call.ends {
			if e.ctx.flow == exits {
				c.guards = append(c.guards[:n:n], ctx.guards[n:]...)
				break
			}
		}
	}
}

// place tells the host where the present command stands.
func (in *interp) place(at source.Span) {
	c := in.cur
	must := !c.fail
	for _, g := range c.guards {
		must = must && g.Fresh == value.Yes
	}
	if in.opt.Run == 2 {
		must = !c.fail && len(c.guards) == 0
	}
	in.Host.Now = host.Place{At: at, Via: c.via, When: c.guards, Must: must, Run: in.opt.Run, Failure: c.fail}
}
