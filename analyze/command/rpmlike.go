package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

func yum(c *Call) {
	manager := strings.TrimPrefix(c.Name, "micro")
	if manager == "dnf5" || manager == "tdnf" {
		manager = "dnf"
	}
	verb, rest := c.verb()
	switch {
	case c.Has("downloadonly"), among("update upgrade makecache clean check-update distro-sync dsync update-minimal upgrade-minimal autoremove history mark versionlock offline-upgrade needs-restarting download builddep reposync check swap", verb):
		c.Outcome = Mechanics
	case among("install localinstall reinstall", verb):
		c.packages(rest, manager, "install")
	case among("remove erase autoremove rm", verb):
		c.packages(rest, manager, "remove")
	case among("groupinstall grouplist groupremove group groups", verb):
		c.yumGroup(manager, verb, rest)
	case verb == "module" && len(rest) > 1 && rest[0].Is("install"):
		c.packages(modules(rest[1:]), manager, "install")
	case among("config-manager module copr", verb):
		c.setting("repository")
	case among("list info repoquery", verb) && len(rest) > 0 && !c.Has("available"):
		c.asked(manager)
		if n := rest[len(rest)-1].String(); rest[0].Is("installed") && len(rest) > 1 || c.Has("installed") {
			c.Status = c.present(host.Package, n)
		}
	case len(c.Args) == 0, among("list info repolist search provides whatprovides deplist repoquery help version updateinfo repoinfo resolvedep", verb):
		c.asked(manager)
	default:
		c.Opaque("the subcommand " + verb + " is not modelled")
	}
}

// yumGroup: a group of packages is kept with an "@" before its name.
func (c *Call) yumGroup(manager, verb string, rest []value.Value) {
	if verb == "group" || verb == "groups" {
		if len(rest) == 0 {
			c.asked(manager)
			return
		}
		verb, rest = "group"+rest[0].String(), rest[1:]
	}
	for _, v := range rest {
		switch verb {
		case "groupinstall":
			c.Package("@"+v.String(), manager, "install")
		case "groupremove":
			c.Package("@"+v.String(), manager, "remove")
		}
	}
	if verb != "groupinstall" && verb != "groupremove" {
		c.asked(manager)
	}
}

// modules are names of modules without stream and profile.
func modules(words []value.Value) []value.Value {
	var out []value.Value
	for _, w := range words {
		n, _, _ := strings.Cut(w.String(), ":")
		n, _, _ = strings.Cut(n, "/")
		out = append(out, value.Text(n))
	}
	return out
}

func rpm(c *Call) {
	switch {
	case c.Has("q", "V", "K", "E", "test"):
		c.asked("rpm")
		if c.Has("q") && !c.Has("a", "f", "p", "whatprovides") && len(c.Args) > 0 {
			var sts []Status
			for _, v := range c.Args {
				sts = append(sts, c.present(host.Package, v.String()))
			}
			c.Status = all(sts)
		}
	case c.Has("import"):
		for _, v := range c.Args {
			e := c.setting("repository-key")
			if strings.Contains(v.String(), "://") {
				e.URL = v.String()
				c.Record(&host.Effect{Op: host.Fetch, URL: e.URL})
			} else {
				e.From = c.Path(v)
			}
		}
	case c.Has("i", "U", "F"):
		c.packages(filesOf(c.Args), "rpm", "install")
	case c.Has("e"):
		c.packages(c.Args, "rpm", "remove")
	case c.Has("rebuilddb", "initdb"):
		c.Outcome = Mechanics
	default:
		c.asked("rpm")
	}
}

