package lint

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

var configOverwritten = &Rule{
	ID: "config-overwritten-on-deploy", Group: Configuration, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title: "A redeploy replaces a configuration file",
		Text: "The second run of the script writes the file again, whatever an administrator changed in it since the first: the edit is lost without a word. " +
			"Create configuration only when it is absent, or let a package manager keep it as a conffile.",
		Bad:        "#!/bin/sh\nset -e\ncp conf/shop.conf /etc/shop.conf\n",
		Good:       "#!/bin/sh\nset -e\n[ -e /etc/shop.conf ] || cp conf/shop.conf /etc/shop.conf\n",
		Exceptions: "Silent when the file is saved before and put back, or written only when absent. Links, and files that no administrator edits, do not count. Units, jobs and init scripts have a rule of their own, unit-overwritten-on-deploy.",
		Since:      "0.1",
		References: []string{"Debian Policy 10.7.3: behaviour of configuration files"},
	},
	Run: func(p *Pass) {
		if p.Class == model.BuildOnly {
			return
		}
		for _, e := range p.rewrites() {
			if e.Kind == host.Dir {
				p.treeOverwritten(e)
			} else if p.isConfig(e.Path) && !detect.IsDefinition(e.Path) && !vendorData(e.Path) && !p.same(e) && p.hadBefore(e) {
				p.overwritten(e, e.Path)
			}
		}
	},
}

// rewrites are the effects of the second run that put content in place on the
// target: not in temporary places, no backups and links, not what the run saved
// before, and no files that are only a step on the way to another place.
func (p *Pass) rewrites() []*host.Effect {
	return onceEach(p.facts, "rewrites", func() []*host.Effect {
		var out []*host.Effect
		for _, e := range p.RunEffects(2, host.Write, host.CopyTo, host.MoveTo, host.Fetch, host.Extract, host.Sync) {
			switch {
			case !p.onTarget(e) || temporary(e) || staged(e.Path) || dated(e) || detect.IsBackup(e.Path):
			case e.What == "no-clobber" && e.Op == host.CopyTo, e.Kind == host.Link, e.Path == e.Cwd:
			case p.restores(e) || p.passedOn(e) || p.setAside(e):
			default:
				out = append(out, e)
			}
		}
		return out
	})
}

// setAside tells of a file of the machine that is kept under another name: it is
// renamed, or copied to its own name with an addition before the run changes it.
func (p *Pass) setAside(e *host.Effect) bool {
	if e.From == "" || e.Content.Repo() != "" && e.Op == host.MoveTo {
		return false
	}
	made := slices.ContainsFunc(p.On(e.From), func(o *host.Effect) bool { return o.Run == e.Run && p.Before(o, e) && o.Op != host.Remove })
	if e.Op == host.MoveTo {
		return !made && p.codeOf(e.From) == "" && strings.HasPrefix(e.From, "/etc/")
	}
	return e.Op == host.CopyTo && strings.HasPrefix(e.Path, e.From) && slices.ContainsFunc(p.On(e.From), func(o *host.Effect) bool {
		return o.Run == e.Run && p.Before(e, o)
	})
}

// vendorData tells of places for data that comes with a program and that no
// administrator edits (FHS 3.0, sections 4.6 and 4.11).
func vendorData(name string) bool {
	for _, dir := range []string{"/usr/share", "/usr/lib", "/usr/local/share", "/usr/local/lib"} {
		if below(name, dir) {
			return true
		}
	}
	return false
}

// passedOn tells whether a file is only a step on the way to another place.
func (p *Pass) passedOn(e *host.Effect) bool {
	return slices.ContainsFunc(p.Effects(host.MoveTo, host.CopyTo), func(o *host.Effect) bool {
		return o.From == e.Path && o.Run == e.Run && p.Before(e, o) && (o.Op == host.MoveTo || e.Op == host.Fetch && p.codeOf(e.Path) == "")
	})
}

