package shell

import (
	"slices"
	"strings"
	"unicode/utf8"

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

// A field is one word of a command line while it is put together.
type field struct {
	b      value.Builder
	some   bool // there is one, perhaps empty
	glob   bool // it has unquoted pattern characters
	quoted bool
}

// fields expands words as the shell does for a command line: braces,
// parameters, splitting, path names.
func (in *interp) fields(words []*syntax.Word) []value.Value {
	out := make([]value.Value, 0, len(words))
	for _, w := range words {
		if s, ok := plain(w); ok {
			out = append(out, value.Text(s))
			continue
		}
		if list := braces(w); list == nil {
			out = in.appendFields(out, w)
		} else {
			for _, b := range list {
				out = in.appendFields(out, b)
			}
		}
		if out = in.bounded(out, w); len(out) > maxFields {
			break
		}
	}
	return out
}

// plain is the text of a word that is one literal without anything to expand.
func plain(w *syntax.Word) (string, bool) {
	if len(w.Parts) != 1 {
		return "", false
	}
	switch p := w.Parts[0].(type) {
	case *syntax.Lit:
		return p.Value, !strings.ContainsAny(p.Value, `\~{`) && !isPattern(p.Value)
	case *syntax.SglQuoted:
		return p.Value, !p.Dollar
	case *syntax.DblQuoted:
		if len(p.Parts) == 1 {
			if lit, ok := p.Parts[0].(*syntax.Lit); ok {
				return lit.Value, !strings.Contains(lit.Value, `\`)
			}
		}
	}
	return "", false
}

// maxBraces bounds the words that one brace expression makes.
const maxBraces = 256

// braces are the words that the brace expressions of w make; nil when it has none.
func braces(w *syntax.Word) []*syntax.Word {
	has := false
	for _, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			has = has || strings.Contains(p.Value, "{")
		case *syntax.BraceExp:
			has = true
		}
	}
	if !has {
		return nil
	}
	c := *w
	c.Parts = slices.Clone(w.Parts)
	if !syntax.SplitBraces(&c) {
		return nil
	}
	out := []*syntax.Word{}
	for word, err := range expand.BracesSeq(nil, &c) {
		if err != nil || len(out) == maxBraces {
			break
		}
		out = append(out, word)
	}
	return out
}

func (in *interp) appendFields(out []value.Value, w *syntax.Word) []value.Value {
	var f field
	for i, p := range w.Parts {
		switch p := p.(type) {
		case *syntax.Lit:
			f.add(in.lit(p.Value, i == 0, len(w.Parts) == 1, i == 0))
			f.glob = f.glob || isPattern(p.Value)
			f.some = true
		case *syntax.SglQuoted:
			f.add(in.part(p))
			f.some, f.quoted = true, true
		case *syntax.DblQuoted:
			out, f = in.quotedFields(out, f, p)
		case *syntax.ExtGlob:
			f.add(in.part(p))
			f.some, f.glob = true, true
		case *syntax.ParamExp:
			if list, ok := in.listParam(p); ok {
				out, f = in.spread(out, f, list, true)
				continue
			}
			out, f = in.split(out, f, in.param(p))
		case *syntax.CmdSubst, *syntax.ArithmExp:
			out, f = in.split(out, f, in.part(p))
		default:
			f.add(in.part(p))
			f.some = true
		}
	}
	return in.finish(out, f)
}

func (f *field) add(v value.Value) { f.b.Add(v) }

// finish ends a field: path names are put in for a pattern.
func (in *interp) finish(out []value.Value, f field) []value.Value {
	if !f.some {
		return out
	}
	v := f.b.Value()
	if f.glob {
		if s := v.Best(); v.Len() == 1 && hasPattern(s) {
			return append(out, in.expandGlob(s)...)
		}
	}
	return append(out, v)
}

// quotedFields adds a part in double quotes; "$@" and "${a[@]}" make fields.
func (in *interp) quotedFields(out []value.Value, f field, q *syntax.DblQuoted) ([]value.Value, field) {
	f.some, f.quoted = true, true
	if len(q.Parts) == 1 {
		if p, ok := q.Parts[0].(*syntax.ParamExp); ok {
			if list, ok := in.listParam(p); ok && !starred(p) {
				if len(list) == 0 && f.b.Empty() {
					f.some = false
					return out, f
				}
				return in.spread(out, f, list, false)
			}
		}
	}
	for _, part := range q.Parts {
		if p, ok := part.(*syntax.ParamExp); ok {
			if list, ok := in.listParam(p); ok && starred(p) {
				f.add(joinWords(list, in.joiner()))
				continue
			} else if ok && len(list) > 1 {
				out, f = in.spread(out, f, list, false)
				continue
			}
		}
		if lit, ok := part.(*syntax.Lit); ok {
			f.b.AddText(quotedLit(lit.Value, false))
			continue
		}
		f.add(in.part(part))
	}
	return out, f
}

// starred tells of $* and ${a[*]}: in double quotes they are one word.
func starred(p *syntax.ParamExp) bool {
	if w, ok := p.Index.(*syntax.Word); ok {
		return w.Lit() == "*"
	}
	return p.Param.Value == "*"
}

// joiner stands between the elements of "$*": the first character of IFS.
func (in *interp) joiner() string {
	seps := in.separators()
	_, n := utf8.DecodeRuneInString(seps)
	return seps[:n]
}

// spread puts a list in: its first element joins the field, its last begins one.
func (in *interp) spread(out []value.Value, f field, list []value.Value, split bool) ([]value.Value, field) {
	for i, v := range list {
		if i > 0 {
			out = in.finish(out, f)
			f = field{}
		}
		if split {
			out, f = in.split(out, f, v)
			continue
		}
		f.add(v)
		f.some = true
	}
	return out, f
}

// split puts an unquoted expansion in: white space ends fields. Alternatives
// that split differently all become fields: which packages a branch has added
// is not lost.
func (in *interp) split(out []value.Value, f field, v value.Value) ([]value.Value, field) {
	if v.Len() == 1 {
		return in.splitOne(out, f, v.At(0))
	}
	oneWord := true
	for i := range v.Len() {
		oneWord = oneWord && !strings.ContainsAny(v.At(i).String(), " \t\n") && v.At(i).String() != ""
	}
	if oneWord {
		f.add(v)
		f.some = true
		f.glob = f.glob || hasPattern(v.Best())
		return out, f
	}
	var words []value.Value
	for i := range v.Len() {
		more, g := in.splitOne(nil, field{}, v.At(i))
		words = joinLists(words, in.finish(more, g))
	}
	return in.spread(out, f, words, false)
}

// separators are the characters of IFS.
func (in *interp) separators() string {
	if v := in.find("IFS"); v != nil {
		if s, ok := v.val.Exact(); ok {
			return s
		}
	}
	return " \t\n"
}

func (in *interp) splitOne(out []value.Value, f field, s value.Str) ([]value.Value, field) {
	seps := in.separators()
	for _, p := range s.Parts() {
		if p.Hole != nil {
			f.add(value.Of(p.Hole))
			f.some = true
			continue
		}
		if !strings.ContainsAny(p.Lit, seps) {
			f.b.AddText(p.Lit)
			f.some = true
			f.glob = f.glob || isPattern(p.Lit)
			continue
		}
		for i, w := range strings.FieldsFunc(p.Lit, func(r rune) bool { return strings.ContainsRune(seps, r) }) {
			first := i == 0 && !strings.ContainsRune(seps, rune(p.Lit[0]))
			if !first && f.some {
				out = in.finish(out, f)
				f = field{}
			}
			f.add(value.Text(w))
			f.some = true
			f.glob = f.glob || isPattern(w)
		}
		if strings.ContainsRune(seps, rune(p.Lit[len(p.Lit)-1])) && f.some {
			out = in.finish(out, f)
			f = field{}
		}
	}
	return out, f
}

func hasPattern(s value.Str) bool {
	for _, p := range s.Parts() {
		if isPattern(p.Lit) {
			return true
		}
	}
	return false
}

// isPattern tells whether text has the characters of a path name pattern; a
// lone [ is the name of a command.
func isPattern(s string) bool {
	if strings.ContainsAny(s, "*?") {
		return true
	}
	_, after, ok := strings.Cut(s, "[")
	return ok && len(after) > 1 && strings.Contains(after[1:], "]")
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
