package input

// A callReader finds calls in tokens.
type callReader struct {
	tokens []token
	style  codeStyle
	src    string
	calls  []codeCall
	i      int
	left   int  // steps that may still be made: nested calls are read again
	paren  bool // inside brackets, where lines do not end
}

// step counts down; it reports false when the bound is reached.
func (p *callReader) step() bool {
	p.left--
	return p.left > 0
}

// keywords start no call.
var codeKeywords = map[string]bool{
	"if": true, "unless": true, "while": true, "until": true, "case": true, "when": true, "end": true, "else": true, "elsif": true, "elif": true,
	"do": true, "begin": true, "rescue": true, "ensure": true, "return": true, "and": true, "or": true, "not": true, "in": true, "for": true,
	"def": true, "class": true, "module": true, "then": true, "true": true, "false": true, "nil": true, "None": true, "True": true, "False": true,
	"self": true, "with": true, "try": true, "except": true, "finally": true, "as": true, "from": true, "import": true, "lambda": true, "pass": true, "new": true, "var": true, "let": true, "const": true,
}

func (p *callReader) run() {
	depth := 0
	p.left = 40*len(p.tokens) + 10_000
	for p.i < len(p.tokens) && p.left > 0 {
		t := p.tokens[p.i]
		switch {
		case t.kind == punctToken && (t.text == "{"):
			depth++
		case t.kind == punctToken && (t.text == "}"):
			depth--
		case t.kind == nameToken && t.text == "do":
			depth++
		case t.kind == nameToken && t.text == "end":
			depth--
		case t.kind == nameToken && p.startsBlock(t.text):
			depth++
		}
		if t.kind == nameToken && !codeKeywords[t.text] && !p.afterDot() {
			if c, ok := p.call(); ok {
				c.depth = depth
				p.calls = append(p.calls, c)
				// arguments are read again: they may hold calls themselves
			}
		}
		p.i++
	}
}

// startsBlock tells whether a keyword at the start of a statement needs an end.
func (p *callReader) startsBlock(word string) bool {
	if !p.style.ruby {
		return false
	}
	switch word {
	case "def", "class", "module", "begin", "case":
		return true
	case "if", "unless", "while", "until", "for":
		return p.i == 0 || p.tokens[p.i-1].kind == newlineToken || p.tokens[p.i-1].text == "=" || p.tokens[p.i-1].text == ";"
	}
	return false
}

func (p *callReader) afterDot() bool {
	return p.i > 0 && p.tokens[p.i-1].kind == punctToken && (p.tokens[p.i-1].text == "." || p.tokens[p.i-1].text == "&")
}

func (p *callReader) peek(j int) token {
	if j < len(p.tokens) {
		return p.tokens[j]
	}
	return token{kind: newlineToken}
}

func (p *callReader) is(j int, text string) bool {
	t := p.peek(j)
	return (t.kind == punctToken || t.kind == nameToken) && t.text == text
}

// call reads name(args), name args or name.name(args) at the current token.
func (p *callReader) call() (codeCall, bool) {
	c := codeCall{name: p.tokens[p.i].text, off: p.tokens[p.i].off}
	j := p.i + 1
	for p.is(j, ".") && p.peek(j+1).kind == nameToken || p.is(j, "::") && p.peek(j+1).kind == nameToken {
		c.name += p.tokens[j].text + p.tokens[j+1].text
		j += 2
	}
	t := p.peek(j)
	switch {
	case t.kind == punctToken && t.text == "(" && t.off == p.tokens[j-1].end:
		j = p.arguments(&c, j+1, true)
	case p.takesBare(j):
		j = p.arguments(&c, j, false)
	case p.style.ruby && (p.is(j, "do") || p.is(j, "{")):
	default:
		return c, false
	}
	if p.is(j, "do") || p.is(j, "{") && p.style.ruby {
		c.block = p.tokens[j].off
	}
	return c, true
}

