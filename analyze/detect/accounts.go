package detect

import (
	"slices"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/value"
)

// accounts finds users and groups that are created, and those that are used.
func (x *context) accounts() {
	f := &x.d.Facts
	for _, e := range x.all {
		switch e.Op {
		case host.AddUser:
			x.user(e)
		case host.AddGroup:
			g := model.Group{Name: e.Name, Evidence: x.evidence(e)}
			if len(e.Args) > 0 {
				g.GID = e.Args[0]
			}
			upsert(&f.Groups, func(o *model.Group) bool { return o.Name == e.Name }, evGroup, g)
		case host.AddMember:
			for i := range f.Users {
				if u := &f.Users[i]; u.Name == e.Name && !slices.Contains(u.Groups, e.Action) {
					u.Groups = append(u.Groups, e.Action)
				}
			}
		}
	}
	x.required()
}

func evUser(u *model.User) *model.Evidence      { return &u.Evidence }
func evGroup(g *model.Group) *model.Evidence    { return &g.Evidence }
func evAcc(a *model.Account) *model.Evidence    { return &a.Evidence }
func evDir(d *model.Directory) *model.Evidence  { return &d.Evidence }
func evFile(c *model.File) *model.Evidence      { return &c.Evidence }
func evLink(c *model.Symlink) *model.Evidence   { return &c.Evidence }
func evServ(c *model.Service) *model.Evidence   { return &c.Evidence }
func evPack(c *model.OSPackage) *model.Evidence { return &c.Evidence }
func evLang(c *model.LangDep) *model.Evidence   { return &c.Evidence }
func evDown(c *model.Download) *model.Evidence  { return &c.Evidence }
func evCron(c *model.Cron) *model.Evidence      { return &c.Evidence }
func evMigr(c *model.Migration) *model.Evidence { return &c.Evidence }
func evBack(c *model.Backup) *model.Evidence    { return &c.Evidence }
func evRem(c *model.Remote) *model.Evidence     { return &c.Evidence }
func evStep(c *model.Step) *model.Evidence      { return &c.Evidence }

func (x *context) user(e *host.Effect) {
	a := e.Account
	if final := x.h.Account(e.Machine, e.Name); final != nil {
		a = final
	}
	u := model.User{Name: e.Name, Home: a.Home, Shell: a.Shell, UID: a.UID, Group: a.Group, Groups: a.Groups, Evidence: x.evidence(e)}
	if a.System != value.Maybe {
		system := a.System == value.Yes
		u.System = &system
	}
	if u.Home == "" && a.System == value.No {
		u.Home = "/home/" + u.Name // HOME of useradd(8) and DHOME of adduser.conf(5)
	}
	upsert(&x.d.Facts.Users, func(o *model.User) bool { return o.Name == e.Name }, evUser, u)
}

// required finds the accounts that files are given to or commands run as,
// which the deployment does not create and not every system has.
func (x *context) required() {
	f := &x.d.Facts
	need := func(name, kind string, e *host.Effect) {
		if name == "" || !plainName(name) || kind == "user" && (host.IsBaseUser(name) || hasUser(f, name)) ||
			kind == "group" && (host.IsBaseGroup(name) || hasUser(f, name) || hasGroup(f, name)) {
			return
		}
		upsert(&f.Required, func(o *model.Account) bool { return o.Name == name && o.Kind == kind }, evAcc,
			model.Account{Name: name, Kind: kind, Evidence: x.evidence(e)})
	}
	for _, e := range x.all {
		need(e.Owner, "user", e)
		need(e.Group, "group", e)
		need(e.User, "user", e)
	}
}

func plainName(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '$' || s[i] == '{' || s[i] == '%' {
			return false
		}
	}
	return s[0] < '0' || s[0] > '9'
}

func hasUser(f *model.Facts, name string) bool {
	return slices.ContainsFunc(f.Users, func(u model.User) bool { return u.Name == name })
}

func hasGroup(f *model.Facts, name string) bool {
	return slices.ContainsFunc(f.Groups, func(g model.Group) bool { return g.Name == name })
}
