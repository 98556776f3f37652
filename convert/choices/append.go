package choices

import (
	"bytes"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"go.yaml.in/yaml/v3"
)

// Append adds to the text of nativize.yaml what c has guessed and the text does
// not have, each with what it rests on. Every line of the text stays as it is:
// a new key of the file is put at its end, a new file or service at the end of
// its table. A table in the flow style ({...}) cannot be added to; what is new
// in it stays out. The result is text itself when nothing is new.
func Append(text []byte, c *Choices) ([]byte, error) {
	have, err := Parse(FileName, text)
	if err != nil {
		return nil, err
	}
	a := &appender{w: &writer{c: c}, c: c, have: have, after: map[int][]string{}}
	a.readTables(text)
	a.top()
	a.tables()
	if a.err != nil {
		return nil, a.err
	}
	return a.result(text)
}

// An appender gathers what is put behind which line.
type appender struct {
	w     *writer
	c     *Choices
	have  *Choices
	at    map[string]*table
	after map[int][]string // by line, from 1
	end   []string
	err   error
}

// A table is a block of the file: config, services, downloads.
type table struct {
	flow    bool
	last    int // line
	indent  int
	entries map[string]*table
}

// readTables finds where each table and each of its entries ends.
func (a *appender) readTables(text []byte) {
	a.at = map[string]*table{}
	f, err := parser.ParseBytes(text, 0)
	if err != nil || len(f.Docs) == 0 || f.Docs[0].Body == nil {
		return
	}
	for _, v := range valuesOf(f.Docs[0].Body) {
		t := tableOf(v)
		for _, e := range valuesOf(v.Value) {
			t.entries[keyOf(e)] = tableOf(e)
		}
		a.at[keyOf(v)] = t
	}
}

