package input

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// The bounds on a YAML file: aliases may make a small file large.
const (
	maxYAMLDepth = 64
	maxYAMLNodes = 200_000
)

// A yamlReader turns yaml.v3 nodes into ours.
type yamlReader struct {
	r     *reader
	data  []byte // what was given to the library, of the same length
	holes []string
	left  int           // nodes that may still be made
	wide  map[int][]int // offsets of the characters of lines that are not ASCII
}

// yaml reads all documents of the file. Expressions of templates are kept:
// ${{ ... }} and {{ ... }} are hidden from the YAML reader and put back.
func (r *reader) yaml() []*node {
	y := &yamlReader{r: r, left: maxYAMLNodes, wide: map[int][]int{}}
	y.data = y.mask(r.data)
	var docs []*node
	dec := yaml.NewDecoder(bytes.NewReader(y.data))
	for len(docs) < 1000 {
		doc, err := decodeYAML(dec)
		if err != nil {
			y.complain(err)
			return docs
		}
		if doc == nil {
			return docs
		}
		if n := y.node(doc, 0); n != nil {
			docs = append(docs, n)
		}
	}
	return docs
}

// decodeYAML returns the next document, nil at the end. The library has
// panicked on broken input before; here that is an error.
func decodeYAML(dec *yaml.Decoder) (n *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			n, err = nil, fmt.Errorf("yaml: %v", p)
		}
	}()
	n = new(yaml.Node)
	if err := dec.Decode(n); err != nil {
		if err.Error() == "EOF" {
			return nil, nil
		}
		return nil, err
	}
	return n, nil
}

var yamlLine = lazyregexp.New(`line (\d+)`)

func (y *yamlReader) complain(err error) {
	off := 0
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		if n, _ := strconv.Atoi(m[1]); n >= 1 && n <= len(y.r.starts) {
			off = y.r.starts[n-1]
		}
	}
	y.r.problem(off, "not valid YAML: "+strings.TrimPrefix(err.Error(), "yaml: "))
}

var (
	templateExpr = lazyregexp.New(`\$?\{\{[^\n]*?\}\}|<%[^\n]*?%>`)
	templateLine = lazyregexp.New(`(?m)^[ \t]*(<%[^=\n][^\n]*%>|\{%[^\n]*%\})[ \t]*$`)
)

// holeMark starts a masked expression: a private-use character, three bytes.
const holeMark = "\uE000"

const holeDigits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// mask hides template expressions behind marks of the same length, and makes
// comments of lines that are statements of a template.
func (y *yamlReader) mask(data []byte) []byte {
	data = templateLine.ReplaceAllFunc(data, func(l []byte) []byte {
		return append([]byte("#"), bytes.Repeat([]byte("_"), len(l)-1)...)
	})
	return templateExpr.ReplaceAllFunc(data, func(expr []byte) []byte {
		i, n := len(y.holes), len(holeDigits)
		if i >= n*n || len(expr) < 5 {
			return expr
		}
		y.holes = append(y.holes, string(expr))
		out := append([]byte(holeMark), holeDigits[i/n], holeDigits[i%n])
		return append(out, bytes.Repeat([]byte("_"), len(expr)-5)...)
	})
}

// unmask puts the expressions back; lengths stay the same.
func (y *yamlReader) unmask(s string) string {
	if !strings.Contains(s, holeMark) {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, holeMark)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		s = after
		if len(s) < 2 {
			continue
		}
		i := strings.IndexByte(holeDigits, s[0])*len(holeDigits) + strings.IndexByte(holeDigits, s[1])
		if i < 0 || i >= len(y.holes) || len(s) < len(y.holes[i])-3 {
			continue
		}
		b.WriteString(y.holes[i])
		s = s[len(y.holes[i])-3:]
	}
}

