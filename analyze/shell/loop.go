package shell

import (
	"strconv"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/value"
)

// forClause is for and select.
func (in *interp) forClause(c *syntax.ForClause) command.Status {
	switch loop := c.Loop.(type) {
	case *syntax.WordIter:
		if c.Select {
			return in.selectLoop(c, loop)
		}
		return in.forWords(c, loop)
	case *syntax.CStyleLoop:
		return in.forArith(c, loop)
	}
	return command.Success
}

func (in *interp) forWords(c *syntax.ForClause, loop *syntax.WordIter) command.Status {
	var items []value.Value
	if loop.InPos.IsValid() {
		items = in.fields(loop.Items)
	} else {
		items = in.cur.args.all(in.pos(c.Pos()))
	}
	st := command.Known(true)
	in.looping(func() {
		for i, item := range items {
			if i >= maxUnroll && i < len(items)-1 {
				in.problem(in.pos(c.Pos()), "the loop has %d turns: only the first %d were read", len(items), maxUnroll)
				break
			}
			if many(item) && in.Host.Exact {
				in.assumed(c, "nothing is looped over for "+item.String())
			} else if many(item) {
				in.perhaps(c.Pos(), "for each of "+item.String(), func() command.Status {
					in.set(loop.Name.Value, one(item))
					return in.turn(c.Do)
				})
			} else {
				in.set(loop.Name.Value, item)
				st = in.turn(c.Do)
			}
			if in.cur.flow != goes {
				break
			}
		}
	})
	return st
}

// many tells whether a word may be any number of words.
func many(v value.Value) bool {
	h := v.Hole()
	if h == nil {
		for _, h := range v.Best().Holes() {
			if h.Kind == value.Glob {
				return true
			}
		}
		return false
	}
	return h.Many || h.Kind == value.Output || h.Kind == value.Glob || h.Kind == value.Content
}

// one is one word of those a hole stands for.
func one(v value.Value) value.Value {
	if h := v.Hole(); h != nil && h.Many {
		c := *h
		c.Many = false
		return value.Of(&c)
	}
	return v
}

// looping walks f as a loop: break and continue end here.
func (in *interp) looping(f func()) {
	saved := in.cur.loop
	p := &pending{}
	in.cur.loop = p
	f()
	in.settle(p)
	in.cur.loop = saved
	if in.cur.flow == breaks || in.cur.flow == continues {
		in.cur.count--
		if in.cur.count <= 0 {
			in.cur.flow = goes
		}
	}
}

// turn walks the body once; a continue of this loop ends here.
func (in *interp) turn(body []*syntax.Stmt) command.Status {
	st := in.stmts(body)
	if in.cur.flow == continues && in.cur.count <= 1 {
		in.cur.flow = goes
	}
	return st
}

// perhaps walks f under a condition of which nothing is known.
func (in *interp) perhaps(at syntax.Pos, text string, f func() command.Status) command.Status {
	return in.branch(arm{want: true, text: text, at: at, body: f}, arm{text: text, at: at})
}

// selectLoop asks a person: each item may be chosen.
func (in *interp) selectLoop(c *syntax.ForClause, loop *syntax.WordIter) command.Status {
	at := in.pos(c.Pos())
	var v value.Value
	for i, item := range in.fields(loop.Items) {
		if i == 0 {
			v = item
		} else {
			v = value.Join(v, item)
		}
	}
	in.set(loop.Name.Value, v)
	in.set("REPLY", value.New(value.Prompt, "REPLY", at))
	in.looping(func() { in.turn(c.Do) })
	return command.Success
}

func (in *interp) forArith(c *syntax.ForClause, loop *syntax.CStyleLoop) command.Status {
	if loop.Init != nil {
		in.eval(loop.Init, 0)
	}
	in.looping(func() {
		for range maxUnroll {
			n, ok := 1, true
			if loop.Cond != nil {
				n, ok = in.eval(loop.Cond, 0)
			}
			if !ok {
				in.unknownTurn(c.Pos(), in.cur.file.src(c.Pos(), c.DoPos), nil, true, c.Do)
				return
			}
			if n == 0 || in.cur.flow != goes {
				return
			}
			in.turn(c.Do)
			if in.cur.flow != goes {
				return
			}
			if loop.Post != nil {
				in.eval(loop.Post, 0)
			}
		}
	})
	return command.Success
}

// whileClause is while and until: turns are walked one by one while the
// condition is known, then once more for all that may follow.
func (in *interp) whileClause(c *syntax.WhileClause) command.Status {
	first, last := c.Cond[0], c.Cond[len(c.Cond)-1]
	text := in.cur.file.src(first.Pos(), last.End())
	in.looping(func() {
		for i := 0; i < maxUnroll; i++ {
			in.notInd++
			st := in.stmts(c.Cond)
			in.notInd--
			if in.cur.flow != goes {
				return
			}
			if c.Until {
				st = negate(st)
			}
			switch {
			case st.Tri == value.No && !st.Sure: // e.g. until a command succeeds
				in.failure(text, func() command.Status { return in.turn(c.Do) })
				return
			case st.Tri == value.No:
				return
			case st.Tri == value.Maybe || !st.Sure:
				in.unknownTurn(first.Pos(), text, st.Cond, !c.Until, c.Do)
				return
			case i > 0 && endless(c):
				return // while true: one turn shows what it does
			}
			in.turn(c.Do)
			if in.cur.flow != goes {
				return
			}
		}
	})
	return command.Success
}

// endless tells of while true.
func endless(c *syntax.WhileClause) bool {
	call, ok := c.Cond[0].Cmd.(*syntax.CallExpr)
	if !ok || len(c.Cond) != 1 || len(call.Args) != 1 {
		return false
	}
	s := call.Args[0].Lit()
	return s == "true" || s == ":" || s == "false"
}

// unknownTurn walks the body once, perhaps, then once more when variables
// changed so that a second turn sees both.
func (in *interp) unknownTurn(at syntax.Pos, text string, cond *command.Cond, want bool, body []*syntax.Stmt) {
	in.branch(
		arm{cond, want, text, at, func() command.Status { return in.turn(body) }},
		arm{text: text, at: at, want: !want},
	)
}

// arithArg is the number of levels given to break and continue.
func arithArg(args []value.Value) int {
	if len(args) > 0 {
		if s, ok := args[0].Exact(); ok {
			if n, err := strconv.Atoi(s); err == nil && n > 0 {
				return n
			}
		}
	}
	return 1
}
