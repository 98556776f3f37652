package shell

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// An arm is one side of a test that cannot be decided.
type arm struct {
	cond *command.Cond
	want bool // the side on which cond holds
	text string
	at   syntax.Pos
	body func() command.Status
}

// An end is how an arm ended.
type end struct {
	arm
	ctx   context
	out   value.Value
	layer host.Layer
	st    command.Status
}

// branch walks arms on layers of their own and merges those that go on.
func (in *interp) branch(arms ...arm) command.Status {
	saved := *in.cur
	saved.guards = slices.Clip(saved.guards)
	var before value.Value
	if in.out != nil {
		before = in.out.v
	}
	var both [2]end // nearly always there are two
	ends := both[:0]
	for _, a := range arms {
		*in.cur = saved
		if in.out != nil {
			in.out.v = before
		}
		ends = append(ends, end{arm: a})
		in.walkArm(&ends[len(ends)-1])
	}
	return in.mergeEnds(&saved, ends)
}

// maxCleanup bounds the effects of an arm that is taken for failure handling.
// One that does more is the deployment itself, and that it ends in failure only
// shows that something of the machine was guessed wrong.
const maxCleanup = 30

func (in *interp) walkArm(e *end) {
	a := &e.arm
	in.Host.Push()
	in.assume(a.cond, a.want)
	in.cur.guards = guarded(in.cur.guards, in.guard(a))
	from := len(in.Host.Log)
	e.st = command.Known(true)
	if a.body != nil {
		e.st = a.body()
	}
	if in.cur.flow == exits && failed(in.cur.status) && len(in.Host.Log)-from <= maxCleanup {
		for _, eff := range in.Host.Log[from:] {
			eff.Failure = true
		}
		in.require(a)
	}
	in.provided(a, from)
	e.ctx, e.layer = *in.cur, in.Host.Pop()
	if in.out != nil {
		e.out = in.out.v
	}
}

// guarded is a list of guards with one more, and with no room to spare: an arm
// seldom adds another.
func guarded(list []host.Cond, g host.Cond) []host.Cond {
	out := make([]host.Cond, len(list)+1)
	out[copy(out, list)] = g
	return out
}

// provided: a side that was taken because a program or package was missing, and
// that installs something, is taken to provide it.
func (in *interp) provided(a *arm, from int) {
	c, want := a.cond, a.want
	for c != nil && c.Op == command.NotOp {
		c, want = c.L, !want
	}
	if c == nil || want || c.Op != command.Present || c.Key.Space != host.Command && c.Key.Space != host.Package {
		return
	}
	for _, e := range in.Host.Log[from:] {
		switch e.Op {
		case host.PackageOp, host.Fetch, host.RunCode, host.Language, host.Symlink, host.CopyTo, host.MoveTo, host.Extract, host.Opaque:
			in.Host.Assume(c.Key, true, host.AnyKind)
			return
		}
	}
}

func failed(st command.Status) bool { return st.Tri == value.No }

// mergeEnds goes on with the arms that did not leave; the others' states wait
// where they are met again.
func (in *interp) mergeEnds(saved *context, ends []end) command.Status {
	alive := 0
	for i := range ends {
		if ends[i].ctx.flow == goes {
			alive++
		}
	}
	if alive == 0 {
		return in.allLeft(saved, ends)
	}
	*in.cur = *saved
	in.mergeLayers(ends, goes)
	in.joinContexts(saved, ends, alive == 1)
	in.joinOut(ends, goes)
	for i := range ends {
		in.left(&ends[i])
	}
	return joinStatus(ends)
}

// mergeLayers merges the layers of the arms that ended in one way.
func (in *interp) mergeLayers(ends []end, how flow) {
	layers := make([]host.Layer, 0, 2)
	for i := range ends {
		if ends[i].ctx.flow == how {
			layers = append(layers, ends[i].layer)
		}
	}
	in.Host.Merge(layers...)
}

// left handles an arm that left while others go on.
func (in *interp) left(e *end) {
	switch e.ctx.flow {
	case goes:
	case exits:
		if !failed(e.ctx.status) {
			in.goesOn(e)
		}
	default:
		p := in.cur.loop
		if e.ctx.flow == returns {
			p = in.cur.call
		}
		if p != nil {
			p.ends = append(p.ends, *e)
		}
		if e.ctx.flow == returns && !failed(e.ctx.status) {
			in.goesOn(e)
			in.divide(p)
		}
	}
}

// goesOn guards the rest by the condition under which an arm did not leave.
// Where nothing says otherwise a fresh host is one where the script goes on.
func (in *interp) goesOn(e *end) {
	g := in.guard(&arm{cond: e.cond, want: !e.want, text: e.text, at: e.at})
	if g.Fresh == value.Maybe {
		g.Fresh = value.Yes
	}
	g.Rest = true
	in.cur.guards = append(in.cur.guards, g)
}

