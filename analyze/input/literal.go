package input

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLiteralDepth bounds the nesting of values that are read.
const maxLiteralDepth = 200

// A literalReader reads JSON, JSON with comments and trailing commas, and the
// literals of JavaScript: objects, arrays, strings, numbers and names. Any
// other expression is one opaque node with its text.
type literalReader struct {
	r   *reader
	src string
	i   int
}

// json reads the file as one literal, nil if it is empty.
func (r *reader) json() *node {
	l := &literalReader{r: r, src: r.src}
	l.i = len(l.src) - len(strings.TrimPrefix(l.src, "\uFEFF"))
	l.space()
	if l.i == len(l.src) {
		return nil
	}
	n := l.value(0)
	if l.space(); l.i < len(l.src) {
		r.problem(l.i, "there is text after the end of the value")
	}
	return n
}

// literalAt reads the literal that starts at off.
func (r *reader) literalAt(off int) *node {
	l := &literalReader{r: r, src: r.src, i: off}
	l.space()
	return l.value(0)
}

// space skips white space and comments.
func (l *literalReader) space() {
	for l.i < len(l.src) {
		rest := l.src[l.i:]
		switch {
		case strings.HasPrefix(rest, "//"):
			l.i = indexFrom(l.src, "\n", l.i)
		case strings.HasPrefix(rest, "/*"):
			l.i = min(indexFrom(l.src, "*/", l.i+2)+2, len(l.src))
		case strings.IndexByte(" \t\r\n\v\f", rest[0]) >= 0:
			l.i++
		default:
			return
		}
	}
}

// indexFrom finds sep in s from i on; the end of s if it is not there.
func indexFrom(s, sep string, i int) int {
	if i >= len(s) {
		return len(s)
	}
	if k := strings.Index(s[i:], sep); k >= 0 {
		return i + k
	}
	return len(s)
}

func (l *literalReader) value(depth int) *node {
	if l.i >= len(l.src) || depth > maxLiteralDepth {
		return l.opaque(l.i)
	}
	start := l.i
	var n *node
	switch c := l.src[l.i]; {
	case c == '{':
		n = l.object(depth)
	case c == '[':
		n = l.array(depth)
	case c == '"' || c == '\'' || c == '`':
		n = l.string()
	case c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9' || isNameStart(rune(c)) || c >= utf8.RuneSelf:
		n = l.word()
	default:
		return l.opaque(start)
	}
	if l.space(); l.i < len(l.src) && !strings.ContainsRune(",]}:;)", rune(l.src[l.i])) && depth > 0 {
		return l.opaque(start)
	}
	return n
}

// opaque skips an expression up to the comma or bracket that ends it.
func (l *literalReader) opaque(start int) *node {
	l.i = max(l.i, start)
	depth := 0
	for l.i < len(l.src) {
		switch c := l.src[l.i]; c {
		case '"', '\'', '`':
			l.string()
			continue
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return l.opaqueNode(start)
			}
			depth--
		case ',', ';':
			if depth == 0 {
				return l.opaqueNode(start)
			}
		case '/':
			before := l.i
			if l.space(); l.i > before {
				continue
			}
		}
		l.i++
	}
	return l.opaqueNode(start)
}

func (l *literalReader) opaqueNode(start int) *node {
	return &node{kind: opaqueNode, off: start, val: plain(l.src[start:l.i], start).trim()}
}

func (l *literalReader) object(depth int) *node {
	n := &node{kind: tableNode, off: l.i}
	l.i++
	for {
		l.space()
		if l.i >= len(l.src) {
			l.r.problem(n.off, "the object is not closed")
			return n
		}
		switch l.src[l.i] {
		case '}':
			l.i++
			return n
		case ',':
			l.i++
			continue
		}
		if !l.member(n, depth) {
			return n
		}
	}
}

// member reads "key: value"; it reports whether it got further.
func (l *literalReader) member(n *node, depth int) bool {
	start := l.i
	key, ok := l.key()
	l.space()
	if ok && l.i < len(l.src) && l.src[l.i] == ':' {
		l.i++
		l.space()
		n.entries = append(n.entries, entry{key, start, l.value(depth + 1)})
		return true
	}
	// a method, a spread, a shorthand name: nothing literal
	l.opaque(start)
	if l.i < len(l.src) && (l.src[l.i] == ',' || l.src[l.i] == '}') {
		return true
	}
	l.r.problem(start, "a key with a value was expected")
	return false
}

