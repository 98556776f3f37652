package pack

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/convert/plan"
)

var accountName = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$`)

// A bundle is a package on one format: what is written, and what must be read
// back.
type bundle struct {
	identity
	plan    *plan.Package
	items   []*item // sorted by path, parents before children
	scripts map[string]string
	depends relations
	mtime   time.Time
	opt     Options
	work    string // directory for temporary files
	size    int64  // bytes of all regular files
	report  func(done int64)
}

// relations to other packages, in the format's grammar.
type relations struct{ depends, recommends, conflicts []string }

// bundleFor makes the view of one format, and finds what is wrong with it.
func bundleFor(f plan.Format, p *plan.Package, items []*item, src Sources, ps *problems) *bundle {
	b := &bundle{identity: identify(f, p, ps), plan: p, scripts: src.Scripts[f]}
	b.depends = relations{sorted(p.Depends[f]), sorted(p.Recommends[f]), sorted(p.Conflicts[f])}
	checkRelations(f, p, ps)
	checkScripts(f, b.scripts, ps)
	b.items = b.view(items)
	checkFormat(f, b.items, ps)
	for _, it := range b.items {
		b.size += it.size
	}
	return b
}

func sorted(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// view returns the items of the format with parents and owners as the format
// has them.
func (b *bundle) view(all []*item) []*item {
	var items []*item
	for _, it := range all {
		if !it.on(b.format) || it.typ == plan.Dir_ && shared(it.path) {
			continue
		}
		c := *it
		c.owner, c.group = b.account(it.owner, staticUsers), b.account(it.group, staticGroups)
		items = append(items, &c)
	}
	items = append(items, b.generated(items)...)
	items = append(items, b.parents(items)...)
	slices.SortStableFunc(items, func(x, y *item) int { return strings.Compare(x.path, y.path) })
	return items
}

// generated are the files that the format wants beside the plan's.
func (b *bundle) generated(items []*item) []*item {
	if b.format != plan.Deb {
		return nil
	}
	it := debChangelog(b)
	if it == nil || slices.ContainsFunc(items, func(x *item) bool { return x.path == it.path }) {
		return nil
	}
	return []*item{it}
}

// parents returns the directories that the items lie in and do not name. rpm
// records the package's own only: all others belong to the package filesystem.
func (b *bundle) parents(items []*item) []*item {
	have := make(map[string]bool, len(items))
	for _, it := range items {
		have[it.path] = true
	}
	var dirs []*item
	for _, it := range items {
		for dir := path.Dir(it.path); dir != "/" && !have[dir]; dir = path.Dir(dir) {
			have[dir] = true
			if b.format == plan.RPM && !b.owns(dir) {
				continue
			}
			dirs = append(dirs, &item{path: dir, typ: plan.Dir_, mode: 0o755, owner: "root", group: "root", implicit: true, at: it.at})
		}
	}
	return dirs
}

// owns reports whether a directory is the package's own: the code directory and
// what is in it, and whatever has the package's name in its path.
func (b *bundle) owns(dir string) bool {
	if shared(dir) {
		return false
	}
	if b.plan.CodeDir != "" && below(dir, b.plan.CodeDir) {
		return true
	}
	for elem := range strings.SplitSeq(dir, "/") {
		rest, ok := strings.CutPrefix(elem, b.name)
		if ok && (rest == "" || strings.ContainsRune("-.@", rune(rest[0]))) {
			return true
		}
	}
	return false
}

// sharedDirs are directories of the distribution's filesystem packages: FHS 3.0,
// and those of systemd, cron, logrotate and the web servers. They are never
// entries of their own.
var sharedDirs = lazyregexp.New(`^(` + strings.Join([]string{
	`/(bin|boot|dev|etc|home|lib|lib32|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)`,
	`/usr/(bin|sbin|lib|lib32|lib64|libexec|include|share|src|games|local|local/.*)`,
	`/var/(backups|cache|lib|local|lock|log|mail|opt|run|spool|tmp|www|www/html|spool/cron)`,
	`/etc/(apache2|httpd|nginx|apt|cron\.(d|daily|hourly|weekly|monthly)|default|sysconfig|conf\.d|init\.d|init|logrotate\.d|rsyslog\.d|sudoers\.d|profile\.d|pam\.d|security|security/limits\.d|sysctl\.d|modprobe\.d|modules-load\.d|tmpfiles\.d|sysusers\.d|systemd|systemd/(system|user)|udev|udev/rules\.d|xdg|opt|ssl|ssl/(certs|private)|skel|ld\.so\.conf\.d|periodic|periodic/.*|supervisor|supervisor/conf\.d|monit|monit/conf\.d|dbus-1|dbus-1/system\.d)`,
	`/etc/(apache2|nginx)/(conf|conf-available|conf-enabled|conf\.d|sites-available|sites-enabled|mods-available|mods-enabled|modules-enabled|snippets|http\.d)`,
	`/etc/httpd/(conf|conf\.d|conf\.modules\.d)`,
	`/(usr/)?lib/(systemd|systemd/(system|user|system-preset)|sysusers\.d|tmpfiles\.d|sysctl\.d|modules-load\.d|udev|udev/rules\.d|firewalld|firewalld/services)`,
	`/usr/share/(doc|man|man/man[1-9]|info|locale|applications|icons|pixmaps|bash-completion|bash-completion/completions|zsh|fish|licenses|lintian|lintian/overrides|dbus-1|dbus-1/.*|polkit-1|polkit-1/.*|perl5|php|python3|java|javascript|webapps|metainfo|mime)`,
}, "|") + `)$`)

func shared(dir string) bool { return sharedDirs.MatchString(dir) }

// account returns the owner that the format writes. dpkg and opkg unpack before
// any script made the account, and then silently give the file to root: only
// accounts that are there on every system keep their name. pacman goes by
// number, and has no account before the package's own scripts either. Secret
// entries get theirs in postinst.
func (b *bundle) account(name string, static map[string]int) string {
	switch b.format {
	case plan.RPM, plan.APK:
		return name
	case plan.Deb:
		if _, ok := static[name]; ok {
			return name
		}
	}
	return "root"
}

// The accounts that every Debian system has, with their ids.
// Source: base-passwd, passwd.master and group.master.
var (
	staticUsers = map[string]int{
		"root": 0, "daemon": 1, "bin": 2, "sys": 3, "games": 5, "man": 6, "lp": 7, "mail": 8, "news": 9,
		"uucp": 10, "proxy": 13, "www-data": 33, "backup": 34, "list": 38, "irc": 39, "nobody": 65534,
	}
	staticGroups = map[string]int{
		"root": 0, "daemon": 1, "bin": 2, "sys": 3, "adm": 4, "tty": 5, "disk": 6, "lp": 7, "mail": 8, "news": 9,
		"uucp": 10, "man": 12, "proxy": 13, "kmem": 15, "dialout": 20, "fax": 21, "voice": 22, "cdrom": 24,
		"floppy": 25, "tape": 26, "sudo": 27, "audio": 29, "dip": 30, "www-data": 33, "backup": 34,
		"operator": 37, "list": 38, "irc": 39, "src": 40, "shadow": 42, "utmp": 43, "video": 44, "sasl": 45,
		"plugdev": 46, "staff": 50, "games": 60, "users": 100, "nogroup": 65534,
	}
)
