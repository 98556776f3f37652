package choices

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// An Error is a place of nativize.yaml that cannot be read.
type Error struct {
	File      string
	Line, Col int
	Text      string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Text)
}

// maxSize is the size, in bytes, beyond which the file is not read.
const maxSize = 1 << 20

// Parse reads nativize.yaml; name stands in errors. Every key must be known and
// every value valid: the error, an *Error, has the place and what would do.
func Parse(name string, data []byte) (*Choices, error) {
	r := &reader{name: name, c: &Choices{Notes: map[string]Note{}}, data: data}
	if len(data) > maxSize {
		return nil, &Error{File: name, Text: fmt.Sprintf("is %d bytes, more than a file of choices has", len(data))}
	}
	f, err := parser.ParseBytes(data, parser.ParseComments)
	if err != nil {
		return nil, &Error{File: name, Text: strings.TrimSpace(firstLine(err.Error()))}
	}
	if len(f.Docs) > 1 && f.Docs[1].Body != nil {
		return nil, r.err(f.Docs[1].Body, "there is a second document; one is read")
	}
	if len(f.Docs) == 0 || f.Docs[0].Body == nil {
		return r.c, nil
	}
	if f.Docs[0].Body.Type() == ast.CommentType || f.Docs[0].Body.Type() == ast.NullType {
		return r.c, nil
	}
	if err := r.top(f.Docs[0].Body); err != nil {
		return nil, err
	}
	return r.c, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

type reader struct {
	name string
	data []byte
	c    *Choices
}

func (r *reader) err(n ast.Node, format string, args ...any) error {
	e := &Error{File: r.name, Text: fmt.Sprintf(format, args...)}
	if t := n.GetToken(); t != nil && t.Position != nil {
		e.Line, e.Col = t.Position.Line, t.Position.Column
	}
	return e
}

// pairs are the keys of a mapping; a key that stands twice is an error.
func (r *reader) pairs(n ast.Node, what string) ([]*ast.MappingValueNode, error) {
	var list []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		list = n.Values
	case *ast.MappingValueNode:
		list = []*ast.MappingValueNode{n}
	default:
		return nil, r.err(n, "%s is a table of keys and values", what)
	}
	seen := map[string]bool{}
	for _, v := range list {
		k := keyOf(v)
		if seen[k] {
			return nil, r.err(v.Key, "%s stands twice", k)
		}
		seen[k] = true
	}
	return list, nil
}

func keyOf(v *ast.MappingValueNode) string { return v.Key.GetToken().Value }

// Keys are the keys of the file.
func Keys() []string {
	out := append(slices.Clone(scalars), "formats", "exclude", "config", "services", "downloads", "lint")
	slices.Sort(out)
	return out
}

func (r *reader) top(n ast.Node) error {
	list, err := r.pairs(n, "the file")
	if err != nil {
		return err
	}
	for i, v := range list {
		key := keyOf(v)
		switch {
		case r.c.field(key) != nil:
			err = r.scalar(v, key, r.c.field(key), check(key))
		case key == "formats":
			r.c.Formats, err = r.list(v, checkFormat)
		case key == "exclude":
			r.c.Exclude, err = r.list(v, checkPattern)
		case key == "config":
			err = r.table(v, checkEtc, r.config)
		case key == "services":
			err = r.table(v, checkUnit, r.service)
		case key == "downloads":
			err = r.downloads(v)
		case key == "lint":
			r.lint(list, i)
		default:
			return r.err(v.Key, "%q is no key; the keys are %s", key, strings.Join(Keys(), ", "))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) scalar(v *ast.MappingValueNode, key string, to *string, ok checker) error {
	s, err := r.text(v.Value, key)
	if err != nil {
		return err
	}
	if s != "" {
		if why := ok(s); why != "" {
			return r.err(v.Value, "%s: %s", key, why)
		}
	}
	*to = s
	r.note(v, key)
	return nil
}

// note reads the mark of a guess back.
func (r *reader) note(v *ast.MappingValueNode, key string) {
	for _, n := range []ast.Node{v.Value, v} {
		g := n.GetComment()
		if g == nil {
			continue
		}
		for _, c := range g.Comments {
			text := strings.TrimSpace(c.Token.Value)
			if strings.HasPrefix(text, mark) {
				note := r.c.Notes[key]
				note.Guessed, note.Why = true, strings.TrimLeft(strings.TrimPrefix(text, mark), ": ")
				r.c.Note(key, note)
			}
			if q, ok := strings.CutPrefix(text, "question: "); ok {
				note := r.c.Notes[key]
				note.Question = q
				r.c.Note(key, note)
			}
		}
	}
}

// text is the value of a scalar.
func (r *reader) text(n ast.Node, what string) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.LiteralNode:
		return strings.TrimRight(n.Value.Value, "\n"), nil
	case *ast.NullNode:
		return "", nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, nil
	}
	return "", r.err(n, "%s is one line of text", what)
}

