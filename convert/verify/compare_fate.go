package verify

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// fate excuses a difference by what the plan made of the statement at a place.
// The word of the plan is not enough: what it says became of the statement must
// be there, and be about the subject. That nothing came of a statement, or that
// it has no place, excuses nothing.
func (c *comparison) fate(subject, name string, at source.Pos) excuse {
	if at.IsZero() {
		return excuse{}
	}
	for _, f := range c.p.Plan.Fates {
		if f.At.Pos != at {
			continue
		}
		if f.Part == plan.PartUnplaced {
			return excuse{why: fateText(f)}
		}
		if rule := c.bears(f, subject, name); rule != "" {
			return excuse{rule, fateText(f)}
		}
	}
	return excuse{}
}

func fateText(f plan.Fate) string {
	s := string(f.Part)
	if f.Target != "" {
		s += " " + f.Target
	}
	if f.Reason != "" {
		s += ": " + f.Reason
	}
	return s
}

// bears returns the rule by which a fate excuses a difference, "" none.
func (c *comparison) bears(f plan.Fate, subject, name string) string {
	at := f.At.Pos
	file := subject == "file" || subject == "directory" || subject == "link"
	switch f.Part {
	case plan.PartPayload, plan.PartConffile, plan.PartDirectory, plan.PartCron:
		return when(c.placed(f, subject, name), rulePlaced)
	case plan.PartAccount:
		return when(c.accountPart(f, subject, name), rulePlaced)
	case plan.PartUnit:
		return when(c.unitPart(f) && (subject == "service" && host.ServiceName(f.Target) == name || file && isServiceFile(name)), ruleUnit)
	case plan.PartHook:
		return when(c.hasHook(f), ruleHook)
	case plan.PartDependency:
		return when(subject == "dependency" && (len(c.p.Depends) > 0 || strings.Contains(f.Reason, "dropped")), ruleDependency)
	case plan.PartBuild:
		return when(file && c.hasBuild(at), ruleBuild)
	case plan.PartManager:
		return when(c.managers(f, subject, name), ruleManager)
	case plan.PartManual:
		return when(slices.ContainsFunc(c.p.Plan.Manual, func(n plan.Note) bool { return slices.Contains(n.At, at) }), ruleManual)
	}
	return ""
}

func when(ok bool, rule string) string {
	if ok {
		return rule
	}
	return ""
}

// placed tells whether the machine has what a fate names: the path itself, or
// one of the same name in the directory that the fate names.
func (c *comparison) placed(f plan.Fate, subject, name string) bool {
	if !strings.HasPrefix(f.Target, "/") {
		return c.site(f.Target, name)
	}
	there := func(p string) bool { return c.w.exists(p) || c.w.isDir(p) }
	switch {
	case subject == "cron":
		return there(f.Target)
	case !there(f.Target):
		return false
	case path.Base(f.Target) == path.Base(name), path.Base(f.Target) == path.Base(name)+".gz", // manual pages
		there(path.Join(f.Target, path.Base(name))):
		return true
	}
	return subject == "directory" && c.w.isDir(f.Target)
}

// site tells whether the package ships the site of that name.
func (c *comparison) site(site, name string) bool {
	return strings.TrimSuffix(path.Base(name), ".conf") == site && slices.ContainsFunc(c.p.Files, func(f File) bool {
		return strings.HasPrefix(f.Path, "/etc/") && strings.TrimSuffix(path.Base(f.Path), ".conf") == strings.TrimSuffix(site, ".conf")
	})
}

func (c *comparison) accountPart(f plan.Fate, subject, name string) bool {
	i := slices.IndexFunc(c.p.Plan.Accounts, func(a plan.Account) bool { return a.Name == f.Target })
	if i < 0 {
		return false
	}
	switch subject {
	case "account":
		return name == f.Target && c.w.Host.Account(0, name) != nil
	case "directory":
		return true // its home
	}
	return false
}

func (c *comparison) unitPart(f plan.Fate) bool {
	return slices.ContainsFunc(c.p.Plan.Units, func(u plan.Unit) bool {
		return u.Name == f.Target || host.ServiceName(u.Name) == host.ServiceName(f.Target)
	})
}

// isServiceFile tells of files of service managers.
func isServiceFile(p string) bool {
	for _, dir := range []string{"systemd", "init.d", "init", "supervisor", "sv", "service", "runit", "monit"} {
		if slices.Contains(strings.Split(p, "/"), dir) {
			return true
		}
	}
	return host.ServiceName(p) != p
}

// hasHook tells whether a step of the maintainer scripts has a statement as
// its cause, or the name that its fate says.
func (c *comparison) hasHook(f plan.Fate) bool {
	return slices.ContainsFunc(c.p.Plan.Steps, func(s plan.Step) bool {
		return slices.Contains(s.At, f.At.Pos) || f.Target != "" && (s.Name == f.Target || s.Path == f.Target)
	})
}

func (c *comparison) hasBuild(at source.Pos) bool {
	return slices.ContainsFunc(c.p.Plan.Stage, func(b plan.Build) bool { return slices.Contains(b.At, at) })
}

// managers tells whether what a statement leaves is of a kind that a package
// manager makes needless, and is what its fate is about: the path that it names,
// or something in the old code, which every version of the package replaces.
func (c *comparison) managers(f plan.Fate, subject, name string) bool {
	switch subject {
	case "service", "account", "dependency":
		return f.Target == name || host.ServiceName(f.Target) == name
	case "file", "directory", "link":
		log := under(name, "/var/log") && path.Dir(name) == path.Dir(f.Target)
		return log || fits(f.Target, name) || underAny(name, c.oldDirs()) || volatile(name)
	}
	return false
}

var holes = lazyregexp.New(`\$\{[^}]*\}`)

// fits tells whether a path is, or lies below, one that a name with holes may be.
func fits(name, p string) bool {
	pattern := holes.ReplaceAllString(name, "*")
	if !strings.HasPrefix(pattern, "/") || strings.HasPrefix(pattern, "/*") {
		return false
	}
	for ; len(p) > 1; p = path.Dir(p) {
		if ok, err := path.Match(pattern, p); ok && err == nil {
			return true
		}
	}
	return false
}
