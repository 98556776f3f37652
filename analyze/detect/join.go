package detect

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/model"
)

// A joiner adds what files declare to the facts of the scripts.
type joiner struct {
	d         *model.Deployment
	installed map[string][]installed // by path in the repository
	origin    string                 // of what no script installs
	tree      host.Repo
}

// An installed file is one that the scripts put on the machine.
type installed struct {
	path    string
	content string
	ev      model.Evidence
}

func newJoiner(d *model.Deployment, tree host.Repo, origin string) *joiner {
	j := &joiner{d: d, installed: map[string][]installed{}, origin: origin, tree: tree}
	for _, f := range d.Facts.Files {
		j.note(f.From, installed{f.Path, f.Content, f.Evidence})
	}
	for _, c := range d.Facts.ConfigFiles {
		j.note(c.From, installed{c.Path, c.Content, c.Evidence})
	}
	return j
}

func (j *joiner) note(from string, in installed) {
	if from != "" && in.ev.Origin == model.FromScript {
		j.installed[from] = append(j.installed[from], in)
	}
}

// declares lists the kinds of files all of whose facts are those of the
// machine; of the others only some are.
var declares = map[string]bool{"systemd": true, "supervisor": true, "procfile": true, "pm2": true, "sysv": true, "upstart": true, "run-script": true,
	"crontab": true, "logrotate": true, "tmpfiles": true, "sysusers": true, "nginx": true, "apache": true, "caddy": true,
	"capistrano": true, "mina": true, "chef": true, "fabric": true, "ansible": true, "makefile": true, "git-hook": true}

// images describe containers: beside a deployment to a server they tell of the
// packages and the state that the application needs, and of no account.
var images = map[string]bool{"dockerfile": true, "compose": true}

// result joins one file's facts.
func (j *joiner) result(r *Declared) {
	in := j.installed[r.Path]
	j.units(r, in)
	j.sites(r, in)
	switch {
	case declares[r.Kind] || j.origin == model.FromScript:
		j.accounts(r)
		j.files(r)
		j.services(r, in)
		j.jobs(r, in)
		j.packages(r)
	case images[r.Kind]:
		j.packages(r)
		for _, dir := range r.Directories {
			if dir.Role == model.RoleData {
				j.directory(dir)
			}
		}
	}
}

// evidence is that of a declared fact, with the places where scripts install
// the file that declares it.
func (j *joiner) evidence(ev model.Evidence, in []installed) model.Evidence {
	ev.Origin = j.origin
	ev.At = slices.Clone(ev.At)
	for _, i := range in {
		ev.Origin = model.FromScript
		ev.Certainty, ev.When, ev.Machine = i.ev.Certainty, i.ev.When, i.ev.Machine
		ev.At = append(ev.At, i.ev.At...)
	}
	return ev
}

func evUnit(u *model.Unit) *model.Evidence { return &u.Evidence }

// units joins programs to be run. Of a file that the scripts change on the way
// the text that arrives is read.
func (j *joiner) units(r *Declared, in []installed) {
	list := r.Units
	for _, i := range in {
		if changed := reread(r, i); changed != nil {
			list = changed.Units
		}
	}
	for _, u := range list {
		if r.Kind == "sysv" {
			startedBy(j.tree, r.Path, &u)
		}
		u.Evidence = j.evidence(u.Evidence, in)
		u.Name = installedName(r.Kind, u.Name, in)
		upsert(&j.d.Facts.Units, func(o *model.Unit) bool { return o.Name == u.Name && o.Kind == u.Kind && o.From == u.From }, evUnit, u)
	}
}

// reread reads an installed file's text as its kind, nil when it is not known
// or declares nothing.
func reread(r *Declared, i installed) *input.Result {
	if i.content == "" {
		return nil
	}
	for _, k := range input.All {
		if k.Name != r.Kind {
			continue
		}
		if out := k.Parse(r.Path, []byte(i.content)); len(out.Units)+len(out.Sites) > 0 {
			return &out
		}
	}
	return nil
}

// sites joins web server sites. A file that two servers' readers claim is of
// the one that finds more in it.
func (j *joiner) sites(r *Declared, in []installed) {
	list := r.Sites
	for _, i := range in {
		if changed := reread(r, i); changed != nil {
			list = changed.Sites
		}
	}
	for _, s := range list {
		s.Evidence = j.evidence(s.Evidence, in)
		for _, i := range in {
			s.Path = cmp.Or(s.Path, i.path)
		}
		j.site(s)
	}
}

