// Package value is the abstract domain of the shell interpreter: what is known
// of a word without running anything.
//
// A Value is a small set of alternatives, each a concatenation of known text
// and holes. A hole knows what kind of thing fills it and where that comes
// from, so that /data/app.${DATE} stays readable and recognisable as a dated
// backup. Values are immutable.
package value

import (
	"strings"

	"github.com/nativize/nativize/analyze/source"
)

// Max is the number of alternatives that a Value keeps; a larger set is widened
// to common prefix, hole, common suffix.
const Max = 8

// MaxText is the length, in bytes, of the known text that an alternative keeps,
// and maxParts the number of its parts; what follows is one hole.
const (
	MaxText  = 1 << 20
	maxParts = 4096
)

// A Kind says what fills a hole.
type Kind uint8

// The kinds of holes.
const (
	Unknown  Kind = iota // not modelled
	Arg                  // positional parameter; Name is its number, "@" or "#"
	Env                  // environment variable
	Prompt               // typed by a person
	Output               // output of a command
	Temp                 // mktemp
	Date                 // a time
	Fact                 // of the host: hostname, architecture, release
	Glob                 // names that match a pattern on the machine
	Content              // content of a file on the machine
	Net                  // fetched
	Status               // exit status of a command
	Checkout             // the directory that the repository lies in
	Widened              // more alternatives than Max
)

var kinds = [...]string{"unknown", "argument", "environment", "prompt", "output", "temporary", "date",
	"host fact", "glob", "file content", "network", "status", "checkout", "widened"}

// String names the kind in words.
func (k Kind) String() string { return kinds[k] }

// A Hole is a stretch of text that is not known.
type Hole struct {
	Kind Kind
	Name string     // prints as ${Name}, without slash, brace or newline; of a Glob the pattern of one path element
	At   source.Pos // its first cause
	Full bool       // known not to be empty
	Many bool       // unquoted, it may be any number of fields: $@, a glob
	Ref  any        // for Status the interpreter's condition, for Net the URL
}

// NewHole returns a hole whose name is made fit for printing.
func NewHole(kind Kind, name string, at source.Pos) *Hole {
	full := kind == Temp || kind == Date || kind == Fact || kind == Checkout
	return &Hole{Kind: kind, Name: cleanName(name), At: at, Full: full}
}

func cleanName(s string) string {
	ok := s != ""
	for i := 0; i < len(s) && ok; i++ {
		ok = nameByte(s[i])
	}
	if ok && len(s) <= 40 {
		return s
	}
	b := make([]byte, 0, min(len(s), 40))
	for i := 0; i < len(s) && len(b) < 40; i++ {
		switch {
		case nameByte(s[i]):
			b = append(b, s[i])
		case len(b) > 0 && b[len(b)-1] != '_':
			b = append(b, '_')
		}
	}
	if name := strings.Trim(string(b), "_-."); name != "" {
		return name
	}
	return "UNKNOWN"
}

func nameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c == '@' || c == '#' || c == '?' ||
		'0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// A Part is known text, or a hole when Hole is set.
type Part struct {
	Lit  string
	Hole *Hole
}

// A Str is one alternative: a concatenation of parts. The zero Str is "".
type Str struct {
	lit   string // all of it when parts is nil
	parts []Part // no empty and no two adjacent literals
}

// A Value is a set of alternatives, never empty. The zero Value is "".
type Value struct {
	one  Str
	more *[]Str // nil for none: values are copied a lot, and few have any
}

// others are the alternatives but the first.
func (v Value) others() []Str {
	if v.more == nil {
		return nil
	}
	return *v.more
}

// Text returns the known string s.
func Text(s string) Value { return Value{one: Str{lit: s}} }

// Of returns the value that is one hole.
func Of(h *Hole) Value { return Value{one: Str{parts: []Part{{Hole: h}}}} }

// New returns a fresh hole as a value.
func New(kind Kind, name string, at source.Pos) Value { return Of(NewHole(kind, name, at)) }

// FromStr returns the value with one alternative.
func FromStr(s Str) Value { return Value{one: s} }

// TextStr returns the known string as an alternative.
func TextStr(s string) Str { return Str{lit: s} }

