package command

import (
	"strings"
	"sync"

	"github.com/nativize/nativize/analyze/value"
)

// A spec is the options of a command, parsed from Model.Flags:
//
//	"m:pv R --mode=m: --recursive=R --exclude: --delete -first"
//
// Words without a dash list short options; a colon after one says that it takes
// a value, "?" that it may take one glued to it. "--name" is a long option,
// "--name:" with a value, "--name?" with a value after "=" only; "=x" makes it
// another name of the short option x. Words that begin with a single dash set
// the manner: "-first" stops options at the first operand (as for wrappers),
// "-single" takes long options with one dash too (as for find, java), "-any"
// takes unknown options without complaint, as flags; "-dash" takes a first word
// without dash as short options (as for tar).
type spec struct {
	short  map[byte]arity
	long   map[string]arity
	alias  map[string]string
	first  bool
	single bool
	any    bool
	dash   bool
}

type arity uint8

const (
	noValue arity = 1 + iota
	needsValue
	mayHaveValue
)

// A lazySpec is parsed at its first use: one script calls few of the commands.
type lazySpec struct {
	text string
	once sync.Once
	spec *spec
}

func (l *lazySpec) get() *spec {
	l.once.Do(func() { l.spec = parseSpec(l.text) })
	return l.spec
}

func parseSpec(text string) *spec {
	s := &spec{short: map[byte]arity{}, long: map[string]arity{}, alias: map[string]string{}}
	for w := range strings.FieldsSeq(text) {
		switch {
		case strings.HasPrefix(w, "--"):
			s.addLong(w[2:])
		case w == "-first":
			s.first = true
		case w == "-single":
			s.single = true
		case w == "-any":
			s.any = true
		case w == "-dash":
			s.dash = true
		default:
			s.addShort(w)
		}
	}
	return s
}

func (s *spec) addShort(w string) {
	for i := 0; i < len(w); i++ {
		ar := noValue
		if i+1 < len(w) && w[i+1] == ':' {
			ar = needsValue
		} else if i+1 < len(w) && w[i+1] == '?' {
			ar = mayHaveValue
		}
		s.short[w[i]] = ar
		if ar != noValue {
			i++
		}
	}
}

func (s *spec) addLong(w string) {
	ar := noValue
	switch {
	case strings.HasSuffix(w, ":"):
		w, ar = w[:len(w)-1], needsValue
	case strings.HasSuffix(w, "?"):
		w, ar = w[:len(w)-1], mayHaveValue
	}
	name, alias, ok := strings.Cut(w, "=")
	if ok {
		s.alias[name] = alias
	}
	s.long[name] = ar
}

// parse fills Args and Opts of a call.
func (s *spec) parse(c *Call) {
	words := c.Argv[1:]
	if s.dash && len(words) > 0 {
		if t, ok := words[0].Exact(); ok && t != "" && t[0] != '-' {
			words = s.cluster(c, t, words[1:])
		}
	}
	for len(words) > 0 {
		w := words[0]
		pre := w.Best().Prefix()
		text, exact := w.Exact()
		switch {
		case exact && text == "--":
			c.Args = append(c.Args, words[1:]...)
			return
		case len(pre) < 2 || pre[0] != '-' || exact && text == "-":
			if s.first {
				c.Args = append(c.Args, words...)
				return
			}
			c.Args = append(c.Args, w)
			words = words[1:]
		case pre[1] == '-':
			words = s.longOpt(c, pre[2:], w, words[1:])
		case s.single && len(pre) > 2:
			words = s.longOpt(c, pre[1:], w, words[1:])
		case exact:
			words = s.shorts(c, text[1:], words[1:])
		default:
			words = s.gluedHole(c, w, words[1:])
		}
	}
}

// longOpt takes one long option; pre is its known beginning without dashes.
func (s *spec) longOpt(c *Call, pre string, w value.Value, rest []value.Value) []value.Value {
	name, _, glued := strings.Cut(pre, "=")
	ar, ok := s.long[name]
	if !ok {
		if full := s.complete(name); full != "" {
			name, ar, ok = full, s.long[full], true
		}
	}
	if !ok && s.single && len(name) > 0 {
		return s.shorts(c, name, rest)
	}
	if !ok && !s.any && !glued && (name == "help" || name == "version") {
		c.help, ok = true, true
	}
	if !ok && !s.any && c.Bad == "" {
		c.Bad = "option --" + name + " is not modelled"
	}
	o := Opt{Name: name}
	if a := s.alias[name]; a != "" {
		o.Name = a
	}
	switch {
	case glued:
		o.Val, o.Has = afterEquals(w), true
	case ar == needsValue && len(rest) > 0:
		o.Val, o.Has = rest[0], true
		rest = rest[1:]
	}
	c.Opts = append(c.Opts, o)
	return rest
}

// complete finds the one long option that begins with name, as getopt_long does.
func (s *spec) complete(name string) string {
	found := ""
	for l := range s.long {
		if strings.HasPrefix(l, name) && len(name) > 1 {
			if found != "" {
				return ""
			}
			found = l
		}
	}
	return found
}

func afterEquals(w value.Value) value.Value {
	return w.Map(func(v value.Str) value.Str {
		parts := append([]value.Part(nil), v.Parts()...)
		if len(parts) > 0 {
			if _, after, ok := strings.Cut(parts[0].Lit, "="); ok {
				parts[0].Lit = after
			}
		}
		return value.MakeStr(parts...)
	})
}

// shorts takes a cluster of short options.
func (s *spec) shorts(c *Call, text string, rest []value.Value) []value.Value {
	for i := 0; i < len(text); i++ {
		ar, ok := s.short[text[i]]
		if !ok && !s.any && c.Bad == "" {
			c.Bad = "option -" + string(text[i]) + " is not modelled"
		}
		o := Opt{Name: string(text[i])}
		switch {
		case ar == needsValue && i+1 < len(text), ar == mayHaveValue && i+1 < len(text):
			o.Val, o.Has = value.Text(text[i+1:]), true
			i = len(text)
		case ar == needsValue && len(rest) > 0:
			o.Val, o.Has = rest[0], true
			rest = rest[1:]
		}
		c.Opts = append(c.Opts, o)
	}
	return rest
}

// cluster takes a first word without dash: the values follow it, in order.
func (s *spec) cluster(c *Call, text string, rest []value.Value) []value.Value {
	for i := range len(text) {
		if ar := s.short[text[i]]; ar == needsValue && len(rest) > 0 {
			c.Opts = append(c.Opts, Opt{Name: text[i : i+1], Val: rest[0], Has: true})
			rest = rest[1:]
			continue
		}
		s.shorts(c, text[i:i+1], nil)
	}
	return rest
}

// gluedHole takes a word such as -m$MODE or -p${PASS}.
func (s *spec) gluedHole(c *Call, w value.Value, rest []value.Value) []value.Value {
	pre := w.Best().Prefix()
	if ar := s.short[pre[1]]; ar == needsValue || ar == mayHaveValue {
		val := w.Map(func(v value.Str) value.Str {
			parts := append([]value.Part(nil), v.Parts()...)
			if len(parts) > 0 && len(parts[0].Lit) >= 2 {
				parts[0].Lit = parts[0].Lit[2:]
			}
			return value.MakeStr(parts...)
		})
		c.Opts = append(c.Opts, Opt{Name: string(pre[1]), Val: val, Has: true})
		return rest
	}
	c.Args = append(c.Args, w)
	return rest
}
