package lint

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
)

var noRollback = &Rule{
	ID: "no-rollback", Group: Reliability, Severity: diag.Note, Confidence: diag.Medium,
	Doc: Doc{
		Title:      "The running version is changed in place, with no way back",
		Text:       "When the new version does not work there is nothing to return to: the old code is gone from the directory, and so are the dependencies it was built with. Keep releases side by side, or install a package: the old one is a command away.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nsystemctl restart shop\n",
		Good:       "#!/bin/sh\nset -e\nnew=/srv/shop/releases/v1.2\ngit clone --branch v1.2 https://example.org/shop.git \"$new\"\nln -sfn \"$new\" /srv/shop/current.new\nmv -T /srv/shop/current.new /srv/shop/current\nsystemctl restart shop\n",
		Exceptions: "Silent when the old tree is kept under another name, releases lie side by side, or the scripts return to the commit before when a step fails.",
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
				return !p.ofNewClone(e) && !p.onlySource(e.Path)
			}
		}
		return e.Action == "clone" && p.removedBefore(e) && !p.onlySource(e.Path)
	case host.Language:
		return e.Path != "" && builds(e) && slices.ContainsFunc(p.codeDirs(), func(dir string) bool { return within(e.Path, dir) && !p.onlySource(dir) })
	case host.Sync, host.Extract, host.CopyTo, host.MoveTo:
		if e.Kind == host.Dir && slices.Contains(p.codeDirs(), e.Path) {
			return !p.onlySource(e.Path)
		}
		return p.binary(e)
	}
	return false
}

// onlySource tells of a checkout that nothing runs from: it lies where sources
// are kept, or the scripts install what is in it elsewhere.
func (p *Pass) onlySource(dir string) bool {
	if within(dir, "/usr/src") || within(dir, "/usr/local/src") {
		return true
	}
	runs := slices.ContainsFunc(p.Facts.Units, func(u model.Unit) bool {
		return within(u.Dir, dir) || strings.Contains(u.Exec, strings.TrimSuffix(dir, "/")+"/")
	}) || slices.ContainsFunc(p.Effects(host.Symlink), func(e *host.Effect) bool { return within(e.From, dir) })
	return !runs && slices.ContainsFunc(p.Effects(host.CopyTo, host.MoveTo, host.Sync, host.Language), func(e *host.Effect) bool {
		if e.Op == host.Language {
			return within(e.Cwd, dir) && e.Env != "" && !within(e.Env, dir)
		}
		return within(e.From, dir) && !within(e.Path, dir) && !temporary(e) && !within(e.Path, "/etc") && !p.isConfig(e.Path) && !detect.IsDefinition(e.Path) && !detect.IsBackup(e.Path)
	})
}

// ofNewClone tells of git checkout in a tree that the scripts clone and never
// bring up to date: it chooses what the clone is of.
func (p *Pass) ofNewClone(e *host.Effect) bool {
	if !strings.HasPrefix(e.Action, "checkout") || p.fetches() {
		return false
	}
	return slices.ContainsFunc(p.On(e.Path), func(o *host.Effect) bool { return o.Op == host.Clone && o.Action == "clone" })
}

// fetches tells whether the scripts bring any checkout up to date.
func (p *Pass) fetches() bool {
	found := false
	p.Calls(func(_ shell.Parsed, _ *syntax.CallExpr, words []string) {
		found = found || path.Base(words[0]) == "git" && slices.ContainsFunc(words, func(w string) bool { return w == "fetch" || w == "pull" || w == "update" })
	})
	return found
}

// removedBefore tells whether the same run removed the path before.
func (p *Pass) removedBefore(e *host.Effect) bool {
	return slices.ContainsFunc(p.On(e.Path), func(o *host.Effect) bool { return o.Op == host.Remove && o.Run == e.Run && p.Before(o, e) })
}

// fetched tells whether a file is a download, or what one makes by itself.
func (p *Pass) fetched(name string) bool {
	return name != "" && slices.ContainsFunc(p.On(name), func(o *host.Effect) bool { return o.Op == host.Fetch })
}

// serves tells whether a unit runs a program.
func (p *Pass) serves(program string) bool {
	return slices.ContainsFunc(p.Facts.Units, func(u model.Unit) bool { return strings.Contains(u.Exec, program) })
}

// binary tells of a program or an archive of programs that is put in place.
func (p *Pass) binary(e *host.Effect) bool {
	if e.Kind == host.Dir {
		return false
	}
	ext := path.Ext(e.Path)
	program := strings.Contains(e.Path, "/bin/") || strings.Contains(e.Path, "/sbin/")
	if below(e.Path, "/etc/init.d") {
		return e.Op != host.Write
	}
	if program && (p.fetched(e.From) || e.Content.Repo() == "" && !p.built(e)) && !p.serves(e.Path) {
		return false // a tool, not what is deployed
	}
	return ext == ".jar" || ext == ".war" || program && e.Op != host.Write
}

// built tells whether what is put in place comes from a directory that the
// scripts build code in.
func (p *Pass) built(e *host.Effect) bool {
	return slices.ContainsFunc(p.Effects(host.Language), func(l *host.Effect) bool {
		return builds(l) && l.Action != "install" && l.Run == e.Run && p.Before(l, e) && (within(e.From, l.Cwd) || l.Path != "" && within(e.From, l.Path))
	})
}

// keepsOld tells whether the scripts keep the old code: a copy under another
// name, or releases side by side behind a link.
func (p *Pass) keepsOld() bool {
	if p.goesBack() {
		return true
	}
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

// goesBack tells whether the scripts return to the commit before when something
// fails.
func (p *Pass) goesBack() bool {
	return slices.ContainsFunc(p.Deployment.Effects, func(e *host.Effect) bool {
		return e.Op == host.Clone && (strings.HasPrefix(e.Action, "reset") || strings.HasPrefix(e.Action, "checkout")) &&
			(earlier.MatchString(e.What) || e.Failure && !strings.Contains(e.What, "origin/"))
	})
}

// earlier names a commit that the tree was at before (gitrevisions(7)).
var earlier = lazyregexp.New(`\bORIG_HEAD\b|HEAD@\{1\}|HEAD[~^]`)

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
