package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// A keep is a path below the code that a deployment leaves as it is on the
// machine: configuration or state that is the machine's own.
type keep struct {
	path string // relative to the code
	why  string
	dir  bool   // known to be a directory
	role string // "" by its name

	pattern bool // one that a transfer leaves out: without a slash it means a name anywhere
	at      source.Pos
}

// kept adds what deployments keep on the machine: paths that transfers leave
// out, that a deployment tool links from a shared place, that scripts save and
// bring back, and ignored files of which the repository has a sample. Facts that
// the scripts make themselves stand.
func (c *Companion) kept(d *model.Deployment) {
	if d.CodeDir == "" || !path.IsAbs(d.CodeDir) {
		return
	}
	for _, k := range slices.Concat(c.linked(), savedPaths(d), c.ignoredSamples(), c.excluded(d)) {
		c.keep(d, k)
	}
}

// neverKept are paths that are left out since they are of no use on a machine,
// or are made anew there.
var neverKept = lazyregexp.New(`(?i)^(\.git|\.github|\.gitlab.*|\.gitignore|\.gitattributes|\.svn|\.hg|\.idea|\.vscode|\.ds_store|\.dockerignore|\.editorconfig|\.eslintrc.*|\.prettierrc.*|\.travis\.yml|\.env\.(example|sample|dist|template|test|testing)|` +
	`node_modules|bower_components|vendor|v?env|\.venv|virtualenv|__pycache__|.*\.pyc|\.tox|\.pytest_cache|\.cache|\.next|\.nuxt|dist|build|target|tests?|spec|docs?|coverage|readme.*|license.*|deploy.*|docker.*|makefile|e?h?thumbs\.db|vagrantfile|\.vagrant|tmp|temp)$`)

// excluded are the paths that transfers of the code leave out.
func (c *Companion) excluded(d *model.Deployment) []keep {
	var out []keep
	for _, e := range d.Effects {
		if e.Failure || e.Content == nil || e.Content.Kind != host.RepoTree || e.Path != d.CodeDir {
			continue
		}
		for _, pattern := range e.Content.Exclude {
			out = append(out, keep{path: strings.Trim(pattern, "/"), pattern: !strings.HasPrefix(pattern, "/"), at: e.At.Pos, why: "the transfer of the code leaves it out"})
		}
	}
	for i := range c.Results {
		r := &c.Results[i]
		if fronts[r.Kind].kind != "ci" {
			continue
		}
		for _, x := range r.Excludes {
			out = append(out, keep{path: strings.Trim(x.Pattern, "/"), pattern: !strings.HasPrefix(x.Pattern, "/"), at: x.At, why: "the transfer of the code leaves it out"})
		}
	}
	return out
}

// linked are the paths that a deployment tool links from a shared directory.
func (c *Companion) linked() []keep {
	var out []keep
	for i := range c.Results {
		if fronts[c.Results[i].Kind].kind != "remote" {
			continue
		}
		for _, claim := range c.Results[i].Claims {
			if !path.IsAbs(claim.Path) && claim.Role != model.RoleCode {
				out = append(out, keep{path: claim.Path, dir: claim.Dir, role: claim.Role, at: claim.At, why: claim.Why})
			}
		}
	}
	return out
}

// savedPaths are the paths below the code that the scripts copy away and bring
// back around an update.
func savedPaths(d *model.Deployment) []keep {
	away := map[string]string{} // copy -> original
	var out []keep
	for _, e := range d.Effects {
		if e.Failure || e.Run != 1 || e.Op != host.CopyTo && e.Op != host.MoveTo || e.From == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(e.From, d.CodeDir+"/"); ok && !strings.HasPrefix(e.Path, d.CodeDir+"/") {
			away[e.Path] = rest
			continue
		}
		if rest, ok := away[e.From]; ok && e.Path == d.CodeDir+"/"+rest {
			out = append(out, keep{path: rest, dir: e.Kind == host.Dir, at: e.At.Pos, why: "the scripts save it and bring it back"})
		}
	}
	return out
}

