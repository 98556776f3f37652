package value

// A Tri is a truth value that may be unknown. The zero Tri is Maybe.
type Tri int8

// The truth values.
const (
	No    Tri = -1
	Maybe Tri = 0
	Yes   Tri = 1
)

// Bool returns Yes or No.
func Bool(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// Not negates; Maybe stays.
func (t Tri) Not() Tri { return -t }

// And is Kleene's conjunction.
func (t Tri) And(u Tri) Tri { return min(t, u) }

// Or is Kleene's disjunction.
func (t Tri) Or(u Tri) Tri { return max(t, u) }

// String prints yes, no or maybe.
func (t Tri) String() string {
	switch t {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "maybe"
}

// IsEmpty tells whether v is the empty string.
func (v Value) IsEmpty() Tri {
	all := v.one.isEmpty()
	for _, s := range v.others() {
		if s.isEmpty() != all {
			return Maybe
		}
	}
	return all
}

func (s Str) isEmpty() Tri {
	if s.parts == nil {
		return Bool(s.lit == "")
	}
	for _, p := range s.parts {
		if p.Hole == nil || p.Hole.Full {
			return No
		}
	}
	return Maybe
}

// Equals tells whether the strings that v and w stand for are the same.
func Equals(v, w Value) Tri {
	if h := v.Hole(); h != nil && h == w.Hole() {
		return Yes
	}
	out := Tri(2)
	for i := range v.Len() {
		for j := range w.Len() {
			t := equalStr(v.At(i), w.At(j))
			if out == 2 {
				out = t
			} else if out != t {
				return Maybe
			}
		}
	}
	return out
}

func equalStr(s, t Str) Tri {
	if s.Known() && t.Known() {
		return Bool(s.lit == t.lit)
	}
	if !compatible(s, t) {
		return No
	}
	return Maybe
}

// compatible tells whether the known ends of s and t allow them to be equal.
func compatible(s, t Str) bool {
	a, b := s.Prefix(), t.Prefix()
	n := min(len(a), len(b))
	if a[:n] != b[:n] {
		return false
	}
	c, d := s.Suffix(), t.Suffix()
	m := min(len(c), len(d))
	if c[len(c)-m:] != d[len(d)-m:] {
		return false
	}
	return fits(s, t) && fits(t, s)
}

// fits tells whether the known text of s is not longer than the exact t, and
// whether an empty t is possible for s.
func fits(s, t Str) bool {
	text, ok := t.Exact()
	if !ok {
		return true
	}
	n := 0
	for _, p := range s.Parts() {
		n += len(p.Lit)
		if p.Hole != nil && p.Hole.Full {
			n++
		}
	}
	return n <= len(text)
}
