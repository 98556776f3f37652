package verify

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

// changing are the effects that change a path.
var changing = []host.Op{host.MakeDir, host.Write, host.Append, host.Edit, host.CopyTo, host.MoveTo, host.Remove, host.Symlink, host.Hardlink, host.Chmod, host.Chown,
	host.Touch, host.Extract, host.Fetch, host.Clone, host.Clean, host.Sync}

// suffixes are what package managers put after the name of a file.
var suffixes = []string{"~", ".dpkg-old", ".dpkg-new", ".dpkg-dist", ".dpkg-tmp", ".dpkg-bak", ".dpkg-backup", ".dpkg-remove", ".rpmnew", ".rpmsave", ".rpmorig", ".pacnew", ".pacsave", ".apk-new",
	".ucf-old", ".ucf-new", ".ucf-dist", ".adopt", ".new", ".take-over", ".part"}

func checkOwnPaths(t *Trace) []Violation {
	o := t.ownPaths()
	var list []Violation
	for i, s := range t.Stages {
		for _, e := range t.World.Host.Log[s.from:s.to] {
			if !slices.Contains(changing, e.Op) || e.Path == "" || e.User == "" {
				continue
			}
			p := e.Path
			if e.Op == host.Remove && e.Met == "new" {
				continue // there was nothing
			}
			if e.Op == host.MakeDir && (e.Met != "new" || o.parent(p)) {
				continue
			}
			if !o.has(p) {
				list = append(list, t.found(i, []string{e.At.Pos.String() + ": " + line(e)}, "%s is not the package's own: %s", p, verbOf(e.Op)))
			} else if e.Recursive && e.Op != host.MakeDir && o.whole(p) {
				list = append(list, t.found(i, []string{e.At.Pos.String() + ": " + line(e)}, "all of %s: %s", p, verbOf(e.Op)))
			}
			if e.Op == host.MoveTo && e.From != "" && !o.has(e.From) {
				list = append(list, t.found(i, []string{e.At.Pos.String() + ": " + line(e)}, "%s is not the package's own: moved away", e.From))
			}
		}
		list = append(list, t.otherServices(i)...)
	}
	return firsts(list)
}

func verbOf(op host.Op) string {
	switch op {
	case host.MakeDir, host.Write, host.CopyTo, host.Symlink, host.Hardlink, host.Touch:
		return "written"
	case host.Chmod, host.Chown:
		return "its owner or mode is changed"
	case host.Remove:
		return "removed"
	}
	return "changed"
}

// otherServices are services that are not the package's and that a script
// switches or stops; a reload or restart for them to read its files is fine.
func (t *Trace) otherServices(i int) []Violation {
	own := map[string]bool{}
	for _, u := range append(installable(t.Spec.Versions[1]), t.Spec.Units...) {
		own[strings.TrimSuffix(u, path.Ext(u))] = true
	}
	if t.Spec.foreign() {
		for _, u := range t.Spec.Versions[1].ownUnits() {
			own[u], own[strings.TrimSuffix(u, ".service")] = true, true
		}
	}
	legacy := t.Stages[0].After.Services
	var list []Violation
	for _, e := range t.World.Host.Log[t.Stages[i].from:t.Stages[i].to] {
		name := strings.TrimSuffix(e.Name, path.Ext(e.Name))
		if e.Op != host.ServiceOp || own[name] || own[e.Name] || e.User == "" {
			continue
		}
		if t.Spec.foreign() && (own[unitTemplate(e.Name)] || strings.HasPrefix(name, t.Spec.Versions[1].Name+"-")) {
			continue
		}
		if _, planted := legacy[e.Name]; planted && t.Scenario.Steps[0].Do == PlantLegacy {
			continue
		}
		if slices.Contains([]string{"stop", "disable", "enable", "mask", "start"}, e.Action) {
			list = append(list, t.found(i, []string{e.At.Pos.String() + ": " + line(e)}, "the service %s is not the package's own: %s", e.Name, e.Action))
		}
	}
	return list
}

// unitTemplate is the name of the unit that an instance is made of.
func unitTemplate(unit string) string {
	at := strings.IndexByte(unit, '@')
	if at < 0 {
		return unit
	}
	return unit[:at+1] + path.Ext(unit)
}

// owned are the paths that are a package's own.
type owned struct {
	exact map[string]bool
	trees []string // all below them too
	heads []string // directories above its paths
	made  map[string]bool
	name  string
	stem  string // of a package of another maker: directories named so are its own
}