// takesBare tells whether arguments without parentheses start at token j.
func (p *callReader) takesBare(j int) bool {
	if !p.style.ruby && !p.style.block {
		return false
	}
	t := p.peek(j)
	if t.off == p.tokens[j-1].end {
		return false
	}
	switch t.kind {
	case stringToken, symbolToken, listToken, numberToken:
		return true
	case nameToken:
		return p.style.ruby && !codeKeywords[t.text] && p.statementStart() || t.text == "true" || t.text == "false" || p.style.ruby && p.is(j+1, ":")
	case punctToken:
		return p.style.ruby && t.text == "[" && p.statementStart()
	}
	return false
}

func (p *callReader) statementStart() bool {
	return p.i == 0 || p.tokens[p.i-1].kind == newlineToken || p.tokens[p.i-1].text == ";" || p.tokens[p.i-1].text == "{" || p.tokens[p.i-1].text == "do"
}

// arguments reads up to the closing parenthesis or the end of the line and
// returns the index after it.
func (p *callReader) arguments(c *codeCall, j int, paren bool) int {
	for j < len(p.tokens) && p.step() {
		t := p.tokens[j]
		switch {
		case t.kind == newlineToken:
			if !paren && !p.is(j-1, ",") {
				return j
			}
			j++
			continue
		case t.text == "," && t.kind == punctToken:
			j++
			continue
		case paren && p.is(j, ")"):
			return j + 1
		case !paren && (p.is(j, "do") || p.is(j, "{") && p.style.ruby && len(c.args)+len(c.opts) > 0 && !p.is(j-1, ",") || p.is(j, "}") || p.is(j, ";") || p.is(j, "if") || p.is(j, "unless")):
			return j
		}
		before := j
		j = p.argument(c, j, paren)
		if j == before {
			j++
		}
	}
	return j
}

// argument reads one argument: key: value, key => value, key=value or value.
func (p *callReader) argument(c *codeCall, j int, paren bool) int {
	t := p.tokens[j]
	if t.kind == nameToken && p.is(j+1, ":") && p.peek(j+1).off == t.end && !p.is(j+2, ":") ||
		t.kind == nameToken && p.is(j+1, "=") && !p.is(j+2, "=") && !p.style.ruby {
		val, next := p.value(j+2, paren)
		c.opts = append(c.opts, entry{t.text, t.off, val})
		return next
	}
	val, next := p.value(j, paren)
	if p.is(next, "=>") || p.is(next, ":") && val.kind == scalarNode && val.str {
		right, after := p.value(next+1, paren)
		c.opts = append(c.opts, entry{val.val.s, val.offset(), right})
		return after
	}
	c.args = append(c.args, val)
	return next
}

// value reads a literal, or skips an expression up to the comma, bracket or
// line end that ends it.
func (p *callReader) value(j int, paren bool) (*node, int) {
	p.paren = paren
	for p.peek(j).kind == newlineToken && j < len(p.tokens) && paren {
		j++
	}
	n, next := p.literal(j, 0)
	if n != nil && p.ends(next, paren) {
		return n, next
	}
	return p.expression(j, paren)
}

// ends tells whether an argument ends before token j.
func (p *callReader) ends(j int, paren bool) bool {
	t := p.peek(j)
	if t.kind == newlineToken {
		return true
	}
	if paren && t.kind == nameToken && (t.text == "do") {
		return true
	}
	switch t.text {
	case ",", ")", "]", "}", "do", "=>", ";", "if", "unless", ":":
		return true
	case "{":
		return p.style.ruby && !paren
	}
	return false
}

func (p *callReader) literal(j, depth int) (*node, int) {
	t := p.peek(j)
	switch t.kind {
	case stringToken:
		return p.strings(j)
	case symbolToken, numberToken, listToken:
		return t.val, j + 1
	case nameToken:
		switch t.text {
		case "true", "false", "True", "False", "nil", "None", "null":
			return &node{kind: scalarNode, off: t.off, val: plain(t.text, t.off)}, j + 1
		}
	case punctToken:
		if (t.text == "[" || t.text == "{" || t.text == "(" && !p.style.ruby) && depth < maxLiteralDepth {
			return p.collection(j, depth)
		}
	}
	return nil, j
}

