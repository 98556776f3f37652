package shell

import (
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// word expands a word that is not split: an assignment, a redirection, a
// pattern of case.
func (in *interp) word(w *syntax.Word) value.Value {
	if w == nil {
		return value.Value{}
	}
	if len(w.Parts) == 1 {
		if _, ok := w.Parts[0].(*syntax.Lit); !ok {
			return in.part(w.Parts[0])
		}
	}
	var b value.Builder
	for i, p := range w.Parts {
		if lit, ok := p.(*syntax.Lit); ok {
			b.Add(in.lit(lit.Value, i == 0, len(w.Parts) == 1, true))
			continue
		}
		b.Add(in.part(p))
	}
	return b.Value()
}

// lit is unquoted literal text: backslashes go, a leading tilde is a home.
func (in *interp) lit(s string, first, alone, tilde bool) value.Value {
	if !strings.ContainsAny(s, `\~`) {
		return value.Text(s)
	}
	if first && tilde && s[0] == '~' {
		if v, ok := in.tilde(s, alone); ok {
			return v
		}
	}
	if tilde && strings.Contains(s, ":~") { // PATH=a:~/b
		before, after, _ := strings.Cut(s, ":~")
		if home, ok := in.tilde("~"+after, alone); ok {
			return value.Concat(value.Text(before+":"), home)
		}
	}
	return value.Text(unescape(s))
}

func (in *interp) tilde(s string, alone bool) (value.Value, bool) {
	name, rest, slash := strings.Cut(s[1:], "/")
	if !slash && !alone || strings.ContainsAny(name, `\`) {
		return value.Value{}, false
	}
	var home value.Value
	switch name {
	case "":
		home, _ = in.lookup("HOME", in.cur.file.base)
	case "+", "-":
		return value.Value{}, false
	default:
		home = in.home(name, in.cur.file.base)
	}
	if slash {
		return value.Concat(home, value.Text("/"+unescape(rest))), true
	}
	return home, true
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if s[i] == '\n' {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// quotedLit is literal text in double quotes or a here-document: a backslash
// stays unless it quotes something.
func quotedLit(s string, hdoc bool) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	special := "$`\"\\\n"
	if hdoc {
		special = "$`\\\n"
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(special, s[i+1]) >= 0 {
			i++
			if s[i] == '\n' {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// part expands one part of a word to text.
func (in *interp) part(p syntax.WordPart) value.Value {
	switch p := p.(type) {
	case *syntax.Lit:
		return value.Text(unescape(p.Value))
	case *syntax.SglQuoted:
		if p.Dollar {
			s, _, err := expand.Format(nil, p.Value, nil)
			if err != nil {
				s = p.Value
			}
			return value.Text(s)
		}
		return in.unplug(p.Value)
	case *syntax.DblQuoted:
		return in.quoted(p.Parts, false)
	case *syntax.ParamExp:
		return in.param(p)
	case *syntax.CmdSubst:
		return in.subst(p)
	case *syntax.ArithmExp:
		return in.arith(p.X)
	case *syntax.ProcSubst:
		return in.procSubst(p)
	case *syntax.ExtGlob:
		return value.Text(p.Op.String() + p.Pattern.Value + ")")
	case *syntax.BraceExp:
		return in.braceText(p)
	}
	return value.New(value.Unknown, "WORD", in.pos(p.Pos()))
}

func (in *interp) quoted(parts []syntax.WordPart, hdoc bool) value.Value {
	var b value.Builder
	for _, p := range parts {
		if lit, ok := p.(*syntax.Lit); ok {
			b.AddText(quotedLit(lit.Value, hdoc))
			continue
		}
		b.Add(in.part(p))
	}
	return b.Value()
}

// braceText is a brace expression where none is expanded.
func (in *interp) braceText(p *syntax.BraceExp) value.Value {
	v := value.Text("{")
	sep := ","
	if p.Sequence {
		sep = ".."
	}
	for i, e := range p.Elems {
		if i > 0 {
			v = value.Concat(v, value.Text(sep))
		}
		v = value.Concat(v, in.word(e))
	}
	return value.Concat(v, value.Text("}"))
}

// procSubst is <(command): a file of whose text the output is known.
func (in *interp) procSubst(p *syntax.ProcSubst) value.Value {
	if p.Op == syntax.CmdOut {
		in.subshell(func() { in.stmts(p.Stmts) })
		return value.Text("/dev/fd/63")
	}
	out := in.capture(func() { in.subshell(func() { in.stmts(p.Stmts) }) })
	content := &host.Content{Kind: host.Literal, Text: out.v, At: in.pos(p.Pos())}
	if own := out.content; own != nil && own.Kind == host.RepoFile {
		content = own
	}
	path := value.Text("/dev/fd/63")
	in.Host.Set(host.Key{Space: host.File, Where: in.cur.actor.Where, Name: "/dev/fd/63"}, &host.Node{
		Kind: host.Regular, Presence: value.Yes, Content: content})
	return path
}

// listParam returns the elements for $@, $*, ${a[@]} and ${a[*]}.
func (in *interp) listParam(p *syntax.ParamExp) ([]value.Value, bool) {
	if p.Param == nil || p.Excl || p.Length || p.Repl != nil || p.Exp != nil {
		return in.listOp(p)
	}
	at := in.pos(p.Pos())
	var list []value.Value
	switch {
	case p.Param.Value == "@" || p.Param.Value == "*":
		list = in.cur.args.all(at)
	case wholeArray(p):
		list = in.elements(p.Param.Value, at)
	default:
		return nil, false
	}
	if p.Slice != nil {
		return in.sliceList(p, list), true
	}
	return list, true
}

// listOp is an operator applied to each element: "${a[@]/#/x}", "${@%.x}".
func (in *interp) listOp(p *syntax.ParamExp) ([]value.Value, bool) {
	if p.Param == nil || p.Length {
		return nil, false
	}
	if p.Excl {
		if wholeArray(p) {
			return in.keys(p.Param.Value), true
		}
		return nil, false
	}
	if p.Param.Value != "@" && p.Param.Value != "*" && !wholeArray(p) {
		return nil, false
	}
	bare := *p
	bare.Repl, bare.Exp = nil, nil
	list, ok := in.listParam(&bare)
	if !ok {
		return nil, false
	}
	out := make([]value.Value, len(list))
	for i, v := range list {
		out[i] = in.operate(p, v, value.Yes)
	}
	if len(list) == 0 && p.Exp != nil {
		if v := in.operate(p, value.Value{}, value.No); !v.Is("") {
			return []value.Value{v}, true
		}
	}
	return out, true
}

func wholeArray(p *syntax.ParamExp) bool {
	w, ok := p.Index.(*syntax.Word)
	if !ok {
		return false
	}
	s := w.Lit()
	return s == "@" || s == "*"
}

func (in *interp) sliceList(p *syntax.ParamExp, list []value.Value) []value.Value {
	off, ok := in.number(p.Slice.Offset)
	if !ok {
		return list
	}
	positional := p.Param.Value == "@" || p.Param.Value == "*"
	switch {
	case off < 0:
		off += len(list)
	case positional && off > 0:
		off-- // positional parameters begin at 1
	}
	if off > len(list) || off < 0 {
		if positional && in.cur.args.open {
			return list[max(0, len(list)-1):]
		}
		return nil
	}
	list = list[off:]
	if p.Slice.Length != nil {
		if n, ok := in.number(p.Slice.Length); ok && n >= 0 && n < len(list) {
			list = list[:n]
		}
	}
	return list
}
