package target

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// A dialect is what differs between the formats' maintainer scripts.
type dialect struct {
	format  plan.Format
	step    string // template of steps
	root    string // before each path
	owned   string // shell: does a package own $1
	stash   string // directory of the take-over, the package's name goes in for %
	suffix  string // of the packaged default beside an adopted conffile
	nologin string
	systemd bool
	stop    string // stops and starts a unit
}

var (
	debDialect = dialect{
		format: plan.Deb, step: "deb", root: "$ROOT",
		owned: `dpkg-query ${ROOT:+--root="$ROOT"} -S "$1"`,
		stash: "/var/backups/%-legacy", suffix: ".dpkg-dist",
		nologin: "/usr/sbin/nologin", systemd: true, stop: "deb-systemd-invoke",
	}
	rpmDialect = dialect{
		format: plan.RPM, step: "rpm", owned: `rpm -qf "$1"`,
		stash: "/var/lib/%-legacy", suffix: ".rpmnew",
		nologin: "/sbin/nologin", systemd: true, stop: "systemctl",
	}
	apkDialect = dialect{
		format: plan.APK, step: "apk", owned: `apk info -W "$1"`,
		stash: "/var/lib/%-legacy", suffix: ".apk-new",
		nologin: "/sbin/nologin",
	}
	archDialect = dialect{
		format: plan.Arch, step: "arch", owned: `pacman -Qqo -- "$1"`,
		stash: "/var/lib/%-legacy", suffix: ".pacnew",
		nologin: "/usr/bin/nologin", systemd: true, stop: "systemctl",
	}
)

// Stash returns the directory in which a format's scripts keep what they took
// over from the old deployment.
func Stash(p *plan.Package, f plan.Format) string {
	if f == plan.Deb {
		return strings.Replace(debDialect.stash, "%", p.Name, 1)
	}
	return strings.Replace(rpmDialect.stash, "%", p.Name, 1)
}

// script says what the maintainer scripts of a format do.
func (d dialect) script(p *plan.Package, r *refs) templates.Script {
	s := templates.Script{
		Name: p.Name, Format: d.step, R: d.root, Owner: d.root != "",
		Owned: d.owned, Stash: strings.Replace(d.stash, "%", p.Name, 1), Suffix: d.suffix,
		Accounts: accounts(p, d.nologin, r), Stop: d.stop,
	}
	if d.systemd && len(p.Accounts) > 0 {
		s.Sysusers = sysusersName(p)
	}
	if d.systemd && len(tmpfilesDirs(p)) > 0 {
		s.Tmpfiles = tmpfilesName(p)
	}
	s.Dirs = d.dirs(p, r)
	s.PurgeDir = d.purgeDirs(p, r)
	s.PurgeParents = purgeParents(p, s.PurgeDir)
	d.takeOver(p, &s, r)
	d.protect(p, &s, r)
	s.Services = d.services(p, r)
	if d.systemd && movesState(s) {
		s.StopFirst = s.StopUnits()
	}
	d.steps(p, &s, r)
	return s
}

// accounts returns groups and users, a primary group of another name before
// the user.
func accounts(p *plan.Package, nologin string, r *refs) []templates.Account {
	var out []templates.Account
	seen := map[string]bool{}
	group := func(name, gid string, ref templates.Ref) {
		if !seen[name] {
			seen[name] = true
			out = append(out, templates.Account{Ref: ref, Name: name, UID: gid})
		}
	}
	for _, a := range p.Accounts {
		if !a.IsUser {
			group(a.Name, a.UID, r.add(a.At, "account"))
		}
	}
	for _, a := range p.Accounts {
		if !a.IsUser {
			continue
		}
		ref := r.add(a.At, "account")
		// deb's adduser and sysusers make a group of the user's own name
		for _, g := range append([]string{or(a.Group, a.Name)}, a.Groups...) {
			group(g, "", ref)
		}
		out = append(out, templates.Account{
			Ref: ref, Name: a.Name, User: true, Group: or(a.Group, a.Name), Groups: a.Groups,
			UID: a.UID, GECOS: gecos(p, a), Home: or(a.Home, "/nonexistent"), Shell: or(a.Shell, nologin),
		})
	}
	return out
}

