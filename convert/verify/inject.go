package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/convert/target"
)

// maxInjections bounds the commands that are made to fail in one step.
const maxInjections = 400

// inject plays a scenario up to its last step, then that step once for each
// command that its scripts call, with that command failing, then what an
// administrator does: repair, and the same step again. The machine must become
// what it is without the failure, and no edit may be lost on the way. It
// returns how many commands failed.
func (s *Spec) inject(sc Scenario, systemd bool) ([]Violation, int) {
	last := sc.Steps[len(sc.Steps)-1]
	sc.Steps = sc.Steps[:len(sc.Steps)-1]
	t := s.play(sc, systemd)
	w := t.World
	for _, st := range t.Stages {
		if st.Err != nil {
			return nil, 0 // said by "succeeds"
		}
	}
	saved := savepoint(w)
	t.step(last)
	good, total := t.Stages[len(t.Stages)-1], w.changes
	saved.back(t)
	if good.Err != nil {
		return nil, 0
	}
	var list []Violation
	n := min(total, maxInjections)
	for k := 1; k <= n; k++ {
		list = append(list, t.oneFailure(last, k, good.After)...)
		saved.back(t)
	}
	return firsts(list), n
}

// A saved is a state of a machine to go back to.
type saved struct {
	mark   int
	db     database
	stages int
}

func savepoint(w *World) *saved {
	s := &saved{mark: w.Host.Mark(), db: w.db.clone()}
	w.Host.Push()
	return s
}

func (s *saved) back(t *Trace) {
	w := t.World
	w.Host.Rewind(s.mark)
	w.Host.Push()
	w.db, w.failAt = s.db.clone(), 0
	n := len(t.Stages)
	if s.stages == 0 {
		s.stages = n - 1
	}
	t.Stages = t.Stages[:s.stages]
}

func (t *Trace) oneFailure(last Step, k int, good *Snapshot) []Violation {
	w := t.World
	w.failAt = k
	t.step(last)
	st := t.Stages[len(t.Stages)-1]
	w.failAt = 0
	f := injectedIn(st.Calls)
	if f == nil {
		return nil
	}
	var list []Violation
	bad := func(format string, args ...any) {
		list = append(list, Violation{Step: len(t.Stages), Evidence: []string{place(*f)}, Text: fmt.Sprintf(format, args...)})
	}
	if lost := t.lostEdits(st.After); lost != "" && !purging(t, last) {
		bad("when this command fails, the edited %s is lost", lost)
	}
	tolerated := st.Err == nil
	if tolerated && t.Spec.Versions[1].Plan == nil {
		return list // its maker lets this command fail: what it leaves then is his to say
	}
	if err := t.again(last); err != nil && !errors.Is(err, errScriptlet) {
		bad("after this command failed once, %s does not succeed: %v%s", last.Do, err, because(w.calls))
		list[len(list)-1].open = slices.ContainsFunc(w.calls, func(c Call) bool { return !c.OK && c.undecided(lastWhy(c)) })
		return list
	}
	if errors.Is(st.Err, errScriptlet) {
		return list // the manager went on and said so; what is left to do is the administrator's
	}
	now := w.Snapshot()
	for _, c := range Diff(good, now) {
		if t.recordOnly(c, good, now) {
			continue
		}
		if c.Subject == "service" && tolerated || leftByRetry(c, last) {
			continue
		}
		bad("after this command failed once and %s was repeated: %s", last.Do, c)
	}
	return list
}

func because(calls []Call) string {
	if f := failures(calls); len(f) > 0 {
		return ", " + f[len(f)-1]
	}
	return ""
}

// again is the repair and the same step again. Where the failure stopped
// nothing the step is repeated as an installation of the same version.
func (t *Trace) again(last Step) error {
	w, m := t.World, managers[t.World.Format]
	w.calls = nil
	if err := m.repair(w); err != nil {
		return err
	}
	switch last.Do {
	case Install:
		if w.db.status == installed && w.db.pkg == t.Spec.Versions[last.Version] && t.World.Format == "deb" && t.Stages[len(t.Stages)-1].Err != nil {
			return nil // the repair has finished it
		}
		return m.install(w, t.Spec.Versions[last.Version])
	case Remove:
		return m.remove(w)
	case Purge:
		return m.purge(w)
	}
	return nil
}

func injectedIn(calls []Call) *shell.Failure {
	for _, c := range calls {
		if c.Result != nil && c.Result.Injected != nil {
			return c.Result.Injected
		}
	}
	return nil
}

func purging(t *Trace, s Step) bool { return s.Do == Purge && HasPurge(t.World.Format) }

// lostEdits names a file whose edited text is nowhere on the machine.
func (t *Trace) lostEdits(s *Snapshot) string {
	for _, m := range []map[string]string{t.edits, t.taken} {
		for _, p := range sorted(m) {
			if !t.somewhere(s, m[p]) {
				return p
			}
		}
	}
	return ""
}

// leftByRetry tells of traces that a second attempt leaves and that lose
// nothing: a copy of a file beside it, a number of an account.
func leftByRetry(c Change, last Step) bool {
	switch c.Subject {
	case "account":
		return c.Old != "" && c.New != "" && strings.Contains(c.Old, "uid ") && afterComma(c.Old) == afterComma(c.New)
	case "group":
		return c.Old != "" && c.New != ""
	case "file":
		for _, s := range suffixes {
			if c.Old == "" && strings.HasSuffix(c.Name, s) {
				return true
			}
		}
	}
	return false
}

func afterComma(s string) string {
	_, rest, _ := strings.Cut(s, ",")
	return rest
}

// recordOnly tells of changes in the directory of the take-over that lose no
// bytes: there is only the record of what was done.
func (t *Trace) recordOnly(c Change, good, now *Snapshot) bool {
	p := t.Spec.Versions[1].Plan
	if p == nil || c.Subject != "file" || !under(c.Name, target.Stash(p, t.World.Format)) {
		return false
	}
	e := good.Files[c.Name]
	return e.Kind != host.Regular || t.somewhere(now, e.Sum)
}
