package place

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// serviceDirs are where service managers have their definitions.
var serviceDirs = []string{
	"/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system", "/etc/init.d", "/etc/rc.d/init.d",
	"/etc/init", "/etc/supervisor", "/etc/supervisord.d", "/etc/supervisord.conf.d", "/etc/monit", "/etc/runit", "/etc/sv", "/etc/service",
}

// isUnitFile tells whether a path defines a service.
func isUnitFile(p string) bool {
	return slices.ContainsFunc(serviceDirs, func(d string) bool { return within(p, d) && p != d }) ||
		unitRE.MatchString(path.Base(p)) && strings.Contains(p, "systemd")
}

var unitRE = lazyregexp.New(`^[A-Za-z0-9:_.@\\-]+\.(service|timer|socket|path|target|mount|slice)$`)

// A unitText is a systemd unit that the deployment has already.
type unitText struct {
	name string // with suffix
	path string // where the script installs it, "" not known
	text string
	at   []source.Pos

	blanks []string // words of the text that only the server can fill in
}

// units places everything that the script starts.
func (x *placer) units() error {
	texts := x.unitTexts()
	for _, t := range texts {
		x.existing(t)
	}
	for _, u := range x.f.Units {
		if u.Kind == "systemd" || u.Kind == "timer" || !x.wanted(u) || slices.ContainsFunc(texts, func(t unitText) bool { return t.name == u.Name+".service" }) {
			continue
		}
		x.madeUnit(u)
	}
	x.timers()
	x.services()
	x.definitions()
	return nil
}

// unitTexts are the systemd units that the script installs, else those that
// the repository has.
func (x *placer) unitTexts() []unitText {
	var out []unitText
	add := func(t unitText) {
		if unitRE.MatchString(t.name) && t.text != "" && !slices.ContainsFunc(out, func(o unitText) bool { return o.name == t.name }) {
			out = append(out, t)
		}
	}
	for _, f := range x.f.Files {
		if unitRE.MatchString(path.Base(f.Path)) && isUnitFile(f.Path) {
			add(unitText{name: path.Base(f.Path), path: f.Path, text: x.fileText(f.Path, f.From, f.Content), at: f.At})
		}
	}
	for _, f := range x.f.ConfigFiles {
		if unitRE.MatchString(path.Base(f.Path)) && isUnitFile(f.Path) {
			add(unitText{name: path.Base(f.Path), path: f.Path, text: x.fileText(f.Path, f.From, f.Content), at: f.At})
		}
	}
	for _, u := range x.f.Units {
		if u.Text == "" || !x.wanted(u) {
			continue
		}
		add(unitText{name: unitFileName(u), text: u.Text, at: u.At})
	}
	return out
}

// unitFileName is the name of a unit with its suffix.
func unitFileName(u model.Unit) string {
	base := path.Base(u.From)
	if t, ok := input.IsSample(base); ok {
		base = t
	}
	if unitRE.MatchString(base) {
		return base
	}
	if u.Kind == "timer" {
		return u.Name + ".timer"
	}
	return u.Name + ".service"
}

// wanted tells whether a unit of the repository is part of the deployment: the
// scripts start or install it, or they start nothing of their own.
func (x *placer) wanted(u model.Unit) bool {
	if strings.HasSuffix(path.Dir(u.From), ".d") && u.Kind == "systemd" {
		return false // a drop-in
	}
	named, any := false, false
	for _, s := range x.f.Services {
		if len(s.Actions) == 0 && s.Origin == model.FromCompanion {
			continue
		}
		any = any || x.isOwn(s.Name)
		named = named || s.Name == u.Name || host.ServiceName(s.Name) == u.Name || strings.TrimSuffix(s.Name, "@") == u.Name
	}
	if named || !any {
		return !aside(u.From)
	}
	return u.Origin == model.FromScript || u.Kind == "timer" && x.installs(u.From)
}

// isOwn tells whether the repository has a unit of that name.
func (x *placer) isOwn(name string) bool {
	return slices.ContainsFunc(x.f.Units, func(u model.Unit) bool { return u.Name == host.ServiceName(name) })
}

func (x *placer) installs(repo string) bool {
	return slices.ContainsFunc(x.f.Files, func(f model.File) bool { return f.From == repo })
}

var asideRE = lazyregexp.New(`(^|/)(docs?|examples?|samples?|contrib|tests?|unittests?|puppet|testdata|spec|vendor|node_modules)/`)

// aside tells of files that a repository has for others to look at.
func aside(p string) bool { return asideRE.MatchString(p) }

// fileText is the text of an installed file.
func (x *placer) fileText(p, from, content string) string {
	if repo := x.fileSource(model.File{Path: p, From: from}); repo != "" {
		if b, err := x.repo.Read(repo); err == nil {
			return string(b)
		}
	}
	if strings.Contains(content, "${") && strings.Contains(content, "${PWD}") {
		return ""
	}
	return content
}

