package place

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// foreignUsers are accounts that other packages make, by format: the web
// server's is called differently everywhere.
var foreignUsers = map[string]map[plan.Format]string{
	"web": {plan.Deb: "www-data", plan.RPM: "apache", plan.APK: "apache", plan.Arch: "http"},
}

// webUsers are the names of the web server's account in all distributions.
var webUsers = []string{"www-data", "apache", "http", "httpd", "wwwrun", "www"}

// otherUsers are accounts of other packages that have one name everywhere.
var otherUsers = strings.Fields(`nginx mysql postgres redis mongodb rabbitmq memcache memcached elasticsearch prometheus grafana jenkins gitlab-runner
	caddy tomcat tomcat7 tomcat8 tomcat9 docker vagrant ubuntu ec2-user centos admin pi debian sshd systemd-network nobody nogroup messagebus`)

// isForeign tells whether an account is made by the system or another package.
func isForeign(name string) bool {
	return host.IsBaseUser(name) || slices.Contains(webUsers, name) || slices.Contains(otherUsers, name)
}

// userOn is what an account is called on a format.
func userOn(name string, f plan.Format) string {
	if slices.Contains(webUsers, name) {
		return foreignUsers["web"][f]
	}
	return name
}

// accounts places users, groups and memberships.
func (x *placer) accounts() error {
	for _, u := range x.f.Users {
		x.user(u)
	}
	for _, g := range x.f.Groups {
		if isForeign(g.Name) || !accountRE.MatchString(g.Name) {
			x.mark(g.At, plan.PartManager, g.Name, "the group belongs to the system")
			continue
		}
		x.addAccount(plan.Account{Name: g.Name, UID: number(g.GID), System: true, At: g.At})
		x.mark(g.At, plan.PartAccount, g.Name, "group, made by sysusers.d")
	}
	for _, a := range x.f.Required {
		if x.owns(a.Name) && !isForeign(a.Name) && accountRE.MatchString(a.Name) {
			x.addAccount(plan.Account{Name: a.Name, IsUser: a.Kind == "user", System: true, Home: x.home(""), At: a.At})
		}
	}
	x.serviceAccount()
	return nil
}

func number(s string) string {
	if strings.Trim(s, "0123456789") == "" {
		return s
	}
	return ""
}

func (x *placer) user(u model.User) {
	switch {
	case isForeign(u.Name):
		x.mark(u.At, plan.PartManager, u.Name, "the account belongs to the system or another package")
		return
	case !accountRE.MatchString(u.Name):
		x.mark(u.At, plan.PartManual, u.Name, "the name of the account is not known")
		x.manual(u.At, "", "The script makes an account whose name is not known: %s.", u.Name)
		return
	}
	a := plan.Account{
		Name: u.Name, Group: u.Group, UID: number(u.UID), Home: x.home(u.Home), Shell: loginShell(u.Shell),
		IsUser: true, System: true, At: u.At,
	}
	if !accountRE.MatchString(a.Group) {
		a.Group = ""
	}
	for _, g := range u.Groups {
		if accountRE.MatchString(g) {
			a.Groups = append(a.Groups, g)
		}
	}
	x.addAccount(a)
	x.mark(u.At, plan.PartAccount, u.Name, "made by sysusers.d when it is missing, never deleted")
}

// loginShell is a login shell as the script gave it; "" is none.
func loginShell(s string) string {
	if !plainPath(s) || strings.HasSuffix(s, "/nologin") || strings.HasSuffix(s, "/false") {
		return ""
	}
	return s
}

// home is the home of an account: as the script said, unless that is the code.
func (x *placer) home(dir string) string {
	if !plainPath(dir) || dir == "/nonexistent" || x.inOld(dir) || within(dir, "/tmp") {
		return "/var/lib/" + x.p.Name
	}
	return dir
}

// addAccount keeps one account a name.
func (x *placer) addAccount(a plan.Account) {
	for i := range x.p.Accounts {
		if o := &x.p.Accounts[i]; o.Name == a.Name {
			o.At = append(o.At, a.At...)
			if a.IsUser && !o.IsUser {
				*o = a
			}
			return
		}
	}
	x.p.Accounts = append(x.p.Accounts, a)
}

