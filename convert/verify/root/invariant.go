package root

import (
	"fmt"
	"slices"
	"strings"
)

// A Violation is an invariant that did not hold, with what shows it.
type Violation struct {
	Scenario  string
	Systemd   bool
	Invariant string
	Step      int // from 1; 0 when it is about the whole scenario
	Text      string
	Evidence  string // what was seen: both sides, or what a program said
}

// String is the violation for a report, over several lines.
func (v Violation) String() string {
	where := v.Scenario
	if v.Systemd {
		where += ", with systemd"
	}
	if v.Step > 0 {
		where += fmt.Sprintf(", step %d", v.Step)
	}
	text := fmt.Sprintf("%s: %s: %s", where, v.Invariant, v.Text)
	if v.Evidence != "" {
		text += "\n    " + strings.ReplaceAll(strings.TrimSpace(v.Evidence), "\n", "\n    ")
	}
	return text
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
		{"succeeds", "every call of the package manager succeeds, and no script says that a command failed", checkSucceeds},
		{"complete", "an installed package has its accounts, directories and files, with owner and mode", checkComplete},
		{"edits kept", "what an administrator edited is never lost before a purge", checkEdits},
		{"state kept", "data stays, with its owner and mode, until a purge", checkState},
		{"account survives", "an account stays, with number, home and shell, also through a purge", checkAccounts},
		{"second install changes nothing", "installing the installed version again leaves the tree as it was", checkIdempotent},
		{"own paths only", "nothing outside the package's own paths is touched", checkOwnPaths},
		{"version replaced", "after an upgrade or downgrade the package's files are those of a fresh installation", checkReplaced},
		{"service state", "a service starts on installation, is restarted by an upgrade, keeps the state it had, and ends on removal", checkService},
		{"configuration kept on removal", "configuration files stay until a purge and go with it", checkConfigsStay},
		{"clean after purge", "a purge, or the removal where there is none, leaves nothing but the account and what an administrator made", checkClean},
		{"take-over", "the first package on a machine deployed by hand takes its edits and data over", checkTakeOver},
	}
}

// found makes a violation of stage i, counted from 0.
func found(i int, evidence, format string, args ...any) Violation {
	return Violation{Step: i + 1, Text: fmt.Sprintf(format, args...), Evidence: evidence}
}

// complaints are what shells and tools say when a command of a script failed
// and the script went on.
var complaints = []string{
	": not found", "command not found", "No such file or directory", "unbound variable",
	"parameter not set", "Syntax error", "syntax error", "Permission denied", "Operation not permitted",
	"unary operator expected", "already exists", "invalid user", "invalid group", "missing operand",
	"does not exist", "unrecognized option", "illegal option", "invalid option",
}

func checkSucceeds(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		switch {
		case s.failed():
			if s.Result.OK() && s.Trouble == "" {
				list = append(list, found(i, s.Result.Text(), "the failure of a script goes unnoticed"))
			}
		case !s.Result.OK():
			list = append(list, found(i, s.Result.Text(), "%s fails", s.Step.Do))
		case s.Trouble != "":
			list = append(list, found(i, s.Result.Text(), "%s reports: %s", s.Step.Do, s.Trouble))
		default:
			if line := complaint(s.Result); line != "" {
				list = append(list, found(i, s.Result.Text(), "a command of a script fails: %s", line))
			}
		}
	}
	return list
}

func complaint(r Result) string {
	for line := range strings.Lines(r.Stderr) {
		if strings.HasPrefix(line, "dpkg: ") || strings.HasPrefix(line, "warning: ") {
			continue // the manager's own words; its failures are seen by its status
		}
		for _, sign := range complaints {
			if strings.Contains(line, sign) {
				return printable(strings.TrimSpace(line))
			}
		}
	}
	return ""
}

