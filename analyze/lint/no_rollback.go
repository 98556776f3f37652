package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var noRollback = &Rule{
	ID: "no-rollback", Group: Reliability, Severity: diag.Note, Confidence: diag.Medium,
	Doc: Doc{
		Title:      "The running version is changed in place, with no way back",
		Text:       "When the new version does not work there is nothing to return to: the old code is gone from the directory, and so are the dependencies it was built with. Keep releases side by side, or install a package: the old one is a command away.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nsystemctl restart shop\n",
		Good:       "#!/bin/sh\nset -e\nnew=/srv/shop/releases/v1.2\ngit clone --branch v1.2 https://example.org/shop.git \"$new\"\nln -sfn \"$new\" /srv/shop/current.new\nmv -T /srv/shop/current.new /srv/shop/current\nsystemctl restart shop\n",
		Exceptions: "Silent when the old tree is kept under another name, or releases lie side by side.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		if !p.server() || p.keepsOld() {
			return
		}
		for _, e := range p.RunEffects(2, host.Clone, host.Sync, host.CopyTo, host.MoveTo, host.Extract, host.Fetch, host.Write, host.Language) {
			if p.onTarget(e) && !temporary(e) && !dated(e) && p.replacesCode(e) {
				p.Report(Report{At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.rule.Confidence, Effect: e.Path,
					Message: "the code in " + e.Path + " is changed in place: when the new version fails there is nothing to go back to",
					Help:    "keep releases side by side and switch a link, or install a package"})
				return
			}
		}
	},
}

// replacesCode tells whether an effect changes code that runs.
func (p *Pass) replacesCode(e *host.Effect) bool {
	switch e.Op {
	case host.Clone:
		for _, verb := range []string{"pull", "reset", "merge", "checkout", "rebase"} {
			if strings.HasPrefix(e.Action, verb) && e.Kind == host.Dir {
				return true
			}
		}
		return e.Action == "clone" && p.removedBefore(e)
	case host.Language:
		return e.Path != "" && builds(e) && slices.ContainsFunc(p.codeDirs(), func(dir string) bool { return within(e.Path, dir) })
	case host.Sync, host.Extract, host.CopyTo, host.MoveTo:
		if e.Kind == host.Dir && slices.Contains(p.codeDirs(), e.Path) {
			return true
		}
		return p.binary(e)
	}
	return false
}

// removedBefore tells whether the same run removed the path before.
func (p *Pass) removedBefore(e *host.Effect) bool {
	return slices.ContainsFunc(p.On(e.Path), func(o *host.Effect) bool { return o.Op == host.Remove && o.Run == e.Run && p.Before(o, e) })
}

// binary tells of a program or an archive of programs that is put in place.
func (p *Pass) binary(e *host.Effect) bool {
	if e.Kind == host.Dir {
		return false
	}
	ext := path.Ext(e.Path)
	program := strings.Contains(e.Path, "/bin/") || strings.Contains(e.Path, "/sbin/") || below(e.Path, "/etc/init.d")
	return ext == ".jar" || ext == ".war" || program && e.Op != host.Write
}

// keepsOld tells whether the scripts keep the old code: a copy under another
// name, or releases side by side behind a link.
func (p *Pass) keepsOld() bool {
	dirs := p.codeDirs()
	for _, e := range p.Effects(host.MoveTo, host.CopyTo, host.Backup, host.Sync, host.Symlink) {
		switch {
		case e.Op == host.Symlink:
			if releaseLink.MatchString(e.Path) || releaseDir.MatchString(e.From) || releaseDir.MatchString(e.Target) {
				return true
			}
		case slices.Contains(dirs, e.From) && (detect.IsBackup(e.Path) || dated(e)) && p.putsBack(e.From):
			return true
		}
	}
	for _, d := range dirs {
		if releaseDir.MatchString(d) {
			return true
		}
	}
	return false
}

// putsBack tells whether the scripts bring an old tree back, when something fails
// or when asked to.
func (p *Pass) putsBack(dir string) bool {
	for _, e := range p.Deployment.Effects {
		if (e.Op == host.MoveTo || e.Op == host.CopyTo) && e.Path == dir && (detect.IsBackup(e.From) || strings.Contains(e.From, "${")) && !temporaryPath(e.From) {
			return true
		}
	}
	return false
}

var (
	releaseLink = lazyregexp.New(`/current(\.\w+)?$`)
	releaseDir  = lazyregexp.New(`/(releases|versions)/`)
)
