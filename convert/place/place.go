// Package place decides which part of a package each effect of a deployment
// becomes, one file a part. It reads and writes nothing but the repository that
// was analysed.
package place

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// Options are what neither the repository nor the choices say.
type Options struct {
	// Epoch, seconds since 1970, is the time of the payload when the repository
	// has no commit: SOURCE_DATE_EPOCH.
	Epoch int64
	// Arch is the Debian architecture that a build step makes programs for.
	Arch string
}

// Package places everything that a deployment does. What c leaves open is
// guessed and written into c.
func Package(ctx context.Context, a *analyze.Analysis, c *choices.Choices, opt Options) (*plan.Package, error) {
	x := newPlacer(a, c, opt)
	for _, part := range []func() error{
		x.identity, x.excludes, x.layout, x.tree, x.accounts, x.state, x.config, x.payload, x.stage, x.downloads,
		x.files, x.units, x.cron, x.logrotate, x.sites, x.depends, x.migrations, x.takeOver, x.meta,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := part(); err != nil {
			return nil, fmt.Errorf("place %q: %w", x.p.Name, err)
		}
	}
	x.finish()
	x.fates()
	return x.p, nil
}

// A placer is one run of Package.
type placer struct {
	a    *analyze.Analysis
	d    *model.Deployment
	f    *model.Facts
	repo *source.Repo
	c    *choices.Choices
	opt  Options
	p    *plan.Package

	host  *host.Host // nil when no script was run
	where int32      // the machine of the application

	old   string // code directory of the old deployment, "" none
	code  string // of the package
	moves moves  // old path -> new path

	entries map[string]*plan.Entry
	placed  map[source.Pos]placed // by the place of its statement
	nodes   []codeNode            // what lies in the code directory
	treeOf  map[string]string     // repository file -> its old place in the code directory
	built   bool                  // a build step makes part of the payload
	account string                // that runs the services, "" none
	confs   []*conf
	linked  map[string]string // directory of the old code -> directory of /etc that takes its place
}

// placed is what became of a statement.
type placed struct {
	part           plan.Part
	target, reason string
}

func newPlacer(a *analyze.Analysis, c *choices.Choices, opt Options) *placer {
	x := &placer{
		a: a, d: a.Deployment, f: &a.Facts, repo: a.Repo, c: c, opt: opt, host: a.Target,
		p:       &plan.Package{Depends: map[plan.Format][]string{}, Recommends: map[plan.Format][]string{}},
		entries: map[string]*plan.Entry{}, placed: map[source.Pos]placed{}, linked: map[string]string{},
	}
	x.where = x.machine()
	return x
}

// machine is the index of the machine that most of the facts are about.
func (x *placer) machine() int32 {
	if x.host == nil || !x.d.Remote {
		return 0
	}
	count := map[int32]int{}
	for _, e := range x.d.Effects {
		if x.host.Machines[e.Machine].Kind == "remote" && e.Path != "" {
			count[e.Machine]++
		}
	}
	best := int32(0)
	for m := range int32(len(x.host.Machines)) {
		if count[m] > count[best] {
			best = m
		}
	}
	return best
}

// mark notes what became of the statements at these places. What is marked
// first stays, but for the word that nothing became of it.
func (x *placer) mark(at []source.Pos, part plan.Part, target, reason string) {
	for _, p := range at {
		if old, ok := x.placed[p]; ok && old.part != plan.PartNothing && old.part != plan.PartManager {
			continue
		}
		x.placed[p] = placed{part, target, reason}
	}
}

// add puts an entry into the payload. An entry that stands already is kept,
// unless the new one is a conffile.
func (x *placer) add(e plan.Entry) {
	if old := x.entries[e.Path]; old != nil && (old.Conffile || !e.Conffile) {
		return
	}
	if e.Type == plan.File && e.Origin == plan.Repo && e.Mode == 0 {
		e.Mode = x.repoMode(e.Src)
	}
	x.entries[e.Path] = &e
}

// repoMode is the mode of a file of the repository: 0755 when it can be run.
func (x *placer) repoMode(name string) uint32 {
	if f, ok := x.repo.Lookup(name); ok && f.Mode&0o111 != 0 && f.IsRegular() {
		return 0o755
	}
	return 0o644
}

// text adds a generated file of packaging/ and returns its path there.
func (x *placer) text(name string, data []byte, mode uint32, lines []plan.LineSource) string {
	x.p.Texts = slices.DeleteFunc(x.p.Texts, func(t plan.Text) bool { return t.Path == name })
	x.p.Texts = append(x.p.Texts, plan.Text{Path: name, Data: data, Mode: mode, Lines: lines})
	return name
}

// manual notes what a person must do; the same note from several places is one
// with all of them.
func (x *placer) manual(at []source.Pos, cmd, format string, args ...any) {
	n := plan.Note{Text: fmt.Sprintf(format, args...), Cmd: cmd, At: slices.Clip(at)}
	for i := range x.p.Manual {
		o := &x.p.Manual[i]
		if o.Text != n.Text || o.Cmd != n.Cmd {
			continue
		}
		for _, p := range at {
			if !slices.Contains(o.At, p) {
				o.At = append(o.At, p)
			}
		}
		return
	}
	x.p.Manual = append(x.p.Manual, n)
}