func (r *reader) list(v *ast.MappingValueNode, ok checker) ([]string, error) {
	seq, isSeq := v.Value.(*ast.SequenceNode)
	if !isSeq {
		return nil, r.err(v.Value, "%s is a list", keyOf(v))
	}
	var out []string
	for _, n := range seq.Values {
		s, err := r.text(n, "an element of "+keyOf(v))
		if err != nil {
			return nil, err
		}
		if why := ok(s); why != "" {
			return nil, r.err(n, "%s: %s", keyOf(v), why)
		}
		out = append(out, s)
	}
	return out, nil
}

// table reads a table of tables; name checks the keys.
func (r *reader) table(v *ast.MappingValueNode, name checker, entry func(string, *ast.MappingValueNode) error) error {
	list, err := r.pairs(v.Value, keyOf(v))
	if err != nil {
		return err
	}
	for _, sub := range list {
		if why := name(keyOf(sub)); why != "" {
			return r.err(sub.Key, "%s: %s", keyOf(v), why)
		}
		if err := entry(keyOf(sub), sub); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) config(name string, v *ast.MappingValueNode) error {
	list, err := r.pairs(v.Value, name)
	if err != nil {
		return err
	}
	var c Config
	for _, kv := range list {
		key := "config." + name + "." + keyOf(kv)
		switch keyOf(kv) {
		case "way":
			err = r.scalar(kv, key, &c.Way, oneOf(Link, DirLink, EnvFile, InPlace, CodeFile))
		case "secret":
			c.Secret, err = r.bool(kv, key)
		default:
			err = r.err(kv.Key, "%q is no key of a configuration file; the keys are secret, way", keyOf(kv))
		}
		if err != nil {
			return err
		}
	}
	if r.c.Config == nil {
		r.c.Config = map[string]Config{}
	}
	r.c.Config[name] = c
	return nil
}

func (r *reader) service(name string, v *ast.MappingValueNode) error {
	list, err := r.pairs(v.Value, name)
	if err != nil {
		return err
	}
	var s Service
	for _, kv := range list {
		key := "services." + name + "." + keyOf(kv)
		switch keyOf(kv) {
		case "enable":
			s.Enable, err = r.bool(kv, key)
		case "restart":
			err = r.scalar(kv, key, &s.Restart, oneOf(Restart, Reload, None))
		default:
			err = r.err(kv.Key, "%q is no key of a service; the keys are enable, restart", keyOf(kv))
		}
		if err != nil {
			return err
		}
	}
	if r.c.Services == nil {
		r.c.Services = map[string]Service{}
	}
	r.c.Services[name] = s
	return nil
}

func (r *reader) bool(v *ast.MappingValueNode, key string) (*bool, error) {
	b, ok := v.Value.(*ast.BoolNode)
	if !ok {
		return nil, r.err(v.Value, "%s: %q is neither true nor false", key, v.Value.GetToken().Value)
	}
	r.note(v, key)
	return &b.Value, nil
}

func (r *reader) downloads(v *ast.MappingValueNode) error {
	list, err := r.pairs(v.Value, "downloads")
	if err != nil {
		return err
	}
	r.c.Downloads = map[string]string{}
	for _, kv := range list {
		var sum string
		if err := r.scalar(kv, "downloads."+keyOf(kv), &sum, checkDigest); err != nil {
			return err
		}
		r.c.Downloads[keyOf(kv)] = sum
	}
	return nil
}

// lint keeps the text of its section: another part reads it.
func (r *reader) lint(list []*ast.MappingValueNode, i int) {
	lines := strings.SplitAfter(string(r.data), "\n")
	from, to := list[i].Key.GetToken().Position.Line, len(lines)
	if i+1 < len(list) {
		to = list[i+1].Key.GetToken().Position.Line - 1
	}
	if from < to && to <= len(lines) {
		r.c.Lint = []byte(strings.Join(lines[from:to], ""))
	}
}