func apk(c *Call) {
	verb, rest := c.verb()
	switch {
	case verb == "add":
		c.packages(rest, "apk", "install")
	case verb == "del":
		c.packages(rest, "apk", "remove")
	case among("update upgrade fix cache fetch audit verify dot", verb):
		c.Outcome = Mechanics
	case verb == "info" && c.Has("e") && len(rest) > 0:
		c.asked("apk")
		c.Status = c.present(host.Package, rest[0].String())
	case c.Has("print-arch"):
		c.Outcome, c.Out = Pure, c.Hole(value.Fact, "arch")
	case len(c.Args) == 0, among("info search policy version list index manifest stats", verb):
		c.asked("apk")
	default:
		c.Opaque("the subcommand " + verb + " is not modelled")
	}
}

func pacman(c *Call) {
	switch {
	case c.Name == "pacman-key":
		c.setting("repository-key")
	case c.Has("Q", "T", "V", "F"), c.Has("S") && c.Has("s", "i", "l", "p") && !c.Has("y"):
		c.asked("pacman")
		if c.Has("Q") && !c.Has("s", "o", "u") && len(c.Args) > 0 {
			c.Status = c.present(host.Package, c.Arg(0))
		}
	case c.Has("R"):
		c.packages(c.Args, "pacman", "remove")
	case c.Has("U"):
		c.packages(filesOf(c.Args), "pacman", "install")
	case c.Has("S") && !c.Has("w", "c"):
		c.packages(c.Args, "pacman", "install")
	default:
		c.Outcome = Mechanics
	}
}

func zypper(c *Call) {
	verb, rest := c.verb()
	switch {
	case among("install in", verb):
		c.packages(rest, "zypper", "install")
	case among("remove rm", verb):
		c.packages(rest, "zypper", "remove")
	case among("refresh ref update up dist-upgrade dup patch clean verify ve source-install si download", verb):
		c.Outcome = Mechanics
	case len(c.Args) == 0, among("search se info if repos lr list-updates lu packages pa what-provides wp patches products services ls locks ll ps targetos", verb):
		c.asked("zypper")
	default:
		c.setting("repository")
	}
}

func emerge(c *Call) {
	switch {
	case c.Has("sync", "p", "depclean") || len(c.Args) == 0:
		c.Outcome = Mechanics
	case c.Has("C", "c"):
		c.packages(c.Args, "emerge", "remove")
	default:
		for _, v := range c.Args {
			if n := packageName("emerge", v.String()); !strings.HasPrefix(n, "@") {
				c.Package(n, "emerge", "install")
			}
		}
	}
}

func brew(c *Call) {
	verb, rest := c.verb()
	switch {
	case c.Has("prefix", "cellar", "repository", "version"), len(c.Args) == 0, among("info search deps config doctor outdated home shellenv uses leaves cat log", verb):
		c.asked("brew")
	case among("list ls", verb):
		c.asked("brew")
		if len(rest) > 0 {
			c.Status = c.present(host.Package, rest[0].String())
		}
	case among("install reinstall", verb):
		c.packages(rest, "brew", "install")
	case among("uninstall remove rm", verb):
		c.packages(rest, "brew", "remove")
	case among("update upgrade cleanup fetch autoremove", verb):
		c.Outcome = Mechanics
	case verb == "services" && len(rest) > 1 && among("start stop restart run", rest[0].String()):
		c.act(rest[1].String(), "other", rest[0].String())
	default:
		c.setting("homebrew")
	}
}

func snap(c *Call) {
	verb, rest := c.verb()
	switch {
	case verb == "install":
		c.packages(rest, "snap", "install")
	case verb == "remove":
		c.packages(rest, "snap", "remove")
	case among("start stop restart", verb):
		for _, v := range rest {
			c.eachName(v, func(n string) { c.act(n, "other", verb) })
		}
	case among("refresh wait download watch", verb):
		c.Outcome = Mechanics
	case len(c.Args) == 0, among("list info find version changes tasks services interfaces connections get logs model whoami warnings", verb):
		c.asked("snap")
		if verb == "list" && len(rest) == 1 {
			c.Status = c.present(host.Package, rest[0].String())
		}
	default:
		c.setting("snap")
	}
}