// owns tells whether an account runs a service or owns something.
func (x *placer) owns(name string) bool {
	return slices.ContainsFunc(x.f.Units, func(u model.Unit) bool { return u.User == name || u.Group == name }) ||
		slices.ContainsFunc(x.f.Directories, func(d model.Directory) bool { return d.Owner == name || d.Group == name }) ||
		slices.ContainsFunc(x.f.Files, func(f model.File) bool { return f.Owner == name || f.Group == name })
}

// serviceAccount decides which account runs what has none of its own.
func (x *placer) serviceAccount() {
	name, note := x.guessAccount()
	x.account = x.c.Guess("account", name, note)
	if x.account == "root" {
		x.account = ""
	}
	if x.account == "" || isForeign(x.account) || !accountRE.MatchString(x.account) {
		return
	}
	x.addAccount(plan.Account{Name: x.account, IsUser: true, System: true, Home: x.home(""), At: note.At})
}

func (x *placer) guessAccount() (string, choices.Note) {
	for _, u := range x.f.Units {
		if u.User != "" && u.User != "root" && accountRE.MatchString(u.User) {
			return u.User, choices.Note{Why: "runs " + u.Name, At: u.At}
		}
	}
	var made []string
	for _, a := range x.p.Accounts {
		if a.IsUser && (a.Name == x.p.Name || len(x.f.Users) == 1) {
			made = append(made, a.Name)
		}
	}
	if len(made) > 0 {
		return made[0], choices.Note{Why: "made by the script"}
	}
	for _, d := range x.f.Directories {
		if d.Path == x.old && d.Owner != "" && d.Owner != "root" && accountRE.MatchString(d.Owner) {
			return d.Owner, choices.Note{Why: "owns the code", At: d.At}
		}
	}
	if len(x.f.Units) == 0 && !x.writes() {
		return "root", choices.Note{Why: "there is no service"}
	}
	name := strings.ReplaceAll(strings.ReplaceAll(x.p.Name, ".", "-"), "+", "-")
	if !accountRE.MatchString(name) {
		name = cmp.Or("app-"+name, "app")[:min(31, len(name)+4)]
	}
	return name, choices.Note{Why: "the repository names no account for the service", Question: "which account runs the services"}
}

// writes tells whether the code directory has state in it.
func (x *placer) writes() bool {
	return slices.ContainsFunc(x.f.Directories, func(d model.Directory) bool {
		return x.inOld(d.Path) && d.Path != x.old && d.Role != model.RoleCode && d.Role != model.RoleConfig
	})
}

// memberships places accounts of other packages that join a group of ours, as
// the web server that reads uploads.
func (x *placer) memberships() {
	for _, e := range x.d.Effects {
		if e.Op != host.AddMember || e.Failure || e.Run != 1 {
			continue
		}
		group := cmp.Or(e.Action, e.Group)
		at := []source.Pos{e.At.Pos}
		switch {
		case !accountRE.MatchString(e.Name) || !accountRE.MatchString(group):
			x.mark(at, plan.PartManual, e.Name, "a name is not known")
		case !isForeign(e.Name):
			x.mark(at, plan.PartAccount, e.Name, "member of "+group)
		default:
			x.join(e.Name, group, at)
		}
	}
}

// join lets an account of another package join a group of ours.
func (x *placer) join(user, group string, at []source.Pos) {
	x.mark(at, plan.PartHook, user, "joins "+group+" when it is there")
	for _, f := range plan.Formats {
		name := userOn(user, f)
		cmd := "usermod -a -G " + group + " " + name
		if f == plan.APK {
			cmd = "addgroup " + name + " " + group
		}
		x.p.Steps = append(x.p.Steps, plan.Step{
			Kind: plan.Command, Moment: plan.First, Name: name + " joins " + group, Formats: []plan.Format{f},
			Shell: "if id -u " + name + " >/dev/null 2>&1; then " + cmd + "; fi", At: at, Why: "reads what " + group + " owns",
		})
	}
}
