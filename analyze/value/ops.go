package value

import (
	"regexp"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/pattern"
)

// Trim is ${v#pat}, ${v##pat}, ${v%pat} and ${v%%pat}: it removes what matches
// pat at the start or, when suffix is set, at the end; the longest match when
// longest is set.
func (v Value) Trim(pat Value, suffix, longest bool) Value {
	p, ok := pat.Exact()
	if !ok {
		return v.Map(func(s Str) Str {
			if s.Known() && s.lit == "" {
				return s
			}
			return opaque(s, pat.one, "trim")
		})
	}
	return v.Map(func(s Str) Str { return s.trim(p, suffix, longest) })
}

// opaque is the hole left when the operand, not the subject, has a hole.
func opaque(s, operand Str, op string) Str {
	if !s.Known() {
		return HoleOp(s, op)
	}
	return HoleOp(operand, op)
}

func (s Str) trim(pat string, suffix, longest bool) Str {
	if pat == "" {
		return s
	}
	if text, ok := s.Exact(); ok {
		return TextStr(trimText(text, pat, suffix, longest))
	}
	switch {
	case suffix && !longest && pat == "/*":
		if strings.Contains(s.String(), "/") {
			return s.Dir()
		}
	case !suffix && longest && pat == "*/":
		return s.Base()
	case !hasMeta(pat):
		return s.trimLit(pat, suffix)
	case suffix && !longest:
		if t, ok := trimKnownSuffix(s, pat); ok {
			return t
		}
	case !suffix && !longest:
		if t, ok := trimKnownPrefix(s, pat); ok {
			return t
		}
	}
	return HoleOp(s, "trim")
}

func (s Str) trimLit(pat string, suffix bool) Str {
	if g, ok := s.trimGlob(pat, suffix); ok {
		return g
	}
	known := s.Prefix()
	if suffix {
		known = s.Suffix()
	}
	switch {
	case suffix && strings.HasSuffix(known, pat):
		return s.cut(0, len(pat))
	case !suffix && strings.HasPrefix(known, pat):
		return s.cut(len(pat), 0)
	case suffix && known != "" && !strings.HasSuffix(pat, known), !suffix && known != "" && !strings.HasPrefix(pat, known):
		return s
	case known == "":
		return s // what fills the hole may end so; the hole stands for the rest
	}
	return HoleOp(s, "trim")
}

// trimGlob trims the pattern that names stand for: *.ini-dist without -dist is
// *.ini.
func (s Str) trimGlob(pat string, suffix bool) (Str, bool) {
	if len(s.parts) == 0 {
		return s, false
	}
	i := 0
	if suffix {
		i = len(s.parts) - 1
	}
	h := s.parts[i].Hole
	if h == nil || h.Kind != Glob {
		return s, false
	}
	name, ok := strings.CutSuffix(h.Name, pat)
	if !suffix {
		name, ok = strings.CutPrefix(h.Name, pat)
	}
	if !ok || name == "" {
		return s, false
	}
	c := *h
	c.Name = name
	parts := append([]Part(nil), s.parts...)
	parts[i].Hole = &c
	return Str{parts: parts}, true
}

// TrimSuffix removes known text at the end, as basename(1) and ${v%text} do.
func (s Str) TrimSuffix(text string) Str {
	if t, ok := s.Exact(); ok {
		return TextStr(strings.TrimSuffix(t, text))
	}
	return s.trimLit(text, true)
}

// cut removes n bytes of the first literal and m of the last.
func (s Str) cut(n, m int) Str {
	parts := append([]Part(nil), s.parts...)
	if n > 0 {
		parts[0].Lit = parts[0].Lit[n:]
	}
	if last := len(parts) - 1; m > 0 {
		parts[last].Lit = parts[last].Lit[:len(parts[last].Lit)-m]
	}
	return MakeStr(nonEmpty(parts)...)
}

func nonEmpty(parts []Part) []Part {
	out := parts[:0]
	for _, p := range parts {
		if p.Hole != nil || p.Lit != "" {
			out = append(out, p)
		}
	}
	return out
}

// trimKnownSuffix removes the shortest match of pat when it lies wholly in the
// known end of s.
func trimKnownSuffix(s Str, pat string) (Str, bool) {
	end := s.Suffix()
	rest := trimText(end, pat, true, false)
	if rest == end || pat[0] == '*' {
		return s, false
	}
	return s.cut(0, len(end)-len(rest)), true
}

func trimKnownPrefix(s Str, pat string) (Str, bool) {
	start := s.Prefix()
	rest := trimText(start, pat, false, false)
	if rest == start || pat[len(pat)-1] == '*' {
		return s, false
	}
	return s.cut(len(start)-len(rest), 0), true
}

