package input

import (
	"strings"
)

// A codeStyle says how a language writes what can be read of it cheaply:
// comments, strings and calls. No language is parsed; whatever is not a call
// with literal arguments is passed over.
type codeStyle struct {
	line    []string // starts of line comments
	block   bool     // /* */ comments
	triple  bool     // ''' and """ strings
	ruby    bool     // symbols, %w[], heredocs, calls without parentheses, do ... end
	escapes bool     // a backslash escapes in single quotes too
}

var (
	pythonCode = codeStyle{line: []string{"#"}, triple: true, escapes: true}
	rubyCode   = codeStyle{line: []string{"#"}, ruby: true}
	groovyCode = codeStyle{line: []string{"//"}, block: true, triple: true, escapes: true, ruby: false}
)

// The kinds of tokens.
type tokenKind byte

const (
	nameToken tokenKind = iota
	stringToken
	symbolToken // :name of Ruby
	numberToken
	punctToken
	newlineToken
	listToken // %w[a b]
)

// A token is one lexical element.
type token struct {
	kind tokenKind
	off  int
	end  int
	text string // name, number or punctuation
	val  *node  // of strings, symbols and lists
}

// A codeCall is a call whose arguments were literals, or opaque.
type codeCall struct {
	name  string // with receiver: "c.run"
	off   int
	args  []*node
	opts  []entry // key: value, "key" => value and key=value
	block int     // offset of its block, 0 none
	depth int     // of nesting in blocks
}

// named returns the argument of that keyword, nil if absent.
func (c *codeCall) named(key string) *node {
	for _, e := range c.opts {
		if e.key == key {
			return e.val
		}
	}
	return nil
}

// arg returns positional argument i, nil if absent.
func (c *codeCall) arg(i int) *node {
	if i < len(c.args) {
		return c.args[i]
	}
	return nil
}

// A codeFile is what was read of a program.
type codeFile struct {
	tokens []token
	calls  []codeCall
	src    string
	style  codeStyle
}

// literal reads the literal at token i, nil if there is none.
func (f *codeFile) literal(i int) *node {
	p := &callReader{tokens: f.tokens, style: f.style, src: f.src, left: 10_000}
	n, _ := p.literal(i, 0)
	return n
}

// maxTokens bounds what is read of one program.
const maxTokens = 300_000

// code reads the calls of the file, in its order.
func (r *reader) code(style codeStyle) *codeFile {
	l := &lexer{r: r, src: r.src, style: style}
	l.run()
	p := &callReader{tokens: l.tokens, style: style, src: l.src}
	p.run()
	return &codeFile{l.tokens, p.calls, l.src, style}
}

type lexer struct {
	r        *reader
	src      string
	i        int
	style    codeStyle
	tokens   []token
	heredocs []heredoc // that start on the current line
}

// A heredoc is announced on one line and stands on the next ones.
type heredoc struct {
	tag    string
	squash bool // <<~ removes indentation
	indent bool // <<- and <<~ allow it before the tag
	into   *node
}

func (l *lexer) add(kind tokenKind, from int, val *node) {
	l.tokens = append(l.tokens, token{kind: kind, off: from, end: l.i, text: l.src[from:l.i], val: val})
}

func (l *lexer) run() {
	for l.i < len(l.src) && len(l.tokens) < maxTokens {
		start := l.i
		switch c := l.src[l.i]; {
		case c == '\n':
			l.i++
			l.add(newlineToken, start, nil)
			l.bodies()
		case c == ' ' || c == '\t' || c == '\r':
			l.i++
		case c == '\\' && strings.HasPrefix(l.src[l.i+1:], "\n"):
			l.i += 2
		case l.comment():
		case l.style.ruby && strings.HasPrefix(l.src[l.i:], "=begin") && (l.i == 0 || l.src[l.i-1] == '\n'):
			l.i = min(indexFrom(l.src, "\n=end", l.i)+5, len(l.src))
		case c == '"' || c == '\'' || c == '`' && l.style.ruby:
			n := l.quoted()
			l.add(stringToken, start, n)
		case l.style.ruby && c == '%' && l.percent():
		case l.style.ruby && c == '<' && l.heredoc():
		case l.style.ruby && c == ':' && l.symbol():
		case isNameStart(rune(c)) || c == '@' && l.style.ruby:
			l.name()
		case c >= '0' && c <= '9':
			for l.i < len(l.src) && (isNamePart(l.src, l.i) || l.src[l.i] == '.') {
				l.i++
			}
			l.add(numberToken, start, &node{kind: scalarNode, off: start, val: plain(l.src[start:l.i], start)})
		default:
			l.i++
			if l.i < len(l.src) && l.style.ruby && (l.src[start:l.i+1] == "=>" || l.src[start:l.i+1] == "::") {
				l.i++
			}
			l.add(punctToken, start, nil)
		}
	}
}

func (l *lexer) comment() bool {
	rest := l.src[l.i:]
	for _, mark := range l.style.line {
		if strings.HasPrefix(rest, mark) {
			l.i = indexFrom(l.src, "\n", l.i)
			return true
		}
	}
	if l.style.block && strings.HasPrefix(rest, "/*") {
		l.i = min(indexFrom(l.src, "*/", l.i+2)+2, len(l.src))
		return true
	}
	return false
}

// name reads an identifier; Ruby's may end in ? or !. A string prefix of
// Python is part of the string.
func (l *lexer) name() {
	start := l.i
	for l.i < len(l.src) && (isNamePart(l.src, l.i) || l.src[l.i] == '@') {
		l.i++
	}
	word := l.src[start:l.i]
	if l.style.ruby && l.i+1 < len(l.src) && (l.src[l.i] == '?' || l.src[l.i] == '!') && l.src[l.i+1] != '=' {
		l.i++
	}
	if l.style.triple && len(word) <= 2 && l.i < len(l.src) && (l.src[l.i] == '"' || l.src[l.i] == '\'') && strings.Trim(strings.ToLower(word), "rbuf") == "" {
		n := l.quoted()
		if strings.ContainsAny(word, "fF") {
			n.val = bracedHoles(n.val)
		}
		l.add(stringToken, start, n)
		return
	}
	l.add(nameToken, start, nil)
}
