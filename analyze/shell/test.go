package shell

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// An operand is one side of a test with the name of the parameter that it is.
type operand struct {
	v    value.Value
	name string
}

// testClause is [[ ... ]].
func (in *interp) testClause(c *syntax.TestClause) command.Status {
	in.note(c, command.Pure, "")
	return in.testExpr(c.X)
}

func (in *interp) testExpr(x syntax.TestExpr) command.Status {
	switch x := x.(type) {
	case *syntax.ParenTest:
		return in.testExpr(x.X)
	case *syntax.UnaryTest:
		if x.Op == syntax.TsNot {
			return negate(in.testExpr(x.X))
		}
		w, _ := x.X.(*syntax.Word)
		return in.unary(x.Op.String(), in.operand(w))
	case *syntax.BinaryTest:
		return in.binaryTest(x)
	case *syntax.Word:
		return in.unary("-n", in.operand(x))
	}
	return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
}

func (in *interp) operand(w *syntax.Word) operand {
	if w == nil {
		return operand{}
	}
	return operand{in.word(w), varName(w)}
}

func (in *interp) binaryTest(x *syntax.BinaryTest) command.Status {
	switch x.Op {
	case syntax.AndTest:
		return bothOf(in.testExpr(x.X), func() command.Status { return in.testExpr(x.Y) })
	case syntax.OrTest:
		return eitherOf(in.testExpr(x.X), func() command.Status { return in.testExpr(x.Y) })
	}
	left, _ := x.X.(*syntax.Word)
	right, _ := x.Y.(*syntax.Word)
	l := in.operand(left)
	switch x.Op {
	case syntax.TsReMatch:
		return in.regexMatch(l, in.word(right))
	case syntax.TsMatch, syntax.TsMatchShort:
		return in.patternMatch(l, in.pattern(right))
	case syntax.TsNoMatch:
		return negate(in.patternMatch(l, in.pattern(right)))
	}
	return in.binaryOp(x.Op.String(), l, in.operand(right))
}

func bothOf(a command.Status, f func() command.Status) command.Status {
	if a.Tri == value.No {
		return a
	}
	b := f()
	if a.Tri == value.Yes || b.Tri == value.No {
		return b
	}
	if b.Tri == value.Yes {
		return a
	}
	return command.Asks(value.Maybe, &command.Cond{Op: command.AndOp, L: orOther(a.Cond), R: orOther(b.Cond)})
}

func eitherOf(a command.Status, f func() command.Status) command.Status {
	if a.Tri == value.Yes {
		return a
	}
	b := f()
	if a.Tri == value.No || b.Tri == value.Yes {
		return b
	}
	if b.Tri == value.No {
		return a
	}
	return command.Asks(value.Maybe, &command.Cond{Op: command.OrOp, L: orOther(a.Cond), R: orOther(b.Cond)})
}

func (in *interp) patternMatch(l operand, pat value.Value) command.Status {
	if s, ok := pat.Exact(); ok && !hasPattern(value.TextStr(s)) {
		return in.equal(l, operand{v: value.Text(unescape(s))})
	}
	return command.Asks(value.Matches(l.v, pat), &command.Cond{Op: command.Other})
}

func (in *interp) regexMatch(l operand, pat value.Value) command.Status {
	text, ok := l.v.Exact()
	expr, ok2 := pat.Exact()
	if ok && ok2 {
		if re, err := regexp.Compile(expr); err == nil {
			m := re.FindStringSubmatch(text)
			var list []value.Value
			for _, s := range m {
				list = append(list, value.Text(s))
			}
			in.setList("BASH_REMATCH", list, false)
			return command.Known(m != nil)
		}
	}
	in.setList("BASH_REMATCH", nil, true)
	return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
}

// test is test and [: POSIX rules by the number of arguments, then a grammar
// with ! ( ) -a -o.
func (in *interp) test(words []operand) command.Status {
	p := &testParser{in: in, words: words}
	st := p.or()
	switch {
	case p.bad:
		return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
	case p.i < len(words) && !slices.ContainsFunc(words, func(o operand) bool { return !o.v.Known() }):
		return command.Known(false) // words are left over: a syntax error, status 2
	}
	return st
}

type testParser struct {
	in    *interp
	words []operand
	i     int
	bad   bool
}

func (p *testParser) text(i int) string {
	if i < len(p.words) {
		s, _ := p.words[i].v.Exact()
		return s
	}
	return ""
}

func (p *testParser) or() command.Status {
	st := p.and()
	for p.text(p.i) == "-o" {
		p.i++
		st = eitherOf(st, p.and)
	}
	return st
}

