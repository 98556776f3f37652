package input

import (
	"strings"

	"github.com/nativize/nativize/analyze/source"
)

// The kinds of nodes.
type nodeKind int

const (
	scalarNode nodeKind = iota
	listNode
	tableNode
	opaqueNode // an expression that is not a literal; its text is in val
)

// A node is a value of a YAML, TOML, JSON or JavaScript file. The nil node is
// an absent value; every method takes it.
type node struct {
	kind    nodeKind
	off     int  // of its first byte in the file
	val     text // of scalars and opaque expressions
	str     bool // a scalar written as string
	items   []*node
	entries []entry
}

// An entry is one key of a table, in the file's order.
type entry struct {
	key string
	off int // of the key
	val *node
}

// get returns the value at a path of keys, nil if there is none.
func (n *node) get(keys ...string) *node {
	for _, key := range keys {
		n = n.child(key)
	}
	return n
}

func (n *node) child(key string) *node {
	if n == nil || n.kind != tableNode {
		return nil
	}
	for i := len(n.entries) - 1; i >= 0; i-- {
		if n.entries[i].key == key {
			return n.entries[i].val
		}
	}
	return nil
}

// text is the scalar, "" when n is not one.
func (n *node) text() string {
	if n == nil || n.kind != scalarNode {
		return ""
	}
	return n.val.s
}

func (n *node) offset() int {
	if n == nil {
		return 0
	}
	if n.kind == scalarNode && len(n.val.marks) > 0 {
		return n.val.off()
	}
	return n.off
}

func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	return n.items
}

func (n *node) table() []entry {
	if n == nil {
		return nil
	}
	return n.entries
}

// scalars are the elements of a list of scalars; a lone scalar is a list of one.
func (n *node) scalars() []*node {
	if n == nil {
		return nil
	}
	switch n.kind {
	case scalarNode:
		return []*node{n}
	case listNode:
		var out []*node
		for _, item := range n.items {
			if item.kind == scalarNode {
				out = append(out, item)
			}
		}
		return out
	}
	return nil
}

// texts are the texts of scalars.
func (n *node) texts() []string {
	var out []string
	for _, s := range n.scalars() {
		out = append(out, s.val.s)
	}
	return out
}

// field reads the scalar at a path of keys into dst and notes its place under
// name in the App.
func (r *reader) field(dst *string, name string, n *node) {
	if s := strings.TrimSpace(n.text()); s != "" && *dst == "" {
		*dst = s
		r.from(name, n.offset())
	}
}

// from notes where a field of the App was read.
func (r *reader) from(name string, off int) {
	if r.out.App.From == nil {
		r.out.App.From = map[string]source.Pos{}
	}
	r.out.App.From[name] = r.pos(off)
}

// set gives an App field a value that was read at off, unless it has one.
func (r *reader) set(dst *string, name, value string, off int) {
	if value = strings.TrimSpace(value); value != "" && *dst == "" {
		*dst = value
		r.from(name, off)
	}
}