func checkComplete(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		if s.Step.Do != Install || s.failed() {
			continue
		}
		for _, a := range t.Spec.Accounts {
			if text := a.lacking(s.After); text != "" {
				list = append(list, found(i, "", "account %s %s", a.Name, text))
			}
		}
		for _, w := range t.Spec.Wants {
			e, ok := s.After.Files[w.Path]
			if ok && t.planted(w.Path) {
				w = Want{Path: w.Path, Type: w.Type, Link: w.Link}
			}
			if text := w.lacking(e, ok); text != "" {
				list = append(list, found(i, e.String(), "%s %s", printable(w.Path), text))
			}
		}
	}
	return list
}

// failed tells whether the stage is one that must not succeed.
func (s Stage) failed() bool { return s.Step.Do == Install && s.Step.Version == fails }

// planted tells whether the deployment by hand has a directory there: package
// managers leave owner and mode of a directory that exists as they are.
func (t *Trace) planted(name string) bool {
	return slices.ContainsFunc(t.Stages, func(s Stage) bool { return s.Step.Do == PlantLegacy && s.After.Files[name].Type == 'd' })
}

// lacking says in what the account is not as wanted, or "".
func (a WantAccount) lacking(s *Snapshot) string {
	got, ok := s.Accounts[a.Name]
	switch {
	case !ok:
		return "does not exist"
	case a.Home != "" && got.Home != a.Home:
		return fmt.Sprintf("has the home %s, not %s", printable(got.Home), a.Home)
	case a.Shell != "" && got.Shell != a.Shell:
		return fmt.Sprintf("has the shell %s, not %s", printable(got.Shell), a.Shell)
	}
	for _, group := range a.Groups {
		if gid, ok := s.Groups[group]; !ok || gid != got.GID && !has(got.Groups, group) {
			return "is not a member of the group " + group
		}
	}
	return ""
}

// lacking says in what the entry is not as wanted, or "".
func (w Want) lacking(e Entry, ok bool) string {
	if !ok {
		return "does not exist"
	}
	var p pair
	p.want("type", typeName(w.Type), typeName(e.Type), w.Type == 0)
	p.want("mode", strings.TrimLeft(w.Mode, "0"), fmt.Sprintf("%o", e.Mode), w.Mode == "")
	p.want("owner", w.Owner, e.Owner, w.Owner == "")
	p.want("group", w.Group, e.Group, w.Group == "")
	p.want("target", w.Link, e.Link, w.Link == "")
	p.want("content", short(w.SHA256), short(e.SHA256), w.SHA256 == "")
	if len(p.a) == 0 {
		return ""
	}
	return fmt.Sprintf("has %s instead of %s", p.new(), p.old())
}

func (p *pair) want(what, want, got string, any bool) {
	if !any {
		p.note(what, want, got)
	}
}

// checkIdempotent compares the trees around the installation of what is installed.
func checkIdempotent(t *Trace) []Violation {
	var list []Violation
	for i, s := range t.Stages {
		if s.Step.Do != Install || t.versionBefore(i) != s.Step.Version {
			continue
		}
		for _, c := range Diff(t.before(i), s.After) {
			if !t.records(c) {
				list = append(list, found(i, c.String(), "%s %s changes when the same version is installed again", c.Subject, printable(c.Name)))
			}
		}
	}
	return list
}

// records tells whether a change is the package manager's own book-keeping.
func (t *Trace) records(c Change) bool {
	if c.Subject != "file" {
		return false
	}
	return underAny(c.Name, managers[t.Kind].own) || underAny(c.Name, bookkeeping) || c.Name == "/etc/ld.so.cache"
}

// bookkeeping is what tools of the distribution keep of themselves, for any package.
var bookkeeping = []string{
	"/run/adduser", "/var/cache/ldconfig", "/var/cache/man", "/var/log/alternatives.log", "/var/log/apt",
	"/var/lib/systemd/deb-systemd-helper-enabled", "/var/lib/systemd/deb-systemd-helper-masked",
}
