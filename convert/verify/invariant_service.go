package verify

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/convert/plan"
)

// installable are the units and init scripts of a package that can be enabled.
func installable(p *Package) []string {
	var out []string
	for _, f := range p.Files {
		if f.Kind != host.Regular {
			continue
		}
		dir, name := path.Dir(f.Path), path.Base(f.Path)
		switch dir {
		case "/usr/lib/systemd/system", "/lib/systemd/system", "/etc/systemd/system":
			if v, ok := f.Content.Known(); ok && strings.Contains(v.String(), "[Install]") && !strings.Contains(name, "@") && path.Ext(name) != ".target" {
				out = append(out, name)
			}
		case "/etc/init.d", "/etc/rc.d/init.d":
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), p.hasNative)
}

// hasNative tells of an init script beside which a unit of its name lies: that is
// what systemd runs.
func (p *Package) hasNative(script string) bool {
	for _, dir := range []string{"/usr/lib/systemd/system/", "/lib/systemd/system/"} {
		if _, ok := p.File(dir + script + ".service"); ok {
			return true
		}
	}
	return false
}

// checkService follows each service through the scenario.
func checkService(t *Trace) []Violation {
	if !t.World.services() {
		return nil
	}
	var list []Violation
	for _, u := range t.units() {
		list = append(list, t.follow(u)...)
	}
	return firsts(list)
}

func (t *Trace) follow(unit string) []Violation {
	key := serviceKey(unit).Name
	var list []Violation
	for i, s := range t.Stages {
		if s.Err != nil {
			continue
		}
		now, before := s.After.Services[key], s.Before.Services[key]
		evidence := t.subject(i, key, host.ServiceOp)
		switch s.Step.Do {
		case Install:
			list = append(list, t.installedService(i, unit, before, now, evidence)...)
		case Remove, Purge:
			if now.Running && !t.Spec.Versions[1].oneshot(unit) {
				list = append(list, t.found(i, evidence, "%s still runs after the removal", unit))
			}
		}
	}
	return list
}

// installedService: the first installation starts it where the plan says so, later ones
// leave what is off as it is and what runs running, with the new code.
func (t *Trace) installedService(i int, unit string, before, now Service, evidence []string) []Violation {
	var list []Violation
	again := t.installedBefore(i) > 0
	planned := t.Spec.Versions[1].Plan != nil
	switch {
	case t.off != "" && t.offBefore(i):
		if now.Running {
			list = append(list, t.found(i, evidence, "%s was stopped and %s by the administrator, and runs", unit, map[Action]string{Stop: "disabled", Mask: "masked"}[t.off]))
		}
		if now.Enabled && !before.Enabled {
			list = append(list, t.found(i, evidence, "%s was disabled by the administrator, and is enabled", unit))
		}
		if before.Masked && !now.Masked {
			list = append(list, t.found(i, evidence, "%s was masked by the administrator, and is not any more", unit))
		}
	case again:
		list = append(list, t.upgradedService(i, unit, before, now, evidence)...)
	case planned && t.starts():
		if !now.Enabled {
			list = append(list, t.found(i, evidence, "%s is not enabled after the installation", unit))
		}
		if !now.Running {
			list = append(list, t.found(i, evidence, "%s does not run after the installation", unit))
		}
	}
	return list
}

// starts tells whether the format's rules start services on installation; on
// Arch and Alpine that is the administrator's to do.
func (t *Trace) starts() bool { return t.World.Format == plan.Deb || t.World.Format == plan.RPM }

func (t *Trace) offBefore(i int) bool {
	return slices.ContainsFunc(t.Stages[:i], func(s Stage) bool { return s.Step.Do == Stop || s.Step.Do == Mask })
}

func (t *Trace) upgradedService(i int, unit string, before, now Service, evidence []string) []Violation {
	var list []Violation
	p := t.Spec.Versions[1]
	if before.Running && !now.Running && !p.oneshot(unit) && !(t.Spec.foreign() && p.triggered(unit)) {
		list = append(list, t.found(i, evidence, "%s ran before the upgrade and does not run after it", unit))
	}
	if before.Enabled && !now.Enabled {
		list = append(list, t.found(i, evidence, "%s was enabled before the upgrade and is not after it", unit))
	}
	if now.Running && now.Version != "" && now.Version != t.Stages[i].Package.Version && t.mustRestart(unit) {
		list = append(list, t.found(i, evidence, "%s still runs the code of version %s", unit, now.Version))
	}
	return list
}

// mustRestart tells whether an upgrade has to restart a unit: one of the plan
// unless it says otherwise.
func (t *Trace) mustRestart(unit string) bool {
	p := t.Spec.Versions[1].Plan
	if p == nil {
		return false
	}
	for _, u := range p.Units {
		if u.Name == unit {
			return u.Restart != "none" && u.Restart != "reload" && u.Timer == ""
		}
	}
	return false
}
