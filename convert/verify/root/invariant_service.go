package root

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// checkService follows each unit from stage to stage. What runs is known only
// where a stand-in for systemd keeps account of it; what starts at boot is seen in
// the tree.
func checkService(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		if s.Result.Argv == nil || s.failed() {
			continue
		}
		for _, unit := range t.Spec.Units {
			if text := t.unitWrong(i, s, unit); text != "" {
				evidence := fmt.Sprintf("before: %s\nafter:  %s", unitState(t.before(i), unit), unitState(s.After, unit))
				list = append(list, found(i, evidence, "%s %s", unit, text))
			}
		}
	}
	return list
}

func (t *Trace) unitWrong(i int, s Stage, unit string) string {
	switch {
	case s.Version == 0:
		return t.gone(s, unit)
	case t.versionBefore(i) == 0:
		return t.started(s, unit)
	}
	return t.stays(i, s, unit)
}

// gone: a removed package's unit neither runs nor starts at boot. Debian keeps
// the links until the purge, so that the package comes back as it was.
func (t *Trace) gone(s Stage, unit string) string {
	if runs(s.After, unit) {
		return "still runs after the removal"
	}
	if enabled(s.After, unit) && t.ends(s) {
		return "is still enabled after the removal"
	}
	if s.Step.Do == Purge && s.After.Files["/etc/systemd/system/"+unit].Type == 'l' {
		return "is still masked after the purge"
	}
	return ""
}

// started: a first installation starts and enables, by the distribution's rules.
// On Arch that is the administrator's.
func (t *Trace) started(s Stage, unit string) string {
	switch {
	case t.Kind == Arch:
		return ""
	case t.Systemd && !runs(s.After, unit):
		return "does not run after the installation"
	case !enabled(s.After, unit) && (t.Systemd || t.Kind == Deb):
		return "does not start at boot after the installation"
	}
	return ""
}

// stays: an upgrade keeps what was, and restarts what ran with the old code.
func (t *Trace) stays(i int, s Stage, unit string) string {
	before := t.before(i)
	switch {
	case runs(before, unit) != runs(s.After, unit):
		return "runs before or after, but not both"
	case enabled(before, unit) != enabled(s.After, unit):
		return "is enabled before or after, but not both"
	case masked(before, unit) != masked(s.After, unit):
		return "is masked before or after, but not both"
	case runs(before, unit) && s.Version != t.versionBefore(i) && before.Running[unit] == s.After.Running[unit]:
		return "still runs the old code: it was not restarted"
	}
	return ""
}

func runs(s *Snapshot, unit string) bool { _, ok := s.Running[unit]; return ok }

func enabled(s *Snapshot, unit string) bool {
	return slices.ContainsFunc(s.Enabled(), func(link string) bool { return path.Base(link) == unit })
}

func masked(s *Snapshot, unit string) bool {
	return s.Files["/etc/systemd/system/"+unit].Link == "/dev/null"
}

func unitState(s *Snapshot, unit string) string {
	words := []string{"stopped", "disabled"}
	if runs(s, unit) {
		words[0] = fmt.Sprintf("running, started %d times", s.Running[unit])
	}
	if enabled(s, unit) {
		words[1] = "enabled"
	}
	if masked(s, unit) {
		words = append(words, "masked")
	}
	return strings.Join(words, ", ")
}
