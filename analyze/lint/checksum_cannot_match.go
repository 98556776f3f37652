package lint

import (
	"path"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
)

var checksumCannotMatch = &Rule{
	ID: "checksum-cannot-match", Group: Security, Severity: diag.Error, Confidence: diag.High, Fix: "writes two blanks before the file name",
	Doc: Doc{
		Title:      "A checksum has a form that its command cannot match",
		Text:       "A digest of the wrong length, or a line without a file name, never matches, and one blank before the name is understood by GNU coreutils alone, not by BusyBox: either the deploy always stops here, or, with errors ignored, the check is no check.",
		Bad:        "#!/bin/sh\nset -e\necho 'd41d8cd98f00b204e9800998ecf8427e  /tmp/shop.tar.gz' | sha256sum -c\n",
		Good:       "#!/bin/sh\nset -e\necho 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  /tmp/shop.tar.gz' | sha256sum -c\n",
		Exceptions: "Only literal digests are judged. One blank has medium confidence: it depends on the system.",
		Since:      "0.1",
		References: []string{"sha256sum(1)", "md5sum(1)"},
	},
	Run: func(p *Pass) {
		p.Walk(func(t shell.Parsed, n syntax.Node) bool {
			b, ok := n.(*syntax.BinaryCmd)
			if ok && b.Op == syntax.Pipe {
				p.sumPipe(t, b)
			}
			return true
		})
	},
}

// digits is the number of hex digits that each command prints.
var digits = map[string]int{"md5sum": 32, "sha1sum": 40, "sha224sum": 56, "sha256sum": 64, "sha384sum": 96, "sha512sum": 128}

var sumLine = lazyregexp.New(`^([0-9a-fA-F]{20,})(\s+)?(\*)?(\S.*)?$`)

// sumPipe looks at echo "DIGEST  FILE" | sha256sum -c.
func (p *Pass) sumPipe(t shell.Parsed, b *syntax.BinaryCmd) {
	left, right := callOf(b.X), callOf(b.Y)
	if left == nil || right == nil || len(left.Args) < 2 || Literal(left.Args[0]) != "echo" || !p.Reached(t.Pos(left.Pos())) {
		return
	}
	name := path.Base(Literal(right.Args[0]))
	want, ok := digits[name]
	if !ok || !checks(right) {
		return
	}
	var words []string
	for _, w := range left.Args[1:] {
		words = append(words, Literal(w))
	}
	m := sumLine.FindStringSubmatch(strings.Join(words, " "))
	if m == nil {
		return
	}
	problem, confidence := "", p.rule.Confidence
	var fix *Fix
	switch {
	case len(m[1]) != want:
		problem = "has " + strconv.Itoa(len(m[1])) + " digits and " + name + " wants " + strconv.Itoa(want)
	case m[4] == "":
		problem = "names no file"
	case len(m[2]) == 1 && m[3] == "":
		problem, confidence, fix = "has one blank before the file name, which "+name+" of GNU alone understands, and BusyBox does not", diag.Medium, p.twoBlanks(t, left, m[1])
	}
	if problem != "" {
		p.Report(Report{At: t.Span(left), Effect: name, Confidence: confidence, Fix: fix, Message: "the checksum " + problem + ": it cannot match", Help: "write DIGEST, two blanks, FILE"})
	}
}

// twoBlanks adds a blank behind the digest of an operand in quotes.
func (p *Pass) twoBlanks(t shell.Parsed, c *syntax.CallExpr, digest string) *Fix {
	if t.Nested {
		return nil
	}
	for _, w := range c.Args[1:] {
		at := t.Span(w)
		i := strings.Index(p.SourceOf(at), digest+" ")
		if i < 0 || !strings.Contains(Literal(w), digest+" ") {
			continue
		}
		off := p.offset(at.File, at.Line, at.Col) + i + len(digest)
		return &Fix{Title: "two blanks before the file name", Edits: []Edit{{At: p.At(at.File, off, off), New: " "}}}
	}
	return nil
}

func checks(c *syntax.CallExpr) bool {
	for _, w := range c.Args[1:] {
		if s := Literal(w); s == "--check" || strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "--") && strings.Contains(s, "c") {
			return true
		}
	}
	return false
}

// callOf is the simple command of a statement, nil when it is something else.
func callOf(s *syntax.Stmt) *syntax.CallExpr {
	if s == nil {
		return nil
	}
	c, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return nil
	}
	return c
}