// ignoredSamples are files that git ignores and of which the repository has a
// sample: each machine has its own.
func (c *Companion) ignoredSamples() []keep {
	var out []keep
	for _, f := range c.repo.Files() {
		if !f.IsRegular() || f.Ignored || vendored(f.Path) || notOurs.MatchString(f.Path) || strings.Count(f.Path, "/") > 2 {
			continue
		}
		if t, ok := input.IsSample(f.Path); ok && configName.MatchString(path.Base(t)) && !c.isFile(t) && c.repo.Ignored(t) {
			out = append(out, keep{path: t, role: model.RoleConfig, at: source.Pos{File: f.Path, Line: 1, Col: 1}, why: "git ignores it and " + f.Path + " is a sample of it"})
		}
	}
	return out
}

// keep adds one kept path to the facts as what it is.
func (c *Companion) keep(d *model.Deployment, k keep) {
	base := path.Base(k.path)
	p := path.Join(d.CodeDir, k.path)
	if k.pattern && base == k.path && knownBelow(&d.Facts, d.CodeDir, base) {
		return
	}
	if k.path == "" || strings.ContainsAny(k.path, "*?[{$!") || neverKept.MatchString(base) || !strings.HasPrefix(p, d.CodeDir+"/") || known(&d.Facts, p) {
		return
	}
	ev := model.Evidence{At: []source.Pos{k.at}, Certainty: model.May, Origin: model.FromImplied, Why: k.why}
	role := k.role
	if role == "" && isConfig(p) && !k.dir {
		role = model.RoleConfig
	}
	switch {
	case role == model.RoleConfig && !k.dir:
		d.Facts.ConfigFiles = append(d.Facts.ConfigFiles, model.ConfigFile{Path: p, From: c.originOf(k.path), How: model.HowCopyIfAbsent, InCodeDir: true, Reasons: []string{k.why}, Evidence: ev})
	case k.dir || stateName(base):
		d.Facts.Directories = append(d.Facts.Directories, model.Directory{Path: p, Role: cmpRole(role, base), Evidence: ev})
	case dataFile(base):
		d.Facts.Files = append(d.Facts.Files, model.File{Path: p, Role: model.RoleData, Evidence: ev})
	}
}

// originOf is the file of the repository that a kept one is first made from.
func (c *Companion) originOf(name string) string {
	if c.isFile(name) {
		return name
	}
	return c.Sample(path.Base(name))
}

func cmpRole(role, base string) string {
	if role != "" {
		return role
	}
	if r := roleOfName(base); r != "" {
		return r
	}
	return model.RoleData
}

// stateName tells of names that directories of state, logs or caches have.
func stateName(base string) bool {
	r := roleOfName(base)
	return r != "" && r != model.RoleConfig && !strings.Contains(base, ".")
}

// dataFile tells of files of databases.
func dataFile(base string) bool {
	switch path.Ext(base) {
	case ".db", ".sqlite", ".sqlite3", ".rrd":
		return true
	}
	return false
}

// known tells whether a path is a fact already.
func known(f *model.Facts, p string) bool {
	return slices.ContainsFunc(f.ConfigFiles, func(o model.ConfigFile) bool { return o.Path == p }) ||
		slices.ContainsFunc(f.Files, func(o model.File) bool { return o.Path == p }) ||
		slices.ContainsFunc(f.Symlinks, func(o model.Symlink) bool { return o.Path == p }) ||
		slices.ContainsFunc(f.Directories, func(o model.Directory) bool { return o.Path == p })
}

// knownBelow tells whether a configuration file of that name is a fact below the
// code already.
func knownBelow(f *model.Facts, dir, base string) bool {
	return slices.ContainsFunc(f.ConfigFiles, func(o model.ConfigFile) bool {
		return path.Base(o.Path) == base && strings.HasPrefix(o.Path, dir+"/")
	})
}