func (p *testParser) and() command.Status {
	st := p.primary()
	for p.text(p.i) == "-a" {
		p.i++
		right := p.primary()
		st = bothOf(st, func() command.Status { return right })
	}
	return st
}

func (p *testParser) primary() command.Status {
	left := len(p.words) - p.i
	switch {
	case left <= 0:
		return command.Known(false)
	case left >= 3 && isBinary(p.text(p.i+1)):
		l, op, r := p.words[p.i], p.text(p.i+1), p.words[p.i+2]
		p.i += 3
		return p.in.binaryOp(op, l, r)
	case p.text(p.i) == "!" && left > 1:
		p.i++
		return negate(p.primary())
	case p.text(p.i) == "(" && left > 2:
		p.i++
		st := p.or()
		if p.text(p.i) != ")" {
			p.bad = true
		}
		p.i++
		return st
	case left >= 2 && isUnary(p.text(p.i)):
		op, v := p.text(p.i), p.words[p.i+1]
		p.i += 2
		return p.in.unary(op, v)
	}
	v := p.words[p.i]
	p.i++
	return p.in.unary("-n", v)
}

func isBinary(s string) bool {
	switch s {
	case "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", `\<`, `\>`, "=~":
		return true
	}
	return false
}

func isUnary(s string) bool {
	return len(s) == 2 && s[0] == '-' && strings.IndexByte("abcdefghknoprstuvwxzGLNORS", s[1]) >= 0
}

// unary is a test with one operand.
func (in *interp) unary(op string, x operand) command.Status {
	switch op {
	case "-z":
		return in.empty(x)
	case "-n":
		return negate(in.empty(x))
	case "-t", "-o", "-R", "-N":
		return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
	case "-v":
		name, _ := x.v.Exact()
		if isName(name) {
			_, set := in.lookup(name, in.cur.file.base)
			return command.Asks(set, &command.Cond{Op: command.Other})
		}
		return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
	}
	return in.fileTest(op, x.v)
}

// empty is -z.
func (in *interp) empty(x operand) command.Status {
	if h := x.v.Hole(); h != nil {
		switch ref := h.Ref.(type) {
		case *command.Cond: // output of a query: empty when it failed
			return command.Asks(value.Maybe, ref.Not())
		case *command.Status:
			return command.Known(false)
		}
	}
	return command.Asks(x.v.IsEmpty(), &command.Cond{Op: command.VarIs, Var: x.name, Equal: value.Value{}})
}

func (in *interp) fileTest(op string, v value.Value) command.Status {
	kind := host.AnyKind
	switch op {
	case "-f", "-s":
		kind = host.Regular
	case "-d":
		kind = host.Dir
	case "-L", "-h":
		kind = host.Link
	}
	if v.Is("") {
		return command.Known(false)
	}
	out, cond := value.Tri(2), (*command.Cond)(nil)
	for i := range v.Len() {
		t, c := in.presence(op, in.cur.actor.Abs(v.At(i)).String(), kind)
		if out == 2 {
			out, cond = t, c
		} else if t != out {
			out, cond = value.Maybe, &command.Cond{Op: command.Other}
		}
	}
	return command.Asks(out, cond)
}

func (in *interp) presence(op, p string, kind host.NodeKind) (value.Tri, *command.Cond) {
	h, where := in.Host, in.cur.actor.Where
	var n *host.Node
	key := host.Key{Space: host.File, Where: where, Name: p}
	if kind == host.Link {
		n = h.Node(where, p)
	} else {
		key.Name, n = h.Follow(where, p)
	}
	t := n.Presence
	if t == value.No && (kind == host.AnyKind || kind == host.Regular) && command.ProgramAt(h, where, p) {
		return value.Yes, nil
	}
	if t == value.Yes {
		switch {
		case kind != host.AnyKind && n.Kind != host.AnyKind && n.Kind != kind:
			t = value.No
		case kind != host.AnyKind && n.Kind == host.AnyKind:
			t = value.Maybe
		case op == "-s":
			t = value.Maybe
			if n.Content != nil && n.Content.Kind != host.Empty && n.Content.Kind != host.Unknown {
				t = value.Yes
			}
		case op == "-x" && n.Kind == host.Regular:
			t = executable(n)
		case op == "-S" || op == "-p" || op == "-b" || op == "-c" || op == "-u" || op == "-g" || op == "-k":
			t = value.Maybe
		}
	}
	fresh := value.Maybe
	if h.Get(key) == nil && in.opt.Run == 1 {
		fresh = h.Fresh(key)
	}
	return t, &command.Cond{Op: command.Present, Key: key, Kind: kind, Fresh: fresh}
}