func (j *joiner) site(s model.Site) {
	for i := range j.d.Facts.Sites {
		o := &j.d.Facts.Sites[i]
		if o.From != s.From || o.Path != s.Path {
			continue
		}
		switch {
		case o.Server != s.Server && weightOf(&s) > weightOf(o):
			*o = s
			return
		case o.Server != s.Server:
			return
		case o.At[0] == s.At[0]:
			add(&o.Evidence, s.Evidence)
			return
		}
	}
	j.d.Facts.Sites = append(j.d.Facts.Sites, s)
}

func weightOf(s *model.Site) int { return len(s.Roots) + len(s.Logs) + len(s.Upstream) + len(s.Certs) }

func (j *joiner) accounts(r *Declared) {
	f := &j.d.Facts
	for _, u := range r.Users {
		u.Evidence = j.evidence(u.Evidence, nil)
		upsert(&f.Users, func(o *model.User) bool { return o.Name == u.Name }, evUser, u)
	}
	for _, g := range r.Groups {
		g.Evidence = j.evidence(g.Evidence, nil)
		upsert(&f.Groups, func(o *model.Group) bool { return o.Name == g.Name }, evGroup, g)
	}
	for _, a := range r.Required {
		if a.Kind == "user" && hasUser(f, a.Name) || a.Kind == "group" && (hasGroup(f, a.Name) || hasUser(f, a.Name)) {
			continue
		}
		a.Evidence = j.evidence(a.Evidence, j.installed[r.Path])
		upsert(&f.Required, func(o *model.Account) bool { return o.Name == a.Name && o.Kind == a.Kind }, evAcc, a)
	}
}

func (j *joiner) files(r *Declared) {
	f := &j.d.Facts
	for _, dir := range r.Directories {
		j.directory(dir)
	}
	for _, c := range r.ConfigFiles {
		c.Evidence = j.evidence(c.Evidence, nil)
		if !slices.ContainsFunc(f.ConfigFiles, func(o model.ConfigFile) bool { return o.Path == c.Path }) {
			f.ConfigFiles = append(f.ConfigFiles, c)
		}
	}
	for _, x := range r.Files {
		x.Evidence = j.evidence(x.Evidence, nil)
		upsert(&f.Files, func(o *model.File) bool { return o.Path == x.Path }, evFile, x)
	}
	for _, s := range r.Symlinks {
		s.Evidence = j.evidence(s.Evidence, nil)
		upsert(&f.Symlinks, func(o *model.Symlink) bool { return o.Path == s.Path }, evLink, s)
	}
}

func (j *joiner) directory(dir model.Directory) {
	dir.Evidence = j.evidence(dir.Evidence, nil)
	o := upsert(&j.d.Facts.Directories, func(o *model.Directory) bool { return o.Path == dir.Path }, evDir, dir)
	o.Owner, o.Group, o.Mode = cmp.Or(o.Owner, dir.Owner), cmp.Or(o.Group, dir.Group), cmp.Or(o.Mode, dir.Mode)
}

func (j *joiner) services(r *Declared, in []installed) {
	for _, s := range r.Services {
		s.Evidence = j.evidence(s.Evidence, in)
		s.Name = installedName(r.Kind, s.Name, in)
		o := upsert(&j.d.Facts.Services, func(o *model.Service) bool { return o.Name == s.Name }, evServ, s)
		o.UnitFrom = cmp.Or(o.UnitFrom, s.UnitFrom)
		for _, a := range s.Actions {
			if !slices.Contains(o.Actions, a) {
				o.Actions = append(o.Actions, a)
			}
		}
		o.Own = o.Own || s.Own
	}
}

// installedName is the name of what a file defines: managers that go by the name
// of the file see the one that it is installed under.
func installedName(kind, name string, in []installed) string {
	for _, i := range in {
		if as, manager, ok := definitionOf(i.path); ok && manager == kind && !strings.Contains(as, "${") {
			return as
		}
	}
	return name
}

