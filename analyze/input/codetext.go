package input

import (
	"strings"
)

// bracedHoles makes ${x} of the {x} of a Python format string.
func bracedHoles(t text) text {
	if !strings.Contains(t.s, "{") {
		return t
	}
	var w weave
	last := 0
	for i := 0; i < len(t.s); i++ {
		if t.s[i] != '{' {
			continue
		}
		end := strings.IndexByte(t.s[i:], '}')
		if end < 0 {
			break
		}
		w.addText(t.cut(last, i))
		w.stand(hole(t.s[i:i+end]), t.at(i))
		last = i + end + 1
		i = last - 1
	}
	w.addText(t.cut(last, len(t.s)))
	return w.text()
}

// quoted reads a string in quotes; what Ruby and Groovy interpolate becomes
// ${NAME}.
func (l *lexer) quoted() *node {
	q := l.src[l.i : l.i+1]
	start := l.i
	if l.style.triple && strings.HasPrefix(l.src[l.i:], q+q+q) {
		q += q + q
	}
	l.i += len(q)
	return l.until(start, q, "", q[0] != '\'')
}

// until reads up to the closing delimiter; open, if not empty, nests.
func (l *lexer) until(start int, end, open string, interpolate bool) *node {
	n := &node{kind: scalarNode, off: start, str: true}
	body := l.i
	var w weave
	depth := 0
	for l.i < len(l.src) {
		rest := l.src[l.i:]
		switch {
		case strings.HasPrefix(rest, end) && depth == 0:
			l.i += len(end)
			n.val = orEmpty(w, body)
			return n
		case rest[0] == '\\' && len(rest) > 1:
			l.escape(&w, rest, interpolate)
		case interpolate && l.style.ruby && strings.HasPrefix(rest, "#{"):
			l.interpolation(&w, 2)
		case interpolate && l.style.block && strings.HasPrefix(rest, "${"):
			l.interpolation(&w, 2)
		case len(end) == 1 && !l.style.ruby && rest[0] == '\n':
			n.val = orEmpty(w, body) // the string is not closed on its line
			return n
		default:
			if open != "" && strings.HasPrefix(rest, open) {
				depth++
			} else if strings.HasPrefix(rest, end) {
				depth--
			}
			w.add(rest[:1], l.i)
			l.i++
		}
	}
	n.val = orEmpty(w, body)
	return n
}

func (l *lexer) escape(w *weave, rest string, interpolate bool) {
	if !interpolate && !l.style.escapes {
		if rest[1] == '\'' || rest[1] == '\\' {
			w.add(rest[1:2], l.i+1)
		} else {
			w.add(rest[:2], l.i)
		}
		l.i += 2
		return
	}
	s, n := unescape(rest)
	w.add(s, l.i+n-len(s))
	l.i += n
}

// interpolation skips a braced expression and adds a hole for it.
func (l *lexer) interpolation(w *weave, open int) {
	start := l.i
	depth := 0
	for l.i < len(l.src) {
		switch l.src[l.i] {
		case '{':
			depth++
		case '}':
			depth--
			if depth == 0 {
				l.i++
				w.stand(hole(l.src[start+open:l.i-1]), start)
				return
			}
		}
		l.i++
	}
}

// symbol reads :name and :"name"; a hash key "name:" is not one.
func (l *lexer) symbol() bool {
	if l.i+1 >= len(l.src) || l.i > 0 && (isNamePart(l.src, l.i-1) || l.src[l.i-1] == ':') {
		return false
	}
	start := l.i
	switch next := l.src[l.i+1]; {
	case next == '"' || next == '\'':
		l.i++
		l.add(symbolToken, start, l.quoted())
		return true
	case isNameStart(rune(next)):
		l.i++
		for l.i < len(l.src) && (isNamePart(l.src, l.i) || l.src[l.i] == '?' || l.src[l.i] == '!') {
			l.i++
		}
		l.add(symbolToken, start, &node{kind: scalarNode, off: start, val: plain(l.src[start+1:l.i], start+1)})
		return true
	}
	return false
}

var closers = map[byte]byte{'(': ')', '[': ']', '{': '}', '<': '>', '|': '|', '!': '!', '/': '/'}

