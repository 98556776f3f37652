package verify

import (
	"maps"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/convert/plan"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// purgedBy tells whether stage i or one before has purged the package.
func (t *Trace) purgedBy(i int) bool {
	return slices.ContainsFunc(t.Stages[:i+1], func(s Stage) bool {
		return s.Step.Do == Purge && HasPurge(t.World.Format)
	})
}

func (t *Trace) removedBy(i int) bool {
	return slices.ContainsFunc(t.Stages[:i+1], func(s Stage) bool { return s.Step.Do == Purge || s.Step.Do == Remove })
}

// editedAt is the stage in which the administrator edited, -1 never.
func (t *Trace) stage(do Action) int {
	return slices.IndexFunc(t.Stages, func(s Stage) bool { return s.Step.Do == do })
}

func checkEdits(t *Trace) []Violation {
	var list []Violation
	from := t.stage(Edit)
	if from < 0 {
		return nil
	}
	for i := from + 1; i < len(t.Stages) && !t.purgedBy(i); i++ {
		for _, p := range sorted(t.edits) {
			if t.Stages[i].After.Files[p].Sum == t.edits[p] {
				continue
			}
			if !t.inPlace(i, p) && t.somewhere(t.Stages[i].After, t.edits[p]) {
				continue
			}
			list = append(list, t.found(i, t.cause(i, p), "the edited %s %s", p, t.fateOf(i, p)))
		}
	}
	return firsts(list)
}

// inPlace tells whether an edited file must have kept its path: a file that is
// still shipped, as long as the package is there.
func (t *Trace) inPlace(i int, p string) bool {
	s := t.Stages[i]
	if !s.Status || s.Package == nil {
		return HasPurge(t.World.Format)
	}
	f, ok := s.Package.File(p)
	if !ok {
		return false
	}
	planned := s.Package.Plan != nil // where a plan says so it stays in force
	return (f.Config == Conffile || planned) && !t.removedBy(i) || HasPurge(t.World.Format) || t.World.Format == plan.APK
}

// somewhere tells whether the bytes are still on the machine.
func (t *Trace) somewhere(s *Snapshot, sum string) bool {
	for _, e := range s.Files {
		if e.Sum == sum {
			return true
		}
	}
	return false
}

func (t *Trace) fateOf(i int, p string) string {
	e, ok := t.Stages[i].After.Files[p]
	switch {
	case !ok:
		return "is gone"
	case t.somewhere(t.Stages[i].After, t.edits[p]):
		return "was replaced; the edit lies elsewhere: " + bytesOf(e.Sum)
	}
	return "was overwritten: it now has " + bytesOf(e.Sum)
}

// firsts keeps the first violation of each text up to its colon: later stages
// only repeat it.
func firsts(list []Violation) []Violation {
	var out []Violation
	seen := map[string]bool{}
	for _, v := range list {
		if !seen[v.Text] {
			seen[v.Text] = true
			out = append(out, v)
		}
	}
	return out
}

func checkState(t *Trace) []Violation {
	var list []Violation
	from := t.stage(Seed)
	if from < 0 {
		return nil
	}
	for i := from + 1; i < len(t.Stages) && !t.purgedBy(i); i++ {
		for _, p := range sorted(t.seeds) {
			want, e := t.seeds[p], t.Stages[i].After.Files[p]
			switch {
			case e.Kind == host.AnyKind:
				list = append(list, t.found(i, t.cause(i, p), "the data %s is gone", p))
			case e.Sum != want.Sum:
				list = append(list, t.found(i, t.cause(i, p), "the data %s was changed", p))
			case e.Owner != want.Owner || e.Group != want.Group || e.Mode != want.Mode:
				list = append(list, t.found(i, t.cause(i, p), "the data %s is %s, was %s", p, e.words(want), want.words(e)))
			}
		}
	}
	return firsts(list)
}

func checkAccounts(t *Trace) []Violation {
	var list []Violation
	for i := 1; i < len(t.Stages); i++ {
		before, after := t.Stages[i-1].After, t.Stages[i].After
		list = append(list, t.lostAccounts(i, before, after)...)
	}
	if s := t.Stages[0]; s.Step.Do == Install {
		list = append(list, t.lostAccounts(0, s.Before, s.After)...)
	}
	return append(list, t.strangers()...)
}

func (t *Trace) lostAccounts(i int, before, after *Snapshot) []Violation {
	var list []Violation
	ops := []host.Op{host.AddUser, host.DelUser, host.ChangeUser, host.AddMember}
	for _, name := range sorted(before.Accounts) {
		old := before.Accounts[name]
		a, ok := after.Accounts[name]
		switch {
		case !ok && t.purgedBy(i) && !t.owns(i, name):
			// nothing of it is left that another account could come by
		case !ok:
			list = append(list, t.found(i, t.subject(i, name, ops...), "the account %s is gone", name))
		case a.UID != old.UID:
			list = append(list, t.found(i, t.subject(i, name, ops...), "the account %s has number %s, had %s", name, a.UID, old.UID))
		case a.Home != old.Home || a.Shell != old.Shell || a.Group != old.Group:
			list = append(list, t.found(i, t.subject(i, name, ops...), "the account %s has %s, had %s", name, a.words(), old.words()))
		}
	}
	for _, name := range sorted(before.Groups) {
		if id, ok := after.Groups[name]; ok && id != before.Groups[name] && id != "" && before.Groups[name] != "" {
			list = append(list, t.found(i, t.subject(i, name, host.AddGroup, host.DelGroup), "the group %s has number %s, had %s", name, id, before.Groups[name]))
		} else if !ok && !(t.purgedBy(i) && !t.owns(i, name)) {
			list = append(list, t.found(i, t.subject(i, name, host.AddGroup, host.DelGroup, host.DelUser), "the group %s is gone", name))
		}
	}
	return list
}

// owns tells whether something on the machine belongs to an account, or did
// while the scenario went on outside the package's own directories.
func (t *Trace) owns(i int, name string) bool {
	for p, e := range t.Stages[i].After.Files {
		if t.Spec.foreign() && t.seeded(p) {
			continue // which files the service of another maker writes is not known
		}
		if e.Owner == name || e.Group == name {
			return true
		}
	}
	return t.World.Format != plan.Deb
}

// seeded tells of a file that a scenario wrote as the service would, and of the
// directories above it.
func (t *Trace) seeded(p string) bool {
	for seed := range t.seeds {
		if under(seed, p) {
			return true
		}
	}
	return false
}

// strangers are accounts of the system that a script changes or deletes.
func (t *Trace) strangers() []Violation {
	var list []Violation
	made := map[string]bool{}
	for i, s := range t.Stages {
		for _, e := range t.World.Host.Log[s.from:s.to] {
			if e.Op == host.AddUser || e.Op == host.AddGroup {
				made[e.Name] = true
			}
			if made[e.Name] {
				continue
			}
			if e.Op == host.DelUser && host.IsBaseUser(e.Name) || e.Op == host.DelGroup && host.IsBaseGroup(e.Name) || e.Op == host.ChangeUser && host.IsBaseUser(e.Name) && e.Account != nil && e.Account.Home+e.Account.Shell+e.Account.UID != "" {
				list = append(list, t.found(i, []string{e.At.Pos.String() + ": " + line(e)}, "the system's account %s is changed", e.Name))
			}
		}
	}
	return list
}

func checkIdempotent(t *Trace) []Violation {
	var list []Violation
	for i := 1; i < len(t.Stages); i++ {
		s := t.Stages[i]
		if s.Step.Do != Install || t.installedBefore(i) != s.Step.Version || s.Err != nil {
			continue
		}
		for _, c := range Diff(t.Stages[i-1].After, s.After) {
			if c.Subject == "service" && t.off == "" {
				continue // checked by service state
			}
			list = append(list, t.found(i, t.cause(i, c.Name), "%s", c))
		}
	}
	return list
}

// installedBefore is the version that was installed before stage i, 0 none.
func (t *Trace) installedBefore(i int) int {
	v := 0
	for _, s := range t.Stages[:i] {
		switch s.Step.Do {
		case Install:
			v = s.Step.Version
		case Remove, Purge:
			v = 0
		}
	}
	return v
}

func checkConfigsStay(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		if s.Step.Do != Remove || s.Err != nil || i == 0 {
			continue
		}
		for _, p := range sorted(t.edits) {
			if !t.somewhere(s.After, t.edits[p]) {
				list = append(list, t.found(i, t.cause(i, p), "the removal takes the edited %s", p))
			} else if HasPurge(t.World.Format) && s.After.Files[p].Sum != t.edits[p] {
				list = append(list, t.found(i, t.cause(i, p), "the removal takes %s from its place", p))
			}
		}
	}
	return list
}

