package command

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A sedProg is a sed script of the commands that change text in one pass:
// s y d p q a i c = and addresses of lines, /expressions/, ranges and !.
type sedProg []sedCmd

type sedCmd struct {
	from, to *sedAddr
	not      bool
	verb     byte
	re       *regexp.Regexp
	with     string // replacement in the form of regexp.Expand
	global   bool
	print    bool
	nth      int
	text     string        // a i c
	set      map[rune]rune // y
	block    sedProg       // {
	inside   bool          // of a range
	end      int           // last line of a +N range
}

type sedAddr struct {
	line int
	last bool
	re   *regexp.Regexp
	plus bool // from+line
}

var errSed = errors.New("form of sed script that is not computed")

// parseSed reads a script; extended is -E.
func parseSed(script string, extended bool) (sedProg, error) {
	p := &sedParser{rest: script, extended: extended}
	prog, err := p.program()
	if err == nil && p.rest != "" {
		err = errSed
	}
	return prog, err
}

type sedParser struct {
	rest     string
	extended bool
	depth    int
}

func (p *sedParser) skip(cut string) { p.rest = strings.TrimLeft(p.rest, cut) }

func (p *sedParser) program() (sedProg, error) {
	var out sedProg
	for {
		p.skip(" \t\n;")
		if p.rest == "" || p.rest[0] == '}' {
			return out, nil
		}
		if p.rest[0] == '#' {
			_, p.rest, _ = strings.Cut(p.rest, "\n")
			continue
		}
		c, err := p.command()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
}

func (p *sedParser) command() (c sedCmd, err error) {
	if c.from, err = p.addr(); err != nil {
		return c, err
	}
	if p.skip(" \t"); c.from != nil && strings.HasPrefix(p.rest, ",") {
		p.rest = p.rest[1:]
		p.skip(" \t")
		if c.to, err = p.addr(); err != nil || c.to == nil {
			return c, errSed
		}
	}
	p.skip(" \t")
	for strings.HasPrefix(p.rest, "!") {
		c.not, p.rest = true, p.rest[1:]
		p.skip(" \t")
	}
	if p.rest == "" {
		return c, errSed
	}
	c.verb, p.rest = p.rest[0], p.rest[1:]
	return c, p.args(&c)
}

func (p *sedParser) args(c *sedCmd) error {
	switch c.verb {
	case 'd', 'p', '=', 'q':
		return nil
	case 's':
		return p.subst(c)
	case 'y':
		return p.translate(c)
	case 'a', 'i', 'c':
		p.skip(" \t")
		p.rest = strings.TrimPrefix(p.rest, "\\")
		p.rest = strings.TrimPrefix(p.rest, "\n")
		c.text, p.rest = p.insert()
		return nil
	case '{':
		if p.depth++; p.depth > 8 {
			return errSed
		}
		block, err := p.program()
		if err != nil || !strings.HasPrefix(p.rest, "}") {
			return errSed
		}
		p.depth--
		c.block, p.rest = block, p.rest[1:]
		return nil
	}
	return fmt.Errorf("%w: %c", errSed, c.verb)
}

// insert takes the text of a, i and c: to the end of the line, further after a
// backslash.
func (p *sedParser) insert() (text, rest string) {
	var b strings.Builder
	s := strings.TrimLeft(p.rest, " \t")
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] == 't' {
				b.WriteByte('\t')
			} else if s[i] == 'n' {
				b.WriteByte('\n')
			} else {
				b.WriteByte(s[i])
			}
		case s[i] == '\n':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

func (p *sedParser) addr() (*sedAddr, error) {
	if p.rest == "" {
		return nil, nil
	}
	switch ch := p.rest[0]; {
	case ch == '$':
		p.rest = p.rest[1:]
		return &sedAddr{last: true}, nil
	case ch == '+' || ch >= '0' && ch <= '9':
		s := strings.TrimPrefix(p.rest, "+")
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		line, err := strconv.Atoi(s[:n])
		if err != nil || strings.HasPrefix(s[n:], "~") {
			return nil, errSed
		}
		p.rest = s[n:]
		return &sedAddr{line: line, plus: ch == '+'}, nil
	case ch == '/' || ch == '\\' && len(p.rest) > 1:
		if ch == '\\' {
			p.rest = p.rest[1:]
		}
		pat, err := p.delimited(true)
		if err != nil {
			return nil, err
		}
		flags := ""
		if strings.HasPrefix(p.rest, "I") {
			flags, p.rest = "i", p.rest[1:]
		}
		re, err := compileSed(pat, p.extended, flags)
		return &sedAddr{re: re}, err
	}
	return nil, nil
}

// delimited takes text up to the next delimiter, which is the first byte; the
// second delimiter is taken too, the first of a following part is not needed.
func (p *sedParser) delimited(open bool) (string, error) {
	if p.rest == "" {
		return "", errSed
	}
	delim := p.rest[0]
	s := p.rest[1:]
	if !open {
		s = p.rest
	}
	text, rest, ok := cutDelim(s, delim)
	if !ok {
		return "", errSed
	}
	p.rest = rest
	return text, nil
}

// cutDelim cuts at the first delimiter that is neither escaped nor in a bracket
// expression.
func cutDelim(s string, delim byte) (text, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == delim:
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] != delim {
				b.WriteByte('\\')
			} else if strings.IndexByte(`.*+?()[]{}|^$`, delim) >= 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", s, false
}