// MakeStr builds an alternative from parts.
func MakeStr(parts ...Part) Str {
	var s Str
	for _, p := range parts {
		s = s.add(p)
	}
	return s
}

func (s Str) add(p Part) Str {
	if p.Hole == nil {
		return s.addLit(p.Lit)
	}
	parts := s.Parts()
	if len(parts) >= maxParts {
		return s.endless()
	}
	return Str{parts: append(parts[:len(parts):len(parts)], p)}
}

func (s Str) addLit(lit string) Str {
	if lit == "" || len(s.parts) > 0 && s.parts[len(s.parts)-1].Hole == rest {
		return s
	}
	if s.Size()+len(lit) > MaxText {
		return s.endless()
	}
	if s.parts == nil {
		return Str{lit: s.lit + lit}
	}
	n := len(s.parts)
	if last := s.parts[n-1]; last.Hole == nil {
		parts := make([]Part, n)
		copy(parts, s.parts)
		parts[n-1].Lit = last.Lit + lit
		return Str{parts: parts}
	}
	return Str{parts: append(s.parts[:n:n], Part{Lit: lit})}
}

// Size is the length, in bytes, of the known text.
func (s Str) Size() int {
	n := len(s.lit)
	for i := range s.parts {
		n += len(s.parts[i].Lit)
	}
	return n
}

// rest stands for what is too long to keep.
var rest = &Hole{Kind: Widened, Name: "REST", Full: true}

// endless is s with a hole for all that follows.
func (s Str) endless() Str {
	parts := s.Parts()
	n := min(len(parts), maxParts)
	if n > 0 && parts[n-1].Hole == rest {
		return s
	}
	return Str{parts: append(parts[:n:n], Part{Hole: rest})}
}

// Concat returns s followed by t.
func (s Str) Concat(t Str) Str {
	if t.parts == nil {
		return s.addLit(t.lit)
	}
	if s.parts == nil && s.lit == "" {
		return t
	}
	if n := len(s.parts); n > 0 && s.parts[n-1].Hole == rest {
		return s
	}
	if s.Size()+t.Size() <= MaxText && len(s.parts)+len(t.parts) < maxParts {
		return s.join(t.parts)
	}
	for _, p := range t.parts {
		s = s.add(p)
	}
	return s
}

// join is s followed by parts, which are within the bounds.
func (s Str) join(parts []Part) Str {
	out := make([]Part, len(s.parts), len(s.parts)+len(parts)+1)
	copy(out, s.parts)
	if s.parts == nil && s.lit != "" {
		out = append(out, Part{Lit: s.lit})
	}
	for _, p := range parts {
		n := len(out)
		switch {
		case p.Hole != nil || n == 0 && p.Lit != "":
			out = append(out, p)
		case p.Lit == "" || out[n-1].Hole == rest:
		case out[n-1].Hole == nil:
			out[n-1].Lit += p.Lit
		default:
			out = append(out, p)
		}
	}
	return Str{parts: out[:len(out):len(out)]}
}

// Parts returns the parts; nil for the empty string.
func (s Str) Parts() []Part {
	if s.parts != nil {
		return s.parts
	}
	if s.lit == "" {
		return nil
	}
	return []Part{{Lit: s.lit}}
}

// Exact returns the text when there is no hole in it.
func (s Str) Exact() (string, bool) { return s.lit, s.parts == nil }

// Known tells whether there is no hole.
func (s Str) Known() bool { return s.parts == nil }

// Hole returns the hole when s is one hole and nothing else.
func (s Str) Hole() *Hole {
	if len(s.parts) == 1 {
		return s.parts[0].Hole
	}
	return nil
}

// Holes returns the holes in order.
func (s Str) Holes() []*Hole {
	var out []*Hole
	for _, p := range s.parts {
		if p.Hole != nil {
			out = append(out, p.Hole)
		}
	}
	return out
}

// Prefix returns the known text before the first hole.
func (s Str) Prefix() string {
	if s.parts == nil {
		return s.lit
	}
	return s.parts[0].Lit
}

// Suffix returns the known text after the last hole.
func (s Str) Suffix() string {
	if s.parts == nil {
		return s.lit
	}
	return s.parts[len(s.parts)-1].Lit
}

