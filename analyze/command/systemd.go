package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

const systemdPure = "show cat help list-units list-unit-files list-timers list-sockets list-jobs list-dependencies list-machines list-automounts list-paths get-default " +

	"show-environment is-system-running whoami"

func systemctl(c *Call) {
	verb, units := c.verb()
	switch {
	case verb == "" && len(c.Args) == 0, among(systemdPure, verb):
		c.asked("systemctl_" + verb)
	case among("is-active is-enabled is-failed status", verb):
		c.unitState(verb, units)
	case among("daemon-reload daemon-reexec", verb):
		c.setting("systemd")
	case among("reset-failed kill cancel log-level log-target freeze thaw clean", verb):
		c.Outcome = Mechanics
	case verb == "link":
		for _, u := range units {
			c.Symlink(u, join(value.Text("/etc/systemd/system"), base(u)), true, false)
		}
	case among("reboot poweroff halt kexec suspend hibernate rescue emergency soft-reboot", verb):
		c.setting("power")
	case among("set-default isolate set-property set-environment unset-environment import-environment edit revert add-wants add-requires preset preset-all bind mount-image default", verb):
		c.setting("systemd")
	default:
		c.units(verb, units)
	}
}

// units acts on each unit; --now starts what is enabled and stops what is
// disabled or masked.
func (c *Call) units(verb string, units []value.Value) {
	verb = action(verb)
	if verb == "" {
		verb = c.Arg(0)
	}
	for _, u := range units {
		c.eachName(u, func(n string) {
			if strings.Contains(n, "/") && verb == "enable" {
				c.silent(func() { c.Symlink(u, join(value.Text("/etc/systemd/system"), base(u)), true, false) })
			}
			n = path.Base(n)
			c.act(n, "systemd", verb)
			switch {
			case !c.Has("now"):
			case verb == "enable":
				c.act(n, "systemd", "start")
			case verb == "disable" || verb == "mask":
				c.act(n, "systemd", "stop")
			}
		})
	}
}

// unitState: a service that the deployment started is taken to run.
func (c *Call) unitState(verb string, units []value.Value) {
	c.asked("systemctl_" + verb)
	if len(units) == 0 {
		return
	}
	var sts []Status
	for _, u := range units {
		sts = append(sts, c.serviceState(u.String(), verb))
	}
	c.Status = all(sts)
}

func (c *Call) serviceState(name, verb string) Status {
	name = host.ServiceName(name)
	k := host.Key{Space: host.Service, Where: c.Where, Name: name}
	cond := &Cond{Op: Present, Key: k, Text: name + " is running"}
	s, _ := c.H.Get(k).(*host.ServiceEntry)
	switch {
	case verb == "is-failed":
		return Asks(value.Maybe, &Cond{Op: Other, Fresh: value.No, Text: name + " has failed"})
	case verb == "is-enabled":
		cond.Text = name + " is enabled"
		if s != nil && s.Enabled != value.Maybe {
			return Asks(s.Enabled, cond)
		}
	case s != nil && s.Running == value.Yes:
		return Status{Tri: value.Yes, Cond: cond}
	}
	cond.Fresh = c.H.Fresh(k)
	return Asks(value.Maybe, cond)
}

// debSystemd: deb-systemd-helper keeps the state of links, deb-systemd-invoke
// acts.
func debSystemd(c *Call) {
	verb, units := c.verb()
	switch verb {
	case "was-enabled", "is-enabled", "debian-installed", "is-active":
		c.asked(c.Name + "_" + verb)
		if len(units) > 0 {
			c.Status = c.serviceState(units[0].String(), "is-enabled")
		}
	case "update-state", "reenable", "daemon-reload", "daemon-reexec":
		c.setting("systemd")
	case "purge":
		c.units("disable", units)
	default:
		c.units(verb, units)
	}
}

// tmpfiles reads the files named, else all of the directories.
func tmpfiles(c *Call) {
	if c.Has("h", "version", "cat-config", "dry-run", "tldr") || !c.Has("create", "clean", "remove", "purge") {
		c.asked("systemd-tmpfiles")
		return
	}
	if !c.Has("create") {
		c.Outcome = Mechanics
		return
	}
	var files []value.Value
	for _, v := range c.Args {
		if !v.Is("-") && !strings.Contains(v.String(), "/") {
			v = join(value.Text("/usr/lib/tmpfiles.d"), v)
		}
		files = append(files, v)
	}
	if len(files) == 0 {
		files = c.confFiles("/usr/lib/tmpfiles.d", "/etc/tmpfiles.d", "/run/tmpfiles.d")
	}
	done := false
	for _, f := range files {
		if text, ok := c.read(f); ok {
			c.tmpfilesLines(text.String())
			done = true
		}
	}
	if !done {
		c.setting("tmpfiles")
	}
}

// confFiles lists the *.conf files that are known in directories.
func (c *Call) confFiles(dirs ...string) []value.Value {
	var out []value.Value
	for _, dir := range dirs {
		names, _ := c.H.Children(c.Where, dir)
		for _, n := range names {
			if strings.HasSuffix(n, ".conf") {
				out = append(out, value.Text(dir+"/"+n))
			}
		}
	}
	return out
}

// tmpfilesLines makes what lines of tmpfiles.d(5) declare: TYPE PATH MODE USER
// GROUP AGE ARGUMENT.
func (c *Call) tmpfilesLines(text string) {
	for _, l := range lines(text) {
		f := quotedFields(l)
		if len(f) < 2 || strings.HasPrefix(f[0], "#") {
			continue
		}
		p := value.Text(f[1])
		switch f[0][:1] {
		case "d", "D", "v", "q", "Q", "e":
			c.MakeDir(p, dashed(f, 2), true)
			c.Give(p, dashed(f, 3), dashed(f, 4), "")
		case "f", "F", "w":
			c.Write(p, &host.Content{Kind: host.Literal, Text: value.Text(dashed(f, 6))}, false)
			c.Give(p, dashed(f, 3), dashed(f, 4), dashed(f, 2))
		case "L":
			c.Symlink(value.Text(dashed(f, 6)), p, strings.Contains(f[0], "+"), false)
		case "z", "Z":
			if m := dashed(f, 2); m != "" {
				c.Chmod(p, m, f[0][0] == 'Z')
			}
			if dashed(f, 3)+dashed(f, 4) != "" {
				c.Chown(p, dashed(f, 3), dashed(f, 4), f[0][0] == 'Z', false)
			}
		}
	}
}

func systemdRun(c *Call) {
	name := c.Text("u")
	if name == "" && len(c.Args) > 0 {
		name = path.Base(c.Arg(0))
	}
	if c.Has("scope", "wait", "P", "t") && c.Sh != nil && len(c.Args) > 0 {
		c.Status = c.Sh.Call(c, c.Actor, c.Args)
		return
	}
	c.start(host.ServiceName(name))
}
