package verify

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

func (c *comparison) accounts() {
	c.d.Host.Each(host.User, c.d.Where, func(name string, e host.Entry) {
		u := e.(*host.UserEntry)
		if !u.Made || u.Presence == value.No || strings.Contains(name, "${") {
			return
		}
		d := Difference{Subject: "account", Name: name, Deploy: account(u)}
		got := c.w.Host.Account(0, name)
		if got == nil || got.Presence != value.Yes {
			c.add(d, c.fate("account", name, u.At), u.At)
			return
		}
		d.Package = account(got)
		d.PackageAt = c.t.subject(0, name, host.AddUser)
		ex := accountRule(u, got)
		if !ex.ok() {
			ex = c.fate("account", name, u.At)
		}
		c.add(d, ex, u.At)
	})
}

func account(u *host.UserEntry) string {
	groups := slices.Clone(u.Groups)
	slices.Sort(groups)
	s := "home " + or(u.Home, "default") + ", shell " + or(u.Shell, "default")
	if len(groups) > 0 {
		s += ", in " + strings.Join(slices.Compact(groups), ", ")
	}
	return s
}

func accountRule(deploy, pkg *host.UserEntry) excuse {
	for _, g := range deploy.Groups {
		if !slices.Contains(pkg.Groups, g) && g != or(pkg.Group, pkg.Name) && !strings.Contains(g, "${") {
			return excuse{}
		}
	}
	home := deploy.Home == "" || deploy.Home == pkg.Home
	shell := deploy.Shell == "" || deploy.Shell == pkg.Shell
	switch {
	case home && shell:
		return same
	case !shell && !nologin(pkg.Shell), !home && !strings.HasPrefix(deploy.Home, "/home/"):
		return excuse{}
	case !home:
		return excuse{ruleHome, "a service's account has its home outside /home (FHS 3.0, 3.8)"}
	}
	return excuse{ruleNoLogin, "a service's account cannot log in"}
}

// nologin tells of shells that let nobody in; "" is what sysusers.d gives.
func nologin(shell string) bool {
	return shell == "" || slices.Contains([]string{"nologin", "false", "true"}, path.Base(shell))
}

func (c *comparison) services() {
	c.d.Host.Each(host.Service, c.d.Where, func(name string, e host.Entry) {
		s := e.(*host.ServiceEntry)
		if !s.Touched || strings.Contains(name, "${") {
			return
		}
		d := Difference{Subject: "service", Name: name, Deploy: stateOf(s)}
		got, ok := c.w.service(name)
		if ok {
			d.Package = stateOf(got)
			d.PackageAt = c.t.subject(0, name, host.ServiceOp)
		}
		c.add(d, c.serviceRule(name, s, got, ok), s.At)
	})
}

func (c *comparison) serviceRule(name string, s, got *host.ServiceEntry, ok bool) excuse {
	on := s.Enabled == value.Yes || s.Running == value.Yes
	switch {
	case ok && (s.Enabled != value.Yes || got.Enabled == value.Yes) && (s.Running != value.Yes || got.Running == value.Yes):
		return same
	case !ok && !on:
		return same
	case c.hasTimer(name):
		return excuse{ruleTimer, "its timer starts it"}
	case (c.p.Format == plan.Arch || c.p.Format == plan.APK) && (ok || c.hasUnit(name)):
		return excuse{ruleStarts, "on this system starting a service is the administrator's to do"}
	}
	return c.fate("service", name, s.At)
}

func (c *comparison) hasUnit(name string) bool {
	return slices.ContainsFunc(c.p.Plan.Units, func(u plan.Unit) bool { return host.ServiceName(u.Name) == name })
}

func (c *comparison) hasTimer(name string) bool {
	return slices.ContainsFunc(c.p.Plan.Units, func(u plan.Unit) bool { return u.Timer != "" && host.ServiceName(u.Name) == name })
}

func stateOf(s *host.ServiceEntry) string {
	return Service{Enabled: s.Enabled == value.Yes, Running: s.Running == value.Yes, Masked: s.Masked == value.Yes}.words()
}

func (c *comparison) dependencies() {
	seen := map[string]bool{}
	for _, e := range c.d.Log {
		if e.Op != host.PackageOp || e.Action != "install" || seen[e.Name] || strings.Contains(e.Name, "${") {
			continue
		}
		seen[e.Name] = true
		if slices.ContainsFunc(slices.Concat(c.p.Depends, c.p.Plan.Recommends[c.p.Format]), func(d string) bool { return mentions(d, e.Name) }) {
			continue
		}
		c.add(Difference{Subject: "dependency", Name: e.Name, Deploy: "installed with " + e.Manager}, c.fate("dependency", e.Name, e.At.Pos), e.At.Pos)
	}
}

func mentions(dep, name string) bool {
	for alt := range strings.SplitSeq(dep, "|") {
		if dependencyName(strings.TrimSpace(alt)) == name {
			return true
		}
	}
	return false
}

func (c *comparison) cron() {
	for _, e := range c.d.Log {
		if e.Op != host.Cron || e.Run > 1 {
			continue
		}
		if slices.ContainsFunc(c.p.Files, func(f File) bool {
			return strings.HasPrefix(f.Path, "/etc/cron") && slices.ContainsFunc(f.At, func(p source.Pos) bool { return p.File == e.At.File && p.Line == e.At.Line })
		}) {
			continue
		}
		c.add(Difference{Subject: "cron", Name: or(e.What, e.Path), Deploy: e.Schedule + " as " + or(e.User, "root")}, c.fate("cron", or(e.Path, e.What), e.At.Pos), e.At.Pos)
	}
}
