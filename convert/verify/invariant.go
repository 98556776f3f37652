package verify

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/value"
	"github.com/nativize/nativize/convert/plan"
)

// A Violation is an invariant that did not hold, with what shows it.
type Violation struct {
	Format    plan.Format `json:"format"`
	Scenario  string      `json:"scenario"`
	Systemd   bool        `json:"systemd"`
	Step      int         `json:"step,omitempty"` // from 1
	Invariant string      `json:"invariant"`
	Text      string      `json:"text"`
	Evidence  []string    `json:"evidence,omitempty"` // places with what stands there

	open bool // it hangs on something that is not known
}

// An Invariant is what must hold in every scenario.
type Invariant struct {
	Name  string
	Doc   string // the rule, in one sentence
	Check func(*Trace) []Violation
}

// Invariants returns the rules, in the order in which a report lists them.
func Invariants() []Invariant {
	return []Invariant{
		{"succeeds", "every call of the package manager succeeds, and no command of a script fails unnoticed", checkSucceeds},
		{"complete", "an installed package has its accounts, directories and files, with owner and mode", checkComplete},
		{"runnable", "what units and cron files name is there: accounts, programs, directories, environment files", checkRunnable},
		{"edits kept", "what an administrator edited is never lost before a purge", checkEdits},
		{"state kept", "data stays, with its owner and mode, until a purge", checkState},
		{"account survives", "an account stays, with number, home and shell, also through a purge", checkAccounts},
		{"second install changes nothing", "installing the installed version again leaves the machine as it was", checkIdempotent},
		{"own paths only", "nothing outside the package's own paths is touched", checkOwnPaths},
		{"version replaced", "after an upgrade or downgrade the package's files are those of that version", checkReplaced},
		{"service state", "a service starts on installation, is restarted by an upgrade, keeps the state it had, and ends on removal", checkService},
		{"configuration kept on removal", "configuration files stay until a purge, or are saved beside", checkConfigsStay},
		{"clean after purge", "a purge, or the removal where there is none, leaves nothing but the account, data and what an administrator made", checkClean},
		{"take-over", "the first package on a machine deployed by hand takes its edits and data over", checkTakeOver},
		{"asks nothing", "nobody is asked about a configuration file that only the package's own scripts changed", checkAsks},
	}
}

// static are the invariants that no scenario is needed for.
const (
	recovers     = "recovers"     // each command fails once: the same call again leads to the same machine
	dependencies = "dependencies" // in the format's grammar, by its family's names, and enough for its scripts
)

// found makes a violation of stage i, counted from 0.
func (t *Trace) found(i int, evidence []string, format string, args ...any) Violation {
	return Violation{Step: i + 1, Text: fmt.Sprintf(format, args...), Evidence: evidence}
}

func checkSucceeds(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		if s.Err != nil && !errors.Is(s.Err, errScriptlet) {
			v := t.found(i, failures(s.Calls), "%s: %v", s.Step.Do, s.Err)
			v.open = slices.ContainsFunc(s.Calls, func(c Call) bool { return !c.OK && c.undecided(lastWhy(c)) })
			list = append(list, v)
			continue
		}
		for _, c := range s.Calls {
			if c.Result == nil || c.OK && len(c.Result.Failures) == 0 {
				continue
			}
			for _, f := range c.Result.Failures {
				if t.Spec.foreign() && c.OK && t.foreseen(c, f.Text) {
					continue
				}
				v := t.found(i, []string{place(f)}, "%s: %s", c, or(f.Why, "a command fails"))
				v.open = c.undecided(f.Why)
				list = append(list, v)
			}
			if len(c.Result.Failures) == 0 {
				v := t.found(i, []string{c.String()}, "%s ends with failure", c)
				v.open = c.undecided("")
				list = append(list, v)
			}
		}
	}
	return list
}

// lastWhy is why the command failed that ended a script, "" when nothing says.
func lastWhy(c Call) string {
	if c.Result == nil || len(c.Result.Failures) == 0 {
		return ""
	}
	return c.Result.Failures[len(c.Result.Failures)-1].Why
}

func place(f shell.Failure) string { return f.At.String() + ": " + f.Text }

// failures are the places of the commands that ended the scripts of a step.
func failures(calls []Call) []string {
	var out []string
	for _, c := range calls {
		if c.Result == nil {
			continue
		}
		for _, f := range c.Result.Failures {
			text := place(f)
			if f.Why != "" {
				text += " (" + f.Why + ")"
			}
			out = append(out, text)
		}
	}
	return out
}