// finish sorts what was gathered and names the parents of the payload.
func (x *placer) finish() {
	x.became()
	x.prune()
	x.programsOfUnits()
	for _, e := range x.entries {
		x.p.Payload = append(x.p.Payload, *e)
	}
	for _, dir := range x.parents() {
		x.p.Payload = append(x.p.Payload, plan.Entry{Path: dir, Type: plan.Dir_, Mode: 0o755, Why: "directory of the package"})
	}
	slices.SortFunc(x.p.Payload, func(a, b plan.Entry) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(x.p.Texts, func(a, b plan.Text) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(x.p.Dirs, func(a, b plan.Dir) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(x.p.Exclude, func(a, b plan.Rule) int { return strings.Compare(a.Pattern, b.Pattern) })
}

// became drops from the code what is a part of the package now: units, sites,
// periodic jobs, and files of service managers that no longer run.
func (x *placer) became() {
	drop := map[string]string{}
	for _, u := range x.f.Units {
		if u.From != "" && slices.ContainsFunc(x.p.Units, func(p plan.Unit) bool {
			return host.ServiceName(p.Name) == serviceName(u.Name) || p.Name == unitFileName(u)
		}) && !x.runs(u.From) {
			drop[u.From] = "became a unit"
		}
	}
	for _, f := range x.f.ConfigFiles {
		if isSite(f.Path) || isCron(f.Path) || isLogrotate(f.Path) {
			if repo, ok := x.defaultOf(f); ok {
				drop[repo] = "became " + path.Base(path.Dir(f.Path)) + "/" + path.Base(f.Path)
			}
		}
	}
	for p, e := range x.entries {
		if why := drop[e.Src]; why != "" && e.Origin == plan.Repo && x.code != "" && within(p, x.code) {
			delete(x.entries, p)
			x.p.Exclude = append(x.p.Exclude, plan.Rule{Pattern: escapePattern(e.Src), Why: why})
		}
	}
}

// runs tells whether the file of a unit is a program that other parts call.
func (x *placer) runs(repo string) bool {
	return path.Base(repo) == "Procfile" || path.Base(repo) == "Makefile"
}

// ownRoots are directories of which the package owns what lies below, so that
// no directory is left behind when it is removed.
func (x *placer) ownRoots() []string {
	roots := []string{"/etc/" + x.p.Name, "/usr/share/" + x.p.Name, "/usr/lib/" + x.p.Name, "/opt/" + x.p.Name}
	if x.code != "" {
		roots = append(roots, x.code)
	}
	return roots
}

// parents are the directories above the payload that are the package's own.
func (x *placer) parents() []string {
	made := map[string]bool{}
	for p := range x.entries {
		for dir := path.Dir(p); dir != "/"; dir = path.Dir(dir) {
			if x.entries[dir] != nil || !slices.ContainsFunc(x.ownRoots(), func(r string) bool { return within(dir, r) }) {
				continue
			}
			made[dir] = true
		}
	}
	out := make([]string, 0, len(made))
	for dir := range made {
		out = append(out, dir)
	}
	slices.Sort(out)
	return out
}

// prune drops what cannot be in the payload: entries below a link or a file,
// and links that lead nowhere.
func (x *placer) prune() {
	for p := range x.entries {
		for dir := path.Dir(p); dir != "/"; dir = path.Dir(dir) {
			if up := x.entries[dir]; up != nil && up.Type != plan.Dir_ && up.Type != plan.Tree {
				delete(x.entries, p)
				break
			}
		}
	}
	for p, e := range x.entries {
		if e.Type == plan.Symlink && !x.leads(p, e.Src) {
			delete(x.entries, p)
			x.p.Exclude = append(x.p.Exclude, plan.Rule{Pattern: strings.TrimPrefix(p, x.code+"/"), Why: "a link to " + e.Src + ", which the package does not have"})
		}
	}
}

// leads tells whether a link leads to something that the package or the system
// has.
func (x *placer) leads(at, to string) bool {
	if !path.IsAbs(to) {
		to = path.Join(path.Dir(at), to)
	}
	to = path.Clean(to)
	for p, e := range x.entries {
		if p == to || within(p, to) || e.Type == plan.Tree && within(to, p) {
			return true
		}
	}
	for _, d := range x.p.Dirs {
		if within(to, d.Path) {
			return true
		}
	}
	return systemPlace(to)
}

// systemPlace tells of places that the distribution fills.
func systemPlace(p string) bool {
	for _, dir := range []string{"/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/lib", "/usr/share", "/lib", "/etc", "/run", "/dev"} {
		if within(p, dir) {
			return true
		}
	}
	return false
}

// within tells whether p is dir or below it.
func within(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}