func trimText(text, pat string, suffix, longest bool) string {
	if !hasMeta(pat) {
		if suffix {
			return strings.TrimSuffix(text, pat)
		}
		return strings.TrimPrefix(text, pat)
	}
	re := compile(pat)
	if re == nil {
		return text
	}
	n := len(text)
	for k := 0; k <= n; k++ { // k: bytes removed, shortest first
		cut := k
		if longest {
			cut = n - k
		}
		if suffix && re.MatchString(text[n-cut:]) {
			return text[:n-cut]
		}
		if !suffix && re.MatchString(text[:cut]) {
			return text[cut:]
		}
	}
	return text
}

func hasMeta(pat string) bool { return strings.ContainsAny(pat, `*?[\`) }

var patterns sync.Map // string -> *regexp.Regexp, nil when it does not compile

// compile turns a shell pattern into an expression for the whole text.
func compile(pat string) *regexp.Regexp {
	if re, ok := patterns.Load(pat); ok {
		return re.(*regexp.Regexp)
	}
	var re *regexp.Regexp
	if expr, err := pattern.Regexp(pat, pattern.EntireString|pattern.ExtendedOperators); err == nil {
		re, _ = regexp.Compile(expr)
	}
	patterns.Store(pat, re)
	return re
}

// Matches tells whether v matches the shell pattern pat, as case and [[ == ]]
// do. A pattern with holes matches perhaps.
func Matches(v, pat Value) Tri {
	p, ok := pat.Exact()
	if !ok {
		return Maybe
	}
	out := Tri(2)
	for i := range v.Len() {
		t := v.At(i).matches(p)
		if out == 2 {
			out = t
		} else if out != t {
			return Maybe
		}
	}
	return out
}

func (s Str) matches(pat string) Tri {
	if pat == "*" {
		return Yes
	}
	if !hasMeta(pat) && !strings.ContainsAny(pat, "(") {
		return equalStr(s, TextStr(pat))
	}
	text, ok := s.Exact()
	if !ok {
		return s.mayMatch(pat)
	}
	re := compile(pat)
	if re == nil {
		return Maybe
	}
	return Bool(re.MatchString(text))
}

// mayMatch compares the known ends of s with the literal ends of pat.
func (s Str) mayMatch(pat string) Tri {
	meta := strings.IndexAny(pat, `*?[\(@!+`)
	if meta < 0 {
		return Maybe
	}
	lead, known := pat[:meta], s.Prefix()
	n := min(len(lead), len(known))
	if lead[:n] != known[:n] {
		return No
	}
	if pat[meta:] == "*" && len(known) >= len(lead) {
		return Yes
	}
	return Maybe
}

// Replace is ${v/pat/with} and, when all is set, ${v//pat/with}. anchor is '#'
// or '%' for the anchored forms, else 0.
func (v Value) Replace(pat, with Value, all bool, anchor byte) Value {
	p, ok := pat.Exact()
	w, ok2 := with.Exact()
	if !ok || !ok2 {
		return v.Map(func(s Str) Str { return opaque(s, Concat(pat, with).one, "replace") })
	}
	return v.Map(func(s Str) Str { return s.replace(p, w, all, anchor) })
}

func (s Str) replace(pat, with string, all bool, anchor byte) Str {
	if pat == "" {
		return s
	}
	if !s.Known() && anchor == 0 && all { // each part on its own; holes stay
		var b Str
		for _, p := range s.parts {
			if p.Hole == nil {
				p.Lit = replaceText(p.Lit, pat, with, all, 0)
			}
			b = b.Concat(MakeStr(nonEmpty([]Part{p})...))
		}
		return b
	}
	text, ok := s.Exact()
	if !ok {
		return HoleOp(s, "replace")
	}
	return TextStr(replaceText(text, pat, with, all, anchor))
}

func replaceText(text, pat, with string, all bool, anchor byte) string {
	if !hasMeta(pat) && anchor == 0 {
		if all {
			return strings.ReplaceAll(text, pat, with)
		}
		return strings.Replace(text, pat, with, 1)
	}
	expr, err := pattern.Regexp(pat, 0)
	if err != nil {
		return text
	}
	switch anchor {
	case '#':
		expr = "^(?:" + expr + ")"
	case '%':
		expr = "(?:" + expr + ")$"
	}
	re, err := regexp.Compile("(?s)" + strings.TrimPrefix(expr, "(?s)"))
	if err != nil {
		return text
	}
	if all {
		return re.ReplaceAllLiteralString(text, with)
	}
	if loc := re.FindStringIndex(text); loc != nil {
		return text[:loc[0]] + with + text[loc[1]:]
	}
	return text
}

// Text applies a function of text to what is known: each alternative without
// holes is changed by f, others become a hole named by op. When parts is set f
// may be applied to the known parts alone (as for upper case).
func (v Value) Text(op string, parts bool, f func(string) string) Value {
	return v.Map(func(s Str) Str {
		if s.Known() {
			return TextStr(f(s.lit))
		}
		if !parts {
			return HoleOp(s, op)
		}
		var b Str
		for _, p := range s.parts {
			if p.Hole != nil {
				b = b.Concat(holeOp(p.Hole, op))
			} else {
				b = b.addLit(f(p.Lit))
			}
		}
		return b
	})
}