func (j *joiner) jobs(r *Declared, in []installed) {
	f := &j.d.Facts
	for _, c := range r.Cron {
		if slices.ContainsFunc(in, func(i installed) bool {
			return slices.ContainsFunc(f.Cron, func(o model.Cron) bool { return o.Path == i.path })
		}) {
			continue // read where it is installed
		}
		c.Evidence = j.evidence(c.Evidence, in)
		if !slices.ContainsFunc(f.Cron, func(o model.Cron) bool { return o.Command == c.Command }) {
			f.Cron = append(f.Cron, c)
		}
	}
	for _, x := range r.Remotes {
		x.Evidence = j.evidence(x.Evidence, nil)
		upsert(&f.Remotes, func(o *model.Remote) bool { return o.Host == x.Host && o.Via == x.Via }, evRem, x)
	}
}

func (j *joiner) packages(r *Declared) {
	f := &j.d.Facts
	for _, p := range r.Packages {
		p.Evidence = j.evidence(p.Evidence, nil)
		upsert(&f.Packages, func(o *model.OSPackage) bool { return o.Name == p.Name && o.Via == p.Via }, evPack, p)
	}
	for _, x := range r.Downloads {
		x.Evidence = j.evidence(x.Evidence, nil)
		upsert(&f.Downloads, func(o *model.Download) bool { return o.URL == x.URL }, evDown, x)
	}
	if j.origin != model.FromScript {
		return
	}
	for _, l := range r.Languages {
		l.Evidence = j.evidence(l.Evidence, nil)
		upsert(&f.Languages, func(o *model.LangDep) bool { return o.Tool == l.Tool && o.What == l.What && o.Dir == l.Dir }, evLang, l)
	}
}

// written reads the definitions that the scripts write themselves: units, web
// server sites and the like that stand as text in a script.
func (j *joiner) written() {
	for _, f := range slices.Clone(j.d.Facts.Files) {
		if f.From == "" && f.Content != "" {
			j.text(installed{f.Path, f.Content, f.Evidence})
		}
	}
	for _, c := range slices.Clone(j.d.Facts.ConfigFiles) {
		if c.From == "" && c.Content != "" && (c.How == model.HowHeredoc || c.How == model.HowEcho || c.How == model.HowTemplate || c.How == model.HowPrompt) {
			j.text(installed{c.Path, c.Content, c.Evidence})
		}
	}
}

// writtenKinds are the kinds of definitions that are looked for in text.
var writtenKinds = []*input.Kind{input.Systemd, input.Supervisor, input.Upstart, input.SysV, input.Nginx, input.Apache, input.Caddy, input.PM2, input.Logrotate}

func (j *joiner) text(i installed) {
	name := strings.TrimPrefix(i.path, "/")
	head := []byte(i.content[:min(len(i.content), input.HeadSize)])
	for _, k := range writtenKinds {
		if !k.Claims(name, head) {
			continue
		}
		r := k.Parse(name, []byte(i.content))
		for _, u := range r.Units {
			u.From, u.Places, u.Evidence = "heredoc", nil, i.ev
			upsert(&j.d.Facts.Units, func(o *model.Unit) bool { return o.Name == u.Name && o.Kind == u.Kind }, evUnit, u)
		}
		for _, s := range r.Sites {
			s.From, s.Path, s.Evidence = "", i.path, i.ev
			j.site(s)
		}
		for _, a := range r.Required {
			if !hasUser(&j.d.Facts, a.Name) && !hasGroup(&j.d.Facts, a.Name) {
				a.Evidence = i.ev
				upsert(&j.d.Facts.Required, func(o *model.Account) bool { return o.Name == a.Name && o.Kind == a.Kind }, evAcc, a)
			}
		}
		for _, dir := range r.Directories {
			dir.Evidence = i.ev
			dir.Evidence.Origin = model.FromImplied
			upsert(&j.d.Facts.Directories, func(o *model.Directory) bool { return o.Path == dir.Path }, evDir, dir)
		}
	}
}

// dropKnownAccounts removes from the required accounts those that turned out to
// be created by what was read later.
func dropKnownAccounts(f *model.Facts) {
	f.Required = slices.DeleteFunc(f.Required, func(a model.Account) bool {
		return a.Kind == "user" && hasUser(f, a.Name) || a.Kind == "group" && (hasGroup(f, a.Name) || hasUser(f, a.Name))
	})
}

// beside tells whether two files lie in the same directory, or one of them in
// the root or a directory for such scripts.
func beside(a, b string) bool {
	da, db := path.Dir(a), path.Dir(b)
	return da == db || da == "." || regexpDeployDir.MatchString(da) && (db == "." || regexpDeployDir.MatchString(db))
}
