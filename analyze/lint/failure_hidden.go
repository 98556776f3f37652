package lint

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

var failureHidden = &Rule{
	ID: "failure-hidden", Group: Reliability, Severity: diag.Warning, Confidence: diag.Medium,
	Doc: Doc{
		Title:      "The failure of a step that matters is thrown away",
		Text:       "With || true behind a migration, a build or a restart the deploy reports success when it failed, and the next person looks for the fault elsewhere.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\npython manage.py migrate || true\nsystemctl restart shop\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\npython manage.py migrate\nsystemctl restart shop\n",
		Exceptions: "Steps that may well fail, such as stopping a service or removing a file, do not count.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		p.Walk(func(t shell.Parsed, n syntax.Node) bool {
			b, ok := n.(*syntax.BinaryCmd)
			if !ok || b.Op != syntax.OrStmt || !isTrue(b.Y) {
				return true
			}
			if e := p.matters(t, b.X); e != nil {
				p.Report(Report{At: t.Span(b), Effect: string(e.Op) + e.Name + e.What, Message: "the failure of " + stepName(e) + " is thrown away: the deploy ends with success all the same",
					Help: "let it fail, or tell what happened and end with another status"})
			}
			return true
		})
	},
}

func isTrue(s *syntax.Stmt) bool {
	c := callOf(s)
	return c != nil && len(c.Args) == 1 && (Literal(c.Args[0]) == "true" || Literal(c.Args[0]) == ":")
}

// matters is the effect of a statement whose failure must not go unseen.
func (p *Pass) matters(t shell.Parsed, s *syntax.Stmt) *host.Effect {
	span := t.Span(s)
	for _, e := range p.Effects(host.Migrate, host.Language, host.ServiceOp, host.Clone, host.Extract, host.Fetch) {
		end := source.Pos{File: span.File, Line: span.EndLine, Col: span.EndCol}
		if e.At.Pos.Compare(span.Pos) < 0 || e.At.Pos.Compare(end) >= 0 {
			continue
		}
		switch e.Op {
		case host.ServiceOp:
			if e.Action == "start" || e.Action == "restart" || e.Action == "reload" {
				return e
			}
		case host.Clone:
			if strings.HasPrefix(e.Action, "pull") || e.Action == "clone" || strings.HasPrefix(e.Action, "reset") {
				return e
			}
		case host.Fetch:
			if e.Path != "" {
				return e
			}
		default:
			return e
		}
	}
	return nil
}

func stepName(e *host.Effect) string {
	switch e.Op {
	case host.Migrate:
		return "the migration"
	case host.Language:
		return e.Manager + " " + e.What
	case host.ServiceOp:
		return "the " + e.Action + " of " + e.Name
	case host.Clone:
		return "git " + e.Action
	case host.Fetch:
		return "the download"
	}
	return "the unpacking"
}