func executable(n *host.Node) value.Tri {
	if len(n.Mode) != 4 {
		return value.Maybe
	}
	m, err := strconv.ParseUint(n.Mode, 8, 16)
	if err != nil {
		return value.Maybe
	}
	return value.Bool(m&0o111 != 0)
}

// binaryOp is a test with two operands.
func (in *interp) binaryOp(op string, l, r operand) command.Status {
	switch op {
	case "=", "==":
		return in.equal(l, r)
	case "!=":
		return negate(in.equal(l, r))
	case "-eq":
		return in.numbers(op, l, r)
	case "-ne":
		return negate(in.numbers("-eq", l, r))
	case "-lt", "-le", "-gt", "-ge":
		return in.numbers(op, l, r)
	}
	a, ok := l.v.Exact()
	b, ok2 := r.v.Exact()
	if ok && ok2 {
		switch op {
		case "<", `\<`:
			return command.Known(a < b)
		case ">", `\>`:
			return command.Known(a > b)
		}
	}
	return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
}

// equal compares two texts.
func (in *interp) equal(l, r operand) command.Status {
	if st, ok := in.special2(l, r); ok {
		return st
	}
	t := value.Equals(l.v, r.v)
	if l.name == "" && r.name != "" {
		l, r = r, l
	}
	c := &command.Cond{Op: command.Other}
	if l.name != "" && r.v.Known() && r.v.Len() == 1 {
		c = &command.Cond{Op: command.VarIs, Var: l.name, Equal: r.v}
	}
	return command.Asks(t, c)
}

// special2 compares a status with a number, and a user number with that of root.
func (in *interp) special2(l, r operand) (command.Status, bool) {
	if l.v.Hole() == nil && r.v.Hole() != nil {
		l, r = r, l
	}
	h := l.v.Hole()
	s, ok := r.v.Exact()
	if h == nil || !ok {
		return command.Status{}, false
	}
	if st, isStatus := h.Ref.(*command.Status); isStatus && h.Kind == value.Status {
		if strings.TrimSpace(s) == "0" {
			return *st, true
		}
		return negate(command.Status{Tri: st.Tri, Sure: st.Sure, Cond: st.Cond}), true
	}
	if h.Kind == value.Fact && isUID(h.Name) && s == "0" {
		return command.Asks(value.Maybe, &command.Cond{Op: command.VarIs, Var: "EUID", Equal: r.v, Fresh: value.Yes, Text: "run as root"}), true
	}
	if h.Kind == value.Fact && isUserName(h.Name) && s == "root" {
		return command.Asks(value.Maybe, &command.Cond{Op: command.VarIs, Var: "EUID", Equal: r.v, Fresh: value.Yes, Text: "run as root"}), true
	}
	if c, isCond := h.Ref.(*command.Cond); isCond && s == "" {
		return command.Asks(value.Maybe, c.Not()), true
	}
	return command.Status{}, false
}

func isUID(name string) bool { return name == "EUID" || name == "UID" || name == "uid" }

func isUserName(name string) bool { return name == "USER" || name == "user" || name == "whoami" }

// numbers compares two numbers.
func (in *interp) numbers(op string, l, r operand) command.Status {
	a, ok := number(l.v)
	b, ok2 := number(r.v)
	if ok && ok2 {
		return command.Known(compare(op, a, b))
	}
	if op == "-eq" {
		if st, ok := in.special2(l, r); ok {
			return st
		}
		return in.equal(l, r)
	}
	if st, ok := in.statusOrder(op, l, b, ok2); ok {
		return st
	}
	return command.Asks(value.Maybe, &command.Cond{Op: command.Other})
}

// statusOrder compares $? with 0 by order: -gt 0 and -ge 1 mean failure.
func (in *interp) statusOrder(op string, l operand, b int, ok bool) (command.Status, bool) {
	h := l.v.Hole()
	if h == nil || h.Kind != value.Status || !ok {
		return command.Status{}, false
	}
	st, isStatus := h.Ref.(*command.Status)
	if !isStatus {
		return command.Status{}, false
	}
	switch {
	case op == "-gt" && b == 0, op == "-ge" && b == 1:
		return negate(*st), true
	case op == "-le" && b == 0, op == "-lt" && b == 1:
		return *st, true
	}
	return command.Status{}, false
}

func number(v value.Value) (int, bool) {
	s, ok := v.Exact()
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return n, err == nil
}

func compare(op string, a, b int) bool {
	switch op {
	case "-eq":
		return a == b
	case "-lt":
		return a < b
	case "-le":
		return a <= b
	case "-gt":
		return a > b
	}
	return a >= b
}