// checkTakeOver: the edits of the old deployment are in force, its data is in its
// new place, nothing shadows what the package ships, and the old tree is there.
func checkTakeOver(t *Trace) []Violation {
	planted := t.stage(PlantLegacy)
	if planted < 0 || t.Spec.Legacy == nil {
		return nil
	}
	var list []Violation
	for i := planted + 1; i < len(t.Stages); i++ {
		s := t.Stages[i]
		if s.Step.Do != Install || s.Err != nil {
			continue
		}
		for _, p := range sorted(t.taken) {
			if e := s.After.Files[p]; e.Sum != t.taken[p] {
				list = append(list, t.found(i, t.cause(i, p), "%s does not have the text that the old deployment's file had: it has %s", p, bytesOf(e.Sum)))
			}
		}
		for _, m := range t.Spec.Legacy.Plan.TakeOver.State {
			list = append(list, t.moved(i, m)...)
		}
		for _, u := range t.Spec.Units {
			if f := "/etc/systemd/system/" + u; s.After.Files[f].Kind == host.Regular {
				list = append(list, t.found(i, t.cause(i, f), "%s shadows the unit of the package", f))
			}
		}
	}
	return firsts(list)
}

func (t *Trace) moved(i int, m plan.Move) []Violation {
	after := t.Stages[i].After
	planted := t.Stages[t.stage(PlantLegacy)].After.Files
	to := strings.TrimSuffix(m.To, "/") + "/" + seedName
	from, ok := planted[m.From+"/"+seedName]
	if !ok {
		if from, ok = planted[m.From]; !ok || from.Kind != host.Regular {
			return nil
		}
		to = m.To
	}
	e, ok := after.Files[to]
	switch {
	case !ok:
		return []Violation{t.found(i, t.cause(i, m.To), "the data of %s did not come to %s", m.From, m.To)}
	case e.Sum != from.Sum:
		return []Violation{t.found(i, t.cause(i, m.To), "%s is not what the old deployment had", to)}
	case m.Owner != "" && e.Owner != m.Owner:
		return []Violation{t.found(i, t.cause(i, m.To), "%s belongs to %s, not to %s", to, e.Owner, m.Owner)}
	}
	if !t.somewhereBut(after, from.Sum, to) {
		return []Violation{t.found(i, t.cause(i, m.From), "the old copy of %s is gone: there is no way back", m.From)}
	}
	return nil
}

func (t *Trace) somewhereBut(s *Snapshot, sum, not string) bool {
	for p, e := range s.Files {
		if e.Sum == sum && p != not {
			return true
		}
	}
	return false
}

// checkAsks looks at the prompts of dpkg that no administrator caused.
func checkAsks(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		for _, c := range s.Calls {
			if c.Script != "conffile prompt" || t.edits[c.Args[0]] != "" && s.Step.Version == 3 {
				continue
			}
			if _, taken := t.taken[c.Args[0]]; taken && s.Step.Version == 3 {
				continue
			}
			list = append(list, t.found(i, t.changers(i, c.Args[0]), "dpkg would ask about %s: it %s", c.Args[0], c.Args[1]))
		}
	}
	return list
}

// changers are the places in this or an earlier stage that changed a path.
func (t *Trace) changers(i int, p string) []string {
	var out []string
	for j := range t.Stages[:i+1] {
		out = append(out, t.cause(j, p)...)
	}
	return last(out)
}
