package lint

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

var sudoPassword = &Rule{
	ID: "sudo-password-in-script", Group: Security, Severity: diag.Error, Confidence: diag.High, Secret: true,
	Doc: Doc{
		Title:      "A password is fed to sudo, su or passwd",
		Text:       "A password that a script knows protects nothing, and stands in the repository, in logs or in ps. Give the deploying account a rule in sudoers for the commands that it needs.",
		Bad:        "#!/bin/sh\nset -e\necho 'rX7!kw02nVq9' | sudo -S systemctl restart shop\n",
		Good:       "#!/bin/sh\nset -e\nsudo -n systemctl restart shop\n",
		Exceptions: "sudo -S without anything fed to it only reads the terminal's password from standard input.",
		Since:      "0.1",
		References: []string{"sudoers(5), NOPASSWD", "sudo(8), -S"},
	},
	Run: func(p *Pass) {
		p.Walk(func(t shell.Parsed, n syntax.Node) bool {
			if b, ok := n.(*syntax.BinaryCmd); ok && b.Op == syntax.Pipe {
				if c := callOf(b.X); c != nil && feedsPassword(c, b.Y) && p.Reached(t.Pos(c.Pos())) {
					p.fedPassword(t.Span(b.X), callOf(b.Y))
				}
			}
			return true
		})
	},
}

func (p *Pass) fedPassword(at source.Span, c *syntax.CallExpr) {
	name := path.Base(Literal(c.Args[0]))
	p.Report(Report{At: at, Effect: name, Message: "a password is fed to " + name + ": who can read the script or the list of processes has it", Help: "write a rule in sudoers.d for the commands that the deploy needs"})
}

// feedsPassword tells whether a pipe feeds something to sudo -S.
func feedsPassword(left *syntax.CallExpr, right *syntax.Stmt) bool {
	c := callOf(right)
	if c == nil || len(left.Args) < 2 {
		return false
	}
	if name := Literal(left.Args[0]); name != "echo" && name != "printf" {
		return false
	}
	switch path.Base(Literal(c.Args[0])) {
	case "sudo":
		for _, w := range c.Args[1:] {
			s := Literal(w)
			if s == "--stdin" || len(s) > 1 && s[0] == '-' && s[1] != '-' && strings.Contains(s, "S") {
				return true
			}
			if !strings.HasPrefix(s, "-") {
				break
			}
		}
	case "su":
		return true
	}
	return false
}

// sudoLine tells whether a credential stands where this rule reports it.
func (p *Pass) sudoLine(at source.Span) bool {
	return strings.Contains(p.Line(at.File, at.Line), "sudo -S")
}
