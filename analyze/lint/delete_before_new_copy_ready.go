package lint

import (
	"slices"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
)

var deleteBeforeCopy = &Rule{
	ID: "delete-before-new-copy-ready", Group: State, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title:      "The running version is removed before the new one is there",
		Text:       "When the download, the build or the copy fails after the removal, nothing is left to run. Make the new tree beside the old one, then swap.",
		Bad:        "#!/bin/sh\nset -e\nrm -rf /srv/shop\ngit clone --branch v1.2 https://example.org/shop.git /srv/shop\n",
		Good:       "#!/bin/sh\nset -e\nrm -rf /srv/shop.new\ngit clone --branch v1.2 https://example.org/shop.git /srv/shop.new\nmv -T /srv/shop /srv/shop.old\nmv -T /srv/shop.new /srv/shop\n",
		Exceptions: "Silent when what follows the removal is a rename of a tree that is ready.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.RunEffects(2, host.Remove)) {
			if temporary(e) || dated(e) || !e.Recursive || detect.IsBackup(e.Path) || !p.onTarget(e) || p.movedOn(e) {
				continue
			}
			if next := p.slowRefill(e); next != nil {
				p.Report(Report{
					At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: chance(e, p.rule.Confidence), Effect: e.Path,
					Related: []diag.Label{Label(next, "the new copy is only made here")},
					Message: e.Path + " is removed before its replacement is there: when the next steps fail, nothing is left to run",
					Help:    "make the new tree beside it and rename: mv -T",
				})
			}
		}
	},
}

// slowRefill is the step after a removal that makes the path anew by something
// that may fail: a download, a checkout, a build.
func (p *Pass) slowRefill(e *host.Effect) *host.Effect {
	for _, o := range p.Effects(host.Clone, host.Extract, host.Fetch, host.Language, host.Sync, host.CopyTo) {
		if o.Run != e.Run || !p.Before(e, o) || o.Failure {
			continue
		}
		environment := o.Op == host.Language && o.Env != "" && within(o.Env, e.Path)
		if o.Path == e.Path && (o.Op != host.CopyTo || o.Kind == host.Dir) || environment || o.Op == host.CopyTo && p.programBelow(o.Path, e.Path) {
			return o
		}
	}
	return nil
}

// programBelow tells whether a file is part of what runs out of a directory: of
// a directory for applications (FHS 3.0, sections 3.13, 3.17 and 4.9), or what a
// unit starts.
func (p *Pass) programBelow(name, dir string) bool {
	if !below(name, dir) {
		return false
	}
	return p.serves(name) || slices.ContainsFunc([]string{"/opt", "/srv", "/usr/local", "/var/www"}, func(top string) bool { return below(dir, top) })
}

// movedOn tells whether the path is only where the new tree is prepared.
func (p *Pass) movedOn(e *host.Effect) bool {
	return slices.ContainsFunc(p.Effects(host.MoveTo), func(o *host.Effect) bool { return o.From == e.Path })
}
