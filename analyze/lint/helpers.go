package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/value"
)

// valueOf is what a path resolves to, "" when the source says it already.
func valueOf(text, p string) string {
	if p == "" || strings.Contains(text, p) {
		return ""
	}
	return p
}

// below tells whether a path lies strictly below a directory.
func below(p, dir string) bool {
	return dir != "" && strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}

// within tells whether a path is a directory or lies below it.
func within(p, dir string) bool { return p == dir && dir != "" || below(p, dir) }

// temporary tells of paths that are gone after the run or the next start.
func temporary(e *host.Effect) bool { return temporaryPath(e.Path) || hasHole(e.Val, value.Temp) }

func temporaryPath(p string) bool {
	return within(p, "/tmp") || within(p, "/var/tmp") || within(p, "/dev/shm") || within(p, "/dev")
}

func hasHole(v value.Value, kinds ...value.Kind) bool {
	return slices.ContainsFunc(v.Best().Holes(), func(h *value.Hole) bool { return slices.Contains(kinds, h.Kind) })
}

// staged tells of a path in a tree that is packed or made into an image: the
// layout of a system below a directory that is not its root. Nobody edits or
// runs what lies there.
func staged(name string) bool { return stagedTree.MatchString(name) }

var stagedTree = lazyregexp.New(`(?i)(^\$\{\w*(DESTDIR|ROOTFS|STAG|PKG|CHROOT|SYSROOT|IMAGE|BUILDROOT|_ROOT)\w*\}|/(pkg|package|packaging|rootfs|root-fs|staging|stage|debian/\S+|buildroot|chroot|sysroot|image|dist|build)[^/]*)/(etc|usr|lib|opt|var|root|tmp)/`)

// dated tells of a path with the time in it: another at each run.
func dated(e *host.Effect) bool { return hasHole(e.Val, value.Date) }

// server tells whether the deployment changes a machine that people look after.
func (p *Pass) server() bool { return p.Class.Packageable() || p.Class == model.Other }

// onTarget tells whether an effect happens on the machine that is deployed to:
// with a remote deployment what happens here only prepares it.
func (p *Pass) onTarget(e *host.Effect) bool { return !p.Remote || e.Machine != 0 }

// isConfig tells whether an administrator may edit a path.
func (p *Pass) isConfig(name string) bool {
	switch path.Base(name) {
	case "application.py", "application.js", "application.rb", "environment.rb", "environment.py", "environment.js":
		return false // code of frameworks
	}
	return detect.IsConfig(name) || slices.ContainsFunc(p.Facts.ConfigFiles, func(c model.ConfigFile) bool { return c.Path == name })
}

// codeDirs are the directories that the code is brought to, the longest first.
func (p *Pass) codeDirs() []string {
	return onceEach(p.facts, "codeDirs", func() []string {
		var out []string
		add := func(dir string) {
			if dir != "" && dir != "/" && !within(dir, "/etc") && !host.IsSystemDir(dir) && !slices.Contains(out, dir) {
				out = append(out, dir)
			}
		}
		add(p.CodeDir)
		for _, e := range p.Effects(host.Clone, host.Clean, host.Sync, host.CopyTo, host.MoveTo) {
			switch {
			case temporary(e) || !p.onTarget(e):
			case e.Op == host.Clone && e.Kind == host.Dir || e.Op == host.Clean:
				add(e.Path)
			case e.Kind == host.Dir && e.Content.Repo() == ".":
				add(e.Path)
			case e.Op == host.CopyTo && (path.Ext(e.Path) == ".jar" || path.Ext(e.Path) == ".war"):
				add(path.Dir(e.Path))
			}
		}
		p.runFrom(add)
		for _, e := range p.Effects(host.MoveTo) {
			if slices.Contains(out, e.Path) && !detect.IsBackup(e.From) && !temporaryPath(e.From) {
				add(e.From) // where the new tree is prepared
			}
		}
		slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
		return out
	})
}