// hadBefore tells whether the path was there when the second run began.
func (p *Pass) hadBefore(e *host.Effect) bool {
	if e.Met == "new" {
		return slices.ContainsFunc(p.Effects(host.Remove, host.MoveTo), func(o *host.Effect) bool {
			return o.Run == e.Run && p.Before(o, e) && (o.Op == host.Remove && within(e.Path, o.Path) || o.Op == host.MoveTo && within(e.Path, o.From))
		})
	}
	return slices.ContainsFunc(p.On(e.Path), func(o *host.Effect) bool { return o.Run == 1 && o.Op != host.Remove }) || e.Met == "exists"
}

// maybeKept is the confidence that the second run replaces a file. Where a
// condition is sure to hold at the first run and may not at the second, the
// script tells the two apart: it asks, or compares, and mostly keeps the file.
func (p *Pass) maybeKept(e *host.Effect) diag.Confidence {
	if e.Alt || !e.Must && p.toldApart(e) {
		return diag.Low
	}
	return chance(e, p.rule.Confidence)
}

// toldApart tells whether an effect of the second run hangs on a condition that
// held at the first because of what was not there yet.
func (p *Pass) toldApart(e *host.Effect) bool {
	return slices.ContainsFunc(p.byPlace[e.At.Pos], func(o *host.Effect) bool {
		if o.Run != 1 || o.Op != e.Op || o.Path != e.Path {
			return false
		}
		return slices.ContainsFunc(e.When, func(c host.Cond) bool {
			return !c.Rest && (c.Fresh == value.Yes && o.Must || c.Fresh == value.Maybe && slices.ContainsFunc(o.When, func(f host.Cond) bool {
				return f.At == c.At && f.Text == c.Text && f.Fresh == value.Yes
			}))
		})
	})
}

// same tells whether what is written is the file's own content, edited: only
// the edit is lost when it is repeated.
func (p *Pass) same(e *host.Effect) bool {
	if e.Op != host.MoveTo && e.Op != host.CopyTo {
		return false
	}
	for _, o := range p.On(e.From) {
		if o.Run == 2 && p.Before(o, e) && o.From == e.Path {
			return true
		}
	}
	return false
}

func (p *Pass) overwritten(e *host.Effect, name string) {
	from := ""
	if r := e.Content.Repo(); r != "" {
		from = " by " + r + " of the repository"
	}
	p.Report(Report{
		At: e.At, Value: valueOf(p.SourceOf(e.At), name), Confidence: p.maybeKept(e), Effect: name, Related: p.guard(e),
		Message: "each deploy replaces " + name + from + ": what an administrator changed in it is lost",
		Help:    "write it only when it is absent: [ -e " + quoted(name) + " ] || ...",
	})
}

// treeOverwritten reports a directory of the repository that is copied over one
// that holds configuration.
func (p *Pass) treeOverwritten(e *host.Effect) {
	repo := e.Content.Repo()
	if repo == "" || e.Action == "delete" || e.Op == host.MoveTo {
		return
	}
	var names []string
	for _, name := range p.repoConfigs(repo) {
		rel := strings.TrimPrefix(strings.TrimPrefix(name, repo), "/")
		if repo == "." {
			rel = name
		}
		if !slices.Contains(e.Content.Exclude, rel) {
			names = append(names, rel)
		}
	}
	if len(names) == 0 {
		return
	}
	p.Report(Report{
		At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: Lower(p.rule.Confidence), Effect: e.Path,
		Message: "each deploy replaces the configuration in " + e.Path + " (" + list(names) + "): what an administrator changed in it is lost",
		Help:    "leave configuration out of what is copied, and keep it in /etc",
	})
}

// guard points at the condition nearest to an effect, when it has one.
func (p *Pass) guard(e *host.Effect) []diag.Label {
	if len(e.When) == 0 {
		return nil
	}
	c := e.When[len(e.When)-1]
	return []diag.Label{{At: source.Span{Pos: c.At}, Text: "this condition does not keep the second run from it"}}
}

// quoted is a path fit for shell text in a hint.
func quoted(s string) string {
	q, err := syntax.Quote(s, syntax.LangPOSIX)
	if err != nil {
		return s
	}
	return q
}
