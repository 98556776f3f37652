package value

import (
	"path"
	"strings"
)

// Abs returns the clean path that p names when the working directory is cwd. A
// path that begins with a hole is taken for absolute. "." and ".." are removed
// as text; ".." stays in front of a hole that it would climb over.
func Abs(cwd, p Str) Str {
	if !p.rooted() {
		if pre := p.Prefix(); pre == "" && p.Known() {
			p = cwd
		} else {
			p = cwd.addLit("/").Concat(p)
		}
	}
	return Clean(p)
}

// Below returns the clean path of name in dir. Unlike Abs it takes a name that
// begins with a hole for relative, as the last element of a path is.
func Below(dir, name Str) Str { return Clean(dir.addLit("/").Concat(name)) }

func (s Str) rooted() bool {
	if s.parts != nil && s.parts[0].Hole != nil {
		k := s.parts[0].Hole.Kind
		return k != Date && k != Glob && k != Widened || s.parts[0].Hole.Kind == Checkout
	}
	return strings.HasPrefix(s.Prefix(), "/")
}

// IsAbs tells whether the path begins at the root or with a hole that may.
func (s Str) IsAbs() bool { return s.rooted() }

// maxClean is the length, in bytes, beyond which a path with holes is left as
// it is: the system would refuse it.
const maxClean = 1 << 14

// Clean removes doubled slashes, "." and "..", as path.Clean does.
func Clean(s Str) Str {
	if s.parts == nil {
		if !cleanPath(s.lit) {
			s.lit = path.Clean(s.lit)
		}
		return s
	}
	if s.Size() > maxClean || s.clean() {
		return s
	}
	elems := s.Split("/")
	root := strings.HasPrefix(s.Prefix(), "/")
	out := elems[:0:0]
	for _, e := range elems {
		text, known := e.Exact()
		switch {
		case known && (text == "" || text == "."):
		case known && text == ".." && len(out) > 0 && out[len(out)-1].climbable():
			out = out[:len(out)-1]
		case known && text == ".." && root && len(out) == 0:
		default:
			out = append(out, e)
		}
	}
	var b Str
	for i, e := range out {
		if i > 0 || root {
			b = b.addLit("/")
		}
		b = b.Concat(e)
	}
	if len(out) == 0 {
		if root {
			return TextStr("/")
		}
		return TextStr(".")
	}
	return b
}

// clean tells cheaply whether Clean would not change s, which has holes.
func (s Str) clean() bool {
	if strings.HasPrefix(s.Prefix(), ".") || strings.HasSuffix(s.Suffix(), "/") {
		return false
	}
	for i := range s.parts {
		if lit := s.parts[i].Lit; strings.Contains(lit, "//") || strings.Contains(lit, "/.") {
			return false
		}
	}
	return true
}

func (s Str) climbable() bool {
	if text, ok := s.Exact(); ok {
		return text != ".."
	}
	h := s.Hole()
	return h == nil || (h.Kind != Checkout && h.Kind != Arg && h.Kind != Env && h.Kind != Unknown && h.Kind != Output)
}

// cleanPath tells cheaply whether path.Clean would not change p.
func cleanPath(p string) bool {
	if p == "" || len(p) > 1 && p[len(p)-1] == '/' {
		return false
	}
	for i := 0; i < len(p); i++ {
		if p[i] == '/' && i+1 < len(p) && (p[i+1] == '/' || p[i+1] == '.') {
			return false
		}
	}
	return p[0] != '.'
}

// Split cuts s at every sep of its known text; holes are taken to hold none.
func (s Str) Split(sep string) []Str {
	if s.parts == nil {
		cut := strings.Split(s.lit, sep)
		out := make([]Str, len(cut))
		for i, c := range cut {
			out[i] = TextStr(c)
		}
		return out
	}
	out := []Str{{}}
	for _, p := range s.parts {
		if p.Hole != nil {
			out[len(out)-1] = out[len(out)-1].add(p)
			continue
		}
		for i, c := range strings.Split(p.Lit, sep) {
			if i > 0 {
				out = append(out, Str{})
			}
			out[len(out)-1] = out[len(out)-1].addLit(c)
		}
	}
	return out
}

// Dir is dirname(1): all but the last element.
func (s Str) Dir() Str {
	if h := s.Hole(); h != nil {
		if h.Kind == Glob {
			return TextStr(".")
		}
		return holeOp(h, "dirname")
	}
	t := s.trimSlashes()
	elems := t.Split("/")
	if len(elems) == 1 {
		if text, ok := t.Exact(); ok && text == "" && strings.HasPrefix(s.Prefix(), "/") {
			return TextStr("/")
		}
		return TextStr(".")
	}
	var b Str
	for i, e := range elems[:len(elems)-1] {
		if i > 0 {
			b = b.addLit("/")
		}
		b = b.Concat(e)
	}
	if text, ok := b.Exact(); ok && text == "" {
		return TextStr("/")
	}
	return b.trimSlashes()
}

// Base is basename(1): the last element.
func (s Str) Base() Str {
	if h := s.Hole(); h != nil {
		if h.Kind == Glob {
			return s
		}
		return holeOp(h, "basename")
	}
	elems := s.trimSlashes().Split("/")
	last := elems[len(elems)-1]
	if text, ok := last.Exact(); ok && text == "" {
		return TextStr("/")
	}
	return last
}

func (s Str) trimSlashes() Str {
	if s.parts == nil {
		t := strings.TrimRight(s.lit, "/")
		return Str{lit: t}
	}
	n := len(s.parts)
	last := s.parts[n-1]
	if last.Hole != nil || !strings.HasSuffix(last.Lit, "/") {
		return s
	}
	t := Str{parts: append([]Part(nil), s.parts[:n-1]...)}
	return t.addLit(strings.TrimRight(last.Lit, "/"))
}

// holeOp is the hole that is left when op is applied to what fills h.
func holeOp(h *Hole, op string) Str {
	if h.Kind == Checkout && op == "dirname" {
		return MakeStr(Part{Hole: h}, Part{Lit: "/.."})
	}
	c := *h
	c.Name = cleanName(op + "_" + h.Name)
	c.Ref = nil
	if c.Kind == Checkout || c.Kind == Status {
		c.Kind = Output
	}
	return MakeStr(Part{Hole: &c})
}

// HoleOp is the value left when a text operation named op is applied to v and
// its result depends on what fills the holes.
func HoleOp(v Str, op string) Str {
	h := v.Holes()
	if len(h) == 0 {
		return v
	}
	return holeOp(h[0], op)
}
