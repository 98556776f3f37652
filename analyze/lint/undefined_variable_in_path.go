package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/value"
)

var undefinedVariable = &Rule{
	ID: "undefined-variable-in-path", Group: Reliability, Severity: diag.Warning, Confidence: diag.Medium, Fix: "adds ${NAME:?}", Unsafe: true,
	Doc: Doc{
		Title:      "A path begins with a variable that nothing sets",
		Text:       "The variable is not set in the script or what it reads, and it is none that a system sets. When it is empty the path starts at the root of the file system.",
		Bad:        "#!/bin/sh\nset -e\nmkdir -p \"$SHOP_HOME/data\"\n",
		Good:       "#!/bin/sh\nset -e\nmkdir -p \"${SHOP_HOME:?}/data\"\n",
		Exceptions: "Silent with a default or a test, for what login and pipelines set, and where unguarded-rm-rf reports it.",
		Since:      "0.1",
		References: []string{"POSIX, parameter expansion ${parameter:?word}"},
	},
	Run: func(p *Pass) {
		seen := map[string]bool{}
		for _, e := range perPlace(p.RunEffects(1, host.MakeDir, host.Write, host.CopyTo, host.Chown, host.Chmod, host.MoveTo, host.Symlink, host.Extract, host.Append)) {
			parts := e.Val.Best().Parts()
			if len(parts) < 2 || parts[0].Hole == nil || !strings.HasPrefix(parts[1].Lit, "/") || e.Alt {
				continue
			}
			h := parts[0].Hole
			if h.Kind != value.Env || h.Full || seen[h.Name] || safeEnv[h.Name] || pipelineEnv.MatchString(h.Name) || p.required(h.Name) {
				continue
			}
			seen[h.Name] = true
			p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Effect: h.Name, Fix: p.demand(e, h), Message: "nothing sets ${" + h.Name + "}: when it is empty the path is " + e.Val.Best().String()[len("${"+h.Name+"}"):] + ", at the root",
				Help: "write \"${" + h.Name + ":?}\", or give it a default: ${" + h.Name + ":-/srv/...}"})
		}
	},
}

// demand is askFull of the operands that begin with a variable. It is unsafe: the
// script stops where it went on before.
func (p *Pass) demand(e *host.Effect, h *value.Hole) *Fix {
	fix := p.askFull(e, h)
	if fix != nil {
		fix.Unsafe = true
		fix.Edits = slices.DeleteFunc(fix.Edits, func(x Edit) bool { return !strings.Contains(x.New, "${"+h.Name+":?}") })
	}
	if fix == nil || len(fix.Edits) == 0 {
		return nil
	}
	return fix
}

var pipelineEnv = lazyregexp.New(`^(CI|GITHUB|GITLAB|JENKINS|BUILD|RUNNER|BITBUCKET|TRAVIS|CIRCLE|XDG|SUDO|AWS|DESTDIR|VIRTUAL_ENV|TMPDIR|LIFECYCLE|APPLICATION)`)

// required tells whether the scripts demand that a variable is set.
func (p *Pass) required(name string) bool {
	return slices.ContainsFunc(p.Requirements, func(r model.Requirement) bool { return strings.Contains(r.Text, name) })
}
