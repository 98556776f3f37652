package verify

import (
	"errors"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// A Stage is a step that was played, and the machine after it.
type Stage struct {
	Step    Step
	Err     error  // of the package manager
	Calls   []Call // the scripts that ran
	Package *Package
	Status  bool // a version is installed after the step
	Before  *Snapshot
	After   *Snapshot
	from    int // effects in World.Host.Log
	to      int
}

// A Trace is a scenario that was played.
type Trace struct {
	Scenario Scenario
	World    *World
	Spec     *Spec
	Stages   []Stage

	edits map[string]string // configuration file to the sum of its edited text
	seeds map[string]Entry  // files that the service wrote
	taken map[string]string // after PlantLegacy: configuration file to the sum that it must have
	off   Action            // Stop or Mask, once done
}

// editLine is what an administrator adds, sown what the service writes.
const (
	editLine = "# changed by the administrator of this machine\n"
	sown     = "data that the service wrote\n"
	seedName = "written-by-the-service"
)

// A Spec is what is verified: the versions of one package and what is known
// of it beside.
type Spec struct {
	Versions [5]*Package
	Repo     host.Repo // what contents refer to, nil none
	Units    []string  // services that run and start at boot after an installation
	State    []string  // directories with the service's data
	Legacy   *Legacy   // what the deployment left, nil not known

	start func(*host.Host) // lays what a machine has before the first step, nil nothing
}

// play plays the steps on a new machine, up to n of them.
func (s *Spec) play(sc Scenario, systemd bool) *Trace {
	w := NewWorld(s.Versions[1].Format, systemd, s.Repo)
	if s.start != nil {
		s.start(w.Host)
	}
	t := &Trace{Scenario: sc, World: w, Spec: s, edits: map[string]string{}, seeds: map[string]Entry{}, taken: map[string]string{}}
	for _, step := range sc.Steps {
		t.step(step)
		if err := t.Stages[len(t.Stages)-1].Err; err != nil && !errors.Is(err, errScriptlet) {
			break // what follows would only repeat it
		}
	}
	return t
}

func (t *Trace) step(step Step) {
	w := t.World
	st := Stage{Step: step, from: w.Host.Mark()}
	if n := len(t.Stages); n > 0 {
		st.Before = t.Stages[n-1].After
	} else {
		st.Before = w.Snapshot()
	}
	w.calls, w.changes = nil, 0
	st.Err = t.do(step)
	st.Calls, st.to = w.calls, w.Host.Mark()
	st.Package, st.Status = w.db.pkg, w.db.status == installed
	st.After = w.Snapshot()
	t.Stages = append(t.Stages, st)
}

func (t *Trace) do(step Step) error {
	w, m := t.World, managers[t.World.Format]
	switch step.Do {
	case Install:
		return m.install(w, t.Spec.Versions[step.Version])
	case Remove:
		return m.remove(w)
	case Purge:
		return m.purge(w)
	case Edit:
		t.edit()
	case Seed:
		t.seed()
	case Use:
		t.use()
	case Stop, Mask:
		t.stop(step.Do)
	case Account_:
		t.makeAccounts()
	case PlantLegacy:
		t.Spec.Legacy.plant(t)
	}
	return nil
}

func (t *Trace) edit() {
	w := t.World
	for _, c := range w.db.pkg.editable() {
		at, n := w.Host.Follow(0, c)
		if n.Presence != value.Yes {
			continue
		}
		e := *n
		e.Content = appended(n.Content, editLine)
		w.Host.Lay(at, &e)
		t.edits[c] = command.ContentID(w.Host, e.Content)
	}
}

func (t *Trace) seed() {
	for _, dir := range t.state() {
		at, n := t.World.Host.Follow(0, dir)
		if n.Presence != value.Yes || n.Kind != host.Dir {
			continue
		}
		p := at + "/" + seedName
		t.World.Host.Lay(p, &host.Node{Kind: host.Regular, Presence: value.Yes, Made: true, Owner: n.Owner, Group: n.Group, Mode: "0640", Content: literal(sown)})
		t.seeds[p] = t.World.Snapshot().Files[p]
	}
}

// state lists the directories with data: those that are known or, for a package
// made elsewhere, those that it made outside its payload.
func (t *Trace) state() []string {
	if t.Spec.Versions[1].Plan != nil {
		return t.Spec.State
	}
	var out []string
	for p, e := range t.Stages[len(t.Stages)-1].After.Files {
		if e.Kind == host.Dir && t.isState(p, e) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	after := t.Stages[len(t.Stages)-1].After.Files
	return slices.DeleteFunc(slices.Clone(out), func(p string) bool { // below a directory of the service, not the service's
		return after[p].Owner == "root" && slices.ContainsFunc(out, func(q string) bool { return q != p && under(p, q) && after[q].Owner != "root" })
	})
}

func (t *Trace) isState(p string, e Entry) bool {
	if host.IsSystemDir(p) || strings.HasPrefix(p, "/etc/") || strings.HasPrefix(p, "/var/cache/") || strings.HasPrefix(p, "/var/backups/") {
		return false
	}
	f, shipped := t.Spec.Versions[1].File(p)
	if shipped {
		return f.Kind == host.Dir && (strings.HasPrefix(p, "/var/lib/") || strings.HasPrefix(p, "/var/spool/") || strings.HasPrefix(p, "/home/") || e.Owner != "root")
	}
	if slices.ContainsFunc(t.Spec.Versions[1].Files, func(f File) bool { return under(f.Path, p) }) {
		return false // a parent of payload
	}
	return strings.HasPrefix(p, "/var/") || strings.HasPrefix(p, "/srv/") || strings.HasPrefix(p, "/home/") || strings.HasPrefix(p, "/opt/") || strings.HasPrefix(p, "/data/")
}

// use enables and starts the services that can be: so the scenarios of a package
// that leaves that to its administrator are about something.
func (t *Trace) use() {
	a := host.Actor{H: t.World.Host}
	if !t.World.services() {
		return
	}
	for _, u := range t.units() {
		if s, ok := t.World.service(u); ok && s.Enabled == value.Yes && s.Running == value.Yes {
			continue
		}
		t.World.setService(&a, u, value.Yes)
	}
}

func (t *Trace) stop(how Action) {
	a := host.Actor{H: t.World.Host}
	t.off = how
	for _, u := range t.units() {
		t.World.setService(&a, u, value.No)
		if s, ok := t.World.service(u); ok && how == Mask {
			c := *s
			c.Masked, c.Enabled = value.Yes, s.Enabled
			t.World.Host.Set(serviceKey(u), &c)
		}
	}
}

// services tells whether services can be started at all.
func (w *World) services() bool { return w.Systemd || w.Format == plan.APK }

func (w *World) service(unit string) (*host.ServiceEntry, bool) {
	s, ok := w.Host.Get(serviceKey(unit)).(*host.ServiceEntry)
	return s, ok
}

func serviceKey(unit string) host.Key {
	return host.Key{Space: host.Service, Name: strings.TrimSuffix(unit, ".service")}
}

func (w *World) setService(a *host.Actor, unit string, on value.Tri) {
	n := host.ServiceEntry{Name: serviceKey(unit).Name, Manager: "systemd"}
	if s, ok := w.service(unit); ok {
		n = *s
	}
	n.Enabled, n.Running, n.Touched = on, on, true
	if on == value.Yes {
		w.Host.SetSetting("started:"+n.Name, w.Host.CodeVersion(), true)
	}
	w.Host.Set(serviceKey(unit), &n)
}

// units are the services of the package that can be started: those named, else
// the unit files and init scripts of its payload.
func (t *Trace) units() []string {
	if t.Spec.Versions[1].Plan != nil {
		return t.Spec.Units
	}
	return installable(t.Spec.Versions[1])
}

// makeAccounts makes the accounts that the package would make, as a site may
// have done: with numbers of its own.
func (t *Trace) makeAccounts() {
	p := t.Spec.Versions[1].Plan
	a := host.Actor{H: t.World.Host}
	for i, acc := range p.Accounts {
		if !acc.IsUser {
			a.AddGroup(acc.Name, siteID(i), true)
			continue
		}
		group := or(acc.Group, acc.Name)
		if t.World.Host.Has(host.Group, 0, group) != value.Yes {
			a.AddGroup(group, siteID(i), true)
		}
		a.AddUser(host.UserEntry{Name: acc.Name, UID: siteID(i), Group: group, Home: "/home/site", Shell: "/bin/sh"})
	}
}

func siteID(i int) string { return string([]byte{'2', '0' + byte(i/10%10), '0' + byte(i%10), '7'}) }

// possible tells why a scenario cannot be played, "" when it can.
func (s *Spec) possible(sc Scenario, systemd bool) string {
	p := s.Versions[1]
	units := s.Units
	if p.Plan == nil {
		units = installable(p)
	}
	for _, step := range sc.Steps {
		switch {
		case step.Do == PlantLegacy && s.Legacy == nil:
			return "no deployment by hand is known"
		case step.Do == Account_ && (p.Plan == nil || len(p.Plan.Accounts) == 0):
			return "the package makes no account"
		case (step.Do == Stop || step.Do == Mask) && (len(units) == 0 || !systemd && p.Format != plan.APK):
			return "there is no service to stop"
		case step.Do == Mask && p.Format == plan.APK:
			return "OpenRC masks nothing"
		case step.Version == 3 && len(p.Configs()) == 0, step.Version == 4 && len(p.Configs()) == 0:
			return "there is no configuration file"
		}
	}
	return ""
}
