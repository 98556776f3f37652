package shell

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// elements returns the elements of an array; a plain variable is one.
func (in *interp) elements(name string, at source.Pos) []value.Value {
	v := in.find(name)
	if v == nil {
		if _, ok := in.opt.Env[name]; ok {
			s, _ := in.lookup(name, at)
			return []value.Value{s}
		}
		return nil
	}
	list := v.list
	if v.assoc != nil {
		list = nil
		for _, k := range sortedKeys(v.assoc) {
			list = append(list, v.assoc[k])
		}
	} else if !v.array {
		list = []value.Value{v.val}
	}
	if v.many {
		h := value.NewHole(value.Unknown, name, at)
		h.Many = true
		list = append(slices.Clip(list), value.Of(h))
	}
	return list
}

func sortedKeys(m map[string]value.Value) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// keys returns the indexes of an array: ${!a[@]}.
func (in *interp) keys(name string) []value.Value {
	v := in.find(name)
	if v == nil {
		return nil
	}
	var out []value.Value
	if v.assoc != nil {
		for _, k := range sortedKeys(v.assoc) {
			out = append(out, value.Text(k))
		}
		return out
	}
	for i := range v.list {
		out = append(out, value.Text(strconv.Itoa(i)))
	}
	return out
}

// param expands ${...} to text.
func (in *interp) param(p *syntax.ParamExp) value.Value {
	if p.Param == nil {
		return value.New(value.Unknown, "PARAM", in.pos(p.Pos()))
	}
	at := in.pos(p.Pos())
	name := p.Param.Value
	if p.Names != 0 {
		return in.namesWith(name)
	}
	if p.Length {
		return in.length(p, at)
	}
	v, set := in.base(p, name, at)
	if p.Excl {
		if v, set = in.indirect(v, at); set == value.Maybe && v.Hole() != nil {
			return v
		}
	}
	return in.operate(p, v, set)
}

// base is the parameter itself, with its index.
func (in *interp) base(p *syntax.ParamExp, name string, at source.Pos) (value.Value, value.Tri) {
	if p.Index == nil {
		if name[0] >= '1' && name[0] <= '9' {
			n, _ := strconv.Atoi(name)
			return in.cur.args.get(n, at)
		}
		if name == "*" {
			return joinWords(in.cur.args.all(at), in.joiner()), value.Bool(len(in.cur.args.list) > 0)
		}
		if name == "@" {
			return in.joined(at), value.Bool(len(in.cur.args.list) > 0)
		}
		return in.lookup(name, at)
	}
	if wholeArray(p) {
		list := in.elements(name, at)
		return joinWords(list, " "), value.Bool(len(list) > 0)
	}
	if name == "BASH_SOURCE" || name == "FUNCNAME" {
		v, _ := in.special(name, at)
		return v, value.Yes
	}
	return in.element(name, p.Index, at)
}

func (in *interp) element(name string, index syntax.ArithmExpr, at source.Pos) (value.Value, value.Tri) {
	v := in.find(name)
	if v == nil {
		return value.Value{}, value.No
	}
	if v.assoc != nil {
		if w, ok := index.(*syntax.Word); ok {
			if k, ok := in.word(w).Exact(); ok {
				e, found := v.assoc[k]
				return e, value.Bool(found)
			}
		}
		return value.New(value.Unknown, name, at), value.Maybe
	}
	n, ok := in.number(index)
	list := v.asList()
	if !ok || v.mixed {
		return v.anyElement(name, at)
	}
	if n < 0 {
		n += len(list)
	}
	if n >= 0 && n < len(list) {
		return list[n], value.Yes
	}
	if v.many {
		return value.New(value.Unknown, name, at), value.Maybe
	}
	return value.Value{}, value.No
}

// anyElement is an element of which the index is not known.
func (v *variable) anyElement(name string, at source.Pos) (value.Value, value.Tri) {
	list := v.asList()
	if len(list) == 0 || v.many {
		return value.New(value.Unknown, name, at), value.Maybe
	}
	out := list[0]
	for _, e := range list[1:] {
		out = value.Join(out, e)
	}
	return out, value.Maybe
}

// indirect is ${!name}.
func (in *interp) indirect(v value.Value, at source.Pos) (value.Value, value.Tri) {
	out, first := value.Value{}, true
	for i := range v.Len() {
		name, ok := v.At(i).Exact()
		if !ok || !isName(name) {
			return value.New(value.Unknown, "INDIRECT", at), value.Maybe
		}
		w, _ := in.lookup(name, at)
		if first {
			out, first = w, false
		} else {
			out = value.Join(out, w)
		}
	}
	return out, value.Yes
}