func (l *literalReader) key() (string, bool) {
	switch c := l.src[l.i]; {
	case c == '"' || c == '\'':
		n := l.string()
		return n.val.s, true
	case isNameStart(rune(c)) || c >= '0' && c <= '9' || c >= utf8.RuneSelf:
		start := l.i
		for l.i < len(l.src) && isNamePart(l.src, l.i) {
			l.i++
		}
		return l.src[start:l.i], true
	}
	return "", false
}

func (l *literalReader) array(depth int) *node {
	n := &node{kind: listNode, off: l.i}
	l.i++
	for {
		l.space()
		if l.i >= len(l.src) {
			l.r.problem(n.off, "the list is not closed")
			return n
		}
		switch l.src[l.i] {
		case ']':
			l.i++
			return n
		case ',':
			l.i++
			continue
		}
		before := l.i
		n.items = append(n.items, l.value(depth+1))
		if l.i == before {
			l.r.problem(l.i, fmt.Sprintf("%q was not expected here", l.src[l.i:l.i+1]))
			return n
		}
	}
}

// string reads a quoted string. A template string with ${...} is kept with
// the expression in it.
func (l *literalReader) string() *node {
	quote, start := l.src[l.i], l.i
	var w weave
	for l.i++; l.i < len(l.src); l.i++ {
		switch c := l.src[l.i]; {
		case c == quote:
			l.i++
			return &node{kind: scalarNode, off: start, val: orEmpty(w, start+1), str: true}
		case c == '\\' && l.i+1 < len(l.src):
			s, n := unescape(l.src[l.i:])
			w.add(s, l.i)
			l.i += n - 1
		case c == '\n' && quote != '`':
			l.r.problem(start, "the string is not closed")
			return &node{kind: scalarNode, off: start, val: orEmpty(w, start+1), str: true}
		default:
			w.add(l.src[l.i:l.i+1], l.i)
		}
	}
	l.r.problem(start, "the string is not closed")
	return &node{kind: scalarNode, off: start, val: orEmpty(w, start+1), str: true}
}

func orEmpty(w weave, off int) text {
	if w.len() == 0 {
		return plain("", off)
	}
	return w.text()
}

// unescape reads the backslash escape at the start of s: what it stands for,
// and its length. Escapes that JSON lacks stand for their letter.
func unescape(s string) (string, int) {
	switch s[1] {
	case 'n':
		return "\n", 2
	case 't':
		return "\t", 2
	case 'r':
		return "\r", 2
	case 'b', 'f', 'v', '0':
		return " ", 2
	case '\n':
		return "", 2
	case 'u':
		if len(s) >= 6 {
			var v rune
			if _, err := fmt.Sscanf(s[2:6], "%04x", &v); err == nil {
				return string(v), 6
			}
		}
	}
	_, n := utf8.DecodeRuneInString(s[1:])
	return s[1 : 1+n], 1 + n
}

// word reads a number or a name; names other than true, false and null are
// opaque: they stand for a value that is elsewhere.
func (l *literalReader) word() *node {
	start := l.i
	for l.i < len(l.src) && (isNamePart(l.src, l.i) || l.src[l.i] == '.' || l.src[l.i] == '-' || l.src[l.i] == '+') {
		l.i++
	}
	w := l.src[start:l.i]
	n := &node{kind: scalarNode, off: start, val: plain(w, start)}
	if w == "null" || w == "undefined" {
		n.val = plain("", start)
	} else if w != "true" && w != "false" && (w == "" || isNameStart(rune(w[0])) || w[0] >= utf8.RuneSelf) {
		n.kind = opaqueNode
	}
	return n
}

func isNameStart(c rune) bool {
	return c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isNamePart(s string, i int) bool {
	c := rune(s[i])
	return isNameStart(c) || unicode.IsDigit(c) || c >= utf8.RuneSelf
}
