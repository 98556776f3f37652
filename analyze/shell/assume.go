package shell

import (
	"slices"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/value"
)

// fresh tells whether a condition holds on a fresh host.
func fresh(c *command.Cond) value.Tri {
	switch c.Op {
	case command.NotOp:
		return fresh(c.L).Not()
	case command.AndOp:
		return fresh(c.L).And(fresh(c.R))
	case command.OrOp:
		return fresh(c.L).Or(fresh(c.R))
	}
	return c.Fresh
}

// assume makes the state one in which a condition holds, or does not.
func (in *interp) assume(c *command.Cond, truth bool) {
	if c == nil {
		return
	}
	switch c.Op {
	case command.NotOp:
		in.assume(c.L, !truth)
	case command.AndOp:
		if truth {
			in.assume(c.L, true)
			in.assume(c.R, true)
		}
	case command.OrOp:
		if !truth {
			in.assume(c.L, false)
			in.assume(c.R, false)
		}
	case command.Present:
		in.Host.Assume(c.Key, truth, c.Kind)
	case command.VarIs:
		in.assumeVar(c, truth)
	}
}

func (in *interp) assumeVar(c *command.Cond, truth bool) {
	if c.Var == "EUID" {
		if truth {
			in.cur.actor.User = "root"
		}
		return
	}
	if c.Var == "" {
		return
	}
	if n := position(c.Var); n > 0 {
		in.assumeArg(n, c, truth)
		return
	}
	v := in.find(c.Var)
	if v == nil {
		if truth && isName(c.Var) && c.Equal.Known() {
			in.set(c.Var, c.Equal)
		}
		return
	}
	n := *v
	if truth {
		n.val = c.Equal
	} else {
		n.val = without(v.val, c.Equal)
	}
	in.Host.Set(in.key(c.Var), &n)
}

// assumeArg makes a positional parameter known.
func (in *interp) assumeArg(n int, c *command.Cond, truth bool) {
	a := in.cur.args
	if !truth || n > len(a.list)+1 || n == len(a.list)+1 && !a.open {
		return
	}
	list := slices.Clone(a.list)
	if n > len(list) {
		if c.Equal.Is("") {
			a.open = false
			in.cur.args = a
			return
		}
		list = append(list, c.Equal)
	} else {
		list[n-1] = c.Equal
	}
	a.list = list
	in.cur.args = a
}

func position(name string) int {
	if name == "" || len(name) > 2 {
		return 0
	}
	n := 0
	for _, c := range name {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// without drops the alternatives of v that are exactly w.
func without(v, w value.Value) value.Value {
	out, first := v, true
	for i := range v.Len() {
		s := value.FromStr(v.At(i))
		if value.Equals(s, w) == value.Yes {
			continue
		}
		if first {
			out, first = s, false
		} else {
			out = value.Join(out, s)
		}
	}
	return out
}