func (t *Trace) ownPaths() *owned {
	p := t.Spec.Versions[1]
	o := &owned{exact: map[string]bool{}, made: map[string]bool{}, name: p.Name}
	for _, f := range p.Files {
		o.exact[f.Path] = true
		for _, s := range suffixes {
			o.exact[f.Path+s] = true
		}
		if f.Kind == host.Dir && !host.IsSystemDir(f.Path) {
			o.trees = append(o.trees, f.Path)
		}
		o.heads = append(o.heads, f.Path)
	}
	for _, dir := range []string{"/etc", "/var/lib", "/var/log", "/var/cache", "/var/spool", "/var/backups", "/run", "/var/run", "/usr/share", "/usr/lib", "/opt", "/srv", "/etc/default", "/usr/share/doc", "/var/lib/systemd/deb-systemd-helper-enabled"} {
		o.trees = append(o.trees, dir+"/"+p.Name)
	}
	o.trees = append(o.trees, "/tmp", "/run", "/var/run", "/var/tmp", "/run/lock", "/var/lock")
	if p.Plan != nil {
		o.fromPlan(p.Plan, p.Format)
	}
	o.fromScripts(t)
	if t.Spec.foreign() {
		o.stem = stem(p.Name)
		o.created(t)
	}
	return o
}

func (o *owned) fromPlan(p *plan.Package, f plan.Format) {
	o.trees = append(o.trees, target.Stash(p, f))
	for _, d := range p.Dirs {
		o.trees = append(o.trees, d.Path, d.Path+".take-over")
	}
	for _, a := range p.Accounts {
		if a.Home != "" && !host.IsSystemDir(a.Home) {
			o.trees = append(o.trees, a.Home)
		}
	}
	for _, a := range p.TakeOver.Aside {
		o.trees = append(o.trees, a.Path)
	}
	for _, m := range p.TakeOver.State {
		o.trees = append(o.trees, m.To, m.To+".take-over")
	}
	for _, a := range p.TakeOver.Adopt {
		for _, s := range append(suffixes, "") {
			o.exact[a.To+s] = true
		}
	}
	for _, s := range p.Steps {
		switch s.Kind {
		case plan.Generate:
			o.trees = append(o.trees, s.Path, s.Path+".new")
		case plan.Enable:
			o.exact["/etc/nginx/sites-enabled/"+s.Name] = true
			o.exact["/etc/apache2/sites-enabled/"+strings.TrimSuffix(s.Name, ".conf")+".conf"] = true
		}
	}
	for _, u := range p.Units {
		o.exact["/etc/systemd/system/"+u.Name] = true
		o.made[u.Name] = true // its enablement links
	}
}

// fromScripts takes in accounts' homes and directories that the package makes
// for itself: what is made first and then written to.
func (o *owned) fromScripts(t *Trace) {
	for _, s := range t.Stages {
		if s.Step.Do != Install {
			continue
		}
		for name, a := range s.After.Accounts {
			if _, before := t.Stages[0].Before.Accounts[name]; !before && a.Home != "" && !host.IsSystemDir(a.Home) && a.Home != "/nonexistent" {
				o.trees = append(o.trees, a.Home)
			}
		}
		for _, e := range t.World.Host.Log[s.from:s.to] {
			if e.Op == host.MakeDir && e.Met == "new" && !host.IsSystemDir(e.Path) {
				o.trees = append(o.trees, e.Path)
			}
		}
	}
}

func (o *owned) has(p string) bool {
	if o.exact[p] || underAny(p, o.trees) || o.stem != "" && strings.Contains(p, "${") {
		return true
	}
	dir, name := path.Split(p)
	if strings.HasSuffix(strings.TrimSuffix(dir, "/"), ".wants") && (o.made[name] || strings.HasPrefix(name, o.name)) {
		return true
	}
	if under(p, "/etc") || under(p, "/var/lib") || under(p, "/var/log") { // named after the package
		return strings.HasPrefix(name, o.name+".") || strings.HasPrefix(name, o.name+"-")
	}
	return false
}

// parent tells whether a directory is above a path of the package.
func (o *owned) parent(p string) bool {
	return slices.ContainsFunc(o.heads, func(h string) bool { return under(h, p) })
}

// whole tells that a recursive change reaches further than the package.
func (o *owned) whole(p string) bool {
	return host.IsSystemDir(p) && !(o.exact[p] && o.stem != "" && path.Base(p) == o.stem)
}

func checkReplaced(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		if s.Step.Do != Install || s.Err != nil || s.Package == nil {
			continue
		}
		for _, f := range s.Package.Files {
			e, ok := s.After.Files[f.Path]
			if f.Kind != host.Regular || !ok || e.Kind != host.Regular {
				continue
			}
			config := s.Package.isConfig(f)
			switch {
			case config && (t.edits[f.Path] != "" || t.taken[f.Path] != ""):
			case e.Sum != t.World.shipped(f):
				what := "is not the file of version " + s.Package.Version
				if config {
					what = "was not edited, and has not the text that version " + s.Package.Version + " ships"
				}
				list = append(list, t.found(i, t.cause(i, f.Path), "%s %s: it has %s", f.Path, what, bytesOf(e.Sum)))
			}
		}
		list = append(list, t.leftOver(i)...)
	}
	return firsts(list)
}

