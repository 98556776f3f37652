package record

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// accounts takes in the accounts and memberships that a run added.
func (e *End) accounts(run *Run) {
	for _, line := range run.Accounts.Passwd.Added {
		name, _, _ := strings.Cut(line, ":")
		e.Users = slices.DeleteFunc(e.Users, func(s string) bool { return strings.HasPrefix(s, name+":") })
		e.Users = append(e.Users, line)
	}
	before := map[string]string{}
	for _, line := range run.Accounts.Group.Removed {
		f := strings.Split(line, ":")
		before[f[0]] = f[len(f)-1]
	}
	for _, line := range run.Accounts.Group.Added {
		f := strings.Split(line, ":")
		for m := range strings.SplitSeq(f[len(f)-1], ",") {
			if m != "" && !slices.Contains(strings.Split(before[f[0]], ","), m) && !slices.Contains(e.Members[m], f[0]) {
				e.Members[m] = append(e.Members[m], f[0])
			}
		}
	}
}

// Lay puts the machine before the first run on a host that has what every
// system has.
func (s *Start) Lay(h *host.Host) {
	for _, u := range s.Users {
		h.Set(host.Key{Space: host.User, Name: u}, &host.UserEntry{Name: u, Presence: value.Yes, Home: "/home/" + u, Shell: "/bin/bash", Group: u})
		h.Set(host.Key{Space: host.Group, Name: u}, &host.Flag{Presence: value.Yes})
		lay(h, "/home/"+u, host.Node{Kind: host.Dir, Owner: u, Group: u})
	}
	for _, c := range append(slices.Clone(s.Checkouts), s.Checkout()) {
		lay(h, c, host.Node{Kind: host.Dir, Content: &host.Content{Kind: host.RepoTree}})
	}
	for _, d := range slices.Concat(s.Dirs, s.Venvs) {
		lay(h, d, host.Node{Kind: host.Dir})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		lay(h, name, host.Node{Kind: host.Regular, Content: &host.Content{Kind: host.Literal, Text: value.Text(s.Files[name])}})
	}
	for _, d := range serverDirs {
		lay(h, d, host.Node{Kind: host.Dir})
	}
	for _, i := range s.Initd {
		lay(h, "/etc/init.d/"+i, host.Node{Kind: host.Regular, Mode: "0755"})
	}
	for to, from := range s.Copies {
		lay(h, to, host.Node{Kind: host.Regular, Content: &host.Content{Kind: host.RepoFile, Path: from}})
	}
	for name, to := range s.Links {
		lay(h, name, host.Node{Kind: host.Link, Link: value.TextStr(to)})
	}
	for name := range s.Services {
		h.Set(host.Key{Space: host.Service, Name: name}, &host.ServiceEntry{Name: name, Enabled: value.Yes, Running: value.Yes})
	}
	s.chown(h)
}

// serverDirs are the directories of web servers and service managers that every
// recorded machine had.
var serverDirs = []string{"/etc/nginx/sites-available", "/etc/nginx/sites-enabled", "/etc/nginx/conf.d", "/etc/apache2/sites-available", "/etc/apache2/sites-enabled",
	"/etc/apache2/conf-available", "/etc/apache2/conf-enabled", "/etc/udev/rules.d", "/etc/sudoers.d", "/etc/supervisor/conf.d"}

func (s *Start) chown(h *host.Host) {
	for _, owner := range slices.Sorted(maps.Keys(s.Owners)) {
		for _, dir := range s.Owners[owner] {
			own := func(p string, n *host.Node) {
				c := *n
				c.Owner, c.Group = owner, owner
				h.Set(host.Key{Space: host.File, Name: p}, &c)
			}
			own(dir, h.Node(0, dir))
			h.Under(0, dir, own)
		}
	}
}

func lay(h *host.Host, p string, n host.Node) {
	for dir := path.Dir(p); dir != "/" && h.Node(0, dir).Presence != value.Yes; dir = path.Dir(dir) {
		h.Set(host.Key{Space: host.File, Name: dir}, &host.Node{Kind: host.Dir, Presence: value.Yes, Owner: "root", Group: "root", Mode: "0755"})
	}
	n.Presence = value.Yes
	if n.Owner == "" {
		n.Owner, n.Group = "root", "root"
	}
	if n.Mode == "" {
		n.Mode = map[host.NodeKind]string{host.Regular: "0644", host.Dir: "0755", host.Link: "0777"}[n.Kind]
	}
	h.Set(host.Key{Space: host.File, Name: p}, &n)
}

// Machine is a host with what the runs left, and the effects that installed
// packages, each with the place of the statement among log, effects of the same
// script, that did it. What no effect covers has no place. has tells whether the
// repository has a file.
func (r *Record) Machine(e *End, log []*host.Effect, has func(string) bool) (*host.Host, []*host.Effect) {
	h := host.New(nil, "")
	c := r.Start.causes(log)
	dirs := e.CodeDirs()
	for _, f := range e.Paths {
		n := f.node()
		n.At = c.of(f.Path)
		for _, d := range dirs { // an empty file is no evidence of where it comes from, its place is
			if rest, ok := strings.CutPrefix(f.Path, d+"/"); ok && f.From == "" && f.Type == "file" && has(rest) {
				n.Content = &host.Content{Kind: host.RepoFile, Path: rest}
			}
		}
		h.Set(host.Key{Space: host.File, Name: f.Path}, n)
	}
	for _, line := range e.Users {
		f := strings.Split(line, ":")
		h.Set(host.Key{Space: host.User, Name: f[0]}, &host.UserEntry{Name: f[0], Presence: value.Yes, Made: true, Home: f[5], Shell: f[6], Groups: e.Members[f[0]],
			At: named(log, f[0], host.AddUser, host.ChangeUser)})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Members)) { // of accounts that were there
		if h.Account(0, name) == nil {
			h.Set(host.Key{Space: host.User, Name: name}, &host.UserEntry{Name: name, Presence: value.Yes, Made: true, Groups: e.Members[name],
				At: named(log, name, host.AddMember, host.ChangeUser, host.AddUser)})
		}
	}
	for name, s := range e.Services {
		h.Set(host.Key{Space: host.Service, Name: name}, &host.ServiceEntry{Name: name, Enabled: value.Bool(s.Enabled), Running: value.Bool(s.Active), Touched: true,
			At: named(log, name, host.ServiceOp)})
	}
	var installed []*host.Effect
	for _, name := range e.Packages {
		i := &host.Effect{Op: host.PackageOp, Action: "install", Name: name, Manager: "the package manager"}
		i.At.Pos = named(log, name, host.PackageOp)
		installed = append(installed, i)
	}
	return h, installed
}