// gecos is the comment of an account: one line without a colon, passwd(5).
func gecos(p *plan.Package, a plan.Account) string {
	return templates.Note(strings.ReplaceAll(or(a.Text, p.Name+" service"), ":", " "))
}

// dirs are the directories that scripts make when they are missing. Volatile
// ones of a unit are left to the unit.
func (d dialect) dirs(p *plan.Package, r *refs) []templates.Dir {
	var out []templates.Dir
	for _, dir := range p.Dirs {
		if dir.Kind == plan.Run && dir.Unit != "" || dir.Formats != nil && !slices.Contains(dir.Formats, d.format) {
			continue
		}
		out = append(out, scriptDir(dir, r))
	}
	slices.SortStableFunc(out, func(a, b templates.Dir) int { return strings.Compare(a.Path, b.Path) })
	return out
}

func scriptDir(dir plan.Dir, r *refs) templates.Dir {
	mode := dir.Mode
	if mode == 0 {
		mode = 0o755
	}
	return templates.Dir{
		Ref: r.add(dir.At, dir.Why), Path: dir.Path, Mode: mode,
		User: or(dir.Owner, "root"), Group: or(dir.Group, "root"),
	}
}

func (d dialect) purgeDirs(p *plan.Package, r *refs) []templates.Dir {
	var out []templates.Dir
	for _, dir := range p.Dirs {
		if dir.Purge && dir.Kind != plan.Run && (dir.Formats == nil || slices.Contains(dir.Formats, d.format)) {
			out = append(out, scriptDir(dir, r))
		}
	}
	slices.SortStableFunc(out, func(a, b templates.Dir) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// purgeParents are the directories between those that purge removes and the
// system's, which came into being with them. What the payload or the plan has is
// no such directory, and nothing at a place of accounts is.
func purgeParents(p *plan.Package, dirs []templates.Dir) []string {
	known := map[string]bool{}
	for _, d := range p.Dirs {
		known[d.Path] = true
	}
	for _, e := range p.Payload {
		known[e.Path] = true
	}
	var out []string
	for _, d := range dirs {
		var up []string
		dir := path.Dir(d.Path)
		for ; dir != "/" && !slices.Contains(system, dir); dir = path.Dir(dir) {
			up = append(up, dir)
		}
		if dir == "/" || dir == "/home" || dir == "/root" {
			continue // nothing of the system's stands above them
		}
		for _, dir := range up {
			if !known[dir] {
				known[dir] = true
				out = append(out, dir)
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(b, a) })
	return out
}

// protect lists what belongs to another account than root. A deb and a pacman
// package hold root's files only: dpkg looks the names up before postinst makes
// the account, and nfpm writes no owners for pacman. Where the payload has the
// owner, only a conffile that was there before needs it.
func (d dialect) protect(p *plan.Package, s *templates.Script, r *refs) {
	owners := d.ownersInPayload()
	for _, e := range entries(p, d.format) {
		if e.Type == plan.Symlink || !foreign(e) && !e.Secret || owners && !e.Conffile {
			continue
		}
		s.Protect = append(s.Protect, templates.Protect{
			Ref: r.add(e.At, e.Why), Path: e.Path, Mode: entryMode(e),
			User: or(e.Owner, "root"), Group: or(e.Group, "root"),
		})
	}
}

// ownersInPayload tells whether the format's payload may name accounts that the
// package itself makes.
func (d dialect) ownersInPayload() bool { return d.format == plan.RPM || d.format == plan.APK }

// foreign tells whether an entry belongs to another account than root.
func foreign(e plan.Entry) bool {
	return or(e.Owner, "root") != "root" || or(e.Group, "root") != "root"
}

func entryMode(e plan.Entry) uint32 {
	switch {
	case e.Mode != 0:
		return e.Mode
	case e.Type == plan.Dir_ || e.Type == plan.Tree:
		return 0o755
	case e.Type == plan.Symlink:
		return 0o777
	}
	return 0o644
}

// services sorts the units by what becomes of them.
func (d dialect) services(p *plan.Package, r *refs) templates.Services {
	var s templates.Services
	for _, u := range p.Units {
		name, ok := d.serviceName(p, u)
		if !ok {
			continue
		}
		if s.Ref == 0 {
			s.Ref = r.add(u.At, or(u.Why, "service"))
		}
		s.All = append(s.All, name)
		if u.Enable {
			s.Enable = append(s.Enable, name)
		}
		if u.Timer != "" { // the timer starts it
			continue
		}
		if u.Enable {
			s.Start = append(s.Start, name)
		}
		switch u.Restart {
		case "none":
		case "reload":
			s.Reload = append(s.Reload, name)
		default:
			s.Restart = append(s.Restart, name)
		}
	}
	return s
}

// serviceName is the unit's name, for apk that of its OpenRC script. A template
// unit cannot be started without an instance.
func (d dialect) serviceName(p *plan.Package, u plan.Unit) (string, bool) {
	if d.systemd {
		return u.Name, !strings.Contains(u.Name, "@.")
	}
	if u.OpenRC == "" {
		return "", false
	}
	return openRCName(p, u), true
}

// openRCName is the name below /etc/init.d, where the payload has it or by the
// unit's name.
func openRCName(p *plan.Package, u plan.Unit) string {
	for _, e := range p.Payload {
		if e.Origin == plan.Text_ && e.Src == u.OpenRC && path.Dir(e.Path) == "/etc/init.d" {
			return path.Base(e.Path)
		}
	}
	return strings.TrimSuffix(u.Name, path.Ext(u.Name))
}

// steps sorts the steps by when and how they run.
func (d dialect) steps(p *plan.Package, s *templates.Script, r *refs) {
	for _, st := range p.Steps {
		if len(st.Formats) > 0 && !slices.Contains(st.Formats, d.format) {
			continue
		}
		out := scriptStep(st, r)
		switch {
		case st.Moment == plan.Purge:
			s.Purge = append(s.Purge, out)
		case st.Kind == plan.Generate:
			s.Before = append(s.Before, out)
			s.Generate = append(s.Generate, out)
		case st.Kind == plan.Migrate || st.Kind == plan.Command:
			s.Before = append(s.Before, out)
		case st.Kind == plan.Reload:
			s.After = append(s.After, out)
		case st.Kind == plan.Enable && d.format == plan.Deb:
			// the others have one directory that is read as a whole
			s.After = append(s.After, out)
			s.Sites = append(s.Sites, out)
		}
	}
}

func scriptStep(st plan.Step, r *refs) templates.Step {
	out := templates.Step{
		Ref: r.add(st.At, st.Why), Name: or(st.Name, string(st.Kind)), Why: or(st.Why, st.Name, string(st.Kind)),
		User: st.User, Dir: or(st.Dir, "/"), Shell: st.Shell, Path: st.Path, Source: st.Source,
		Mode: st.Mode, Group: or(st.Group, "root"), Kind: "run",
	}
	if st.User == "root" {
		out.User = ""
	}
	switch st.Moment {
	case plan.First:
		out.Moment = "first"
	case plan.Upgrade:
		out.Moment = "upgrade"
	}
	switch st.Kind {
	case plan.Generate:
		out.Kind, out.Values, out.Moment = "generate", values(st.Values), ""
		if out.Mode == 0 {
			out.Mode = 0o644
		}
	case plan.Reload:
		out.Kind = "reload"
	case plan.Enable:
		out.Kind = st.Server
		out.Moment = "first"
		out.Path = "/etc/nginx/sites-enabled/" + st.Name
		if st.Server == "apache" {
			out.Path = "/etc/apache2/sites-enabled/" + strings.TrimSuffix(st.Name, ".conf") + ".conf"
		}
	}
	return out
}

func values(m map[string]string) []templates.Value {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var out []templates.Value
	for i, k := range keys {
		out = append(out, templates.Value{Index: i + 1, Key: k, Shell: strings.TrimSpace(m[k])})
	}
	return out
}
