package lint

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

var curlPipeShell = &Rule{
	ID: "curl-pipe-shell", Group: Security, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title:      "A download is run without being looked at",
		Text:       "Whoever controls the address, the name server or the connection runs commands here, today and at every later deploy. A cut connection runs half a script. A package build has no network at all.",
		Bad:        "#!/bin/sh\nset -e\ncurl -fsSL https://example.org/install | sh\n",
		Good:       "#!/bin/sh\nset -e\nsh ./vendor/install.sh\n-- vendor/install.sh --\n#!/bin/sh\necho install\n",
		Exceptions: "Silent when a checksum or signature of the file is checked before it runs.",
		Since:      "0.1",
		References: []string{"CWE-494: download of code without integrity check", "Debian Policy 4.9"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.RunCode)) {
			if e.URL == "" || e.Verified || e.Manager == "dpkg" || e.Manager == "rpm" || e.Manager == "yum" || e.Manager == "dnf" || e.Manager == "zypper" || strings.HasPrefix(e.Manager, "apt") || p.verified(e.Path) || p.compared(e) {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.URL), Confidence: p.sure(e), Effect: e.URL,
				Message: "what " + e.URL + " sends is run at once: whoever controls it runs commands on this machine",
				Help:    "keep a copy in the repository, or download a fixed version and check its checksum before running it",
			})
		}
		p.pipedIntoShell()
	},
}

// pipedIntoShell finds downloads whose command line the engine knows only in
// part: what fetches, or the shell's own options, is in a variable.
func (p *Pass) pipedIntoShell() {
	fetches := p.Effects(host.Fetch)
	p.Walk(func(t shell.Parsed, n syntax.Node) bool {
		b, ok := n.(*syntax.BinaryCmd)
		if !ok || b.Op != syntax.Pipe || !readsProgram(callOf(b.Y)) {
			return true
		}
		span := t.Span(b.X)
		for _, e := range fetches {
			if e.Path != "" || e.Verified || !covers(span, e.At.Pos) && !slices.ContainsFunc(e.Via, func(v source.Pos) bool { return covers(span, v) }) {
				continue
			}
			if slices.ContainsFunc(p.Effects(host.RunCode), func(o *host.Effect) bool { return covers(t.Span(b), o.At.Pos) }) {
				break // reported by its effect
			}
			p.Report(Report{At: t.Span(b), Value: valueOf(p.SourceOf(t.Span(b)), e.URL), Confidence: p.sure(e), Effect: e.URL,
				Message: "what " + e.URL + " sends is run at once: whoever controls it runs commands on this machine",
				Help:    "keep a copy in the repository, or download a fixed version and check its checksum before running it"})
			break
		}
		return true
	})
}

// compared tells whether a file is run behind a comparison of sums: the file is
// checked, if only against what the same place says.
func (p *Pass) compared(e *host.Effect) bool {
	return slices.ContainsFunc(e.When, func(c host.Cond) bool { return sumTest.MatchString(c.Text) })
}

var sumTest = lazyregexp.New(`(?i)(signature|checksum|sha\d*|md5|hash|digest)`)

func covers(s source.Span, p source.Pos) bool {
	return p.File == s.File && p.Compare(s.Pos) >= 0 && p.Compare(source.Pos{File: s.File, Line: s.EndLine, Col: s.EndCol}) < 0
}

// readsProgram tells of a shell or interpreter that reads what it runs from
// standard input: no script is named.
func readsProgram(c *syntax.CallExpr) bool {
	if c == nil {
		return false
	}
	found := false
	for _, w := range c.Args {
		s := Literal(w)
		switch {
		case found:
			return strings.HasPrefix(s, "-s") || s == "-" || s == "$@" || !strings.HasPrefix(s, "-") && strings.HasPrefix(s, "$@")
		case s == "sudo" || strings.HasPrefix(s, "$") || strings.HasPrefix(s, "-") || strings.Contains(s, "="):
		case slices.Contains([]string{"sh", "bash", "dash", "zsh", "ksh", "python", "python3", "perl", "ruby", "php", "node"}, path.Base(s)):
			found = true
		default:
			return false
		}
	}
	return found
}

// verified tells whether a downloaded file is checked anywhere.
func (p *Pass) verified(name string) bool {
	if name == "" {
		return false
	}
	return slices.ContainsFunc(p.On(name), func(o *host.Effect) bool { return o.Op == host.Fetch && o.Verified })
}
