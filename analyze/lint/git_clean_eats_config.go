package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

var gitClean = &Rule{
	ID: "git-clean-eats-config", Group: Configuration, Severity: diag.Error, Confidence: diag.High,
	Doc: Doc{
		Title: "Local changes in the code directory are thrown away",
		Text: "git reset --hard, git clean, rsync --delete and rm -rf bring a tree to the state of the repository. Configuration and data that lie in it, edited or " +
			"made on the server, go too. Move what is not code out of the tree before it is cleaned.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit fetch origin\ngit reset --hard origin/main\n-- config/settings.ini --\nDEBUG=0\n",
		Good:       "#!/bin/sh\nset -e\ncd /srv/shop\ngit fetch origin\ngit merge --ff-only v1.2\n-- config/settings.ini --\nDEBUG=0\n",
		Exceptions: "Silent when the script saves what lies in the tree and puts it back. Confidence is medium when no configuration is known in the tree: then only unknown local changes are at stake.",
		Since:      "0.1",
		References: []string{"git-clean(1)", "git-reset(1)", "rsync(1), --delete"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.Clone, host.Clean, host.Sync, host.CopyTo, host.Remove, host.MoveTo)) {
			if how := p.cleans(e); how != "" && !temporary(e) && !dated(e) && p.onTarget(e) {
				p.eats(e, how)
			}
		}
	},
}

// cleans says in words how an effect throws local changes away, "" if not.
func (p *Pass) cleans(e *host.Effect) string {
	switch {
	case e.Op == host.Clean:
		return "removes files that git does not track"
	case e.Op == host.Clone && strings.Contains(e.Action, "reset"):
		return "resets tracked files"
	case e.Op == host.Clone && discards(e):
		return "overwrites changed files"
	case (e.Op == host.Sync || e.Op == host.CopyTo) && e.Action == "delete" && e.Kind != host.Regular:
		return "removes what the source does not have"
	case e.Op == host.Remove && e.Run == 2 && e.Recursive && slices.Contains(p.codeDirs(), e.Path) && p.refilled(e):
		return "removes the whole tree"
	case e.Op == host.MoveTo && e.Run == 2 && slices.Contains(p.codeDirs(), e.From) && p.refilledAt(e, e.From):
		return "moves the whole tree away"
	}
	return ""
}

// discards tells of git checkout -f, git checkout -- FILE, git restore and git
// stash: changed files go.
func discards(e *host.Effect) bool {
	w := strings.Fields(e.What)
	if len(w) < 2 {
		return false
	}
	forced := slices.Contains(w, "-f") || slices.Contains(w, "--force")
	verb := e.Action
	switch {
	case strings.HasPrefix(verb, "checkout"), strings.HasPrefix(verb, "switch"):
		return forced || slices.Contains(w, "--") || e.Kind == host.Regular
	case strings.HasPrefix(verb, "restore"), strings.HasPrefix(verb, "stash"):
		return !slices.Contains(w, "pop") && !slices.Contains(w, "--staged")
	}
	return false
}

// refilled tells whether a tree that is removed is brought back afterwards.
func (p *Pass) refilled(e *host.Effect) bool { return p.refilledAt(e, e.Path) }

func (p *Pass) refilledAt(e *host.Effect, dir string) bool {
	for _, o := range p.Effects(host.Clone, host.Sync, host.CopyTo, host.MoveTo, host.Extract) {
		if o.Run == e.Run && o != e && p.Before(e, o) && o.Path == dir {
			return true
		}
	}
	return false
}

// eats reports a tree that is cleaned, with what is at stake in it.
func (p *Pass) eats(e *host.Effect, how string) {
	dir := e.Path
	if e.Op == host.MoveTo {
		dir = e.From
	}
	lost, related := p.atStake(e, dir)
	message := how + " in " + dir + ": whatever was changed there by hand is lost at each deploy"
	confidence := Lower(p.rule.Confidence)
	if len(lost) > 0 {
		message = how + " in " + dir + ", where configuration or data lies (" + list(lost) + "): changes to it are lost at each deploy"
		confidence = p.rule.Confidence
	}
	p.Report(Report{
		At: e.At, Value: valueOf(p.SourceOf(e.At), dir), Confidence: chance(e, confidence), Related: related, Effect: dir,
		Message: "this " + message, Help: "keep configuration in /etc and data in /var/lib, out of the tree that is cleaned",
	})
}

// atStake names what lies in a tree that goes, and where it was made.
func (p *Pass) atStake(e *host.Effect, dir string) (names []string, related []diag.Label) {
	add := func(name string, at []source.Pos) {
		if slices.Contains(names, name) || p.restoredLater(e, path.Join(dir, name)) {
			return
		}
		names = append(names, name)
		if len(at) > 0 && len(related) < 3 {
			related = append(related, diag.Label{At: source.Span{Pos: at[0]}, Text: name + " is made here"})
		}
	}
	for _, c := range p.Facts.ConfigFiles {
		if below(c.Path, dir) {
			add(c.Path[len(dir)+1:], c.At)
		}
	}
	if tracked := e.Op == host.Clone; !tracked {
		for _, d := range p.Facts.Directories {
			if below(d.Path, dir) && (d.Role == model.RoleData || d.Role == model.RoleLog) {
				add(d.Path[len(dir)+1:], d.At)
			}
		}
	}
	if e.Op != host.Clean { // git clean leaves what git tracks
		for _, f := range p.repoConfigs(".") {
			add(f, nil)
		}
	}
	return names, related
}
