package target

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// takeOver says what the first installation does on a server that the old
// script deployed. Beside what the plan lists, it covers what every format gets
// wrong by itself: a conffile that is there already makes dpkg ask, and fail
// without a terminal; a unit below /etc/systemd/system shadows the packaged
// one; a real directory stays where the package has a link.
func (d dialect) takeOver(p *plan.Package, s *templates.Script, r *refs) {
	all := entries(p, d.format)
	conffiles := map[string]plan.Entry{}
	for _, e := range all {
		if e.Conffile {
			conffiles[e.Path] = e
		}
	}
	d.keep(p, s, r, conffiles)
	d.aside(p, s, r, all, conffiles)
	for _, m := range p.TakeOver.State {
		s.State = append(s.State, templates.State{
			Ref: r.add(m.At, "state of the old deployment"), From: m.From, To: m.To,
			User: or(m.Owner, "root"), Group: or(m.Group, "root"), Mode: stateMode(p, m.To),
			Above: d.above(p, m.To, r),
		})
	}
}

// above are the directories of the plan that name lies in: a copy that made them
// on its way would leave them to root, and they would stay so.
func (d dialect) above(p *plan.Package, name string, r *refs) []templates.Dir {
	return slices.DeleteFunc(d.dirs(p, r), func(dir templates.Dir) bool { return dir.Path == name || !below(name, dir.Path) })
}

// stateMode is the mode that the plan gives a directory, 0750 otherwise.
func stateMode(p *plan.Package, dir string) uint32 {
	for _, d := range p.Dirs {
		if d.Path == dir && d.Mode != 0 {
			return d.Mode
		}
	}
	return 0o750
}

// keep lists the configuration to adopt: the plan's, then each other conffile
// that may be in its place already.
func (d dialect) keep(p *plan.Package, s *templates.Script, r *refs, conffiles map[string]plan.Entry) {
	listed := map[string]bool{}
	for _, a := range p.TakeOver.Adopt {
		_, isFile := conffiles[a.To]
		k := templates.Keep{Ref: r.add(a.At, "configuration of the old deployment"), To: a.To, From: a.From, Tree: !isFile && isTree(conffiles, a.To)}
		if !isFile && !k.Tree {
			continue // its conffile is not part of this format
		}
		switch {
		case k.Tree || d.format == plan.Arch:
			// pacman keeps what is in place, and each file of a tree is looked
			// for there first
			k.From = slices.DeleteFunc(slices.Clone(a.From), func(f string) bool { return f == a.To })
		case !slices.Contains(a.From, a.To):
			k.From = append([]string{a.To}, a.From...)
		}
		listed[a.To] = true
		if len(k.From) > 0 {
			s.Keep = append(s.Keep, k)
		}
	}
	if d.format == plan.Arch {
		return
	}
	for _, e := range sortedEntries(conffiles) {
		if !listed[e.Path] && !moved(asides(p), e.Path) {
			s.Keep = append(s.Keep, templates.Keep{Ref: r.add(e.At, e.Why), To: e.Path, From: []string{e.Path}})
		}
	}
}

// isTree tells whether conffiles are below dir.
func isTree(conffiles map[string]plan.Entry, dir string) bool {
	for p := range conffiles {
		if below(p, dir) {
			return true
		}
	}
	return false
}

