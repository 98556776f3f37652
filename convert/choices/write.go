package choices

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const head = `What the owner decides about the package, read by "nativize convert".
A value marked "guessed" is what nativize made of the repository: look at it,
change it where it is wrong, and take the mark away. Remove a line to have it
guessed anew. docs/choices.md explains each key.`

// Format writes c as nativize.yaml, each guess marked with what it rests on.
func Format(c *Choices) ([]byte, error) {
	w := &writer{c: c}
	top := &yaml.Node{Kind: yaml.MappingNode, HeadComment: head}
	for _, key := range scalars {
		w.scalar(top, key, key, *c.field(key))
	}
	w.list(top, "formats", c.Formats)
	w.list(top, "exclude", c.Exclude)
	w.table(top, "config", sortedKeys(c.Config), func(m *yaml.Node, name string) {
		v := c.Config[name]
		w.scalar(m, "way", "config."+name+".way", v.Way)
		w.flag(m, "secret", "config."+name+".secret", v.Secret)
	})
	w.table(top, "services", sortedKeys(c.Services), func(m *yaml.Node, name string) {
		v := c.Services[name]
		w.flag(m, "enable", "services."+name+".enable", v.Enable)
		w.scalar(m, "restart", "services."+name+".restart", v.Restart)
	})
	w.table(top, "downloads", sortedKeys(c.Downloads), nil)
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(&yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{top}}); err != nil {
		return nil, err
	}
	if len(c.Lint) > 0 {
		b.WriteString("lint:\n")
		b.Write(c.Lint)
	}
	return b.Bytes(), nil
}

// scalars are the keys with one word or line, in the order of the file.
var scalars = []string{
	"name", "version", "maintainer", "summary", "license", "arch", "layout", "old_dir", "code_dir", "account", "environment", "migrations",
}

type writer struct{ c *Choices }

func (w *writer) scalar(m *yaml.Node, name, key, value string) {
	if value == "" && w.c.Notes[key].Question == "" {
		return
	}
	v := &yaml.Node{}
	v.SetString(value)
	w.add(m, name, key, v)
}

func (w *writer) flag(m *yaml.Node, name, key string, value *bool) {
	if value != nil {
		w.add(m, name, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(*value)})
	}
}

func (w *writer) list(m *yaml.Node, key string, list []string) {
	if len(list) == 0 {
		return
	}
	seq := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, s := range list {
		v := &yaml.Node{}
		v.SetString(s)
		seq.Content = append(seq.Content, v)
	}
	w.add(m, key, key, seq)
}

func (w *writer) table(top *yaml.Node, key string, names []string, fill func(*yaml.Node, string)) {
	if len(names) == 0 {
		return
	}
	m := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range names {
		if fill == nil {
			v := &yaml.Node{}
			v.SetString(w.c.Downloads[name])
			w.add(m, name, key+"."+name, v)
			continue
		}
		sub := &yaml.Node{Kind: yaml.MappingNode}
		fill(sub, name)
		w.add(m, name, "", sub)
	}
	w.add(top, key, "", m)
}

// add appends a key with its value and the comment of its note. A question
// stands above the line, what a guess rests on behind it.
func (w *writer) add(m *yaml.Node, name, key string, v *yaml.Node) {
	k := &yaml.Node{}
	k.SetString(name)
	if n, ok := w.c.Notes[key]; ok && key != "" {
		if n.Question != "" {
			k.HeadComment = "question: " + oneLine(n.Question)
		}
		v.LineComment = n.comment()
		if v.Kind == yaml.ScalarNode && v.Value == "" {
			v.LineComment = oneLine(n.Why) // nothing was guessed
		}
	}
	m.Content = append(m.Content, k, v)
}

// comment is the mark of a guess with what it rests on.
func (n Note) comment() string {
	if !n.Guessed {
		return oneLine(n.Why)
	}
	s := mark
	if n.Why != "" {
		s += ": " + oneLine(n.Why)
	}
	var at []string
	for _, p := range n.At[:min(len(n.At), 3)] {
		at = append(at, p.String())
	}
	if len(at) > 0 {
		s += " (" + oneLine(strings.Join(at, ", ")) + ")"
	}
	return s
}

// mark begins the comment of a guessed value.
const mark = "guessed"

func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))), " ")
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