// String prints s with holes as ${NAME}.
func (s Str) String() string {
	if s.parts == nil {
		return s.lit
	}
	return string(s.Append(make([]byte, 0, 64)))
}

// Append prints s, as String does, at the end of b.
func (s Str) Append(b []byte) []byte {
	b = append(b, s.lit...)
	for i := range s.parts {
		switch p := &s.parts[i]; {
		case p.Hole == nil:
			b = append(b, p.Lit...)
		case p.Hole.Kind == Glob:
			b = append(b, p.Hole.Name...) // the pattern itself
		default:
			b = append(b, "${"...)
			b = append(b, p.Hole.Name...)
			b = append(b, '}')
		}
	}
	return b
}

// Equal tells whether s and t print alike and have the same holes.
func (s Str) Equal(t Str) bool {
	if s.parts == nil || t.parts == nil {
		return s.parts == nil && t.parts == nil && s.lit == t.lit
	}
	if len(s.parts) != len(t.parts) {
		return false
	}
	for i, p := range s.parts {
		q := t.parts[i]
		if p.Lit != q.Lit || (p.Hole == nil) != (q.Hole == nil) {
			return false
		}
		if p.Hole != nil && p.Hole != q.Hole && (p.Hole.Kind != q.Hole.Kind || p.Hole.Name != q.Hole.Name) {
			return false
		}
	}
	return true
}

// Size is the length, in bytes, of the known text of all alternatives.
func (v Value) Size() int {
	n := v.one.Size()
	for _, s := range v.others() {
		n += s.Size()
	}
	return n
}

// Len returns the number of alternatives.
func (v Value) Len() int { return 1 + len(v.others()) }

// At returns alternative i.
func (v Value) At(i int) Str {
	if i == 0 {
		return v.one
	}
	return (*v.more)[i-1]
}

// Alts returns the alternatives.
func (v Value) Alts() []Str { return append([]Str{v.one}, v.others()...) }

// Exact returns the text when there is one alternative without a hole.
func (v Value) Exact() (string, bool) {
	if v.more != nil {
		return "", false
	}
	return v.one.Exact()
}

// Is tells whether v is exactly s.
func (v Value) Is(s string) bool {
	t, ok := v.Exact()
	return ok && t == s
}

// Known tells whether no alternative has a hole.
func (v Value) Known() bool {
	for i := range v.Len() {
		if !v.At(i).Known() {
			return false
		}
	}
	return true
}

// Hole returns the hole when v is one hole and nothing else.
func (v Value) Hole() *Hole {
	if v.more != nil {
		return nil
	}
	return v.one.Hole()
}

// Best returns the alternative that says most: the first of those with the
// fewest holes that a caller fills, not empty if one is not.
func (v Value) Best() Str {
	best, least := v.one, v.one.overrides()
	for _, s := range v.others() {
		if n := s.overrides(); n < least {
			best, least = s, n
		}
	}
	return best
}

// overrides counts what of s is up to whoever runs the script, or not known at
// all. Nothing at all says less than any text.
func (s Str) overrides() int {
	if s.parts == nil {
		if s.lit == "" {
			return 1
		}
		return 0
	}
	n := 0
	for _, p := range s.parts {
		if p.Hole != nil && p.Hole.open() {
			n += 2
		}
	}
	return n
}

// open tells of holes that a caller fills, or that stand for anything.
func (h *Hole) open() bool {
	switch h.Kind {
	case Arg, Prompt, Unknown, Widened, Output, Content, Net:
		return true
	case Env:
		return h.Name != "HOME" && h.Name != "USER" && h.Name != "PWD"
	}
	return false
}

// Main tells whether alternative i says as much as the best one; the others are
// what a caller may put in its place.
func (v Value) Main(i int) bool {
	if v.more == nil {
		return true
	}
	return v.At(i).overrides() <= v.Best().overrides()
}

// String prints the best alternative.
func (v Value) String() string { return v.Best().String() }

// Equal tells whether v and w have the same alternatives in the same order.
func (v Value) Equal(w Value) bool {
	if v.Len() != w.Len() {
		return false
	}
	for i := range v.Len() {
		if !v.At(i).Equal(w.At(i)) {
			return false
		}
	}
	return true
}