// node is a path as it was left. What a change did not touch is not the
// deployment's: the owner of a file that only got other bytes.
func (f *Effect) node() *host.Node {
	made := func(what string) bool { return f.Op == "create" || slices.Contains(f.Changed, what) }
	n := &host.Node{Presence: value.Yes, Made: true, Owner: f.Owner, Group: f.Group, Mode: f.Mode,
		OwnerSet: made("owner") || made("group"), ModeSet: made("mode")}
	switch f.Type {
	case "dir":
		n.Kind = host.Dir
	case "link":
		n.Kind, n.Link, n.OwnerSet, n.ModeSet = host.Link, value.TextStr(f.Target), false, false
	default:
		n.Kind = host.Regular
	}
	if f.From != "" {
		n.Content = &host.Content{Kind: host.RepoFile, Path: f.From}
	}
	return n
}

// CodeDirs are the directories in which the code was deployed: those that hold
// several files of the repository at their own places in it.
func (e *End) CodeDirs() []string {
	count := map[string]int{}
	for _, f := range e.Paths {
		if dir, ok := strings.CutSuffix(f.Path, "/"+f.From); ok && f.From != "" {
			count[dir]++
		}
	}
	var out []string
	for _, dir := range slices.Sorted(maps.Keys(count)) {
		if count[dir] > 1 && !host.IsSystemDir(dir) {
			out = append(out, dir)
		}
	}
	return out
}

// named is the place of the first effect on an account, service or package.
func named(log []*host.Effect, name string, ops ...host.Op) source.Pos {
	for _, e := range log {
		if slices.Contains(ops, e.Op) && (e.Name == name || host.ServiceName(e.Name) == name || strings.Contains(e.Name, "${")) {
			return e.At.Pos
		}
	}
	return source.Pos{}
}

// A cause is an effect on paths of a form: makes when it made them, deep when it
// also concerns what lies below.
type cause struct {
	form        *regexp.Regexp
	at          source.Pos
	deep, makes bool
}

type causeList []cause

// causes are the effects on paths, the checkout and the home of the account
// that runs the script at their places.
func (s *Start) causes(log []*host.Effect) causeList {
	var out causeList
	add := func(e *host.Effect, p string, deep, makes bool) {
		if f := s.form(p); f != nil {
			out = append(out, cause{f, e.At.Pos, deep, makes})
		}
	}
	for _, e := range log {
		switch e.Op {
		case host.MakeDir, host.Write, host.CopyTo, host.MoveTo, host.Symlink, host.Hardlink, host.Touch, host.Extract, host.Fetch, host.Clone, host.Sync, host.Backup:
			add(e, e.Path, true, true)
		case host.Append, host.Edit:
			add(e, e.Path, false, false)
		case host.Chmod, host.Chown:
			add(e, e.Path, e.Recursive, false)
		case host.Language, host.System, host.RunCode, host.Opaque:
			add(e, e.Env, true, true)
			add(e, e.Path, true, true)
			add(e, e.Cwd, true, false)
		}
	}
	return out
}

var (
	hole       = lazyregexp.New(`\$\{[^}]*\}`)
	quotedHole = lazyregexp.New(`\\\$\\\{[^}]*\\\}`)
)

// form matches the paths that a name with holes may be, nil when too little of
// it is known to be evidence.
func (s *Start) form(name string) *regexp.Regexp {
	home := "/root"
	if s.User != "" && s.User != "root" {
		home = "/home/" + s.User
	}
	for from, to := range map[string]string{"${PWD}": s.Checkout(), "${HOME}": home} {
		if rest, ok := strings.CutPrefix(name, from); ok {
			name = to + rest
		}
	}
	for _, merged := range []string{"/lib/", "/bin/", "/sbin/"} {
		if strings.HasPrefix(name, merged) {
			name = "/usr" + name
		}
	}
	if len(strings.ReplaceAll(hole.ReplaceAllString(name, ""), "/", "")) < 3 {
		return nil
	}
	return regexp.MustCompile("^" + quotedHole.ReplaceAllString(regexp.QuoteMeta(path.Clean(name)), ".+") + "$")
}

// of is the place of the last effect that made a path, else of the last on it,
// else that of the nearest directory above it.
func (c causeList) of(p string) source.Pos {
	for up := p; len(up) > 1; up = path.Dir(up) {
		for _, makes := range []bool{true, false} {
			for _, x := range slices.Backward(c) {
				if x.makes == makes && (up == p || x.deep) && x.form.MatchString(up) {
					return x.at
				}
			}
		}
	}
	return source.Pos{}
}
