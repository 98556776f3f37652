package command

import (
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// maxItems bounds the calls that xargs, parallel and find -exec unroll.
const maxItems = 64

// items cuts what xargs reads; false when it is not known.
func (c *Call) items() ([]value.Value, bool) {
	text, ok := c.In.Text, c.In.Known
	if f, given := c.Flag("a"); given {
		text, ok = c.read(f)
	}
	if !ok || text.Len() > 1 {
		return nil, false
	}
	var m marks
	s, fine := m.plain(text)
	if !fine {
		return nil, false
	}
	var out []value.Value
	for _, w := range c.cutItems(s) {
		out = append(out, m.value(w))
	}
	return out, len(out) <= maxItems
}

func (c *Call) cutItems(s string) []string {
	delim := ""
	switch {
	case c.Has("0"):
		delim = "\x00"
	case c.Has("d"):
		delim = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\0`, "\x00").Replace(c.Text("d"))
	case c.Has("I", "i", "L", "l") || c.Name == "parallel":
		delim = "\n"
	}
	if delim == "" {
		return unquoteFields(s)
	}
	var out []string
	for _, w := range strings.Split(strings.TrimSuffix(s, delim), delim) {
		if delim == "\n" {
			w = strings.TrimLeft(w, " \t")
		}
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

// unquoteFields cuts at blanks; quotes and backslashes protect them.
func unquoteFields(s string) []string {
	var out []string
	var b strings.Builder
	word := false
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		ch := s[i]
		switch {
		case quote != 0 && ch == quote:
			quote = 0
		case quote != 0:
			b.WriteByte(ch)
		case ch == '\'' || ch == '"':
			quote, word = ch, true
		case ch == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
			word = true
		case ch == ' ' || ch == '\t' || ch == '\n':
			if word {
				out = append(out, b.String())
			}
			b.Reset()
			word = false
		default:
			b.WriteByte(ch)
			word = true
		}
	}
	if word {
		out = append(out, b.String())
	}
	return out
}

// itemHole stands for the items when they are not known.
func (c *Call) itemHole() value.Value {
	h := value.NewHole(value.Output, "item", c.At)
	if in := c.In.Text.Holes(); len(in) > 0 && !c.In.Known {
		h.Name = in[0].Name
		if in[0].Kind == value.Glob { // a pattern still says which names
			h.Kind = value.Glob
		}
	}
	h.Many = true
	return value.Of(h)
}

func xargs(c *Call) {
	argv := c.Args
	if len(argv) == 0 {
		c.Out = c.In.Text
		if items, ok := c.items(); ok {
			c.Out = value.Concat(joined(items), value.Text("\n"))
		}
		return
	}
	items, ok := c.items()
	if !ok {
		items = []value.Value{c.itemHole()}
	}
	mark, each := c.replaceMark()
	switch n, _ := strconv.Atoi(c.Text("n", "L", "l")); {
	case len(items) == 0 && (c.Has("r") || each):
		c.Status = Known(true)
	case each:
		for _, it := range items {
			c.callEach(c.Actor, replaced(argv, mark, it))
		}
	case n > 0:
		for i := 0; i < len(items); i += n {
			c.callEach(c.Actor, append(argv[:len(argv):len(argv)], items[i:min(i+n, len(items))]...))
		}
	default:
		c.callAs(c.Actor, append(argv[:len(argv):len(argv)], items...))
	}
}

func (c *Call) replaceMark() (string, bool) {
	if v, ok := c.Flag("I"); ok {
		return v.String(), true
	}
	v, ok := c.Flag("i")
	if s := v.String(); s != "" {
		return s, true
	}
	return "{}", ok
}

// replaced puts an item in the place of the mark in every word.
func replaced(argv []value.Value, mark string, item value.Value) []value.Value {
	out := make([]value.Value, len(argv))
	for i, w := range argv {
		out[i] = w.Map(func(s value.Str) value.Str {
			var b value.Str
			for j, piece := range s.Split(mark) {
				if j > 0 {
					b = b.Concat(item.Best())
				}
				b = b.Concat(piece)
			}
			return b
		})
		if w.Is(mark) {
			out[i] = item
		}
	}
	return out
}

// parallel: items follow ":::" or come from standard input; "{}" stands for one,
// else it is added at the end. The command line is shell text.
func parallel(c *Call) {
	argv := c.Args
	items, ok := []value.Value(nil), false
	for i, a := range argv {
		if a.Is(":::") {
			items, ok, argv = argv[i+1:], true, argv[:i]
			break
		}
	}
	if !ok {
		items, ok = c.items()
	}
	if !ok || len(items) > maxItems {
		items = []value.Value{c.itemHole()}
	}
	for _, it := range items {
		line := joined(argv)
		if strings.Contains(line.String(), "{}") {
			line = joined(replaced(argv, "{}", it))
		} else if len(argv) > 0 {
			line = joined(append(argv[:len(argv):len(argv)], it))
		} else {
			line = it
		}
		c.scriptAs(c.Actor, line, "bash", nil)
	}
}