// cause lists the places where scripts of stage i changed a path, or something
// above or below it.
func (t *Trace) cause(i int, p string) []string {
	s := t.Stages[i]
	var out []string
	for _, e := range t.World.Host.Log[s.from:s.to] {
		if e.Path != "" && e.Path != "/" && (under(p, e.Path) || under(e.Path, p)) || e.From != "" && e.Op == host.MoveTo && under(p, e.From) {
			out = append(out, e.At.Pos.String()+": "+line(e))
		}
	}
	return last(slices.Compact(out))
}

func last(list []string) []string {
	if len(list) > 3 {
		return list[len(list)-3:]
	}
	return list
}

// line says in a few words what an effect does.
func line(e *host.Effect) string {
	if e.Op == host.ServiceOp {
		return e.Action + " " + e.Name
	}
	s := string(e.Op)
	if e.From != "" {
		s += " " + e.From
	}
	return strings.TrimSpace(s + " " + or(e.Path, e.Name))
}

// subject lists the places where scripts of stage i acted on an account or
// service.
func (t *Trace) subject(i int, name string, ops ...host.Op) []string {
	s := t.Stages[i]
	var out []string
	for _, e := range t.World.Host.Log[s.from:s.to] {
		if e.Name == name && slices.Contains(ops, e.Op) {
			out = append(out, e.At.Pos.String()+": "+line(e))
		}
	}
	return last(out)
}

func checkComplete(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		if s.Step.Do != Install || s.Err != nil || s.Package == nil {
			continue
		}
		list = append(list, t.payload(i)...)
		if s.Package.Plan != nil {
			list = append(list, t.accounts(i)...)
			list = append(list, t.directories(i)...)
		}
	}
	return list
}

// payload compares what lies on the machine with the files of the package.
func (t *Trace) payload(i int) []Violation {
	s := t.Stages[i]
	var list []Violation
	for _, f := range s.Package.Files {
		if host.IsSystemDir(f.Path) || volatile(f.Path) {
			continue
		}
		e, ok := s.After.Files[f.Path]
		evidence := append(t.cause(i, f.Path), positions(f)...)
		switch {
		case !ok && s.Package.isConfig(f) && t.removedBy(i):
		case !ok:
			if real, there := t.through(s.After, f.Path); there && real.Kind == f.Kind {
				continue
			}
			list = append(list, t.found(i, evidence, "%s is missing", f.Path))
		case e.Kind != f.Kind && !(f.Kind == host.Dir && e.Kind == host.Link):
			list = append(list, t.found(i, evidence, "%s is a %s, not a %s", f.Path, e.Kind, f.Kind))
		case f.Kind == host.Link && e.Link != f.Link:
			list = append(list, t.found(i, evidence, "%s leads to %s, not to %s", f.Path, e.Link, f.Link))
		case f.Kind != host.Link && s.Package.Plan != nil:
			list = append(list, t.ownership(i, f, e, evidence)...)
		}
		if f.Kind == host.Link && ok && e.Kind == host.Link {
			list = append(list, t.dangling(i, f.Path, e)...)
		}
	}
	return append(list, t.madeLinks(i)...)
}

// through finds what lies at a path behind links of its directories.
func (t *Trace) through(s *Snapshot, p string) (Entry, bool) {
	n := t.World.node(p)
	if n.Presence != value.Yes {
		return Entry{}, false
	}
	return Entry{Kind: n.Kind}, true
}

func positions(f File) []string {
	var out []string
	for _, p := range f.At {
		out = append(out, p.String()+": asks for "+f.Path)
	}
	return last(out)
}

// ownership compares owner, group and mode with the plan; a configuration file
// that was there before keeps its own, except a secret's.
func (t *Trace) ownership(i int, f File, e Entry, evidence []string) []Violation {
	var list []Violation
	config := t.Stages[i].Package.isConfig(f)
	if config && (t.edits[f.Path] != "" || t.taken[f.Path] != "") && !f.Secret {
		return nil
	}
	if f.Kind == host.Dir && i > 0 && t.Scenario.Steps[0].Do == PlantLegacy {
		return nil // a directory that exists keeps its owner (dpkg)
	}
	if owner := or(f.Owner, "root"); e.Owner != owner || e.Group != or(f.Group, "root") {
		list = append(list, t.found(i, evidence, "%s belongs to %s:%s, not to %s:%s", f.Path, e.Owner, e.Group, owner, or(f.Group, "root")))
	}
	if m := digits(f.Mode); e.Mode != m {
		list = append(list, t.found(i, evidence, "%s has mode %s, not %s", f.Path, e.Mode, m))
	}
	return list
}