// leftOver are files of the old version that the new one does not have.
func (t *Trace) leftOver(i int) []Violation {
	before := t.installedBefore(i)
	if before == 0 {
		return nil
	}
	s := t.Stages[i]
	var list []Violation
	for _, f := range t.Spec.Versions[before].Files {
		if _, ok := s.Package.File(f.Path); ok || f.Kind == host.Dir || t.Spec.Versions[before].isConfig(f) {
			continue
		}
		if _, there := s.After.Files[f.Path]; there {
			list = append(list, t.found(i, t.cause(i, f.Path), "%s of the version before is still there", f.Path))
		}
	}
	return list
}

// checkClean looks at what stays after the last removal.
func checkClean(t *Trace) []Violation {
	i := len(t.Stages) - 1
	s := t.Stages[i]
	if s.Err != nil || s.Step.Do != Purge && (HasPurge(t.World.Format) || s.Step.Do != Remove) {
		return nil
	}
	before := t.Stages[0].Before
	if t.Scenario.Steps[0].Do == PlantLegacy {
		before = t.Stages[0].After
	}
	var list []Violation
	for _, p := range sorted(s.After.Files) {
		if _, ok := before.Files[p]; !ok && !t.mayStay(p, s.After) {
			list = append(list, t.found(i, t.makers(p), "%s is left", p))
		}
	}
	for _, u := range t.units() {
		if svc := s.After.Services[serviceKey(u).Name]; svc.Enabled && t.World.services() {
			list = append(list, t.found(i, t.subject(i, serviceKey(u).Name, host.ServiceOp), "the service %s is still enabled", u))
		}
	}
	return list
}

// makers are the places that made a path.
func (t *Trace) makers(p string) []string {
	var out []string
	for j := range t.Stages {
		for _, e := range t.cause(j, p) {
			if !slices.Contains(out, e) {
				out = append(out, e)
			}
		}
	}
	return last(out)
}

// mayStay tells what no removal takes: data and saved configuration where the
// manager knows no purging, what moved aside, shared directories, and the
// account's home.
func (t *Trace) mayStay(p string, after *Snapshot) bool {
	if host.IsSystemDir(p) || p == "/usr/lib/systemd/system-preset" || p == "/usr/share/keyrings" {
		return true
	}
	if pl := t.Spec.Versions[1].Plan; pl != nil && under(p, target.Stash(pl, t.World.Format)) {
		return t.Scenario.Steps[0].Do == PlantLegacy || !HasPurge(t.World.Format)
	}
	if t.keptByPlan(p) {
		return true
	}
	if _, seed := t.seeds[p]; t.Spec.foreign() && (seed || sharedFiles[p]) {
		return true
	}
	if t.Spec.Versions[1].Plan != nil && strings.HasPrefix(p, "/var/lib/") && strings.HasSuffix(path.Dir(p), "-legacy") {
		return true
	}
	for seed := range t.seeds {
		if under(seed, p) && !HasPurge(t.World.Format) {
			return true
		}
	}
	if e := after.Files[p]; !HasPurge(t.World.Format) {
		if slices.Contains(slices.Collect(valuesOf(t.edits)), e.Sum) || slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(p, s) }) {
			return true
		}
		return t.keptWithoutPurge(p, e)
	}
	if e := after.Files[p]; e.Kind == host.Dir {
		return t.holdsKept(p, after)
	}
	return t.isHome(p)
}

// keptByPlan tells of directories that the plan says no purge takes.
func (t *Trace) keptByPlan(p string) bool {
	pl := t.Spec.Versions[1].Plan
	return pl != nil && slices.ContainsFunc(pl.Dirs, func(d plan.Dir) bool { return !d.Purge && under(p, d.Path) })
}

// keptWithoutPurge: rpm, apk and pacman take neither data nor what scripts
// generated, nor a directory that still holds something.
func (t *Trace) keptWithoutPurge(p string, e Entry) bool {
	pl := t.Spec.Versions[1].Plan
	if e.Kind == host.Dir {
		return true
	}
	if _, taken := t.taken[p]; taken || t.isHome(p) {
		return true
	}
	if pl == nil {
		return underAny(p, t.state())
	}
	for _, d := range pl.Dirs {
		if under(p, d.Path) {
			return true
		}
	}
	return slices.ContainsFunc(pl.Steps, func(s plan.Step) bool { return s.Kind == plan.Generate && s.Path == p })
}

func (t *Trace) isHome(p string) bool {
	for _, s := range t.Stages {
		for _, a := range s.After.Accounts {
			if a.Home != "" && !host.IsSystemDir(a.Home) && under(p, a.Home) {
				return !slices.ContainsFunc(t.state(), func(d string) bool { return under(p, d) }) || t.Spec.Versions[1].Plan == nil
			}
		}
	}
	return false
}

// holdsKept tells whether a directory is there only for what may stay.
func (t *Trace) holdsKept(dir string, after *Snapshot) bool {
	if t.isHome(dir) {
		return true
	}
	before := t.Stages[0].After
	some := false
	for p, e := range after.Files {
		if p == dir || !under(p, dir) {
			continue
		}
		if _, was := before.Files[p]; e.Kind != host.Dir && !was && !t.mayStay(p, after) {
			return false
		}
		some = true
	}
	return some
}

func valuesOf(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}
