package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// join is the path of name below dir.
func join(dir, name value.Value) value.Value {
	return value.Concat(value.Concat(dir, value.Text("/")), name)
}

// base is basename(1) of every alternative.
func base(v value.Value) value.Value { return v.Map(value.Str.Base) }

// endsWith tells whether the last known text of v ends in suffix.
func endsWith(v value.Value, suffix string) bool {
	return strings.HasSuffix(v.Best().Suffix(), suffix)
}

// strs are the best alternatives of words.
func strs(words []value.Value) []value.Str {
	out := make([]value.Str, len(words))
	for i, w := range words {
		out[i] = w.Best()
	}
	return out
}

// texts print words.
func texts(words []value.Value) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.String()
	}
	return out
}

// abs is v seen from the working directory.
func (c *Call) abs(v value.Value) value.Value { return v.Map(c.Actor.Abs) }

// node is what is known of the file that a path leads to.
func (c *Call) node(v value.Value) *host.Node {
	_, n := c.H.Follow(c.Where, c.Path(v))
	return n
}

// read returns the text of a file, "-" being standard input.
func (c *Call) read(v value.Value) (value.Value, bool) {
	if v.Is("-") || v.Is("/dev/stdin") {
		return c.In.Text, c.In.Known
	}
	if v.Len() > 1 {
		return value.Value{}, false
	}
	return c.H.Text(c.Where, c.Path(v))
}

// input returns the text of the files named, one after the other, or of
// standard input when there are none.
func (c *Call) input(files []value.Value) (value.Value, bool) {
	if len(files) == 0 {
		return c.In.Text, c.In.Known
	}
	var all value.Value
	for _, f := range files {
		t, ok := c.read(f)
		if !ok {
			return value.Value{}, false
		}
		all = value.Concat(all, t)
	}
	return all, true
}

// content returns where the bytes of the one file named, or of standard input,
// come from; nil when that is not one thing.
func (c *Call) content(files []value.Value) *host.Content {
	switch {
	case len(files) > 1:
		return nil
	case len(files) == 1 && !files[0].Is("-"):
		return c.node(files[0]).Content
	case c.In.Content != nil:
		return c.In.Content
	case c.In.From != "":
		_, n := c.H.Follow(c.Where, c.In.From)
		return n.Content
	case c.In.Net != "":
		return &host.Content{Kind: host.Fetched, URL: c.In.Net, At: c.In.At}
	case c.In.Known:
		return &host.Content{Kind: host.Literal, Text: c.In.Text, At: c.In.At}
	}
	return nil
}

// written is the content of a file that gets standard input.
func (c *Call) written() *host.Content {
	if k := c.content(nil); k != nil {
		return k
	}
	return &host.Content{Kind: host.Unknown, At: c.At}
}

// filter sets the output to f of the known input text, else to a hole.
func (c *Call) filter(files []value.Value, f func(string) string) {
	if t, ok := c.input(files); ok {
		if s, exact := t.Exact(); exact {
			c.Out = value.Text(f(s))
			return
		}
	}
	c.unknownOut(files)
}

// unknownOut is the output of a filter of text that is not known. What it reads
// from a command keeps the kind of that command's hole.
func (c *Call) unknownOut(files []value.Value) {
	if len(files) == 0 && !c.In.Text.Known() {
		c.Out = value.FromStr(value.HoleOp(c.In.Text.Best(), c.Name))
		return
	}
	kind := value.Content
	if len(files) == 0 {
		kind = value.Output
	}
	c.Out = c.Hole(kind, c.Name+"_"+strings.Join(texts(files), "_"))
}

// lines cuts text into lines without their ends; a last line without newline
// counts.
func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// unlines ends every line.
func unlines(ls []string) string {
	if len(ls) == 0 {
		return ""
	}
	return strings.Join(ls, "\n") + "\n"
}

// silent runs f and drops the effects that it wrote down.
func (c *Call) silent(f func()) {
	n := len(c.H.Log)
	f()
	c.H.Log = c.H.Log[:n]
}

// since returns the effects written down while f ran.
func (c *Call) since(f func()) []*host.Effect {
	n := len(c.H.Log)
	f()
	return c.H.Log[n:]
}

// fails sets a certain failure.
func (c *Call) fails() { c.Status = Known(false) }

// marks stand for holes in text that a filter works on: private-use characters
// that no pattern of a script names.
type marks struct{ holes []*value.Hole }

const firstMark = 0xE000

// plain prints v with a mark for each hole; false when v has several
// alternatives or too many holes.
func (m *marks) plain(v value.Value) (string, bool) {
	if v.Len() > 1 {
		return "", false
	}
	var b strings.Builder
	for _, p := range v.Best().Parts() {
		if p.Hole == nil {
			b.WriteString(p.Lit)
			continue
		}
		if len(m.holes) == 1000 {
			return "", false
		}
		b.WriteRune(rune(firstMark + len(m.holes)))
		m.holes = append(m.holes, p.Hole)
	}
	return b.String(), true
}

// value puts the holes back.
func (m *marks) value(s string) value.Value {
	var parts []value.Part
	last := 0
	for i, r := range s {
		if n := int(r) - firstMark; n >= 0 && n < len(m.holes) {
			parts = append(append(parts, lit(s[last:i])...), value.Part{Hole: m.holes[n]})
			last = i + len(string(r))
		}
	}
	return value.FromStr(value.MakeStr(append(parts, lit(s[last:])...)...))
}
