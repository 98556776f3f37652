package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// arith evaluates an arithmetic expression: a number when all of it is known.
func (in *interp) arith(x syntax.ArithmExpr) value.Value {
	if n, ok := in.eval(x, 0); ok {
		return value.Text(strconv.Itoa(n))
	}
	at := source.Pos{}
	if x != nil {
		at = in.pos(x.Pos())
	}
	h := value.NewHole(value.Output, "NUMBER", at)
	h.Full = true
	return value.Of(h)
}

// number evaluates an expression to a number.
func (in *interp) number(x syntax.ArithmExpr) (int, bool) { return in.eval(x, 0) }

// maxArith bounds the nesting of expressions found in variables.
const maxArith = 32

func (in *interp) eval(x syntax.ArithmExpr, depth int) (int, bool) {
	if x == nil || depth > maxArith {
		return 0, false
	}
	switch x := x.(type) {
	case *syntax.Word:
		return in.evalWord(x, depth)
	case *syntax.ParenArithm:
		return in.eval(x.X, depth+1)
	case *syntax.UnaryArithm:
		return in.evalUnary(x, depth)
	case *syntax.BinaryArithm:
		return in.evalBinary(x, depth)
	}
	return 0, false
}

func (in *interp) evalWord(w *syntax.Word, depth int) (int, bool) {
	s, ok := in.word(w).Exact()
	if !ok {
		return 0, false
	}
	return in.evalText(s, depth)
}

func (in *interp) evalText(s string, depth int) (int, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, true
	}
	if n, ok := parseInt(s); ok {
		return n, true
	}
	if !isName(s) || depth > maxArith {
		return 0, false
	}
	v, set := in.lookup(s, in.cur.file.base)
	if set == value.No {
		return 0, true
	}
	t, ok := v.Exact()
	if !ok {
		return 0, false
	}
	return in.evalText(t, depth+1)
}

// parseInt reads a number as the shell does: 0x and 0 prefixes, base#digits.
func parseInt(s string) (int, bool) {
	if base, digits, ok := strings.Cut(s, "#"); ok {
		b, err := strconv.Atoi(base)
		if err != nil || b < 2 || b > 36 {
			return 0, false
		}
		n, err := strconv.ParseInt(digits, b, 64)
		return int(n), err == nil
	}
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil && len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	return int(n), err == nil
}

func (in *interp) evalUnary(x *syntax.UnaryArithm, depth int) (int, bool) {
	switch x.Op {
	case syntax.Inc, syntax.Dec:
		d := 1
		if x.Op == syntax.Dec {
			d = -1
		}
		n, ok := in.eval(x.X, depth+1)
		in.assignArith(x.X, n+d, ok)
		if x.Post {
			return n, ok
		}
		return n + d, ok
	}
	n, ok := in.eval(x.X, depth+1)
	switch x.Op {
	case syntax.Not:
		return b2i(n == 0), ok
	case syntax.BitNegation:
		return ^n, ok
	case syntax.Minus:
		return -n, ok
	}
	return n, ok
}

// assignArith gives a variable a number, or a hole when it is not known.
func (in *interp) assignArith(x syntax.ArithmExpr, n int, ok bool) {
	w, isWord := x.(*syntax.Word)
	if !isWord {
		return
	}
	name := w.Lit()
	if !isName(name) {
		return
	}
	if ok {
		in.set(name, value.Text(strconv.Itoa(n)))
		return
	}
	in.set(name, value.New(value.Output, name, in.pos(x.Pos())))
}

func (in *interp) evalBinary(x *syntax.BinaryArithm, depth int) (int, bool) {
	switch x.Op {
	case syntax.Assgn:
		n, ok := in.eval(x.Y, depth+1)
		in.assignArith(x.X, n, ok)
		return n, ok
	case syntax.AddAssgn, syntax.SubAssgn, syntax.MulAssgn, syntax.QuoAssgn, syntax.RemAssgn:
		op := map[syntax.BinAritOperator]syntax.BinAritOperator{syntax.AddAssgn: syntax.Add, syntax.SubAssgn: syntax.Sub,
			syntax.MulAssgn: syntax.Mul, syntax.QuoAssgn: syntax.Quo, syntax.RemAssgn: syntax.Rem}[x.Op]
		a, ok := in.eval(x.X, depth+1)
		b, ok2 := in.eval(x.Y, depth+1)
		n, ok3 := binary(op, a, b)
		in.assignArith(x.X, n, ok && ok2 && ok3)
		return n, ok && ok2 && ok3
	case syntax.TernQuest:
		return in.ternary(x, depth)
	}
	a, ok := in.eval(x.X, depth+1)
	if x.Op == syntax.AndArit && ok && a == 0 {
		return 0, true
	}
	if x.Op == syntax.OrArit && ok && a != 0 {
		return 1, true
	}
	b, ok2 := in.eval(x.Y, depth+1)
	if !ok || !ok2 {
		return 0, false
	}
	return binary(x.Op, a, b)
}

func (in *interp) ternary(x *syntax.BinaryArithm, depth int) (int, bool) {
	alt, isAlt := x.Y.(*syntax.BinaryArithm)
	c, ok := in.eval(x.X, depth+1)
	if !ok || !isAlt {
		return 0, false
	}
	if c != 0 {
		return in.eval(alt.X, depth+1)
	}
	return in.eval(alt.Y, depth+1)
}

func binary(op syntax.BinAritOperator, a, b int) (int, bool) {
	switch op {
	case syntax.Add:
		return a + b, true
	case syntax.Sub:
		return a - b, true
	case syntax.Mul:
		return a * b, true
	case syntax.Quo, syntax.Rem:
		if b == 0 {
			return 0, false
		}
		if op == syntax.Quo {
			return a / b, true
		}
		return a % b, true
	case syntax.Pow:
		return power(a, b)
	case syntax.Eql:
		return b2i(a == b), true
	case syntax.Neq:
		return b2i(a != b), true
	case syntax.Lss:
		return b2i(a < b), true
	case syntax.Gtr:
		return b2i(a > b), true
	case syntax.Leq:
		return b2i(a <= b), true
	case syntax.Geq:
		return b2i(a >= b), true
	case syntax.AndArit:
		return b2i(a != 0 && b != 0), true
	case syntax.OrArit:
		return b2i(a != 0 || b != 0), true
	case syntax.And:
		return a & b, true
	case syntax.Or:
		return a | b, true
	case syntax.Xor:
		return a ^ b, true
	case syntax.Shl:
		return a << (b & 63), true
	case syntax.Shr:
		return a >> (b & 63), true
	case syntax.Comma:
		return b, true
	}
	return 0, false
}

func power(a, b int) (int, bool) {
	if b < 0 || b > 63 {
		return 0, false
	}
	n := 1
	for range b {
		n *= a
	}
	return n, true
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