// allLeft is the end when every arm left.
func (in *interp) allLeft(saved *context, ends []end) command.Status {
	*in.cur = *saved
	first := &ends[0]
	for i := range ends { // a return or break goes on somewhere; an exit does not
		e := &ends[i]
		if e.ctx.flow < first.ctx.flow || e.ctx.flow == exits && first.ctx.flow == exits && failed(first.ctx.status) {
			first = e
		}
	}
	how := first.ctx.flow
	in.mergeLayers(ends, how)
	in.cur.flow, in.cur.count = how, first.ctx.count
	in.cur.status = returnStatus(ends, how)
	in.joinOut(ends, how)
	return in.cur.status
}

// returnStatus joins the statuses of arms that all leave. Of two, one with
// success and one with failure, the condition is what success tells.
func returnStatus(ends []end, how flow) command.Status {
	var first *end
	var st command.Status
	for i := range ends {
		e := &ends[i]
		if e.ctx.flow != how {
			continue
		}
		if first == nil {
			first, st = e, e.ctx.status
		}
		if e.ctx.status.Tri == st.Tri {
			continue
		}
		yes := first
		if st.Tri != value.Yes {
			yes = e
		}
		c := yes.cond
		if !yes.want {
			c = c.Not()
		}
		return command.Asks(value.Maybe, c)
	}
	return st
}

// joinStatus joins the statuses of the arms that go on.
func joinStatus(ends []end) command.Status {
	var st command.Status
	first := true
	for i := range ends {
		e := &ends[i]
		switch {
		case e.ctx.flow != goes:
		case first:
			st, first = e.st, false
		case e.st.Tri != st.Tri:
			return command.Status{Tri: value.Maybe, Cond: &command.Cond{Op: command.Other}}
		default:
			st.Sure = st.Sure && e.st.Sure
		}
	}
	return st
}

// joinOut joins what the arms that ended in one way have printed.
func (in *interp) joinOut(ends []end, how flow) {
	if in.out == nil {
		return
	}
	var v value.Value
	first := true
	for i := range ends {
		switch {
		case ends[i].ctx.flow != how:
		case first:
			v, first = ends[i].out, false
		default:
			v = value.Join(v, ends[i].out)
		}
	}
	in.out.v = v
}

// joinContexts keeps, of the working directory, account and parameters, what an
// arm has changed.
func (in *interp) joinContexts(saved *context, ends []end, alone bool) {
	for i := range ends {
		e := &ends[i]
		if e.ctx.flow != goes {
			continue
		}
		if !e.ctx.actor.Cwd.Equal(saved.actor.Cwd) {
			in.cur.actor.Cwd = e.ctx.actor.Cwd
		}
		if alone || e.ctx.actor.User != saved.actor.User && e.ctx.actor.User != "" {
			in.cur.actor.User = e.ctx.actor.User
		}
		if len(e.ctx.args.list) != len(saved.args.list) || e.ctx.args.base != saved.args.base {
			in.cur.args = e.ctx.args
		}
		in.cur.opts = e.ctx.opts
		in.cur.trap = e.ctx.trap
		if alone { // what was shown on the way out still holds
			in.cur.guards = keepOpen(saved, e)
		}
	}
}

// keepOpen returns the guards that outlive a branch: those added in it beyond
// its own, because something in it left.
func keepOpen(saved *context, e *end) []host.Cond {
	n := len(saved.guards)
	if len(e.ctx.guards) > n+1 {
		return append(saved.guards[:n:n], e.ctx.guards[n+1:]...)
	}
	return saved.guards
}

// guard is the condition of an arm as effects carry it.
func (in *interp) guard(a *arm) host.Cond {
	g := host.Cond{Text: a.text, Neg: !a.want, At: in.pos(a.at)}
	c := a.cond
	neg := false
	for c != nil && c.Op == command.NotOp {
		c, neg = c.L, !neg
	}
	if c == nil {
		return g
	}
	g.Fresh = fresh(c)
	if neg == a.want {
		g.Fresh = g.Fresh.Not()
	}
	g.Subj = c.Key
	g.Gone = c.Op == command.Present && neg == a.want
	if c.Text != "" {
		g.Text = c.Text
		g.Neg = neg == a.want
	}
	return g
}

// failure walks what happens when a command that is taken to succeed failed;
// text is the command. What leads to the script's end is failure handling, the
// rest is another way to the same goal.
func (in *interp) failure(text string, body func() command.Status) {
	saved := *in.cur
	var before value.Value
	if in.out != nil {
		before = in.out.v
	}
	in.Host.Push()
	in.cur.fail = true
	from := len(in.Host.Log)
	body()
	left := in.cur.flow != goes
	if !left && !saved.fail {
		for _, e := range in.Host.Log[from:] {
			e.Failure = false
			e.When = append(slices.Clip(e.When), host.Cond{Text: text + " fails", At: e.At.Pos})
		}
	}
	layer := in.Host.Pop()
	if !left {
		in.Host.Fill(layer)
		if in.out != nil {
			before = value.Join(before, in.out.v)
		}
	}
	*in.cur = saved
	if in.out != nil {
		in.out.v = before
	}
}

// require notes that the script stops unless an arm's condition fails.
func (in *interp) require(a *arm) {
	g := in.guard(&arm{cond: a.cond, want: !a.want, text: a.text, at: a.at})
	in.res.Requirements = append(in.res.Requirements, Requirement{Cond: g, At: g.At})
}
