package verify

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// A World is an abstract machine with a package manager.
type World struct {
	Host    *host.Host
	Format  plan.Format
	Systemd bool // systemd runs and its tools are there; else only what every system has

	machine *shell.Machine
	db      database
	calls   []Call
	failAt  int // the command, counted over all scripts of a step, that fails; 0 none
	changes int // commands counted so far

	ids map[*host.Content]string // see command.ContentID; contents never change
}

// A database is what the package manager knows of the one package of a World.
type database struct {
	pkg    *Package
	status status
	last   string            // version that was configured last, "" never or purged
	sums   map[string]string // of configuration files, as shipped when installed
	gone   []string          // configuration files that later versions dropped
}

type status uint8

const (
	absent      status = iota
	configFiles        // removed, its configuration files are there (deb)
	halfRemoved        // the removal failed after the files went (deb)
	unpacked           // postinst has not succeeded (deb)
	installed
)

func (d database) clone() database {
	c := d
	c.sums = map[string]string{}
	for k, v := range d.sums {
		c.sums[k] = v
	}
	c.gone = slices.Clone(d.gone)
	return c
}

// A Call is one run of a maintainer script.
type Call struct {
	Script string // name with its place, e.g. packaging/scripts/deb/postinst
	Args   []string
	OK     bool
	Result *shell.Result
	From   int // effects in Host.Log, from here
	To     int
}

// String is the call as a person would type it.
func (c Call) String() string {
	return strings.TrimSpace(path.Base(c.Script) + " " + strings.Join(quoted(c.Args), " "))
}

func quoted(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		if a == "" {
			out[i] = "''"
		}
	}
	return out
}

// NewWorld returns a fresh machine of a format. repo holds the files that
// contents refer to; nil when there are none.
func NewWorld(format plan.Format, systemd bool, repo host.Repo) *World {
	h := host.New(nil, "")
	h.Repo = repo
	h.Closed, h.Exact, h.Bare = true, true, !systemd
	w := &World{Host: h, Format: format, Systemd: systemd, machine: shell.New(h), db: database{sums: map[string]string{}}}
	w.equip()
	return w
}

// optional are the programs that are only there when systemd is, or when a
// package that the format's dependencies name brings them.
var optional = map[string][]string{
	"systemd": {"systemctl", "systemd-sysusers", "systemd-tmpfiles", "systemd-escape", "journalctl", "systemd-run"},
	"adduser": {"adduser", "addgroup", "deluser", "delgroup"},
	"ucf":     {"ucf", "ucfr"},
	"nginx":   {"nginx"}, "apache2": {"a2ensite", "a2enmod", "a2dissite", "apache2ctl"},
	"update-inetd": {"update-inetd"},
	"python3":      {"py3compile", "py3clean", "python3"},
}

// tools are what a package manager's own system has beside what every one has.
var tools = map[plan.Format][]string{
	plan.Deb: {"dpkg", "dpkg-query", "dpkg-divert", "dpkg-statoverride", "dpkg-trigger", "dpkg-maintscript-helper", "update-alternatives", "deb-systemd-helper",
		"deb-systemd-invoke", "update-rc.d", "invoke-rc.d", "service", "getent", "useradd", "groupadd", "usermod", "userdel", "groupdel", "runuser", "setpriv", "start-stop-daemon", "perl", "tempfile", "cmp", "ldconfig"},
	plan.RPM:  {"rpm", "getent", "useradd", "groupadd", "usermod", "userdel", "groupdel", "runuser", "setpriv", "service", "chkconfig", "alternatives", "update-alternatives", "ldconfig", "cmp"},
	plan.APK:  {"apk", "getent", "addgroup", "adduser", "deluser", "delgroup", "rc-update", "rc-service", "su", "openrc", "cmp"},
	plan.Arch: {"pacman", "getent", "useradd", "groupadd", "usermod", "userdel", "groupdel", "runuser", "setpriv", "systemctl", "systemd-sysusers", "systemd-tmpfiles", "ldconfig", "cmp"},
}