func (p *sedParser) subst(c *sedCmd) error {
	if p.rest == "" || p.rest[0] == '\n' || p.rest[0] == '\\' {
		return errSed
	}
	delim := p.rest[0]
	pat, rest, ok := cutDelim(p.rest[1:], delim)
	if !ok {
		return errSed
	}
	with, rest, ok := cutDelim(rest, delim)
	if !ok {
		return errSed
	}
	flags := ""
	n := 0
	for ; n < len(rest) && strings.IndexByte("gpIiMm0123456789", rest[n]) >= 0; n++ {
		switch f := rest[n]; f {
		case 'g':
			c.global = true
		case 'p':
			c.print = true
		case 'I', 'i':
			flags = "i"
		case 'M', 'm':
			return errSed
		default:
			c.nth = c.nth*10 + int(f-'0')
		}
	}
	p.rest = rest[n:]
	if p.skip(" \t"); p.rest != "" && strings.IndexByte(";\n}#", p.rest[0]) < 0 {
		return errSed
	}
	var err error
	if c.re, err = compileSed(pat, p.extended, flags); err != nil {
		return err
	}
	c.with, err = sedReplacement(with)
	return err
}

func (p *sedParser) translate(c *sedCmd) error {
	delim := p.rest
	if delim == "" {
		return errSed
	}
	from, rest, ok := cutDelim(p.rest[1:], delim[0])
	to, rest2, ok2 := cutDelim(rest, delim[0])
	a, b := []rune(from), []rune(to)
	if !ok || !ok2 || len(a) != len(b) || strings.Contains(from+to, `\`) {
		return errSed
	}
	c.set = map[rune]rune{}
	for i, r := range a {
		c.set[r] = b[i]
	}
	p.rest = rest2
	return nil
}

// sedReplacement turns & and \1 into ${0} and ${1}.
func sedReplacement(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == '&':
			b.WriteString("${0}")
		case ch == '$':
			b.WriteString("$$")
		case ch == '\\' && i+1 < len(s):
			i++
			switch e := s[i]; {
			case e >= '0' && e <= '9':
				b.WriteString("${" + string(e) + "}")
			case e == 'n':
				b.WriteByte('\n')
			case e == 't':
				b.WriteByte('\t')
			case strings.IndexByte("LUEluc", e) >= 0:
				return "", errSed
			case e == '$':
				b.WriteString("$$")
			default:
				b.WriteByte(e)
			}
		default:
			b.WriteByte(ch)
		}
	}
	return b.String(), nil
}

// compileSed compiles a POSIX expression, basic or extended.
func compileSed(pat string, extended bool, flags string) (*regexp.Regexp, error) {
	expr, err := posixExpr(pat, extended)
	if err != nil {
		return nil, err
	}
	if flags != "" {
		expr = "(?" + flags + ")" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, errSed
	}
	return re, nil
}

// posixExpr turns a POSIX expression with the GNU additions into Go's form.
// Back-references have none.
func posixExpr(pat string, extended bool) (string, error) {
	var b strings.Builder
	for i := 0; i < len(pat); i++ {
		switch ch := pat[i]; ch {
		case '[':
			n := bracketEnd(pat[i:])
			if n < 0 {
				return "", errSed
			}
			b.WriteString(goBracket(pat[i : i+n]))
			i += n - 1
		case '\\':
			if i++; i >= len(pat) {
				return "", errSed
			}
			s, ok := escapedExpr(pat[i], extended)
			if !ok {
				return "", errSed
			}
			b.WriteString(s)
		case '(', ')', '{', '}', '|', '+', '?':
			if !extended {
				b.WriteByte('\\')
			}
			b.WriteByte(ch)
		case '*':
			if !extended && (i == 0 || strings.HasSuffix(pat[:i], `\(`) || pat[:i] == "^") {
				b.WriteByte('\\')
			}
			b.WriteByte(ch)
		case '^':
			if !extended && i > 0 && !strings.HasSuffix(pat[:i], `\(`) && !strings.HasSuffix(pat[:i], `\|`) {
				b.WriteByte('\\')
			}
			b.WriteByte(ch)
		case '$':
			if !extended && i < len(pat)-1 && !strings.HasPrefix(pat[i+1:], `\)`) && !strings.HasPrefix(pat[i+1:], `\|`) {
				b.WriteByte('\\')
			}
			b.WriteByte(ch)
		default:
			b.WriteByte(ch)
		}
	}
	return b.String(), nil
}

func escapedExpr(ch byte, extended bool) (string, bool) {
	switch {
	case strings.IndexByte("(){}|+?", ch) >= 0:
		if extended {
			return `\` + string(ch), true
		}
		return string(ch), true
	case ch >= '1' && ch <= '9':
		return "", false
	case ch == '<' || ch == '>':
		return `\b`, true
	case ch == '`':
		return `\A`, true
	case ch == '\'':
		return `\z`, true
	case strings.IndexByte("wWsSbBntrfv", ch) >= 0:
		return `\` + string(ch), true
	}
	return regexp.QuoteMeta(string(ch)), true
}

// bracketEnd is the length of a bracket expression, -1 when it does not end.
func bracketEnd(s string) int {
	i := 1
	if i < len(s) && s[i] == '^' {
		i++
	}
	if i < len(s) && s[i] == ']' {
		i++
	}
	for ; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "[:"):
			n := strings.Index(s[i:], ":]")
			if n < 0 {
				return -1
			}
			i += n + 1
		case s[i] == ']':
			return i + 1
		}
	}
	return -1
}

// goBracket writes a bracket expression in Go's form: there a backslash escapes
// and a "[" may open a class.
func goBracket(s string) string {
	var b strings.Builder
	b.WriteByte('[')
	body := s[1 : len(s)-1]
	if strings.HasPrefix(body, "^") {
		b.WriteByte('^')
		body = body[1:]
	}
	for i := 0; i < len(body); i++ {
		switch {
		case strings.HasPrefix(body[i:], "[:"):
			n := strings.Index(body[i:], ":]") + 2
			b.WriteString(body[i : i+n])
			i += n - 1
		case body[i] == '\\' && i+1 < len(body) && (body[i+1] == 'n' || body[i+1] == 't'):
			b.WriteString(body[i : i+2])
			i++
		case body[i] == '[' || body[i] == ']' || body[i] == '\\' || body[i] == '^' || body[i] == '&' || body[i] == '~':
			b.WriteByte('\\')
			b.WriteByte(body[i])
		default:
			b.WriteByte(body[i])
		}
	}
	b.WriteByte(']')
	return b.String()
}

// run applies the script to text; quiet is -n.
func (prog sedProg) run(text string, quiet bool) string {
	ls := lines(text)
	r := &sedRun{total: len(ls), quiet: quiet}
	for i, l := range ls {
		r.line, r.no, r.deleted, r.after = l, i+1, false, nil
		r.do(prog)
		if !r.deleted && !quiet {
			r.out = append(r.out, r.line)
		}
		r.out = append(r.out, r.after...)
		if r.quit {
			break
		}
	}
	out := unlines(r.out)
	if text != "" && !strings.HasSuffix(text, "\n") {
		out = strings.TrimSuffix(out, "\n")
	}
	return out
}

type sedRun struct {
	line    string
	no      int
	total   int
	quiet   bool
	deleted bool
	quit    bool
	out     []string
	after   []string
}

func (r *sedRun) do(prog sedProg) {
	for i := range prog {
		c := &prog[i]
		if c.applies(r) == c.not {
			continue
		}
		r.one(c)
		if r.deleted || r.quit {
			return
		}
	}
}

func (r *sedRun) one(c *sedCmd) {
	switch c.verb {
	case 's':
		if s, ok := c.substitute(r.line); ok {
			r.line = s
			if c.print {
				r.out = append(r.out, s)
			}
		}
	case 'y':
		r.line = strings.Map(func(x rune) rune {
			if to, ok := c.set[x]; ok {
				return to
			}
			return x
		}, r.line)
	case 'd':
		r.deleted = true
	case 'p':
		r.out = append(r.out, r.line)
	case 'q':
		r.quit = true
	case '=':
		r.out = append(r.out, strconv.Itoa(r.no))
	case 'a':
		r.after = append(r.after, c.text)
	case 'i':
		r.out = append(r.out, c.text)
	case 'c':
		if c.to == nil || c.not || !c.inside {
			r.out = append(r.out, c.text)
		}
		r.deleted = true
	case '{':
		r.do(c.block)
	}
}

func (c *sedCmd) applies(r *sedRun) bool {
	if c.from == nil {
		return true
	}
	if c.to == nil {
		return c.from.matches(r)
	}
	if c.inside {
		if c.ends(r) {
			c.inside = false
		}
		return true
	}
	if !c.from.matches(r) {
		return false
	}
	c.end = r.no + c.to.line
	c.inside = c.to.re != nil || c.to.last && r.no < r.total || !c.to.plus && c.to.line > r.no || c.to.plus && c.to.line > 0
	return true
}

// ends tells whether the present line is the last of a range.
func (c *sedCmd) ends(r *sedRun) bool {
	if c.to.plus {
		return r.no >= c.end
	}
	if c.to.line > 0 {
		return r.no >= c.to.line
	}
	return c.to.matches(r)
}

func (a *sedAddr) matches(r *sedRun) bool {
	switch {
	case a.last:
		return r.no == r.total
	case a.re != nil:
		return a.re.MatchString(r.line)
	}
	return a.line == r.no
}

func (c *sedCmd) substitute(line string) (string, bool) {
	all := c.re.FindAllStringSubmatchIndex(line, -1)
	if len(all) == 0 || c.nth > len(all) {
		return line, false
	}
	var b []byte
	last := 0
	for i, m := range all {
		if c.nth > 0 && i+1 < c.nth || !c.global && i > max(0, c.nth-1) {
			continue
		}
		b = append(b, line[last:m[0]]...)
		b = c.re.ExpandString(b, c.with, line, m)
		last = m[1]
	}
	return string(append(b, line[last:]...)), true
}
