package input

import (
	"fmt"

	"github.com/pelletier/go-toml/v2/unstable"
)

// maxTOMLDepth bounds the nesting of values that are read.
const maxTOMLDepth = 64

// toml reads the file as far as it is valid.
func (r *reader) toml() *node {
	root := &node{kind: tableNode}
	var p unstable.Parser
	if err := r.readTOML(&p, root); err != nil {
		off := 0
		if pe, ok := err.(*unstable.ParserError); ok && len(pe.Highlight) > 0 {
			off = int(p.Range(pe.Highlight).Offset)
		}
		r.problem(off, "not valid TOML: "+err.Error())
	}
	return root
}

func (r *reader) readTOML(p *unstable.Parser, root *node) (err error) {
	defer func() { // the library is marked unstable
		if v := recover(); v != nil {
			err = fmt.Errorf("toml: %v", v)
		}
	}()
	p.Reset(r.data)
	current := root
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			current = descend(root, r.tomlKeys(p, e.Key()))
		case unstable.ArrayTable:
			current = appendTable(root, r.tomlKeys(p, e.Key()))
		case unstable.KeyValue:
			r.tomlEntry(p, current, e, 0)
		}
	}
	return p.Error()
}

// tomlKeys reads a dotted key as entries without values.
func (r *reader) tomlKeys(p *unstable.Parser, it unstable.Iterator) []entry {
	var keys []entry
	for it.Next() {
		k := it.Node()
		keys = append(keys, entry{key: string(k.Data), off: tomlOffset(k)})
	}
	return keys
}

func tomlOffset(n *unstable.Node) int { return int(n.Raw.Offset) }

// descend returns the table that the keys name, made where missing; of a list
// of tables, the last.
func descend(n *node, keys []entry) *node {
	for _, k := range keys {
		child := n.child(k.key)
		if child != nil && child.kind == listNode && len(child.items) > 0 {
			child = child.items[len(child.items)-1]
		}
		if child == nil || child.kind != tableNode {
			child = &node{kind: tableNode, off: k.off}
			n.entries = append(n.entries, entry{k.key, k.off, child})
		}
		n = child
	}
	return n
}

func appendTable(root *node, keys []entry) *node {
	if len(keys) == 0 {
		return root
	}
	last := keys[len(keys)-1]
	parent := descend(root, keys[:len(keys)-1])
	list := parent.child(last.key)
	if list == nil || list.kind != listNode {
		list = &node{kind: listNode, off: last.off}
		parent.entries = append(parent.entries, entry{last.key, last.off, list})
	}
	item := &node{kind: tableNode, off: last.off}
	list.items = append(list.items, item)
	return item
}

func (r *reader) tomlEntry(p *unstable.Parser, into *node, e *unstable.Node, depth int) {
	keys := r.tomlKeys(p, e.Key())
	if len(keys) == 0 {
		return
	}
	last := keys[len(keys)-1]
	into = descend(into, keys[:len(keys)-1])
	if v := r.tomlValue(p, e.Value(), last.off, depth); v != nil {
		into.entries = append(into.entries, entry{last.key, last.off, v})
	}
}

// tomlValue reads a value; lists and tables, which carry no range of their
// own, are at the offset near, that of their key.
func (r *reader) tomlValue(p *unstable.Parser, v *unstable.Node, near, depth int) *node {
	if depth > maxTOMLDepth {
		return nil
	}
	switch v.Kind {
	case unstable.Array:
		out := &node{kind: listNode, off: near}
		for it := v.Children(); it.Next(); {
			if item := r.tomlValue(p, it.Node(), near, depth+1); item != nil {
				out.items = append(out.items, item)
			}
		}
		return out
	case unstable.InlineTable:
		out := &node{kind: tableNode, off: near}
		for it := v.Children(); it.Next(); {
			if kv := it.Node(); kv.Kind == unstable.KeyValue {
				r.tomlEntry(p, out, kv, depth+1)
			}
		}
		return out
	}
	return r.tomlScalar(p, v, near)
}

func (r *reader) tomlScalar(p *unstable.Parser, v *unstable.Node, near int) *node {
	off, raw := near, string(v.Data)
	if v.Raw.Length > 0 {
		off, raw = tomlOffset(v), string(p.Raw(v.Raw))
	}
	n := &node{kind: scalarNode, off: off, str: v.Kind == unstable.String}
	if n.str {
		for len(raw) > 0 && (raw[0] == '"' || raw[0] == '\'') && raw != string(v.Data) {
			raw, off = raw[1:], off+1
		}
		n.val = align(string(v.Data), raw, off)
		return n
	}
	n.val = plain(string(v.Data), off)
	return n
}
