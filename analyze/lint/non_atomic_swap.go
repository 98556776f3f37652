package lint

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
)

var nonAtomicSwap = &Rule{
	ID: "non-atomic-swap", Group: Reliability, Severity: diag.Warning, Confidence: diag.High, Fix: "makes the link beside and renames it", Unsafe: true,
	Doc: Doc{
		Title:      "The link to the running version is removed and made again",
		Text:       "Between the two steps there is no version: requests fail, and when the script ends there the site is gone. ln -sf removes the old link too. Make a second link and rename it over the first: rename is one step.",
		Bad:        "#!/bin/sh\nset -e\nrm -f /srv/shop/current\nln -s /srv/shop/releases/v1.2 /srv/shop/current\n",
		Good:       "#!/bin/sh\nset -e\nln -sfn /srv/shop/releases/v1.2 /srv/shop/current.new\nmv -T /srv/shop/current.new /srv/shop/current\n",
		Exceptions: "Links that are not to a release, such as those of a web server's sites, do not count.",
		Since:      "0.1",
		References: []string{"rename(2)", "mv(1), -T"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.RunEffects(2, host.Symlink)) {
			if !p.releaseSwap(e) {
				continue
			}
			gone := p.linkRemoved(e)
			if gone == nil && !strings.Contains(e.Action, "force") && !strings.Contains(e.What, "f") {
				continue
			}
			var related []diag.Label
			confidence := diag.Medium
			if gone != nil {
				related, confidence = []diag.Label{Label(gone, "from here on there is no version")}, p.rule.Confidence
			}
			p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: confidence, Related: related, Effect: e.Path, Fix: p.atomicLink(e, gone),
				Message: e.Path + " is removed before it is made again: between the two there is no version to serve",
				Help:    "ln -sfn TARGET LINK.new && mv -T LINK.new LINK"})
		}
	},
}

// releaseSwap tells whether a link is what the running version is reached by.
func (p *Pass) releaseSwap(e *host.Effect) bool {
	if temporary(e) || strings.HasPrefix(e.Path, "/etc/") || strings.Contains(path.Base(e.Path), ".new") || strings.Contains(path.Base(e.Path), "tmp") {
		return false
	}
	return releaseLink.MatchString(e.Path) || releaseDir.MatchString(e.Target) || releaseDir.MatchString(e.From) || slices.Contains(p.codeDirs(), e.Path)
}

// linkRemoved is the step of the same run that removes the link before.
func (p *Pass) linkRemoved(e *host.Effect) *host.Effect {
	for _, o := range p.On(e.Path) {
		if o.Op == host.Remove && o.Run == e.Run && p.Before(o, e) {
			return o
		}
	}
	return nil
}

// atomicLink rewrites ln -s[f] TARGET LINK as a link beside and a rename, and
// drops the removal, when each is a command of its own.
func (p *Pass) atomicLink(e, gone *host.Effect) *Fix {
	var edits []Edit
	p.Walk(func(t shell.Parsed, n syntax.Node) bool {
		c, ok := n.(*syntax.CallExpr)
		if !ok || t.Nested || t.Pos(c.Pos()) != e.At.Pos {
			return true
		}
		if len(c.Args) == 4 && Literal(c.Args[0]) == "ln" && strings.HasPrefix(Literal(c.Args[1]), "-s") {
			target, link := p.SourceOf(t.Span(c.Args[2])), p.SourceOf(t.Span(c.Args[3]))
			if !strings.HasSuffix(link, "/") {
				edits = append(edits, Edit{At: t.Span(c), New: "ln -sfn " + target + " " + beside(link) + " && mv -T " + beside(link) + " " + link})
			}
		}
		return false
	})
	if len(edits) == 0 {
		return nil
	}
	if gone != nil {
		text := strings.TrimSpace(p.Line(gone.At.File, gone.At.Line))
		if text != strings.TrimSpace(p.SourceOf(gone.At)) {
			return nil
		}
		edits = append(edits, Edit{At: gone.At, New: ":"})
	}
	return &Fix{Title: "make the link beside the old one and rename it", Unsafe: true, Edits: edits}
}

// beside is the source text of a word with .new at its end.
func beside(word string) string {
	if strings.HasSuffix(word, `"`) {
		return word[:len(word)-1] + `.new"`
	}
	return word + ".new"
}