// decide fills whether a unit is enabled and what an upgrade does to it.
func (x *placer) decide(u *plan.Unit) {
	base := host.ServiceName(u.Name)
	enable, restart, at := x.actions(base)
	timer := base + ".timer"
	if strings.HasSuffix(u.Name, ".service") && slices.ContainsFunc(x.f.Units, func(o model.Unit) bool { return unitFileName(o) == timer && o.Kind == "timer" }) {
		u.Timer, enable, restart = timer, false, choices.None
	}
	if strings.HasSuffix(u.Name, ".timer") {
		enable = true
	}
	if at == nil {
		at = u.At
	}
	note := choices.Note{Why: "as the script does", At: at}
	if len(u.Blanks) > 0 {
		note.Question = fmt.Sprintf("packaging/units/%s has %s to be filled in: replace it there, or set false to ship the unit as it is and not start it", u.Name, strings.Join(u.Blanks, ", "))
	}
	dec := x.c.GuessService(u.Name, choices.Service{Enable: &enable, Restart: restart}, note)
	u.Enable, u.Restart = *dec.Enable && !strings.Contains(u.Name, "@."), dec.Restart
}

// actions says what the scripts do to a service.
func (x *placer) actions(name string) (enable bool, restart string, at []source.Pos) {
	enable, restart = true, choices.Restart
	for _, s := range x.f.Services {
		if host.ServiceName(s.Name) != name && s.Name != name {
			continue
		}
		at = s.At
		has := func(a string) bool { return slices.Contains(s.Actions, a) }
		if has("reload") && !has("restart") && !has("start") {
			restart = choices.Reload
		}
		if has("disable") && !has("enable") && !has("start") && !has("restart") {
			enable = false
		}
	}
	return enable, restart, at
}

// timers ties each timer to what it starts.
func (x *placer) timers() {
	for _, t := range x.p.Units {
		if !strings.HasSuffix(t.Name, ".timer") {
			continue
		}
		for i := range x.p.Units {
			if u := &x.p.Units[i]; u.Name == strings.TrimSuffix(t.Name, ".timer")+".service" {
				u.Timer, u.Enable, u.Restart = t.Name, false, choices.None
			}
		}
	}
}

// services places what the script does to services: its own are units, others
// belong to their packages.
func (x *placer) services() {
	for _, s := range x.f.Services {
		name := host.ServiceName(s.Name)
		switch {
		case slices.ContainsFunc(x.p.Units, func(u plan.Unit) bool { return host.ServiceName(u.Name) == name || strings.HasPrefix(u.Name, name+"@") }):
			x.mark(s.At, plan.PartUnit, name, "enabled, started and restarted by the distribution's rules")
		case len(s.Actions) == 0 && s.Origin == model.FromCompanion:
			x.mark(s.At, plan.PartNothing, name, "no script uses it")
		case s.Own && s.UnitPath != "" || !plainName(name) || !siteRE.MatchString(name):
			x.mark(s.At, plan.PartManual, name, "no unit could be made of it")
			x.manual(s.At, "", "The script runs the service %s, for which the repository has no definition that could be read.", name)
		default:
			x.foreignService(s, name)
		}
	}
}

var siteRE = lazyregexp.New(`^[A-Za-z0-9_][A-Za-z0-9_.@-]*$`)

// foreignService reloads a service of another package.
func (x *placer) foreignService(s model.Service, name string) {
	has := func(a string) bool { return slices.Contains(s.Actions, a) }
	switch {
	case has("reload"), has("restart"), has("start") && !has("stop"), has("try-restart"):
		for _, f := range plan.Formats {
			x.addStep(plan.Step{Kind: plan.Reload, Moment: plan.Configure, Name: serviceOn(name, f), Formats: []plan.Format{f}, At: s.At, Why: "reads what the package brings"})
		}
		x.mark(s.At, plan.PartHook, name, "reloaded when it runs; starting it is the business of its own package")
	case has("enable"):
		x.mark(s.At, plan.PartManager, name, "enabled by its own package")
	default:
		x.mark(s.At, plan.PartManual, name, "a service of another package is left alone")
		x.manual(s.At, "", "The script runs %s on %s, a service of another package. Do it once by hand if it is still wanted.", cmp.Or(strings.Join(s.Actions, ", "), "something"), name)
	}
}

func (x *placer) addStep(s plan.Step) {
	for _, o := range x.p.Steps {
		if o.Kind == s.Kind && o.Name == s.Name && o.Shell == s.Shell && slices.Equal(o.Formats, s.Formats) {
			return
		}
	}
	x.p.Steps = append(x.p.Steps, s)
}

// definitions moves the definitions of other service managers out of the way:
// the unit takes their place.
func (x *placer) definitions() {
	seen := func(p string, at []source.Pos) {
		if !plainPath(p) || !isUnitFile(p) || unitRE.MatchString(path.Base(p)) || host.IsSystemDir(p) || x.isDirectory(p) {
			return
		}
		x.mark(at, plan.PartUnit, path.Base(p), "a unit takes its place")
		x.p.TakeOver.Aside = append(x.p.TakeOver.Aside, plan.Aside{Path: p, Why: "a unit of the package takes its place", At: at})
	}
	for _, f := range x.f.Files {
		seen(f.Path, f.At)
	}
	for _, f := range x.f.ConfigFiles {
		seen(f.Path, f.At)
	}
	for _, s := range x.f.Symlinks {
		if isUnitFile(s.Path) || strings.Contains(s.Path, ".wants/") {
			x.mark(s.At, plan.PartUnit, path.Base(s.Path), "enabling is the distribution's tool's")
		}
		seen(s.Path, s.At)
	}
}
