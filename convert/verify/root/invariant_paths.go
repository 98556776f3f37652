package root

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// checkOwnPaths compares every stage that calls the package manager with the
// one before.
func checkOwnPaths(t *Trace) []Violation {
	var list []Violation
	own := t.territory()
	for i, s := range t.Stages {
		if s.Result.Argv == nil {
			continue
		}
		for _, c := range Diff(t.before(i), s.After) {
			if text := own.trespass(t, c); text != "" {
				list = append(list, found(i, c.String(), "%s", text))
			}
		}
	}
	return list
}

// A territory is what a package may touch.
type territory struct {
	paths map[string]bool // its own, and their parents, which it may make
	trees []string        // with all below them
	units map[string]bool
	sysv  map[string]bool
}

func (t *Trace) territory() *territory {
	own := &territory{paths: map[string]bool{}, units: map[string]bool{}, sysv: map[string]bool{}}
	for _, list := range t.Owned {
		for _, name := range list {
			own.add(name)
		}
	}
	for _, name := range t.Configs {
		own.add(name)
		for _, suffix := range managers[t.Kind].saved {
			own.add(name + suffix)
		}
	}
	for _, w := range t.Spec.Wants {
		own.add(w.Path)
	}
	own.trees = slices.Concat(t.Spec.State, t.Spec.MayTouch, systemdHelper)
	for _, tree := range own.trees {
		own.add(tree)
	}
	for _, l := range t.Spec.Legacy {
		own.add(l.Path)
	}
	for _, unit := range t.Spec.Units {
		own.units[unit] = true
	}
	return own
}

// systemdHelper is where Debian keeps what it knows of a package's units.
var systemdHelper = []string{"/var/lib/systemd/deb-systemd-helper-enabled", "/var/lib/systemd/deb-systemd-helper-masked",
	"/var/lib/systemd/deb-systemd-user-helper-enabled"}

func (o *territory) add(name string) {
	o.paths[name] = true
	for _, dir := range parents(name) {
		o.paths[dir] = true
	}
	switch path.Dir(name) {
	case "/usr/lib/systemd/system", "/lib/systemd/system":
		o.units[path.Base(name)] = true
	case "/etc/init.d":
		o.sysv[path.Base(name)] = true
	}
}

// trespass says what is wrong with a change, or "".
func (o *territory) trespass(t *Trace, c Change) string {
	switch {
	case t.records(c) || o.covers(c.Name) && c.Subject == "file":
		return ""
	case c.Subject == "file" && c.Old == "":
		return fmt.Sprintf("makes %s, which the package does not own", printable(c.Name))
	case c.Subject == "file":
		return fmt.Sprintf("touches %s, which belongs to others", printable(c.Name))
	case c.Old == "" && o.declared(t.Spec, c):
		return ""
	}
	return fmt.Sprintf("touches the %s %s, which is not the package's", c.Subject, printable(c.Name))
}

// declared tells whether a new account or group is one of the spec's. Without
// accounts in the spec every new one is the package's.
func (o *territory) declared(spec *Spec, c Change) bool {
	for _, a := range spec.Accounts {
		if a.Name == c.Name || c.Subject == "group" && has(a.Groups, c.Name) {
			return true
		}
	}
	return len(spec.Accounts) == 0
}

// sysvLink is an entry of a runlevel directory.
var sysvLink = lazyregexp.New(`^/etc/rc[0-6S]\.d/[SK][0-9][0-9](.+)$`)

func (o *territory) covers(name string) bool {
	if o.paths[name] || underAny(name, o.trees) {
		return true
	}
	if m := sysvLink.FindStringSubmatch(name); m != nil && o.sysv[m[1]] {
		return true
	}
	rest, ok := strings.CutPrefix(name, "/etc/systemd/system/")
	if !ok {
		return false
	}
	return isWants(rest) || (isWants(path.Dir(rest)) || path.Dir(rest) == ".") && o.units[path.Base(rest)]
}

// checkReplaced compares the package's files with those of a fresh installation
// of the same version.
func checkReplaced(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		fresh := t.Fresh[s.Version]
		if s.Step.Do != Install || t.versionBefore(i) == s.Version || fresh == nil {
			continue
		}
		for _, name := range t.replaced(s.Version) {
			old, now := fresh.Files[name].differ(s.After.Files[name])
			if old != now {
				list = append(list, found(i, "fresh: "+old+"\nhere:  "+now, "%s is not as a fresh installation makes it", printable(name)))
			}
		}
	}
	return list
}

// replaced returns the paths of the package that must be the same on every
// machine with the version: all it owns but configuration, and what other
// versions own but this one does not.
func (t *Trace) replaced(version int) []string {
	var list []string
	for v, owned := range t.Owned {
		for _, name := range owned {
			if slices.Contains(t.Configs, name) || v != version && t.ownedDir(name) {
				continue
			}
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// ownedDir tells whether the path is a directory at any stage: one of an
// earlier version may stay because something is in it.
func (t *Trace) ownedDir(name string) bool {
	return slices.ContainsFunc(t.Stages, func(s Stage) bool { return s.After.Files[name].Type == 'd' })
}

// checkClean compares the last tree with the first.
func checkClean(t *Trace) []Violation {
	last := len(t.Stages) - 1
	if !t.ends(t.Stages[last]) || slices.ContainsFunc(t.Stages, func(s Stage) bool { return s.Step.Do == PlantLegacy }) {
		return nil
	}
	var list []Violation
	for _, c := range Diff(t.Before, t.Stages[last].After) {
		if c.Subject == "file" && !t.records(c) && !has(systemDirs, c.Name) && !t.mayStay(c.Name) {
			list = append(list, found(last, c.String(), "%s stays behind", printable(c.Name)))
		}
	}
	return list
}

// mayStay tells whether a path may outlive the package. Where nothing
// is purged, data and edited configuration stay, with their directories.
func (t *Trace) mayStay(name string) bool {
	if slices.ContainsFunc(systemdHelper, func(dir string) bool { return dir == name || path.Dir(dir) == name }) {
		return true
	}
	if t.kept(name) {
		return true
	}
	if t.Kind.HasPurge() {
		return false
	}
	stays := slices.Concat(t.Spec.State, t.Spec.MayTouch)
	for _, config := range t.Configs {
		for _, suffix := range managers[t.Kind].saved {
			stays = append(stays, config+suffix)
		}
	}
	if underAny(name, stays) {
		return true
	}
	return slices.ContainsFunc(stays, func(s string) bool { return under(s, name) })
}

// kept tells whether a path is one that the spec lets stay, or a directory above
// one that is there. What lies in /run is gone when the machine starts again.
func (t *Trace) kept(name string) bool {
	if under(name, "/run") || underAny(name, t.Spec.Keep) {
		return true
	}
	last := t.Stages[len(t.Stages)-1].After
	return slices.ContainsFunc(t.Spec.Keep, func(k string) bool { return under(k, name) && existed(last, k) })
}

// systemDirs are directories that other packages own on a whole system, but that a
// small tree lacks until the first package that uses them.
var systemDirs = []string{
	"/etc/cron.d", "/etc/logrotate.d", "/etc/sysconfig", "/etc/sudoers.d", "/etc/systemd", "/etc/systemd/system",
	"/usr/lib/systemd", "/usr/lib/systemd/system", "/usr/lib/systemd/system-preset", "/usr/lib/sysusers.d", "/usr/lib/tmpfiles.d",
	"/usr/share/licenses",
}