func (t *Trace) dangling(i int, p string, e Entry) []Violation {
	at, n := t.World.Host.Follow(0, p)
	if i != len(t.Stages)-1 || n.Presence != value.No || external(at) || strings.HasPrefix(at, "/var/") || t.Stages[i].Step.Version == 4 {
		return nil
	}
	return []Violation{t.found(i, t.cause(i, p), "the link %s leads to %s, which is not there", p, at)}
}

// external tells of places that other packages fill.
func external(p string) bool {
	for _, d := range []string{"/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/lib", "/lib", "/usr/share", "/run", "/proc", "/dev", "/etc/alternatives", "/var/run"} {
		if path.Dir(p) == d || (d == "/usr/lib" || d == "/lib" || d == "/usr/share" || d == "/run") && under(p, d) {
			return true
		}
	}
	return false
}

// madeLinks are links that scripts made and that lead nowhere.
func (t *Trace) madeLinks(i int) []Violation {
	var list []Violation
	s := t.Stages[i]
	for _, e := range t.World.Host.Log[s.from:s.to] {
		if e.Op != host.Symlink {
			continue
		}
		if n, ok := s.After.Files[e.Path]; ok && n.Kind == host.Link {
			list = append(list, t.dangling(i, e.Path, n)...)
		}
	}
	return list
}

func (t *Trace) accounts(i int) []Violation {
	s := t.Stages[i]
	var list []Violation
	ops := []host.Op{host.AddUser, host.DelUser, host.ChangeUser, host.AddGroup, host.DelGroup}
	site := t.Scenario.Steps[0].Do == Account_ || t.Scenario.Steps[0].Do == PlantLegacy
	for _, want := range s.Package.Plan.Accounts {
		if !want.IsUser {
			if _, ok := s.After.Groups[want.Name]; !ok && !host.IsBaseGroup(want.Name) {
				list = append(list, t.found(i, t.subject(i, want.Name, ops...), "there is no group %s", want.Name))
			}
			continue
		}
		a, ok := s.After.Accounts[want.Name]
		evidence := t.subject(i, want.Name, ops...)
		switch {
		case !ok && host.IsBaseUser(want.Name):
		case !ok:
			list = append(list, t.found(i, evidence, "there is no account %s", want.Name))
		case site:
		case want.Home != "" && a.Home != want.Home:
			list = append(list, t.found(i, evidence, "the home of %s is %s, not %s", want.Name, or(a.Home, "none"), want.Home))
		case a.Group != or(want.Group, want.Name):
			list = append(list, t.found(i, evidence, "the group of %s is %s, not %s", want.Name, a.Group, or(want.Group, want.Name)))
		}
		for _, g := range want.Groups {
			if ok && !slices.Contains(a.Groups, g) {
				list = append(list, t.found(i, evidence, "the account %s is not in group %s", want.Name, g))
			}
		}
	}
	return list
}

func (t *Trace) directories(i int) []Violation {
	s := t.Stages[i]
	var list []Violation
	for _, d := range s.Package.dirs() {
		if volatile(d.Path) || d.Kind == plan.Run {
			continue
		}
		e, ok := s.After.Files[d.Path]
		evidence := t.cause(i, d.Path)
		switch {
		case !ok:
			if !t.World.isDir(d.Path) {
				list = append(list, t.found(i, evidence, "the directory %s is missing", d.Path))
			}
		case t.Scenario.Steps[0].Do == PlantLegacy, host.IsSystemDir(d.Path), e.Kind == host.Link:
		case e.Owner != or(d.Owner, "root") || e.Group != or(d.Group, "root"):
			list = append(list, t.found(i, evidence, "%s belongs to %s:%s, not to %s:%s", d.Path, e.Owner, e.Group, or(d.Owner, "root"), or(d.Group, "root")))
		case d.Mode != 0 && e.Mode != digits(d.Mode):
			list = append(list, t.found(i, evidence, "%s has mode %s, not %s", d.Path, e.Mode, digits(d.Mode)))
		}
	}
	return list
}
