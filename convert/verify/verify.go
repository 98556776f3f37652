package verify

import (
	"cmp"
	"context"
	"slices"

	"github.com/nativize/nativize/convert/plan"
)

// A Result is what became of one package in one format.
type Result struct {
	Package    string      `json:"package"`
	Version    string      `json:"version"`
	Format     plan.Format `json:"format"`
	Cells      []Cell      `json:"cells"`
	Violations []Violation `json:"violations"`
	// Undecided would be violations, but hang on a value, a command or a
	// dependency that is not known. Only packages of other makers have them.
	Undecided []Violation `json:"undecided,omitempty"`
	Injected  int         `json:"injected"` // commands that were made to fail
	Scripts   Scripts     `json:"scripts"`
	Played    int         `json:"played"` // scenarios, those with an injected failure included
}

// A Cell is one scenario of the table.
type Cell struct {
	Scenario string         `json:"scenario"`
	Systemd  bool           `json:"systemd"`
	NotRun   string         `json:"not_run,omitempty"` // why it was not played
	Failed   map[string]int `json:"failed,omitempty"`  // invariant to the number of its violations
}

// Scripts counts what the interpreter made of the maintainer scripts.
type Scripts struct {
	Commands int      `json:"commands"` // calls
	Opaque   int      `json:"opaque"`   // calls that are not understood
	Assumed  []string `json:"assumed,omitempty"`
	Unknown  []string `json:"not_understood,omitempty"`
}

// LifeCycle plays every scenario on the abstract machine and asks every
// invariant. It fails only when ctx ends.
func (s *Spec) LifeCycle(ctx context.Context) (*Result, error) {
	p := s.Versions[1]
	r := &Result{Package: p.Name, Version: p.Version, Format: p.Format}
	for _, what := range s.lend() {
		r.Scripts.Assumed = append(r.Scripts.Assumed, what+" (a dependency of the same source makes it)")
	}
	for _, sc := range Scenarios() {
		for _, systemd := range environments(p.Format) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			r.add(s, sc, systemd)
		}
	}
	for _, sc := range injected() {
		if s.possible(sc, true) != "" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		list, n := s.inject(sc, environments(p.Format)[0])
		r.Injected += n
		r.Played += n
		r.note(sc, environments(p.Format)[0], recovers, list)
	}
	r.Violations = append(r.Violations, checkDepends(p)...)
	r.Violations, r.Undecided = s.settled(distinct(r.Violations))
	return r, nil
}

// environments are the machines that a format is played on: with systemd and
// without. Arch has nothing but systemd, Alpine nothing of it.
func environments(f plan.Format) []bool {
	switch f {
	case plan.APK:
		return []bool{false}
	case plan.Arch:
		return []bool{true}
	}
	return []bool{true, false}
}

func (r *Result) add(s *Spec, sc Scenario, systemd bool) {
	if why := s.possible(sc, systemd); why != "" {
		r.Cells = append(r.Cells, Cell{Scenario: sc.Name, Systemd: systemd, NotRun: why})
		return
	}
	r.Cells = append(r.Cells, Cell{Scenario: sc.Name, Systemd: systemd})
	t := s.play(sc, systemd)
	r.Played++
	for _, inv := range Invariants() {
		r.note(sc, systemd, inv.Name, inv.Check(t))
	}
	r.count(t)
}

func (r *Result) note(sc Scenario, systemd bool, invariant string, list []Violation) {
	for i := range list {
		list[i].Format, list[i].Scenario, list[i].Systemd, list[i].Invariant = r.Format, sc.Name, systemd, invariant
	}
	r.Violations = append(r.Violations, list...)
	for i := range r.Cells {
		c := &r.Cells[i]
		if c.Scenario == sc.Name && c.Systemd == systemd && len(list) > 0 {
			if c.Failed == nil {
				c.Failed = map[string]int{}
			}
			c.Failed[invariant] += len(list)
		}
	}
}

func (r *Result) count(t *Trace) {
	for _, s := range t.Stages {
		for _, c := range s.Calls {
			if c.Result == nil {
				continue
			}
			r.Scripts.Commands += c.Result.Commands
			r.Scripts.Opaque += len(c.Result.Opaque)
			for _, o := range c.Result.Opaque {
				r.Scripts.Unknown = addOnce(r.Scripts.Unknown, place(o))
			}
			for _, a := range c.Result.Assumed {
				r.Scripts.Assumed = addOnce(r.Scripts.Assumed, place(a)+" ("+a.Why+")")
			}
		}
	}
}

func addOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	list = append(list, s)
	slices.Sort(list)
	return list
}

// distinct keeps, of violations of one invariant with the same text and
// evidence, the first: the same defect shows in many scenarios.
func distinct(list []Violation) []Violation {
	type key struct{ invariant, text, evidence string }
	seen := map[key]bool{}
	var out []Violation
	for _, v := range list {
		k := key{v.Invariant, v.Text, joined(v.Evidence)}
		if !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	order := map[string]int{dependencies: 99, recovers: 98}
	for i, inv := range Invariants() {
		order[inv.Name] = i
	}
	slices.SortStableFunc(out, func(a, b Violation) int { return cmp.Compare(order[a.Invariant], order[b.Invariant]) })
	return out
}

func joined(list []string) string {
	s := ""
	for _, e := range list {
		s += e + "\n"
	}
	return s
}

// SpecOf returns what is verified of a plan in one format: the package that it
// makes, and what the plan says of services and data. legacy may be nil.
func SpecOf(p *Package, legacy *Legacy) *Spec {
	s := &Spec{Versions: Versions(p), Legacy: legacy}
	if p.Plan == nil {
		return s
	}
	for _, u := range p.Plan.Units {
		if u.Enable && u.Timer == "" {
			s.Units = append(s.Units, u.Name)
		}
	}
	if p.Format == plan.APK {
		s.Units = openRCUnits(p)
	}
	for _, d := range p.dirs() {
		if d.Kind == plan.State || d.Kind == plan.Spool || d.Kind == plan.Home || d.Kind == plan.Other {
			s.State = append(s.State, d.Path)
		}
	}
	return s
}

// dirs are the directories that the plan makes in the format.
func (p *Package) dirs() []plan.Dir {
	var out []plan.Dir
	for _, d := range p.Plan.Dirs {
		if len(d.Formats) == 0 || slices.Contains(d.Formats, p.Format) {
			out = append(out, d)
		}
	}
	return out
}

func openRCUnits(p *Package) []string {
	return slices.Clone(installable(p))
}
