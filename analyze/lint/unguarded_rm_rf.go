package lint

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

var unguardedRemove = &Rule{
	ID: "unguarded-rm-rf", Group: Reliability, Severity: diag.Error, Confidence: diag.High, Fix: "adds \"${NAME:?}\"",
	Doc: Doc{
		Title:      "A recursive removal goes wrong when a variable is empty",
		Text:       "rm -rf \"$DIR/lib\" removes /lib when DIR is empty, and rm -rf \"$DIR\"/* everything. Values are judged, not spelling: a variable that is set in the script to something known is safe.",
		Bad:        "#!/bin/sh\nset -e\nPREFIX=$1\nrm -rf \"$PREFIX/lib\"\n",
		Good:       "#!/bin/sh\nset -e\nPREFIX=$1\nrm -rf \"${PREFIX:?}/lib\"\n",
		Exceptions: "Silent for values that cannot be empty: known text, mktemp, a test or ${NAME:?} before. When the whole path is the variable the confidence is medium: an empty one removes nothing, but a wrong one anything.",
		Since:      "0.1",
		References: []string{"POSIX, parameter expansion ${parameter:?word}"},
	},
	Run: func(p *Pass) {
		for _, e := range p.Effects(host.Remove) {
			if !e.Recursive || e.Val.Known() || below(e.Path, e.Cwd) && !strings.Contains(p.SourceOf(e.At), "$") {
				continue // the name is written out, below a directory that the script has entered
			}
			if p.listed(e) {
				p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: diag.Medium, Effect: e.Path,
					Message: "what is removed with all below is read from the output of a command: a name with a blank or a quote in it removes something else",
					Help:    "find DIR -maxdepth 1 ... -print0 | xargs -0 rm -rf --"})
				continue
			}
			p.unguarded(e)
		}
	},
}

// listed tells of rm -rf by xargs over lines, not over names that end in NUL.
func (p *Pass) listed(e *host.Effect) bool {
	line := p.Line(e.At.File, e.At.Line)
	return hasHole(e.Val, value.Output) && strings.Contains(line, "xargs") && !strings.Contains(line, "-0") && !strings.Contains(line, "--null")
}

// unguarded reports a removal whose path may lose its beginning.
func (p *Pass) unguarded(e *host.Effect) {
	for _, s := range e.Val.Alts() {
		hole, left := leading(s)
		if hole == nil {
			continue
		}
		confidence := p.sure(e)
		message := "${" + hole.Name + "} may be empty, and then this removes " + left
		if left == "" {
			if hole.Kind != value.Arg && hole.Kind != value.Env && hole.Kind != value.Output && hole.Kind != value.Prompt {
				continue
			}
			confidence = diag.Medium
			message = "${" + hole.Name + "} comes from outside and is not checked: this removes whatever it names, with all below"
		}
		var related []diag.Label
		if !hole.At.IsZero() && hole.At != e.At.Pos {
			related = []diag.Label{{At: source.Span{Pos: hole.At}, Text: "${" + hole.Name + "} comes from here (" + hole.Kind.String() + ")"}}
		}
		p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), s.String()), Confidence: confidence, Related: related, Effect: s.String(), Fix: p.askFull(e, hole),
			Message: message, Help: "write \"${" + hole.Name + ":?}\": the shell stops when it is empty"})
		return
	}
}

// leading is the hole that a path begins with and that may be empty, with what
// is left of the path then.
func leading(s value.Str) (*value.Hole, string) {
	parts := s.Parts()
	if len(parts) == 0 || parts[0].Hole == nil {
		return nil, ""
	}
	h := parts[0].Hole
	if h.Full || h.Kind == value.Checkout || h.Kind == value.Glob || h.Kind == value.Temp || h.Kind == value.Env && safeEnv[h.Name] {
		return nil, ""
	}
	rest := value.MakeStr(parts[1:]...).String()
	if rest == "/" {
		return h, "/"
	}
	return h, rest
}

// safeEnv are variables that a login always sets.
var safeEnv = map[string]bool{"HOME": true, "PWD": true, "USER": true, "LOGNAME": true, "RUNNER_TEMP": true, "GITHUB_WORKSPACE": true, "WORKSPACE": true}

// askFull turns $NAME of the command into ${NAME:?}.
func (p *Pass) askFull(e *host.Effect, h *value.Hole) *Fix {
	fix := &Fix{Title: "stop when ${" + h.Name + "} is empty"}
	p.Walk(func(t shell.Parsed, n syntax.Node) bool {
		c, ok := n.(*syntax.CallExpr)
		if !ok || t.Nested || t.Pos(c.Pos()) != e.At.Pos {
			return true
		}
		for _, w := range c.Args[1:] {
			if x := firstExpansion(w); x != nil {
				text := "${" + x.Param.Value + ":?}"
				if _, quoted := w.Parts[0].(*syntax.DblQuoted); !quoted {
					text = `"` + text + `"` // a blank in the value removes something else too
				}
				fix.Edits = append(fix.Edits, Edit{At: t.Span(x), New: text})
			}
		}
		return false
	})
	if len(fix.Edits) == 0 {
		return nil
	}
	return fix
}

// firstExpansion is the plain expansion that a word begins with.
func firstExpansion(w *syntax.Word) *syntax.ParamExp {
	parts := w.Parts
	if len(parts) == 0 {
		return nil
	}
	if q, ok := parts[0].(*syntax.DblQuoted); ok && len(q.Parts) > 0 {
		parts = q.Parts
	}
	x, ok := parts[0].(*syntax.ParamExp)
	if !ok || x.Param == nil || x.Exp != nil || x.Repl != nil || x.Slice != nil || x.Index != nil || x.Length || x.Excl || x.Width || x.Param.Value == "@" || x.Param.Value == "*" {
		return nil
	}
	return x
}
