package shell

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/value"
)

// andOr is a && b and a || b.
func (in *interp) andOr(c *syntax.BinaryCmd) command.Status {
	in.notInd++
	st := in.stmt(c.X)
	in.notInd--
	if in.cur.flow != goes {
		return st
	}
	and := c.Op == syntax.AndStmt
	runs := st.Tri
	if !and {
		runs = runs.Not()
	}
	switch {
	case runs == value.Maybe:
		return in.maybeThen(c, st, and)
	case runs == value.Yes && (st.Sure || and):
		return in.stmt(c.Y)
	case runs == value.Yes: // "x || y" where x is known to fail but only by assumption
		return in.stmt(c.Y)
	case st.Sure:
		return st
	}
	in.failure(in.cur.file.src(c.X.Pos(), c.X.End()), func() command.Status { return in.stmt(c.Y) })
	return st
}

// maybeThen walks the right side of && or || under the condition of the left.
func (in *interp) maybeThen(c *syntax.BinaryCmd, st command.Status, and bool) command.Status {
	text := in.cur.file.src(c.X.Pos(), c.X.End())
	var right command.Status
	left := false
	in.branch(
		arm{st.Cond, and, text, c.X.Pos(), func() command.Status {
			right = in.stmt(c.Y)
			left = in.cur.flow != goes
			return right
		}},
		arm{cond: st.Cond, want: !and, text: text, at: c.X.Pos()},
	)
	if left { // the right side left: the left side has decided
		return command.Status{Tri: value.Bool(!and), Cond: st.Cond}
	}
	return combine(st, right, and)
}

// combine is the status of a && b or a || b when a is not known.
func combine(a, b command.Status, and bool) command.Status {
	if and {
		if b.Tri == value.Yes {
			return command.Asks(value.Maybe, a.Cond)
		}
		if b.Tri == value.No {
			return command.Status{Tri: value.No, Sure: b.Sure}
		}
		return command.Asks(value.Maybe, &command.Cond{Op: command.AndOp, L: orOther(a.Cond), R: orOther(b.Cond)})
	}
	if b.Tri == value.Yes {
		return command.Success
	}
	if b.Tri == value.No {
		return command.Asks(value.Maybe, a.Cond)
	}
	return command.Asks(value.Maybe, &command.Cond{Op: command.OrOp, L: orOther(a.Cond), R: orOther(b.Cond)})
}

func orOther(c *command.Cond) *command.Cond {
	if c == nil {
		return &command.Cond{Op: command.Other}
	}
	return c
}

// ifClause is if, with its elif and else.
func (in *interp) ifClause(c *syntax.IfClause) command.Status {
	in.notInd++
	st := in.stmts(c.Cond)
	in.notInd--
	if in.cur.flow != goes {
		return st
	}
	then := func() command.Status { return in.stmts(c.Then) }
	other := func() command.Status { return in.elseClause(c.Else) }
	switch {
	case st.Tri == value.Yes && st.Sure:
		return then()
	case st.Tri == value.No && st.Sure:
		return other()
	case st.Tri == value.Yes:
		in.failure(in.condText(c), other)
		return then()
	case st.Tri == value.No:
		in.failure(in.condText(c), then)
		return other()
	}
	text := in.condText(c)
	return in.branch(
		arm{st.Cond, true, text, c.Position, then},
		arm{st.Cond, false, text, c.Position, other},
	)
}

func (in *interp) condText(c *syntax.IfClause) string {
	return in.cur.file.src(c.Cond[0].Pos(), c.Cond[len(c.Cond)-1].End())
}

func (in *interp) elseClause(c *syntax.IfClause) command.Status {
	if c == nil {
		return command.Known(true)
	}
	if len(c.Cond) == 0 {
		return in.stmts(c.Then)
	}
	return in.ifClause(c)
}

// caseClause is case: the arms that may match are walked side by side.
func (in *interp) caseClause(c *syntax.CaseClause) command.Status {
	subject := in.word(c.Word)
	name := varName(c.Word)
	var arms []arm
	whole := false
	for i, item := range c.Items {
		m, cond := in.matchItem(item, subject, name)
		if in.Host.Exact {
			m = in.decided(m, nil, c)
		}
		if m == value.No {
			continue
		}
		body := func() command.Status { return in.caseBody(c, i) }
		if m == value.Yes {
			if len(arms) == 0 {
				return body()
			}
			arms = append(arms, arm{cond: nil, want: true, text: "otherwise", at: item.Pos(), body: body})
			whole = true
			break
		}
		text := in.cur.file.src(c.Word.Pos(), c.Word.End()) + " is " + patterns(in, item)
		arms = append(arms, arm{cond, true, text, item.Pos(), body})
	}
	if len(arms) == 0 {
		return command.Known(true)
	}
	if !whole {
		arms = append(arms, arm{text: in.cur.file.src(c.Word.Pos(), c.Word.End()) + " is none of these", want: true, at: c.Pos()})
	}
	return in.branch(arms...)
}

func patterns(in *interp, item *syntax.CaseItem) string {
	last := item.Patterns[len(item.Patterns)-1]
	return in.cur.file.src(item.Patterns[0].Pos(), last.End())
}

// caseBody walks an item and, after ;&, those it falls through to.
func (in *interp) caseBody(c *syntax.CaseClause, i int) command.Status {
	st := command.Known(true)
	for ; i < len(c.Items); i++ {
		st = in.stmts(c.Items[i].Stmts)
		if c.Items[i].Op != syntax.Fallthrough || in.cur.flow != goes {
			break
		}
	}
	return st
}

// matchItem tells whether the subject matches an item, and what a match tells.
func (in *interp) matchItem(item *syntax.CaseItem, subject value.Value, name string) (value.Tri, *command.Cond) {
	m := value.No
	var only value.Value
	for _, w := range item.Patterns {
		pat := in.pattern(w)
		only = pat
		m = m.Or(value.Matches(subject, pat))
	}
	cond := &command.Cond{Op: command.Other}
	if s, ok := only.Exact(); ok && len(item.Patterns) == 1 && !hasPattern(value.TextStr(s)) && name != "" {
		cond = &command.Cond{Op: command.VarIs, Var: name, Equal: only}
	}
	return m, cond
}

// varName is the parameter that a word is, "" when it is something else.
func varName(w *syntax.Word) string {
	if len(w.Parts) != 1 {
		return ""
	}
	p := w.Parts[0]
	if q, ok := p.(*syntax.DblQuoted); ok {
		if len(q.Parts) != 1 {
			return ""
		}
		p = q.Parts[0]
	}
	e, ok := p.(*syntax.ParamExp)
	if !ok || e.Param == nil || e.Length || e.Excl || e.Index != nil || e.Repl != nil || e.Slice != nil {
		return ""
	}
	if e.Exp != nil && e.Exp.Op != syntax.DefaultUnset && e.Exp.Op != syntax.DefaultUnsetOrNull {
		return ""
	}
	switch e.Param.Value {
	case "@", "*", "#", "?", "-", "$", "!", "0":
		return ""
	}
	return e.Param.Value
}