// percent reads %w[], %i[], %q(), %Q() and %().
func (l *lexer) percent() bool {
	start, i := l.i, l.i+1
	kind := byte('Q')
	if i < len(l.src) && strings.IndexByte("wWiIqQx", l.src[i]) >= 0 {
		kind = l.src[i]
		i++
	}
	if i >= len(l.src) || closers[l.src[i]] == 0 || i == l.i+1 && l.src[i] != '(' && l.src[i] != '{' && l.src[i] != '[' {
		return false
	}
	if start > 0 && (isNamePart(l.src, start-1) || l.src[start-1] == ')' || l.src[start-1] == '"') {
		return false // a remainder or a format, not a literal
	}
	open, end := l.src[i:i+1], string(closers[l.src[i]])
	if open == end {
		open = ""
	}
	l.i = i + 1
	n := l.until(start, end, open, kind != 'q' && kind != 'w' && kind != 'i')
	if strings.IndexByte("wWiI", kind) < 0 {
		l.add(stringToken, start, n)
		return true
	}
	list := &node{kind: listNode, off: start}
	for _, t := range n.val.lines() {
		for _, f := range (line{t.s, t.off()}).fields() {
			list.items = append(list.items, &node{kind: scalarNode, off: f.off, val: f.asText(), str: true})
		}
	}
	l.add(listToken, start, list)
	return true
}

// heredoc reads <<-TAG, <<~TAG and <<TAG; its body follows the line.
func (l *lexer) heredoc() bool {
	rest := l.src[l.i:]
	if !strings.HasPrefix(rest, "<<") || len(l.heredocs) > 100 {
		return false
	}
	h := heredoc{}
	i := 2
	if i < len(rest) && (rest[i] == '-' || rest[i] == '~') {
		h.indent, h.squash = true, rest[i] == '~'
		i++
	}
	quote := byte(0)
	if i < len(rest) && (rest[i] == '"' || rest[i] == '\'') {
		quote = rest[i]
		i++
	}
	from := i
	for i < len(rest) && isNamePart(rest, i) {
		i++
	}
	h.tag = rest[from:i]
	if h.tag == "" || h.tag[0] < 'A' || h.tag[0] > 'Z' && !h.indent && quote == 0 {
		return false
	}
	if quote != 0 {
		i++
	}
	start := l.i
	l.i = min(l.i+i, len(l.src))
	h.into = &node{kind: scalarNode, off: start, str: true, val: plain("", start)}
	l.heredocs = append(l.heredocs, h)
	l.add(stringToken, start, h.into)
	return true
}

// bodies reads the heredocs announced on the line that has just ended.
func (l *lexer) bodies() {
	docs := l.heredocs
	l.heredocs = nil
	for _, h := range docs {
		l.body(h)
	}
}

func (l *lexer) body(h heredoc) {
	var lines []line
	for l.i < len(l.src) {
		end := indexFrom(l.src, "\n", l.i)
		cur := line{l.src[l.i:end], l.i}
		l.i = min(end+1, len(l.src))
		if cur.text == h.tag || h.indent && strings.TrimSpace(cur.text) == h.tag {
			break
		}
		lines = append(lines, cur)
	}
	indent := 0
	if h.squash {
		indent = commonIndent(lines)
	}
	var w weave
	for _, cur := range lines {
		cut := min(indent, len(cur.text))
		w.add(cur.text[cut:]+"\n", cur.off+cut)
	}
	h.into.val = rubyHoles(orEmpty(w, h.into.off))
}

// commonIndent is the indentation that all lines that are not blank share.
func commonIndent(lines []line) int {
	indent := -1
	for _, l := range lines {
		if strings.TrimSpace(l.text) == "" {
			continue
		}
		n := len(l.text) - len(strings.TrimLeft(l.text, " \t"))
		if indent < 0 || n < indent {
			indent = n
		}
	}
	return max(indent, 0)
}

// rubyHoles makes ${x} of #{x}.
func rubyHoles(t text) text {
	if !strings.Contains(t.s, "#{") {
		return t
	}
	var w weave
	last := 0
	for {
		i := strings.Index(t.s[last:], "#{")
		if i < 0 {
			break
		}
		i += last
		end := strings.IndexByte(t.s[i:], '}')
		if end < 0 {
			break
		}
		w.addText(t.cut(last, i))
		w.stand(hole(t.s[i+2:i+end]), t.at(i))
		last = i + end + 1
	}
	w.addText(t.cut(last, len(t.s)))
	return w.text()
}