// Holes returns all holes of all alternatives.
func (v Value) Holes() []*Hole {
	out := v.one.Holes()
	for _, s := range v.others() {
		out = append(out, s.Holes()...)
	}
	return out
}

func (v Value) has(s Str) bool {
	for i := range v.Len() {
		if v.At(i).Equal(s) {
			return true
		}
	}
	return false
}

// Join returns the set that has the alternatives of both.
func Join(v, w Value) Value {
	var more *[]Str // those of v beyond the first, with room for those of w
	for i := range w.Len() {
		s := w.At(i)
		if v.has(s) {
			continue
		}
		if v.Len() == Max {
			return widen(v, w)
		}
		if more == nil {
			old := v.others()
			list := make([]Str, len(old), min(len(old)+w.Len()-i, Max-1))
			copy(list, old)
			more = &list
		}
		*more = append(*more, s)
		v.more = more
	}
	return v
}

// widen keeps the common prefix and suffix of all alternatives, which decide
// the directory a path lies in.
func widen(v, w Value) Value {
	all := append(v.Alts(), w.Alts()...)
	if list, ok := wordList(all); ok {
		return list
	}
	prefix, suffix := all[0].Prefix(), all[0].Suffix()
	for _, s := range all[1:] {
		prefix = commonPrefix(prefix, s.Prefix())
		suffix = commonSuffix(suffix, s.Suffix())
	}
	for _, s := range all { // prefix and suffix must not overlap
		if t, ok := s.Exact(); ok && len(prefix)+len(suffix) > len(t) {
			suffix = suffix[len(suffix)-max(0, len(t)-len(prefix)):]
		}
	}
	hole := &Hole{Kind: Widened, Name: "ANY"}
	for _, s := range all {
		if h := s.Holes(); len(h) > 0 {
			hole.At = h[0].At
			if h[0].Kind == Widened {
				hole = h[0]
			}
			break
		}
	}
	return FromStr(MakeStr(Part{Lit: prefix}, Part{Hole: hole}, Part{Lit: suffix}))
}

// wordList widens lists of words, such as packages that branches add one by
// one, to the list of all words.
func wordList(all []Str) (Value, bool) {
	lists := 0
	var words []string
	seen := map[string]bool{}
	for _, s := range all {
		t, ok := s.Exact()
		if !ok {
			return Value{}, false
		}
		fields := strings.Fields(t)
		if strings.ContainsAny(t, " \n") {
			lists++
		}
		for _, f := range fields {
			if !seen[f] {
				seen[f] = true
				words = append(words, f)
			}
		}
	}
	if lists < len(all)-1 || len(words) == 0 || strings.Contains(words[0], "/") {
		return Value{}, false
	}
	return Text(strings.Join(words, " ")), true
}

func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

func commonSuffix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return a[len(a)-n:]
}

// Concat returns every alternative of v followed by every one of w.
func Concat(v, w Value) Value {
	if v.more == nil && w.more == nil {
		return Value{one: v.one.Concat(w.one)}
	}
	if v.more == nil && v.one.Known() && v.one.lit == "" {
		return w
	}
	if w.more == nil && w.one.Known() && w.one.lit == "" {
		return v
	}
	out, first := Value{}, true
	for i := range v.Len() {
		for j := range w.Len() {
			s := FromStr(v.At(i).Concat(w.At(j)))
			if first {
				out, first = s, false
			} else {
				out = Join(out, s)
			}
		}
	}
	return out
}

// Map applies f to every alternative.
func (v Value) Map(f func(Str) Str) Value {
	out := FromStr(f(v.one))
	for _, s := range v.others() {
		out = Join(out, FromStr(f(s)))
	}
	return out
}

// Named gives the name of a variable to a value that is one nameless stretch:
// after RELEASE=$(date +%s), ${RELEASE} says more than ${date}.
func (v Value) Named(name string) Value {
	h := v.Hole()
	if h == nil || h.Name == name || h.Kind == Arg || h.Kind == Env || h.Kind == Status || h.Kind == Checkout || h.Kind == Prompt || h.Kind == Glob {
		return v
	}
	c := *h
	c.Name = cleanName(name)
	return Of(&c)
}