func (w *World) equip() {
	set := func(names []string, there bool) {
		for _, n := range names {
			w.Host.Set(host.Key{Space: host.Command, Name: n}, &host.Flag{Presence: value.Bool(there)})
		}
	}
	for provider, names := range optional {
		set(names, provider == "systemd" && w.Systemd)
	}
	set(tools[w.Format], true)
	w.dir("/run")
	for _, d := range []string{"/usr/lib/systemd/system-preset", "/usr/share/keyrings"} {
		w.dir(d)
	}
	if w.Systemd {
		w.dir("/run/systemd/system")
	}
	if w.Format == plan.Deb { // base-passwd has no account for ftp
		w.Host.Set(host.Key{Space: host.User, Name: "ftp"}, &host.UserEntry{Name: "ftp", Presence: value.No})
	}
	if w.Format == plan.RPM {
		w.Host.SetSetting("preset-default-disable", "", true)
	}
}

// provide makes the programs of a package's dependencies callable.
func (w *World) provide(p *Package) {
	for _, d := range p.Depends {
		name := dependencyName(d)
		if u := brought[name]; u != "" && w.Host.Has(host.User, 0, u) != value.Yes {
			layAccount(w.Host, u)
		}
		for _, c := range append(optional[name], name) {
			w.Host.Set(host.Key{Space: host.Command, Name: c}, &host.Flag{Presence: value.Yes})
		}
	}
}

// brought are the accounts that packages make, by the name of the package.
var brought = map[string]string{"httpd": "apache", "nginx": "nginx", "apache": "http", "apache2": "apache", "postgresql": "postgres", "postgresql-server": "postgres",
	"mariadb-server": "mysql", "redis": "redis", "redis-server": "redis", "php-fpm": "apache", "uwsgi": "uwsgi"}

// dependencyName is the first alternative of a dependency without its version.
func dependencyName(d string) string {
	d = strings.TrimLeft(d, "( ")
	if i := strings.IndexAny(d, " (<>=|:~"); i > 0 {
		d = d[:i]
	}
	return d
}

func (w *World) dir(p string) {
	w.Host.Lay(p, &host.Node{Kind: host.Dir, Presence: value.Yes, Owner: "root", Group: "root", Mode: "0755"})
}

// node is what lies at a path; links on the way are followed, the last is not.
func (w *World) node(p string) *host.Node { return w.Host.Node(0, p) }

func (w *World) exists(p string) bool { return w.node(p).Presence == value.Yes }

// content identifies bytes.
func (w *World) content(c *host.Content) string {
	if c == nil {
		return ""
	}
	id, ok := w.ids[c]
	if !ok {
		if id = command.ContentID(w.Host, c); w.ids == nil {
			w.ids = map[*host.Content]string{}
		}
		w.ids[c] = id
	}
	return id
}

// run runs a maintainer script when the package has it and tells whether it
// succeeded.
func (w *World) run(p *Package, script string, args ...string) bool {
	s, ok := p.Scripts[script]
	if !ok || strings.TrimSpace(s.Text) == "" {
		return true
	}
	opt := shell.Options{Args: args, Known: true, Closed: true, User: "root", Cwd: "/", Run: 1, Script: s.Name, Env: w.environment(p, script)}
	if w.failAt > 0 && w.failAt > w.changes {
		opt.FailAt = w.failAt - w.changes
	}
	from := w.Host.Mark()
	res, err := w.machine.RunText(s.Name, s.Text, opt)
	if err != nil {
		res = &shell.Result{Status: value.Yes, Problems: []*source.Error{{Pos: source.Pos{File: s.Name}, Err: err}}}
	}
	w.changes += res.Changes
	okay := res.Status != value.No
	w.calls = append(w.calls, Call{Script: s.Name, Args: args, OK: okay, Result: res, From: from, To: w.Host.Mark()})
	return okay
}

// environment is what the package managers set (dpkg(1), Environment).
func (w *World) environment(p *Package, script string) map[string]string {
	env := map[string]string{"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "PWD": "/", "IFS": " \t\n"}
	if w.Format == plan.Deb {
		env["DPKG_MAINTSCRIPT_NAME"] = path.Base(scriptFiles[plan.Deb][script])
		env["DPKG_MAINTSCRIPT_PACKAGE"] = p.Name
		env["DPKG_MAINTSCRIPT_ARCH"] = "amd64"
		env["DPKG_ROOT"] = ""
		env["DPKG_ADMINDIR"] = "/var/lib/dpkg"
		env["DEBIAN_FRONTEND"] = "noninteractive"
	}
	return env
}

// digits writes a mode as four octal digits.
func digits(mode uint32) string { return fmt.Sprintf("%04o", mode&0o7777) }