// strings joins neighbouring strings, as Python and Ruby do.
func (p *callReader) strings(j int) (*node, int) {
	n := p.tokens[j].val
	j++
	for {
		next := j
		for p.paren && next < len(p.tokens) && p.peek(next).kind == newlineToken {
			next++
		}
		if p.is(next, "+") {
			next++
		}
		if p.peek(next).kind != stringToken || !p.step() {
			return n, j
		}
		j = next
		var w weave
		w.addText(n.val)
		w.addText(p.tokens[j].val.val)
		n = &node{kind: scalarNode, off: n.off, val: w.text(), str: true}
		j++
	}
}

// collection reads [a, b], {a: b, "c" => d} and (a, b).
func (p *callReader) collection(j, depth int) (*node, int) {
	open := p.tokens[j]
	end := map[string]string{"[": "]", "{": "}", "(": ")"}[open.text]
	n := &node{kind: listNode, off: open.off}
	if open.text == "{" {
		n.kind = tableNode
	}
	for j++; j < len(p.tokens) && p.step(); {
		switch {
		case p.is(j, end):
			return n, j + 1
		case p.peek(j).kind == newlineToken || p.is(j, ","):
			j++
			continue
		}
		before := j
		j = p.element(n, j, depth)
		if j == before {
			return nil, j
		}
	}
	return nil, j
}

func (p *callReader) element(n *node, j, depth int) int {
	t := p.peek(j)
	if n.kind == tableNode && t.kind == nameToken && p.is(j+1, ":") {
		val, next := p.member(j+2, depth)
		n.entries = append(n.entries, entry{t.text, t.off, val})
		return next
	}
	val, next := p.member(j, depth)
	if p.is(next, "=>") || p.is(next, ":") {
		right, after := p.member(next+1, depth)
		n.kind = tableNode
		n.entries = append(n.entries, entry{val.val.s, val.offset(), right})
		return after
	}
	n.items = append(n.items, val)
	return next
}

func (p *callReader) member(j, depth int) (*node, int) {
	outer := p.paren
	p.paren = true
	defer func() { p.paren = outer }()
	for p.peek(j).kind == newlineToken && j < len(p.tokens) {
		j++
	}
	n, next := p.literal(j, depth+1)
	if n != nil && p.ends(next, true) {
		return n, next
	}
	return p.expression(j, true)
}

// expression skips what is not a literal.
func (p *callReader) expression(j int, paren bool) (*node, int) {
	start, depth := j, 0
	for ; j < len(p.tokens) && p.step(); j++ {
		t := p.tokens[j]
		if t.kind == newlineToken && depth == 0 && !paren {
			break
		}
		if t.kind == nameToken && depth == 0 && (t.text == "do" || !paren && (t.text == "if" || t.text == "unless")) {
			break
		}
		if t.kind != punctToken {
			continue
		}
		switch t.text {
		case "(", "[", "{":
			if t.text == "{" && depth == 0 && !paren && p.style.ruby && j > start {
				return p.opaque(start, j)
			}
			depth++
		case ")", "]", "}":
			if depth == 0 {
				return p.opaque(start, j)
			}
			depth--
		case ",", "=>":
			if depth == 0 {
				return p.opaque(start, j)
			}
		}
	}
	return p.opaque(start, j)
}

func (p *callReader) opaque(from, to int) (*node, int) {
	if from >= len(p.tokens) {
		return &node{kind: opaqueNode, off: len(p.src), val: plain("", len(p.src))}, to
	}
	off := p.tokens[from].off
	end := off
	if to > from {
		end = p.tokens[to-1].end
	}
	return &node{kind: opaqueNode, off: off, val: plain(p.src[off:max(off, end)], off).trim()}, to
}