func valuesOf(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

func tableOf(v *ast.MappingValueNode) *table {
	t := &table{last: lastLine(v), indent: v.Key.GetToken().Position.Column + 1, entries: map[string]*table{}}
	list := valuesOf(v.Value)
	if m, ok := v.Value.(*ast.MappingNode); ok {
		t.flow = m.IsFlowStyle
	}
	if len(list) > 0 {
		t.indent = list[0].Key.GetToken().Position.Column - 1
	}
	return t
}

// lastLine is the last line on which something of a node stands.
func lastLine(v *ast.MappingValueNode) int {
	line := v.Key.GetToken().Position.Line
	if t := v.Value.GetToken(); t != nil && t.Position != nil {
		line = max(line, t.Position.Line)
		if _, block := v.Value.(*ast.LiteralNode); block {
			line += strings.Count(strings.TrimRight(v.Value.(*ast.LiteralNode).Value.GetToken().Origin, "\n"), "\n") + 1
		}
	}
	for _, e := range valuesOf(v.Value) {
		line = max(line, lastLine(e))
	}
	return line
}

// top adds keys of the file.
func (a *appender) top() {
	for _, key := range scalars {
		if value := *a.c.field(key); a.isNew(key) && (value != "" || a.c.Notes[key].Question != "") {
			a.put(nil, func(m *yaml.Node) { a.w.scalar(m, key, key, value) })
		}
	}
	if a.isNew("formats") {
		a.put(nil, func(m *yaml.Node) { a.w.list(m, "formats", a.c.Formats) })
	}
}

// isNew tells of a key that was guessed and that the text does not have. What
// --set says is for one run and has no note.
func (a *appender) isNew(key string) bool {
	_, noted := a.c.Notes[key]
	_, written := a.have.Notes[key]
	return noted && !written && a.at[key] == nil
}

// put adds what fill writes at the end of a table, nil the file.
func (a *appender) put(t *table, fill func(*yaml.Node)) {
	m := &yaml.Node{Kind: yaml.MappingNode}
	fill(m)
	if len(m.Content) == 0 || a.err != nil {
		return
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if a.err = enc.Encode(m); a.err != nil {
		return
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if t == nil {
		a.end = append(a.end, lines...)
		return
	}
	for i, l := range lines {
		lines[i] = strings.Repeat(" ", t.indent) + l
	}
	a.after[t.last] = append(a.after[t.last], lines...)
}

// tables adds files, services and downloads.
func (a *appender) tables() {
	a.table("config", sortedKeys(a.c.Config), []string{"way", "secret"}, func(m *yaml.Node, name, field string) {
		v, key := a.c.Config[name], "config."+name+"."+field
		if field == "way" {
			a.w.scalar(m, field, key, v.Way)
		} else {
			a.w.flag(m, field, key, v.Secret)
		}
	})
	a.table("services", sortedKeys(a.c.Services), []string{"enable", "restart"}, func(m *yaml.Node, name, field string) {
		v, key := a.c.Services[name], "services."+name+"."+field
		if field == "restart" {
			a.w.scalar(m, field, key, v.Restart)
		} else {
			a.w.flag(m, field, key, v.Enable)
		}
	})
	a.downloads()
}

func (a *appender) table(key string, names, fields []string, write func(m *yaml.Node, name, field string)) {
	t := a.at[key]
	if t != nil && t.flow {
		return
	}
	whole := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range names {
		var entry *table
		if t != nil {
			entry = t.entries[name]
		}
		sub := &yaml.Node{Kind: yaml.MappingNode}
		for _, f := range fields {
			if _, noted := a.c.Notes[key+"."+name+"."+f]; noted && (entry == nil || entry.entries[f] == nil && !a.has(key, name, f)) {
				write(sub, name, f)
			}
		}
		switch {
		case len(sub.Content) == 0 || entry != nil && entry.flow:
		case entry != nil:
			a.put(entry, func(m *yaml.Node) { m.Content = sub.Content })
		default:
			a.w.add(whole, name, "", sub)
		}
	}
	a.rest(key, t, whole)
}

// has tells whether the text says a field of a file or service.
func (a *appender) has(key, name, field string) bool {
	switch key + "." + field {
	case "config.way":
		return a.have.Config[name].Way != ""
	case "config.secret":
		return a.have.Config[name].Secret != nil
	case "services.enable":
		return a.have.Services[name].Enable != nil
	}
	return a.have.Services[name].Restart != ""
}

func (a *appender) downloads() {
	t := a.at["downloads"]
	if t != nil && t.flow {
		return
	}
	whole := &yaml.Node{Kind: yaml.MappingNode}
	for _, url := range sortedKeys(a.c.Downloads) {
		if _, ok := a.have.Downloads[url]; ok || a.c.Notes["downloads."+url].Question == "" {
			continue
		}
		v := &yaml.Node{}
		v.SetString(a.c.Downloads[url])
		a.w.add(whole, url, "downloads."+url, v)
	}
	a.rest("downloads", t, whole)
}

// rest adds entries to a table, or the table to the file.
func (a *appender) rest(key string, t *table, whole *yaml.Node) {
	switch {
	case len(whole.Content) == 0:
	case t != nil:
		a.put(t, func(m *yaml.Node) { m.Content = whole.Content })
	default:
		a.put(nil, func(m *yaml.Node) { a.w.add(m, key, "", whole) })
	}
}

// result is the text with what was gathered, which must read as what it was
// and what was added.
func (a *appender) result(text []byte) ([]byte, error) {
	if len(a.after)+len(a.end) == 0 {
		return text, nil
	}
	lines := strings.SplitAfter(string(text), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	var b strings.Builder
	for i, l := range lines {
		b.WriteString(l)
		add := a.after[i+1]
		if i == len(lines)-1 {
			add = slices.Concat(add, a.end)
		}
		if len(add) > 0 && !strings.HasSuffix(l, "\n") {
			b.WriteString("\n")
		}
		for _, n := range add {
			b.WriteString(n + "\n")
		}
	}
	if len(lines) == 0 {
		b.WriteString(strings.Join(a.end, "\n") + "\n")
	}
	out := []byte(b.String())
	if _, err := Parse(FileName, out); err != nil {
		return text, nil // of a form that cannot be added to
	}
	return out, nil
}
