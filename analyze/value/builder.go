package value

// A Builder puts a value together piece by piece. It gives what Concat of the
// pieces would, without a copy for each. The zero Builder is empty; a Builder
// must not be copied and both copies used.
type Builder struct {
	v     Value  // what came before, once it had alternatives or was cut
	parts []Part // what came since
	text  string // known text after parts
	buf   []byte // instead of text, when it has several pieces
	size  int    // bytes of known text since v
	slow  bool   // v is in use
}

// Add appends a value.
func (b *Builder) Add(v Value) {
	switch {
	case v.more != nil:
		b.concat(v)
	case v.one.parts == nil:
		b.AddText(v.one.lit)
	default:
		b.addStr(v.one)
	}
}

// AddText appends known text.
func (b *Builder) AddText(s string) {
	switch {
	case s == "":
	case b.slow || b.size+len(s) > MaxText:
		b.concat(Text(s))
	case b.text == "" && len(b.buf) == 0:
		b.text = s
		b.size += len(s)
	default:
		if len(b.buf) == 0 {
			b.buf = append(make([]byte, 0, len(b.text)+2*len(s)), b.text...)
			b.text = ""
		}
		b.buf = append(b.buf, s...)
		b.size += len(s)
	}
}

func (b *Builder) addStr(s Str) {
	if b.slow || b.size+s.Size() > MaxText || len(b.parts)+len(s.parts) >= maxParts {
		b.concat(FromStr(s))
		return
	}
	for i := range s.parts {
		p := &s.parts[i]
		if p.Hole == nil {
			b.AddText(p.Lit)
			continue
		}
		if p.Hole == rest { // nothing follows it
			b.concat(Of(rest))
			return
		}
		b.endText()
		b.parts = append(b.parts, *p)
	}
}

// endText makes a part of the text that is pending.
func (b *Builder) endText() {
	if t := b.pending(); t != "" {
		b.parts = append(b.parts, Part{Lit: t})
		b.text, b.buf = "", nil
	}
}

func (b *Builder) pending() string {
	if len(b.buf) > 0 {
		return string(b.buf)
	}
	return b.text
}

// concat takes the long way from here on.
func (b *Builder) concat(v Value) {
	if !b.slow {
		b.v, b.slow = b.Value(), true
	}
	b.v = Concat(b.v, v)
}

// Empty tells whether what was put together is the empty text.
func (b *Builder) Empty() bool {
	if b.slow {
		return b.v.Is("")
	}
	return b.size == 0 && len(b.parts) == 0
}

// Value returns what was put together.
func (b *Builder) Value() Value {
	switch {
	case b.slow:
		return b.v
	case len(b.parts) == 0:
		return Text(b.pending())
	}
	b.endText()
	return FromStr(Str{parts: b.parts[:len(b.parts):len(b.parts)]})
}
