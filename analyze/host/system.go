package host

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/value"
)

// AddUser creates an account. When one of that name is there the command fails
// and nothing changes.
func (a *Actor) AddUser(u UserEntry) {
	k := Key{User, a.Where, u.Name}
	u.Presence, u.Made, u.At = value.Yes, true, a.H.Now.At.Pos
	a.record(&Effect{Op: AddUser, Name: u.Name, Account: &u}, true)
	if a.H.Has(User, a.Where, u.Name) == value.Yes {
		return
	}
	if a.H.Exact && u.UID == "" {
		u.UID = a.H.nextID()
	}
	a.H.Set(k, &u)
	if u.Group == "" || u.Group == u.Name {
		a.H.Set(Key{Group, a.Where, u.Name}, &Flag{Presence: value.Yes, Made: true, At: u.At})
	}
}

// ChangeUser changes fields of an account: those of u that are not empty.
// Groups are added, or replace the present ones when replace is set.
func (a *Actor) ChangeUser(u UserEntry, replace bool) {
	a.record(&Effect{Op: ChangeUser, Name: u.Name, Account: &u}, true)
	old := a.H.Account(a.Where, u.Name)
	n := UserEntry{Name: u.Name, Presence: a.H.Has(User, a.Where, u.Name)}
	if old != nil {
		n = *old
	}
	setIf(&n.Home, u.Home)
	setIf(&n.Shell, u.Shell)
	setIf(&n.UID, u.UID)
	setIf(&n.Group, u.Group)
	if replace {
		n.Groups = nil
	}
	for _, g := range u.Groups {
		if !slices.Contains(n.Groups, g) {
			n.Groups = append(slices.Clip(n.Groups), g)
		}
	}
	a.H.Set(Key{User, a.Where, u.Name}, &n)
}

func setIf(p *string, v string) {
	if v != "" {
		*p = v
	}
}

// DelUser removes an account; home says that its files go too.
func (a *Actor) DelUser(name string, home bool) {
	a.record(&Effect{Op: DelUser, Name: name, Recursive: home}, true)
	a.H.Set(Key{User, a.Where, name}, &UserEntry{Name: name, Presence: value.No, At: a.H.Now.At.Pos})
}

