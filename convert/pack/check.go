package pack

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/convert/plan"
)

// checkItems holds every item against the rules that do not depend on the
// format.
func checkItems(p *plan.Package, items []*item, ps *problems) {
	files := 0
	for _, it := range items {
		if it.typ != plan.Dir_ {
			files++
		}
		checkPath(it, ps)
		checkMode(it, ps)
		checkConffile(it, ps)
		checkAccount(it, ps)
	}
	if files == 0 {
		ps.add("", nil, "the payload is empty; nothing of the repository or the staging tree is installed")
	}
	links(p, items, ps)
}

// base are files of the base system: a package that ships one breaks it.
var base = []string{
	"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow",
	"/etc/passwd-", "/etc/group-", "/etc/shadow-", "/etc/gshadow-",
	"/etc/subuid", "/etc/subgid", "/etc/sudoers", "/etc/fstab", "/etc/hosts", "/etc/hostname",
	"/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/crontab", "/etc/ld.so.conf", "/etc/inittab",
	"/etc/ssh/sshd_config", "/etc/ssh/ssh_config", "/etc/apt/sources.list", "/etc/sysctl.conf",
	"/etc/rc.local", "/etc/profile", "/etc/environment", "/etc/machine-id", "/etc/localtime",
}

// notPayload are directories that no package may fill: FHS 3.0, sections 3 to
// 5, and Debian Policy 9.1.
var notPayload = []string{"/proc", "/sys", "/dev", "/run", "/var/run", "/tmp", "/var/tmp", "/home", "/root", "/mnt", "/media", "/boot/grub", "/var/lib/dpkg", "/var/lib/rpm", "/lib/apk", "/var/lib/pacman"}

func checkPath(it *item, ps *problems) {
	if slices.Contains(base, it.path) {
		ps.add("", it, "belongs to the base system; change it from a drop-in or by hand")
	}
	for _, dir := range notPayload {
		if below(it.path, dir) {
			ps.add("", it, "no package may hold files below %s", dir)
		}
	}
	if len(path.Base(it.path)) > 255 {
		ps.add("", it, "the name is longer than 255 bytes")
	}
}

func checkMode(it *item, ps *problems) {
	switch {
	case it.mode&^0o7777 != 0:
		ps.add("", it, "mode %#o has more than permission bits", it.mode)
	case it.typ == plan.Symlink:
	case it.mode&0o400 == 0:
		ps.add("", it, "mode %#o: the owner cannot read it; modes are octal", it.mode)
	case it.typ == plan.Dir_ && it.mode&0o100 == 0:
		ps.add("", it, "mode %#o: the owner cannot enter the directory", it.mode)
	case it.mode&0o002 != 0 && (it.typ == plan.File || it.mode&0o1000 == 0):
		ps.add("", it, "mode %#o: everybody can write it", it.mode)
	case it.typ == plan.File && it.mode&0o1000 != 0:
		ps.add("", it, "mode %#o: the sticky bit means nothing on a file", it.mode)
	}
}

// checkConffile: Debian Policy 10.7.2 wants configuration below /etc, and dpkg
// takes regular files only.
func checkConffile(it *item, ps *problems) {
	switch {
	case !it.conffile:
	case it.typ != plan.File:
		ps.add("", it, "a conffile is a regular file, this is a %s", it.typ)
	case !below(it.path, "/etc"):
		ps.add("", it, "a conffile is below /etc; link it from where the program looks")
	}
}

func checkAccount(it *item, ps *problems) {
	for _, name := range []string{it.owner, it.group} {
		if !accountName.MatchString(name) {
			ps.add("", it, "%q is not a valid account name", name)
		}
	}
}

// checkFormat holds what goes into one format against each other: no path
// twice, nothing below what is no directory.
func checkFormat(f plan.Format, items []*item, ps *problems) {
	seen := make(map[string]*item, len(items))
	for _, it := range items {
		if old, ok := seen[it.path]; ok && (!old.implicit || !it.implicit) {
			ps.add(f, it, "the path is in the payload twice, as %s and as %s", old.typ, it.typ)
			continue
		}
		seen[it.path] = it
	}
	for _, it := range items {
		for dir := path.Dir(it.path); dir != "/"; dir = path.Dir(dir) {
			if up, ok := seen[dir]; ok && up.typ != plan.Dir_ {
				ps.add(f, it, "lies below %s, which is a %s", dir, up.typ)
				break
			}
		}
	}
}

// system are the places that the distribution fills: a link may lead there.
var system = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/run", "/dev", "/proc", "/sys",
	"/var/lib", "/var/log", "/var/cache", "/var/run", "/var/lock", "/var/spool", "/var/mail", "/var/opt", "/opt",
}

// links checks where symbolic links lead: into the payload, into directories
// that the package makes, or into the system. Elsewhere, and above all back
// into the tree that the package was built in, there will be nothing.
func links(p *plan.Package, items []*item, ps *problems) {
	inside := make(map[string]bool, len(items))
	for _, it := range items {
		for dir := it.path; dir != "/" && !inside[dir]; dir = path.Dir(dir) {
			inside[dir] = true
		}
	}
	for _, it := range items {
		if it.typ != plan.Symlink {
			continue
		}
		if it.link == "" || !printable(it.link) || len(it.link) > 1024 {
			ps.add("", it, "the link has no valid target")
			continue
		}
		to := linkTarget(it)
		if !inside[to] && !made(p, to) && !inSystem(to) {
			ps.add("", it, "links to %q, which neither the payload nor the system has", it.link)
		}
	}
}

// linkTarget returns the absolute path that a link leads to.
func linkTarget(it *item) string {
	if path.IsAbs(it.link) {
		return path.Clean(it.link)
	}
	return path.Join(path.Dir(it.path), it.link)
}

func made(p *plan.Package, name string) bool {
	return slices.ContainsFunc(p.Dirs, func(d plan.Dir) bool { return below(name, d.Path) })
}

func inSystem(name string) bool {
	if below(name, "/usr/local") {
		return false
	}
	return slices.ContainsFunc(system, func(dir string) bool { return below(name, dir) })
}

// below reports whether name is dir or in it.
func below(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, dir) && strings.HasPrefix(name[len(dir):], "/")
}