func isName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return s != "" && strings.Trim(s, "0123456789") == ""
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			return false
		}
	}
	return true
}

func (in *interp) namesWith(prefix string) value.Value {
	var names []string
	in.Host.Each(host.Var, in.cur.proc, func(name string, e host.Entry) {
		if strings.HasPrefix(name, prefix) && !e.(*variable).unset {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	return value.Text(strings.Join(names, " "))
}

// length is ${#v}, ${#a[@]} and ${#@}.
func (in *interp) length(p *syntax.ParamExp, at source.Pos) value.Value {
	name := p.Param.Value
	if name == "@" || name == "*" {
		v, _ := in.special("#", at)
		return v
	}
	if wholeArray(p) {
		list := in.elements(name, at)
		if v := in.find(name); v != nil && (v.many || v.mixed) {
			return value.New(value.Unknown, "LENGTH", at)
		}
		return value.Text(strconv.Itoa(len(list)))
	}
	v, _ := in.base(p, name, at)
	return v.Text("length", false, func(s string) string { return strconv.Itoa(utf8.RuneCountInString(s)) })
}

// operate applies the operator of ${...} to a parameter's value.
func (in *interp) operate(p *syntax.ParamExp, v value.Value, set value.Tri) value.Value {
	switch {
	case p.Slice != nil:
		return in.slice(p.Slice, v)
	case p.Repl != nil:
		return in.replace(p.Repl, v)
	case p.Exp != nil:
		return in.expansion(p, v, set)
	}
	return v
}

func (in *interp) slice(s *syntax.Slice, v value.Value) value.Value {
	off, ok := in.number(s.Offset)
	n, ok2 := -1, true
	if s.Length != nil {
		n, ok2 = in.number(s.Length)
	}
	if !ok || !ok2 {
		return v.Map(func(a value.Str) value.Str { return value.HoleOp(a, "slice") })
	}
	return v.Map(func(a value.Str) value.Str {
		t, known := a.Exact()
		if known {
			return value.TextStr(substring(t, off, n, s.Length != nil))
		}
		if pre := a.Prefix(); off >= 0 && n >= 0 && off+n <= len(pre) { // in the known start
			return value.TextStr(pre[off : off+n])
		}
		return value.HoleOp(a, "slice")
	})
}

// substring is ${t:off:n}; a negative n counts from the end.
func substring(t string, off, n int, limited bool) string {
	r := []rune(t)
	if off < 0 {
		off = max(0, len(r)+off)
	}
	off = min(off, len(r))
	to := len(r)
	if limited && n >= 0 {
		to = min(len(r), off+n)
	} else if limited {
		to = max(off, len(r)+n)
	}
	return string(r[off:to])
}

func (in *interp) replace(r *syntax.Replace, v value.Value) value.Value {
	pat := in.pattern(r.Orig)
	anchor := byte(0)
	if s, ok := pat.Exact(); ok && s != "" && !r.All && (s[0] == '#' || s[0] == '%') {
		anchor, pat = s[0], value.Text(s[1:])
		if s[1:] == "" { // ${v/#/x}: put in front; ${v/%/x}: put behind
			with := in.word(r.With)
			if anchor == '#' {
				return value.Concat(with, v)
			}
			return value.Concat(v, with)
		}
	}
	with := value.Value{}
	if r.With != nil {
		with = in.word(r.With)
	}
	return v.Replace(pat, with, r.All, anchor)
}

// pattern expands a pattern: quoted text loses its special meaning.
func (in *interp) pattern(w *syntax.Word) value.Value {
	if w == nil {
		return value.Value{}
	}
	var v value.Value
	for i, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			if i == 0 && strings.HasPrefix(p.Value, "~") {
				v = value.Concat(v, in.lit(p.Value, true, len(w.Parts) == 1, true))
				continue
			}
			v = value.Concat(v, value.Text(p.Value))
		case *syntax.SglQuoted, *syntax.DblQuoted:
			v = value.Concat(v, in.part(p).Text("pattern", true, quoteMeta))
		default:
			v = value.Concat(v, in.part(p))
		}
	}
	return v
}

func quoteMeta(s string) string {
	if !strings.ContainsAny(s, `*?[\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`*?[\`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// expansion is ${v op word}.
func (in *interp) expansion(p *syntax.ParamExp, v value.Value, set value.Tri) value.Value {
	e := p.Exp
	name := p.Param.Value
	null := set.Not().Or(v.IsEmpty())
	if set == value.No {
		null = value.Yes
	}
	switch e.Op {
	case syntax.DefaultUnset:
		return in.orElse(v, set.Not(), e.Word)
	case syntax.DefaultUnsetOrNull:
		return in.orElse(v, null, e.Word)
	case syntax.AssignUnset, syntax.AssignUnsetOrNull:
		cond := set.Not()
		if e.Op == syntax.AssignUnsetOrNull {
			cond = null
		}
		out := in.orElse(v, cond, e.Word)
		if isName(name) && !(name[0] >= '0' && name[0] <= '9') {
			in.set(name, out)
		}
		return out
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		cond := set
		if e.Op == syntax.AlternateUnsetOrNull {
			cond = null.Not()
		}
		return in.orNothing(cond, e.Word)
	case syntax.ErrorUnset:
		in.demand(p, set.Not(), `[ -n "${`+name+`+set}" ]`)
		return v
	case syntax.ErrorUnsetOrNull:
		in.demand(p, null, `[ -n "$`+name+`" ]`)
		out := filled(v)
		if isName(name) && !(name[0] >= '0' && name[0] <= '9') {
			in.set(name, out) // what follows only runs when it is not empty
		}
		return out
	}
	return in.textOp(e, v)
}

// demand is ${v:?}: the script ends with failure when v is missing.
func (in *interp) demand(p *syntax.ParamExp, missing value.Tri, text string) {
	at := in.pos(p.Pos())
	switch {
	case missing == value.Yes && in.Host.Exact:
		in.cur.flow, in.cur.status = exits, command.Known(false)
	case missing != value.Maybe || in.cur.fail:
	case slices.ContainsFunc(in.res.Requirements, func(r Requirement) bool { return r.At == at }):
	default:
		in.res.Requirements = append(in.res.Requirements, Requirement{Cond: host.Cond{Text: text, At: at}, At: at})
	}
}

// filled is v where it is known not to be empty.
func filled(v value.Value) value.Value {
	return nonEmptyAlts(v).Map(func(s value.Str) value.Str {
		h := s.Hole()
		if h == nil || h.Full {
			return s
		}
		c := *h
		c.Full = true
		return value.MakeStr(value.Part{Hole: &c})
	})
}

// orElse is v unless it is missing, then the word. When that is not known the
// word comes first: it is the default that the script's author saw fit.
func (in *interp) orElse(v value.Value, missing value.Tri, w *syntax.Word) value.Value {
	switch missing {
	case value.Yes:
		return in.word(w)
	case value.No:
		return v
	}
	def := in.word(w)
	return value.Join(def, nonEmptyAlts(v))
}

// nonEmptyAlts drops the alternative that is the empty text.
func nonEmptyAlts(v value.Value) value.Value {
	out, first := value.Value{}, true
	for i := range v.Len() {
		s := v.At(i)
		if t, ok := s.Exact(); ok && t == "" {
			continue
		}
		if first {
			out, first = value.FromStr(s), false
		} else {
			out = value.Join(out, value.FromStr(s))
		}
	}
	return out
}

func (in *interp) orNothing(present value.Tri, w *syntax.Word) value.Value {
	switch present {
	case value.Yes:
		return in.word(w)
	case value.No:
		return value.Value{}
	}
	return value.Join(value.Value{}, in.word(w))
}

func (in *interp) textOp(e *syntax.Expansion, v value.Value) value.Value {
	switch e.Op {
	case syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		return v.Trim(in.pattern(e.Word), true, e.Op == syntax.RemLargeSuffix)
	case syntax.RemSmallPrefix, syntax.RemLargePrefix:
		return v.Trim(in.pattern(e.Word), false, e.Op == syntax.RemLargePrefix)
	case syntax.UpperAll:
		return v.Text("upper", true, strings.ToUpper)
	case syntax.LowerAll:
		return v.Text("lower", true, strings.ToLower)
	case syntax.UpperFirst:
		return v.Text("upper", false, func(s string) string { return first(s, strings.ToUpper) })
	case syntax.LowerFirst:
		return v.Text("lower", false, func(s string) string { return first(s, strings.ToLower) })
	case syntax.OtherParamOps:
		if e.Word.Lit() == "Q" {
			return v.Text("quote", false, func(s string) string {
				q, err := syntax.Quote(s, syntax.LangBash)
				if err != nil {
					return s
				}
				return q
			})
		}
	}
	return v.Map(func(s value.Str) value.Str { return value.HoleOp(s, "expand") })
}

func first(s string, f func(string) string) string {
	if s == "" {
		return s
	}
	_, n := utf8.DecodeRuneInString(s)
	return f(s[:n]) + s[n:]
}
