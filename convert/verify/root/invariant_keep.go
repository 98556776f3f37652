package root

import (
	"fmt"
	"maps"
	"slices"
)

// checkEdits follows the text that each configuration file had after the edit.
func checkEdits(t *Trace) []Violation {
	var list []Violation
	edited, purged := map[string]Entry{}, false
	for i, s := range t.Stages {
		if s.Step.Do == Edit {
			for _, name := range t.Configs {
				edited[name] = s.After.Files[name]
			}
			continue
		}
		purged = purged || t.ends(s)
		for _, name := range slices.Sorted(maps.Keys(edited)) {
			if purged && t.Kind.HasPurge() || edited[name].SHA256 == "" {
				continue
			}
			if !t.keeps(s, name, edited[name]) {
				list = append(list, found(i, t.sides(i, name), "the edit in %s is lost", printable(name)))
			}
		}
	}
	return list
}

// ends tells whether the stage is one after which nothing of the package need be left.
func (t *Trace) ends(s Stage) bool {
	return s.Step.Do == Purge || s.Step.Do == Remove && !t.Kind.HasPurge()
}

// keeps tells whether the edited text is still there. While the package is
// installed it must be in force; a manager without purging moves it aside when
// it removes the package, and leaves it there when the package comes back.
func (t *Trace) keeps(s Stage, name string, edited Entry) bool {
	if s.After.Files[name].SHA256 == edited.SHA256 {
		return true
	}
	if t.Kind.HasPurge() || s.Version != 0 && !t.removedBefore(s) {
		return false
	}
	for _, suffix := range managers[t.Kind].saved {
		if s.After.Files[name+suffix].SHA256 == edited.SHA256 {
			return true
		}
	}
	return false
}

// removedBefore tells whether the package was removed at or before the stage.
func (t *Trace) removedBefore(s Stage) bool {
	for _, other := range t.Stages {
		if other.Step.Do == Remove || other.Step.Do == Purge {
			return true
		}
		if other.After == s.After {
			return false
		}
	}
	return false
}

// sides is a path before and after stage i.
func (t *Trace) sides(i int, name string) string {
	return fmt.Sprintf("before: %s\nafter:  %s", t.before(i).Files[name], t.Stages[i].After.Files[name])
}

func checkState(t *Trace) []Violation {
	var list []Violation
	seeded := map[string]Entry{}
	for i, s := range t.Stages {
		if s.Step.Do == Seed {
			list = append(list, t.seed(i, s, seeded)...)
			continue
		}
		if t.Kind.HasPurge() && s.Step.Do == Purge {
			break
		}
		for _, name := range slices.Sorted(maps.Keys(seeded)) {
			if old, now := seeded[name].differ(s.After.Files[name]); old != now {
				list = append(list, found(i, t.sides(i, name), "the data in %s is lost or changed", printable(name)))
			}
		}
	}
	return list
}

// seed notes the files that a Seed step made. A directory that it did not find is
// a violation: the package has not made it.
func (t *Trace) seed(i int, s Stage, seeded map[string]Entry) []Violation {
	var list []Violation
	for _, dir := range t.Spec.State {
		name := dir + "/" + seedName
		e, ok := s.After.Files[name]
		if !ok {
			list = append(list, found(i, s.After.Files[dir].String(), "the state directory %s does not exist", printable(dir)))
			continue
		}
		seeded[name] = e
	}
	return list
}

// checkAccounts follows every account and group that exists at any time.
func checkAccounts(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		for _, c := range Diff(t.before(i), s.After) {
			if c.Subject != "file" && c.Old != "" && c.New != c.Old {
				list = append(list, found(i, c.String(), "%s %s is removed or changed", c.Subject, printable(c.Name)))
			}
		}
	}
	return list
}

// checkConfigsStay looks at what removal and purge leave of configuration files.
// A manager without purging removes those that are as shipped.
func checkConfigsStay(t *Trace) []Violation {
	var list []Violation
	if !t.Kind.HasPurge() {
		return nil
	}
	for i, s := range t.Stages {
		for _, name := range t.Configs {
			_, was := t.before(i).Files[name]
			_, is := s.After.Files[name]
			switch {
			case s.Step.Do == Remove && was && !is:
				list = append(list, found(i, t.sides(i, name), "%s goes with the removal", printable(name)))
			case s.Step.Do == Purge && is && !existed(t.Before, name):
				list = append(list, found(i, t.sides(i, name), "%s stays after the purge", printable(name)))
			}
		}
	}
	return list
}

func existed(s *Snapshot, name string) bool { _, ok := s.Files[name]; return ok }

// checkTakeOver looks for the text of each legacy file after each later stage.
func checkTakeOver(t *Trace) []Violation {
	var list []Violation
	planted := -1
	for i, s := range t.Stages {
		if s.Step.Do == PlantLegacy {
			planted = i
			continue
		}
		if planted < 0 || s.Version == 0 {
			continue
		}
		before, all := contents(t.Before), contents(s.After)
		for _, l := range t.Spec.Legacy {
			was := t.Stages[planted].After.Files[l.Path]
			if l.Role != LegacyOther && was.SHA256 != "" && all[was.SHA256] <= before[was.SHA256] {
				list = append(list, found(i, was.String(), "the text of %s is nowhere any more", printable(l.Path)))
			}
			if l.Config != "" && s.After.Files[l.Config].SHA256 != was.SHA256 {
				list = append(list, found(i, fmt.Sprintf("legacy: %s\nnow:    %s", was, s.After.Files[l.Config]),
					"%s does not hold what %s held", printable(l.Config), printable(l.Path)))
			}
		}
	}
	return list
}

// contents counts the files of a tree by their text: a short text may be in files
// that have nothing to do with the deployment.
func contents(s *Snapshot) map[string]int {
	all := map[string]int{}
	for _, e := range s.Files {
		all[e.SHA256]++
	}
	return all
}