func sortedEntries(m map[string]plan.Entry) []plan.Entry {
	var out []plan.Entry
	for _, e := range m {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b plan.Entry) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// asides are the plan's, and the conffiles that call code: when the code has a
// new place, those of the old deployment call what is not used any more.
func asides(p *plan.Package) []plan.Aside {
	out := slices.Clone(p.TakeOver.Aside)
	if p.OldDir == "" || p.OldDir == p.CodeDir {
		return out
	}
	for _, e := range p.Payload {
		if e.Conffile && callsCode(e.Path) && !moved(out, e.Path) && !adopted(p, e.Path) {
			out = append(out, plan.Aside{Path: e.Path, Why: "calls code of " + p.OldDir, At: e.At})
		}
	}
	return out
}

func callsCode(name string) bool {
	for _, dir := range []string{"/etc/cron.d", "/etc/logrotate.d", "/etc/init.d"} {
		if below(name, dir) {
			return true
		}
	}
	return false
}

// moved tells whether exactly this path is moved out of the way: the packaged
// text is to win.
func moved(list []plan.Aside, name string) bool {
	return slices.ContainsFunc(list, func(a plan.Aside) bool { return a.Path == name })
}

func adopted(p *plan.Package, name string) bool {
	return slices.ContainsFunc(p.TakeOver.Adopt, func(a plan.Adopt) bool { return a.To == name })
}

// aside lists what is moved out of the way.
func (d dialect) aside(p *plan.Package, s *templates.Script, r *refs, all []plan.Entry, conffiles map[string]plan.Entry) {
	var list []templates.Aside
	for _, a := range asides(p) {
		one := templates.Aside{Ref: r.add(a.At, a.Why), Path: a.Path, Unit: unitOf(a.Path)}
		_, isConffile := conffiles[a.Path]
		switch {
		case !d.systemd && strings.HasPrefix(a.Path, "/etc/systemd/"):
		case isConffile && (d.format == plan.RPM || d.format == plan.Arch):
			// they have decided already to keep the old one and to write ours
			// beside it
			s.Swap = append(s.Swap, one)
		default:
			list = append(list, one)
		}
	}
	if d.systemd {
		for _, u := range p.Units {
			list = append(list, templates.Aside{Ref: r.add(u.At, "shadows the packaged unit"), Path: "/etc/systemd/system/" + u.Name, Unit: u.Name})
		}
	}
	for _, e := range all {
		switch {
		case d.format == plan.Deb && e.Conffile:
			list = append(list, templates.Aside{Ref: r.add(e.At, e.Why), Path: e.Path})
		case e.Type == plan.Symlink && d.format != plan.Arch && mayBeReal(p, e.Path):
			list = append(list, templates.Aside{Ref: r.add(e.At, e.Why), Path: e.Path, Real: true})
		}
	}
	s.Aside = distinct(list)
	stopOld(p, s)
	if d.format == plan.RPM {
		s.Land = land(s.Aside, conffiles)
	}
}

// mayBeReal tells whether the old deployment may have had a real file or
// directory where the package has a link: it used the same code directory.
func mayBeReal(p *plan.Package, name string) bool {
	return p.OldDir != "" && (name == p.OldDir || below(name, p.OldDir))
}

// unitOf is the unit that a path directly below /etc/systemd/system defines, ""
// for any other path.
func unitOf(name string) string {
	if path.Dir(name) == "/etc/systemd/system" && unitRE.MatchString(path.Base(name)) {
		return path.Base(name)
	}
	return ""
}

// stopOld lists what the old deployment runs under names that are not the
// package's.
func stopOld(p *plan.Package, s *templates.Script) {
	for _, a := range s.Aside {
		switch {
		case a.Unit != "" && !slices.ContainsFunc(p.Units, func(u plan.Unit) bool { return u.Name == a.Unit }):
			s.OldUnits = append(s.OldUnits, a.Unit)
		case path.Dir(a.Path) == "/etc/init.d":
			s.OldInits = append(s.OldInits, a.Path)
		}
	}
}

// movesState tells whether data that is carried over is first moved out of the
// way, with what holds it.
func movesState(s templates.Script) bool {
	for _, st := range s.State {
		for _, a := range s.Aside {
			if st.From == a.Path || below(st.From, a.Path) {
				return true
			}
		}
	}
	return false
}

// distinct sorts by path and leaves out what is moved with a directory above.
func distinct(list []templates.Aside) []templates.Aside {
	slices.SortStableFunc(list, func(a, b templates.Aside) int { return strings.Compare(a.Path, b.Path) })
	var out []templates.Aside
	for _, a := range list {
		covered := slices.ContainsFunc(out, func(o templates.Aside) bool {
			return o.Path == a.Path || !o.Real && below(a.Path, o.Path)
		})
		if !covered {
			out = append(out, a)
		}
	}
	return out
}

// land lists the conffiles whose directory is moved away in %pre: rpm decided
// before to keep the old file and writes the packaged one beside it.
func land(aside []templates.Aside, conffiles map[string]plan.Entry) []string {
	var out []string
	for _, e := range sortedEntries(conffiles) {
		if slices.ContainsFunc(aside, func(a templates.Aside) bool { return below(e.Path, a.Path) }) {
			out = append(out, e.Path)
		}
	}
	return out
}

// below tells whether a path lies under dir.
func below(name, dir string) bool { return strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/") }
