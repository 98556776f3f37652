package lint

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

var notIdempotent = &Rule{
	ID: "not-idempotent", Group: Reliability, Severity: diag.Warning, Confidence: diag.High, Fix: "mkdir -p, ln -sfn",
	Doc: Doc{
		Title:      "The second run fails, or does something else than the first",
		Text:       "A deploy that stopped half-way is run again, and a new version is deployed by the same script: a step that only works once stops it or does damage. mkdir without -p fails, useradd fails, a link is made inside the directory that it names, a move nests trees.",
		Bad:        "#!/bin/sh\nset -e\nmkdir /var/lib/shop\ncp -r static /var/lib/shop/static\n",
		Good:       "#!/bin/sh\nset -e\nmkdir -p /var/lib/shop\ncp -rT static /var/lib/shop/static\n",
		Exceptions: "Judged by running the script twice on an abstract machine. Steps behind a test that the second run decides do not count. Of low confidence where mkdir, useradd or git clone fails in a script that goes on.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		p.refuses()
		for _, e := range p.RunEffects(2, host.MakeDir, host.Symlink, host.CopyTo, host.MoveTo, host.AddUser, host.AddGroup, host.Clone) {
			if temporary(e) || dated(e) || e.Alt || hasHole(e.Val, value.Arg) {
				continue
			}
			p.secondRun(e)
		}
	},
}

// refuses reports a script that ends early at its second run, because of what
// the first made.
func (p *Pass) refuses() {
	sure, again := 0, 0
	for _, e := range p.Deployment.Effects {
		switch {
		case e.Failure:
		case e.Run == 1 && e.Must:
			sure++
		case e.Run == 2:
			again++
		}
	}
	if sure < 4 || again > sure/4 {
		return
	}
	for _, r := range p.Requirements {
		if r.Kind != "file" || !strings.HasPrefix(r.Text, "not ") || len(r.At) == 0 {
			continue
		}
		p.Report(Report{At: p.LineSpan(r.At[0].File, r.At[0].Line), Confidence: diag.Medium, Effect: "refuses",
			Message: "the second run ends here, because of what the first made (it demands " + r.Text + "): there is no way to run the script again after a failure, or to deploy an update with it",
			Help:    "skip the steps that are done instead of ending"})
		return
	}
}

// secondRun reports an effect of the second run that fails or goes elsewhere.
func (p *Pass) secondRun(e *host.Effect) {
	what, help := "", ""
	var fix *Fix
	switch e.Op {
	case host.MakeDir:
		if !e.Recursive && e.Met == "exists" && p.made1(e) {
			what, help, fix = "mkdir "+e.Path+" fails at the second run: the directory is there", "mkdir -p", p.addFlag(e, "mkdir", "-p")
		}
	case host.Symlink:
		if first := p.firstElsewhere(e); first != nil {
			what, help, fix = "the second run makes the link "+e.Path+", inside the directory that "+first.Path+" leads to", "ln -sfn TARGET LINK", p.noDereference(e)
		} else if e.Met == "exists" && !strings.Contains(e.Action, "force") && p.made1(e) {
			what, help, fix = "ln -s "+e.Path+" fails at the second run: the link is there", "ln -sfn TARGET LINK", p.noDereference(e)
		}
	case host.CopyTo, host.MoveTo:
		if first := p.firstElsewhere(e); first != nil && below(e.Path, first.Path) {
			what, help = "the second run puts "+e.Path+" inside the copy that the first made", "cp -rT SOURCE TARGET, or a trailing /. on the source"
		}
	case host.AddUser, host.AddGroup:
		if e.Met == "exists" && p.made1(e) {
			what, help = "the account "+e.Name+" is there at the second run: adding it again fails", "test for it: getent passwd NAME || useradd ..."
		}
	case host.Clone:
		if e.Action == "clone" && e.Must && p.made1(e) && !p.removedBefore(e) && p.unhandled(e) {
			what, help = "git clone into "+e.Path+" fails at the second run: the directory is there and not empty", "clone when it is absent, else fetch and check out"
		}
	}
	if what == "" {
		return
	}
	confidence := chance(e, p.rule.Confidence)
	if (e.Op == host.MakeDir || e.Op == host.AddUser || e.Op == host.AddGroup || e.Op == host.Clone) && p.goesOn(e) {
		confidence = diag.Low
	}
	p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: confidence, Message: what, Help: help, Fix: fix, Effect: e.Path + e.Name})
}

// goesOn tells whether the script goes on when the command of an effect fails:
// nothing tests it and set -e is not on.
func (p *Pass) goesOn(e *host.Effect) bool {
	errexit, open := p.openSteps()[e.At.Pos]
	return open && !errexit
}

// unhandled tells whether nothing tests how the command of an effect ends.
func (p *Pass) unhandled(e *host.Effect) bool {
	_, open := p.openSteps()[e.At.Pos]
	return open
}

// openSteps are the places of the commands that nothing tests, with whether
// set -e is on in their script.
func (p *Pass) openSteps() map[source.Pos]bool {
	return onceEach(p.facts, "openSteps", func() map[source.Pos]bool {
		m := map[source.Pos]bool{}
		for _, t := range p.Trees() {
			s := stepsOf(p, t)
			for _, at := range s.open {
				m[at.Pos] = s.errexit
			}
		}
		return m
	})
}

// made1 tells whether the first run made the same thing at the same place.
func (p *Pass) made1(e *host.Effect) bool {
	return slices.ContainsFunc(p.byPlace[e.At.Pos], func(o *host.Effect) bool { return o.Run == 1 && o.Op == e.Op && o.Path == e.Path && o.Name == e.Name })
}

// firstElsewhere is what the same step of the first run made, when the second
// makes something else.
func (p *Pass) firstElsewhere(e *host.Effect) *host.Effect {
	var first *host.Effect
	for _, o := range p.byPlace[e.At.Pos] {
		if o.Run != 1 || o.Op != e.Op {
			continue
		}
		if o.Path == e.Path {
			return nil
		}
		if below(e.Path, o.Path) {
			first = o
		}
	}
	return first
}

// addFlag puts an option behind the name of the command at an effect.
func (p *Pass) addFlag(e *host.Effect, name, flag string) *Fix {
	text := p.SourceOf(e.At)
	i := strings.Index(text, name+" ")
	if i < 0 || i > 40 {
		return nil
	}
	off := p.offset(e.At.File, e.At.Line, e.At.Col) + i + len(name)
	return &Fix{Title: name + " " + flag, Edits: []Edit{{At: p.At(e.At.File, off, off), New: " " + flag}}}
}

var linkFlags = lazyregexp.New(`\bln\s+(-[a-zA-Z]+)\s`)

// noDereference gives ln the options -sfn.
func (p *Pass) noDereference(e *host.Effect) *Fix {
	m := linkFlags.FindStringSubmatchIndex(p.SourceOf(e.At))
	if m == nil {
		return nil
	}
	off := p.offset(e.At.File, e.At.Line, e.At.Col)
	return &Fix{Title: "ln -sfn", Edits: []Edit{{At: p.At(e.At.File, off+m[2], off+m[3]), New: "-sfn"}}}
}
