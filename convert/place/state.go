package place

import (
	"bytes"
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// state places directories: those of the code become links to /var and /run,
// others stay where they are.
func (x *placer) state() error {
	x.memberships()
	for _, d := range x.f.Directories {
		d.Path = x.filledPath(d)
		x.directory(d)
	}
	for _, u := range x.f.Units {
		for _, l := range u.Logs {
			if dir := path.Dir(l); x.inOld(dir) && dir != x.old {
				x.directory(model.Directory{Path: dir, Role: model.RoleLog, Evidence: u.Evidence})
			}
		}
	}
	x.stateFiles()
	x.homes()
	return nil
}

var databaseRE = lazyregexp.New(`["'/]([A-Za-z0-9_.-]+\.(?:sqlite3?|db))["']`)

// stateFiles finds databases that the program keeps beside its code: files that
// its sources name and git ignores.
func (x *placer) stateFiles() {
	if x.old == "" {
		return
	}
	seen := map[string]bool{}
	for _, f := range x.repo.Files() {
		if x.treeOf[f.Path] == "" || f.Size > 256<<10 || x.notCode(f.Path) {
			continue
		}
		b, err := x.repo.Read(f.Path)
		if err != nil || source.IsBinary(b) {
			continue
		}
		for _, m := range databaseRE.FindAllSubmatchIndex(b, -1) {
			name := string(b[m[2]:m[3]])
			if seen[name] || !x.repo.Ignored(name) || x.isRepoFile(name) {
				continue
			}
			seen[name] = true
			line := 1 + bytes.Count(b[:m[2]], []byte("\n"))
			x.stateFile(name, []source.Pos{{File: f.Path, Line: line, Col: 1}})
		}
	}
}

// stateFile moves one file to /var/lib. The directory around it is the
// account's as well, for the journal.
func (x *placer) stateFile(name string, at []source.Pos) {
	dir := "/var/lib/" + x.p.Name
	x.addDir(plan.Dir{Path: dir, Owner: x.account, Group: x.groupOf(x.account), Mode: 0o750, Kind: plan.State, Purge: true, At: at, Why: "database of the program"})
	x.moves.add(x.old+"/"+name, dir+"/"+name)
	x.add(plan.Entry{Path: x.code + "/" + name, Type: plan.Symlink, Src: dir + "/" + name, At: at, Why: "the program keeps its database there"})
	x.p.TakeOver.State = append(x.p.TakeOver.State, plan.Move{From: x.old + "/" + name, To: dir + "/" + name, Owner: x.account, Group: x.groupOf(x.account), At: at})
}

// homes makes the homes of accounts that lie outside of what a unit makes. A home
// below /usr is left to root: nothing there is written when a program runs (FHS
// 3.0, 4), and the name alone is no evidence that this one does.
func (x *placer) homes() {
	for _, a := range x.p.Accounts {
		if a.IsUser && a.Home != "" && !within(a.Home, "/usr") {
			x.addDir(plan.Dir{Path: a.Home, Owner: a.Name, Group: cmp.Or(a.Group, a.Name), Mode: 0o755, Kind: plan.Home, At: a.At, Why: "home of " + a.Name})
		}
	}
}

func (x *placer) directory(d model.Directory) {
	switch {
	case !plainPath(d.Path):
		x.mark(d.At, plan.PartManual, d.Path, "the path is not known before the script runs")
	case d.Path == x.old, within(x.old, d.Path) && x.old != "":
		x.mark(d.At, plan.PartPayload, x.mapped(d.Path), "directory of the code, owned by root")
	case d.Role == model.RoleBackup:
		x.mark(d.At, plan.PartManager, d.Path, "backups of the old code are not needed: the package manager keeps versions apart")
	case within(d.Path, "/tmp"), within(d.Path, "/var/tmp"):
		x.mark(d.At, plan.PartManager, d.Path, "temporary")
	case host.IsSystemDir(d.Path):
		x.mark(d.At, plan.PartManager, d.Path, "the directory belongs to the system and is left alone")
	case x.inOld(d.Path):
		x.inside(d)
	case within(d.Path, "/etc"):
		x.configDir(d)
	case within(d.Path, "/usr"):
		x.mark(d.At, plan.PartPayload, x.mapped(d.Path), "made with the files in it")
	default:
		x.outside(d)
	}
}

// inside places a directory of the code: what the program writes leaves it.
func (x *placer) inside(d model.Directory) {
	if !x.isState(d) {
		x.mark(d.At, plan.PartPayload, x.mapped(d.Path), "part of the code, owned by root")
		return
	}
	if x.moves.path(path.Dir(d.Path)) != x.code+strings.TrimPrefix(path.Dir(d.Path), x.old) {
		x.mark(d.At, plan.PartDirectory, x.mapped(d.Path), "below a directory that moved")
		x.addDir(plan.Dir{Path: x.mapped(d.Path), Owner: x.ownerIn(d), Group: x.groupIn(d), Mode: 0o750, Kind: kindName(d.Role), Purge: true, At: d.At, Why: "written by the program"})
		return
	}
	if x.webWrites(d) {
		x.webDir(d)
		return
	}
	to := x.stateDir(d)
	link := x.code + strings.TrimPrefix(d.Path, x.old)
	x.moves.add(d.Path, to)
	x.addDir(plan.Dir{Path: to, Owner: x.ownerIn(d), Group: x.groupIn(d), Mode: x.modeIn(d), Kind: kindName(d.Role), Purge: true, At: d.At, Why: "written by the program"})
	x.add(plan.Entry{Path: link, Type: plan.Symlink, Src: to, At: d.At, Why: "the program writes there"})
	if d.Role != model.RoleRun && d.Role != model.RoleTmp && d.Role != model.RoleCache {
		x.p.TakeOver.State = append(x.p.TakeOver.State, plan.Move{From: d.Path, To: to, Owner: x.ownerIn(d), Group: x.groupIn(d), At: d.At})
	}
	x.mark(d.At, plan.PartDirectory, to, "state leaves the code; a link leads there")
}

// isState tells whether the program writes into a directory of the code: by its
// role, or since the repository has nothing in it.
func (x *placer) isState(d model.Directory) bool {
	has := x.repoFilesBelow(d.Path)
	switch d.Role {
	case model.RoleLog, model.RoleRun, model.RoleTmp, model.RoleCache:
		return !has
	case model.RoleConfig, model.RoleBackup:
		return false
	}
	return !has && !x.buildOutput(d.Path)
}

// repoFilesBelow tells whether the repository has files for an installed
// directory, but for those that keep it in git.
func (x *placer) repoFilesBelow(dir string) bool {
	return slices.ContainsFunc(x.nodes, func(n codeNode) bool { return n.repo != "" && within(n.old, dir) && n.old != dir })
}

// buildOutput tells of directories that a build step fills.
func (x *placer) buildOutput(dir string) bool {
	base := path.Base(dir)
	return excludedBy(usual, base) || base == "dist" || base == "build" || base == "vendor" ||
		slices.ContainsFunc(x.f.Languages, func(l model.LangDep) bool { return l.Environment != "" && within(dir, l.Environment) })
}

// stateDir is the place below /var or /run of a directory of the code.
func (x *placer) stateDir(d model.Directory) string {
	base := path.Base(d.Path)
	root, plain := "/var/lib/"+x.p.Name+"/"+base, false
	switch d.Role {
	case model.RoleLog:
		root, plain = "/var/log/"+x.p.Name, true
	case model.RoleCache, model.RoleTmp:
		root = "/var/cache/" + x.p.Name + "/" + base
	case model.RoleRun:
		root, plain = "/run/"+x.p.Name, true
	}
	taken := func(p string) bool {
		return slices.ContainsFunc(x.moves, func(m move) bool { return m.to == p && m.from != d.Path })
	}
	if plain && !taken(root) {
		return root
	}
	if plain || taken(root) {
		root = path.Join(path.Dir(root), x.p.Name, strings.ReplaceAll(strings.TrimPrefix(d.Path, x.old+"/"), "/", "-"))
	}
	return root
}

// ownerIn is the owner of state that leaves the code: whoever runs the program.
func (x *placer) ownerIn(d model.Directory) string {
	if d.Owner != "" && d.Owner != "root" && accountRE.MatchString(d.Owner) && !isForeign(d.Owner) {
		return d.Owner
	}
	return x.account
}

func (x *placer) groupIn(d model.Directory) string {
	if d.Group != "" && accountRE.MatchString(d.Group) && !isForeign(d.Group) {
		return d.Group
	}
	owner := x.ownerIn(d)
	for _, a := range x.p.Accounts {
		if a.Name == owner && a.Group != "" {
			return a.Group
		}
	}
	if isForeign(owner) {
		return owner
	}
	return owner
}

// modeIn is the mode of state that leaves the code. World-writable directories
// were so since the account was not right; now it owns them.
func (x *placer) modeIn(d model.Directory) uint32 {
	m := mode(d.Mode, 0o750)
	if m&0o002 != 0 {
		m = 0o750
	}
	if x.served(d.Path) {
		m |= 0o055 // the web server reads it
	}
	return m
}

// served tells whether a web server hands a directory out.
func (x *placer) served(dir string) bool {
	return slices.ContainsFunc(x.f.Sites, func(s model.Site) bool {
		return slices.ContainsFunc(s.Roots, func(r string) bool {
			return within(strings.TrimSuffix(r, "/"), dir) || within(dir, strings.TrimSuffix(r, "/")) && strings.TrimSuffix(r, "/") != x.old
		})
	})
}

// webWrites tells whether the web server itself writes into a directory of the
// code: everybody may, and the site runs the program inside of the server.
func (x *placer) webWrites(d model.Directory) bool {
	return mode(d.Mode, 0)&0o002 != 0 && len(x.f.Sites) > 0 && slices.ContainsFunc(x.f.Sites, func(s model.Site) bool {
		return s.Server == "apache" && len(s.Upstream) == 0 && slices.ContainsFunc(s.Roots, func(r string) bool { return x.inOld(r) && sameTop(r, d.Path, x.old) })
	})
}

// sameTop tells whether two paths of the code are below the same directory of
// it.
func sameTop(a, b, old string) bool {
	first := func(p string) string {
		top, _, _ := strings.Cut(strings.TrimPrefix(p, old+"/"), "/")
		return top
	}
	return first(a) == first(b)
}

// webDir places a directory that the web server writes: its account has another
// name on each format.
func (x *placer) webDir(d model.Directory) {
	to := x.stateDir(d)
	x.moves.add(d.Path, to)
	for _, f := range plan.Formats {
		x.p.Dirs = append(x.p.Dirs, plan.Dir{
			Path: to, Owner: userOn("apache", f), Group: x.groupOf(x.account), Mode: 0o2770, Kind: kindName(d.Role), Purge: true,
			Formats: []plan.Format{f}, At: d.At, Why: "written by the program inside of the web server",
		})
	}
	x.add(plan.Entry{Path: x.code + strings.TrimPrefix(d.Path, x.old), Type: plan.Symlink, Src: to, At: d.At, Why: "the program writes there"})
	x.mark(d.At, plan.PartDirectory, to, "state leaves the code; a link leads there")
}

func mode(s string, unknown uint32) uint32 {
	m, err := strconv.ParseUint(s, 8, 16)
	if err != nil || m == 0 || m > 0o7777 {
		return unknown
	}
	return uint32(m)
}

// configDir places a directory of /etc: it is part of the payload.
func (x *placer) configDir(d model.Directory) {
	e := plan.Entry{Path: x.mapped(d.Path), Type: plan.Dir_, Mode: mode(d.Mode, 0o755), At: d.At, Why: "directory of configuration"}
	if d.Group != "" && d.Group != "root" && accountRE.MatchString(d.Group) && !isForeign(d.Group) {
		e.Group = d.Group
	}
	if e.Mode&0o002 != 0 {
		e.Mode &^= 0o002
	}
	x.add(e)
	x.mark(d.At, plan.PartDirectory, e.Path, "part of the payload")
}

// outside places a directory that is neither code nor configuration: it stays
// where it is.
func (x *placer) outside(d model.Directory) {
	p := volatile(x.mapped(d.Path))
	dir := plan.Dir{Path: p, Owner: owner(d.Owner), Group: owner(d.Group), Mode: mode(d.Mode, 0o755), Kind: kindOf(p, d.Role), At: d.At, Why: "made by the script"}
	if home := x.homeOf(p); home != "" && dir.Owner == "" {
		dir.Owner, dir.Group, dir.Kind, dir.Why = home, x.groupOf(home), plan.Home, "home of "+home
	}
	if foreignDir(p) {
		x.mark(d.At, plan.PartManual, p, "the directory belongs to another package")
		x.manual(d.At, "", "The script makes or changes %s, which belongs to another package. Do it once by hand if it is still wanted.", p)
		return
	}
	dir.Purge = !within(p, "/home") && !within(p, "/srv") && !host.IsSystemDir(p) && !x.isHome(p)
	if dir.Mode&0o1002 == 0o002 {
		x.manual(d.At, "", "Everybody can write %s, as the script wanted it. Look whether a group would do.", p)
	}
	x.mark(d.At, plan.PartDirectory, p, "made when it is missing")
	if !slices.Contains(webUsers, d.Owner) && !slices.Contains(webUsers, d.Group) {
		x.addDir(dir)
		return
	}
	for _, f := range plan.Formats {
		one := dir
		one.Owner, one.Group, one.Formats = userOn(dir.Owner, f), userOn(dir.Group, f), []plan.Format{f}
		x.p.Dirs = append(x.p.Dirs, one)
	}
}

// foreignDirs belong to databases, web servers and the package managers.
var foreignDirs = strings.Fields(`/var/lib/mysql /var/lib/postgresql /var/lib/pgsql /var/lib/redis /var/lib/mongodb /var/lib/docker /var/lib/dpkg /var/lib/rpm
	/var/lib/systemd /var/lib/apt /var/lib/php /var/log/nginx /var/log/apache2 /var/log/httpd /var/log/mysql /var/cache/apt /var/cache/nginx /var/spool/cron
	/var/mail /var/lib/nginx /var/lib/letsencrypt /var/www /var/www/html`)

// foreignDir tells of directories that are another package's.
func foreignDir(p string) bool { return slices.Contains(foreignDirs, p) }

func (x *placer) isHome(p string) bool { return x.homeOf(p) != "" }

// homeOf is the account whose home a path is, "" none.
func (x *placer) homeOf(p string) string {
	for _, a := range x.p.Accounts {
		if a.IsUser && a.Home == p {
			return a.Name
		}
	}
	return ""
}

func owner(s string) string {
	if s == "root" || !accountRE.MatchString(s) {
		return ""
	}
	return s
}

// volatile spells the places that are links to /run today.
func volatile(p string) string {
	for old, now := range map[string]string{"/var/run": "/run", "/var/lock": "/run/lock"} {
		if within(p, old) {
			return now + p[len(old):]
		}
	}
	return p
}

func kindOf(p, role string) plan.DirKind {
	switch {
	case within(p, "/run"):
		return plan.Run
	case within(p, "/var/log"):
		return plan.Log
	case within(p, "/var/cache"):
		return plan.Cache
	case within(p, "/var/spool"):
		return plan.Spool
	case within(p, "/var/lib"):
		return plan.State
	}
	return kindName(role)
}

// addDir keeps one directory a path; the first is right.
func (x *placer) addDir(d plan.Dir) {
	for i := range x.p.Dirs {
		if x.p.Dirs[i].Path == d.Path {
			return
		}
	}
	x.p.Dirs = append(x.p.Dirs, d)
}