// offset is the byte that a node starts at: the library counts columns in
// characters.
func (y *yamlReader) offset(line, col int) int {
	if line < 1 || line > len(y.r.starts) {
		return 0
	}
	start, end := y.r.starts[line-1], len(y.data)
	if line < len(y.r.starts) {
		end = y.r.starts[line]
	}
	chars, known := y.wide[line]
	if !known {
		chars = characters(y.data[start:end])
		y.wide[line] = chars
	}
	if chars == nil {
		return min(start+max(col-1, 0), end)
	}
	return start + chars[min(max(col-1, 0), len(chars)-1)]
}

// characters are the offsets of the characters of a line and of its end, nil
// when all are ASCII.
func characters(line []byte) []int {
	if !slices.ContainsFunc(line, func(b byte) bool { return b >= 0x80 }) {
		return nil
	}
	var out []int
	for i := range string(line) {
		out = append(out, i)
	}
	return append(out, len(line))
}

func (y *yamlReader) node(n *yaml.Node, depth int) *node {
	if y.left--; y.left < 0 || depth > maxYAMLDepth {
		return nil
	}
	off := y.offset(n.Line, n.Column)
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) > 0 {
			return y.node(n.Content[0], depth+1)
		}
	case yaml.AliasNode:
		if n.Alias != nil {
			return y.node(n.Alias, depth+1)
		}
	case yaml.SequenceNode:
		return y.sequence(n, off, depth)
	case yaml.MappingNode:
		return y.mapping(n, off, depth)
	case yaml.ScalarNode:
		return y.scalar(n, off)
	}
	return nil
}

func (y *yamlReader) sequence(n *yaml.Node, off, depth int) *node {
	out := &node{kind: listNode, off: off}
	for _, c := range n.Content {
		if item := y.node(c, depth+1); item != nil {
			out.items = append(out.items, item)
		}
	}
	return out
}

// mapping reads a table; a merge key "<<" gives defaults.
func (y *yamlReader) mapping(n *yaml.Node, off, depth int) *node {
	out := &node{kind: tableNode, off: off}
	var merged []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		val := y.node(n.Content[i+1], depth+1)
		if val == nil {
			continue
		}
		if key.Value == "<<" && key.Tag == "!!merge" {
			merged = append(merged, val.entries...)
			for _, item := range val.items {
				merged = append(merged, item.entries...)
			}
			continue
		}
		out.entries = append(out.entries, entry{y.unmask(key.Value), y.offset(key.Line, key.Column), val})
	}
	if len(merged) > 0 {
		out.entries = append(merged[:len(merged):len(merged)], out.entries...)
	}
	return out
}

func (y *yamlReader) scalar(n *yaml.Node, off int) *node {
	value := y.unmask(n.Value)
	if n.Tag == "!!null" {
		value = ""
	}
	out := &node{kind: scalarNode, off: off, str: n.Tag == "!!str"}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		out.val = y.block(value, n.Line)
		return out
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		off++
	}
	out.val = align(value, y.r.src[min(off, len(y.r.src)):], off)
	return out
}

// block maps a block scalar, whose header is on line header: its text starts
// on the next line, less the indentation of its first line that is not blank.
func (y *yamlReader) block(value string, header int) text {
	if header >= len(y.r.starts) {
		return plain(value, len(y.r.data))
	}
	var w weave
	raw := y.r.lines()[header:]
	indent := 0
	for _, l := range raw {
		if strings.TrimSpace(l.text) != "" {
			indent = len(l.text) - len(strings.TrimLeft(l.text, " "))
			break
		}
	}
	i, rest := 0, value
	for rest != "" && i < len(raw) {
		l := raw[i]
		i++
		body := l.text[min(indent, len(l.text)):]
		at := l.off + len(l.text) - len(body)
		if body == "" {
			if rest[0] == '\n' {
				w.add("\n", at)
				rest = rest[1:]
			}
			continue
		}
		if !strings.HasPrefix(rest, body) {
			break
		}
		rest = rest[len(body):]
		w.add(body, at)
		if rest != "" && (rest[0] == '\n' || rest[0] == ' ') {
			w.add(rest[:1], at+len(body))
			rest = rest[1:]
		}
	}
	if rest != "" { // indentation given by number, or another surprise
		w.stand(rest, y.r.starts[header])
	}
	return w.text()
}