// AddGroup creates a group.
func (a *Actor) AddGroup(name, gid string, system bool) {
	a.record(&Effect{Op: AddGroup, Name: name, Args: nonEmpty(gid), Action: systemWord(system)}, true)
	if a.H.Has(Group, a.Where, name) != value.Yes {
		if a.H.Exact && gid == "" {
			gid = a.H.nextID()
		}
		a.H.Set(Key{Group, a.Where, name}, &Flag{Presence: value.Yes, Made: true, ID: gid, At: a.H.Now.At.Pos})
	}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func systemWord(system bool) string {
	if system {
		return "system"
	}
	return ""
}

// DelGroup removes a group.
func (a *Actor) DelGroup(name string) {
	a.record(&Effect{Op: DelGroup, Name: name}, true)
	a.H.Set(Key{Group, a.Where, name}, &Flag{Presence: value.No, At: a.H.Now.At.Pos})
}

// AddMember adds an account to a group.
func (a *Actor) AddMember(user, group string) {
	a.record(&Effect{Op: AddMember, Name: user, Action: group}, true)
	n := UserEntry{Name: user, Presence: a.H.Has(User, a.Where, user)}
	if old := a.H.Account(a.Where, user); old != nil {
		n = *old
	}
	if !slices.Contains(n.Groups, group) {
		n.Groups = append(slices.Clip(n.Groups), group)
	}
	a.H.Set(Key{User, a.Where, user}, &n)
}

// Service acts on a service: enable, disable, start, stop, restart, reload,
// mask, unmask and what else its manager knows. The name loses its suffix.
func (a *Actor) Service(name, manager, action string) {
	name = ServiceName(name)
	a.record(&Effect{Op: ServiceOp, Name: name, Manager: manager, Action: action}, true)
	k := Key{Service, a.Where, name}
	s := ServiceEntry{Name: name, Manager: manager}
	if old, ok := a.H.Get(k).(*ServiceEntry); ok {
		s = *old
	}
	s.At = a.H.Now.At.Pos
	switch action {
	case "enable":
		s.Enabled, s.Touched = value.Yes, true
	case "disable":
		s.Enabled, s.Touched = value.No, true
	case "start", "restart":
		s.Running, s.Touched = value.Yes, true
	case "stop":
		s.Running, s.Touched = value.No, true
	case "mask":
		s.Masked = value.Yes
	case "unmask":
		s.Masked = value.No
	}
	a.H.Set(k, &s)
}

// ServiceName is the name of a unit without its type.
func ServiceName(name string) string {
	for _, suffix := range []string{".service", ".timer", ".socket"} {
		if s, ok := strings.CutSuffix(name, suffix); ok {
			return s
		}
	}
	return name
}

// Package installs or removes packages of the distribution.
func (a *Actor) Package(name, manager, action string) {
	a.record(&Effect{Op: PackageOp, Name: name, Manager: manager, Action: action}, true)
	a.H.Set(Key{Package, a.Where, name}, &Flag{Presence: value.Bool(action != "remove" && action != "purge"), Made: true, At: a.H.Now.At.Pos})
	if action == "install" {
		for _, c := range append(provides[name], name) {
			a.Provide(c)
		}
		a.bring(name)
	}
}

// bring makes the directories that a package of the distribution brings.
func (a *Actor) bring(name string) {
	for _, b := range brings {
		if !strings.HasPrefix(name, b.name) || strings.HasSuffix(name, "-client") || strings.HasSuffix(name, "-common") || strings.HasSuffix(name, "-doc") {
			continue
		}
		for _, dir := range strings.Fields(b.dirs) {
			if n := a.H.Node(a.Where, dir); n.Presence != value.Yes {
				a.H.Set(Key{File, a.Where, dir}, &Node{Kind: Dir, Presence: value.Yes, Owner: "root", Group: "root", Mode: "0755"})
			}
		}
	}
}

// brings are the directories of packages, by the beginning of their names, that
// scripts ask for and write to.
//
// Source: the packages' file lists and maintainer scripts in Debian 12.
var brings = []struct{ name, dirs string }{
	{"apache2", "/etc/apache2 /etc/apache2/sites-available /etc/apache2/sites-enabled /etc/apache2/conf-available /etc/apache2/conf-enabled /etc/apache2/mods-available /etc/apache2/mods-enabled /var/www /var/www/html"},
	{"httpd", "/etc/httpd /etc/httpd/conf /etc/httpd/conf.d /var/www /var/www/html"},
	{"nginx", "/etc/nginx /etc/nginx/sites-available /etc/nginx/sites-enabled /etc/nginx/conf.d /etc/nginx/snippets"},
	{"mysql-server", "/etc/mysql /etc/mysql/conf.d /var/lib/mysql"},
	{"mariadb-server", "/etc/mysql /etc/mysql/conf.d /var/lib/mysql"},
	{"postgresql", "/etc/postgresql /var/lib/postgresql"},
	{"supervisor", "/etc/supervisor /etc/supervisor/conf.d"},
	{"collectd", "/etc/collectd"},
	{"lighttpd", "/etc/lighttpd /etc/lighttpd/conf-available /etc/lighttpd/conf-enabled"},
	{"haproxy", "/etc/haproxy"},
	{"certbot", "/etc/letsencrypt"},
	{"rsyslog", "/etc/rsyslog.d"},
	{"redis", "/etc/redis /var/lib/redis"},
}

// Provide makes a program callable.
func (a *Actor) Provide(command string) {
	a.H.Set(Key{Command, a.Where, command}, &Flag{Presence: value.Yes, Made: true, At: a.H.Now.At.Pos})
}

// provides are the programs of packages that have another name.
var provides = map[string][]string{
	"docker.io": {"docker"}, "docker-ce": {"docker"}, "docker-ce-cli": {"docker"}, "docker-engine": {"docker"},
	"nodejs": {"node", "npm"}, "python3-pip": {"pip3", "pip"}, "python-pip": {"pip"}, "python3-virtualenv": {"virtualenv"},
	"php-cli": {"php"}, "mysql-server": {"mysql", "mysqld"}, "mariadb-server": {"mysql", "mariadb"}, "mysql-client": {"mysql"},
	"postgresql": {"psql", "postgres"}, "postgresql-client": {"psql"}, "redis-server": {"redis-cli"}, "apache2": {"apachectl", "a2ensite", "apache2ctl"},
	"openjdk-17-jre-headless": {"java"}, "default-jre": {"java"}, "ruby-bundler": {"bundle"}, "golang": {"go"}, "golang-go": {"go"},
	"build-essential": {"gcc", "make", "g++"}, "net-tools": {"netstat", "ifconfig"}, "dnsutils": {"dig"}, "iproute2": {"ip", "ss"},
	"util-linux": {"flock"}, "procps": {"pgrep", "pkill", "ps"}, "python3-venv": {"python3"}, "epel-release": nil,
}
