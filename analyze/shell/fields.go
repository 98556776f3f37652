package shell

import (
	"slices"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/value"
)

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