// runFrom adds the directories that services run in and dependencies are
// installed in, and what a link to the running version leads to.
func (p *Pass) runFrom(add func(string)) {
	place := func(dir string) {
		if strings.HasPrefix(dir, "/") && strings.Count(dir, "/") > 1 && !below(dir, "/etc") && !temporaryPath(dir) && !host.IsSystemDir(dir) {
			add(path.Clean(dir))
		}
	}
	for _, u := range p.Facts.Units {
		if u.Exec != "" && !vendored(u.From) && !strings.Contains(u.Dir, "/var/lib/") {
			place(u.Dir)
		}
	}
	for _, e := range p.Effects(host.Write) {
		if text, ok := e.Content.Known(); ok && strings.HasSuffix(e.Path, ".service") {
			if m := workingDir.FindStringSubmatch(text.String()); m != nil {
				place(m[1])
			}
		}
	}
	for _, e := range p.Effects(host.Language) {
		if base := path.Base(e.Path); p.onTarget(e) && (base == "node_modules" || base == "vendor") {
			place(path.Dir(e.Path))
		} else if p.onTarget(e) && e.Path == "" && strings.HasPrefix(e.Cwd, "/") {
			place(e.Cwd)
		}
	}
	for _, e := range p.Effects(host.Symlink) {
		if releaseLink.MatchString(e.Path) || dated(e) || below(e.Path, "/var/www") && path.Dir(e.Path) == "/var/www" {
			place(e.From)
		}
	}
}

var workingDir = lazyregexp.New(`(?m)^WorkingDirectory=(/\S+)`)

// codeOf is the code directory that a path lies strictly below, "" none.
func (p *Pass) codeOf(name string) string {
	for _, dir := range p.codeDirs() {
		if below(name, dir) {
			return dir
		}
	}
	return ""
}

// checkoutEffect is the first effect that brings code to a directory.
func (p *Pass) checkoutEffect(dir string) *host.Effect {
	for _, e := range p.Effects(host.Clone, host.Sync, host.CopyTo, host.MoveTo, host.Extract) {
		if e.Path == dir {
			return e
		}
	}
	return nil
}

// codeLabel points at what fills a code directory.
func (p *Pass) codeLabel(dir string) []diag.Label {
	if e := p.checkoutEffect(dir); e != nil {
		return []diag.Label{Label(e, "the code is brought to "+dir+" here")}
	}
	return nil
}

// restores tells whether e puts back what the same run saved before: its source
// was copied from its destination.
func (p *Pass) restores(e *host.Effect) bool {
	if e.From == "" {
		return false
	}
	for _, s := range p.Effects(host.CopyTo, host.MoveTo, host.Backup, host.Sync) {
		if s.Run != e.Run || s == e || !p.Before(s, e) || s.From == "" {
			continue
		}
		if within(e.From, s.Path) && (within(e.Path, s.From) || within(s.From, e.Path)) {
			return true
		}
	}
	return false
}

// restoredLater tells whether the run that e belongs to puts a path back after
// e from a copy made before it.
func (p *Pass) restoredLater(e *host.Effect, name string) bool {
	for _, r := range p.Effects(host.CopyTo, host.MoveTo, host.Sync) {
		if r.Run == e.Run && p.Before(e, r) && within(name, r.Path) && p.restores(r) {
			return true
		}
	}
	return false
}

// chance lowers a confidence when an effect happens only under conditions.
func chance(e *host.Effect, c diag.Confidence) diag.Confidence {
	if e.Alt || !e.Must {
		return Lower(c)
	}
	return c
}

// ofFresh tells whether an effect can happen on a fresh host at all.
func ofFresh(e *host.Effect) bool {
	return !slices.ContainsFunc(e.When, func(c host.Cond) bool { return c.Fresh == value.No })
}

// perPlace keeps the first effect of every place in the source.
func perPlace(es []*host.Effect) []*host.Effect {
	var out []*host.Effect
	for _, e := range es {
		if !slices.ContainsFunc(out, func(o *host.Effect) bool { return o.At.Pos == e.At.Pos && o.Op == e.Op }) {
			out = append(out, e)
		}
	}
	return out
}

// repoConfigs are the tracked files below a directory of the repository that
// an administrator may edit.
func (p *Pass) repoConfigs(dir string) []string {
	var out []string
	for _, f := range p.repo.Files() {
		name := f.Path
		if f.Ignored || !f.IsRegular() || dir != "." && !below(name, dir) || vendored(name) {
			continue
		}
		if strings.HasPrefix(name, ".") && strings.Contains(name, "/") {
			continue // settings of editors and pipelines
		}
		if detect.IsConfig("/"+name) && !sample(name) && path.Base(name) != ".htaccess" {
			out = append(out, name)
		}
	}
	return out
}

func vendored(p string) bool {
	for dir := range strings.SplitSeq(path.Dir(p), "/") {
		switch dir {
		case "node_modules", "vendor", "third_party", "test", "tests", "testdata", "fixtures", "docs", "doc", "spec", "examples", ".github":
			return true
		}
	}
	return false
}

// list names up to three things.
func list(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + ", ..."
}

// sample tells whether a file is copied and then edited: nobody edits it in
// place.
func sample(name string) bool {
	_, ok := input.IsSample(name)
	return ok
}
