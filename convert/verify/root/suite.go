package root

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
)

// A Suite plays scenarios with a package in throwaway roots.
type Suite struct {
	Kind    Kind
	Spec    Spec
	Options Options // Dir must be empty: each scenario has a root of its own

	Scenarios  []Scenario  // all of [Scenarios] when nil
	Invariants []Invariant // all of [Invariants] when nil
	Systemd    []bool      // with and without the stand-in for systemd; both when nil
	Parallel   int         // roots at once; 1 when 0
}

// A Cell is one scenario of a report.
type Cell struct {
	Scenario   string
	Systemd    bool
	NotRun     string // why it was not played; "" when it was
	Violations []Violation
}

// A Report is what became of a suite.
type Report struct {
	Kind       Kind
	Invariants []string
	Cells      []Cell
}

// Run plays all scenarios. A violation is no error; an error says that a
// scenario could not be played, and comes with the cells that were.
func (s *Suite) Run(ctx context.Context) (*Report, error) {
	s.defaults()
	report := &Report{Kind: s.Kind}
	for _, inv := range s.Invariants {
		report.Invariants = append(report.Invariants, inv.Name)
	}
	for _, systemd := range s.Systemd {
		fresh, err := s.fresh(ctx, systemd)
		if err != nil {
			return report, err
		}
		cells, err := s.cells(ctx, systemd, fresh)
		report.Cells = append(report.Cells, cells...)
		if err != nil {
			return report, err
		}
	}
	return report, nil
}

func (s *Suite) defaults() {
	if s.Scenarios == nil {
		s.Scenarios = Scenarios()
	}
	if s.Invariants == nil {
		s.Invariants = Invariants()
	}
	if s.Systemd == nil {
		s.Systemd = []bool{false, true}
	}
	s.Parallel = max(1, s.Parallel)
}

// fresh returns the tree after a fresh installation of each version.
func (s *Suite) fresh(ctx context.Context, systemd bool) (map[int]*Snapshot, error) {
	trees := map[int]*Snapshot{}
	for version := 1; version <= 3; version++ {
		if s.Spec.file(version) == "" {
			continue
		}
		t, err := s.play(ctx, Scenario{Name: "fresh reference", Steps: []Step{install(version)}}, systemd, nil)
		if err != nil {
			return nil, err
		}
		trees[version] = t.Stages[0].After
	}
	return trees, nil
}

// cells plays the scenarios, several at once, and returns them in order.
func (s *Suite) cells(ctx context.Context, systemd bool, fresh map[int]*Snapshot) ([]Cell, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cells := make([]Cell, len(s.Scenarios))
	slots := make(chan struct{}, s.Parallel)
	var wait sync.WaitGroup
	for i, sc := range s.Scenarios {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			var err error
			if cells[i], err = s.cell(ctx, sc, systemd, fresh); err != nil {
				cancel(err)
			}
		})
	}
	wait.Wait()
	return cells, context.Cause(ctx)
}

func (s *Suite) cell(ctx context.Context, sc Scenario, systemd bool, fresh map[int]*Snapshot) (Cell, error) {
	cell := Cell{Scenario: sc.Name, Systemd: systemd}
	if cell.NotRun = sc.possible(&s.Spec, systemd); cell.NotRun != "" {
		return cell, nil
	}
	t, err := s.play(ctx, sc, systemd, fresh)
	if err != nil {
		cell.NotRun = err.Error()
		return cell, err
	}
	cell.Violations = Check(t, s.Invariants)
	return cell, nil
}

// Check asks the invariants what is wrong with a trace.
func Check(t *Trace, invariants []Invariant) []Violation {
	var list []Violation
	for _, inv := range invariants {
		for _, v := range inv.Check(t) {
			v.Scenario, v.Systemd, v.Invariant = t.Scenario.Name, t.Systemd, inv.Name
			list = append(list, v)
		}
	}
	return list
}

// play tells a scenario in a new root.
func (s *Suite) play(ctx context.Context, sc Scenario, systemd bool, fresh map[int]*Snapshot) (*Trace, error) {
	o := s.Options
	o.Dir, o.Keep = "", false
	r, err := New(ctx, s.Kind, o)
	if err != nil {
		return nil, err
	}
	t := &Trace{Kind: s.Kind, Spec: &s.Spec, Scenario: sc, Systemd: systemd, Fresh: fresh}
	err = play(ctx, r, t)
	if e := r.Close(); err == nil {
		err = e
	}
	return t, err
}

// Violations returns all violations, in the order of the scenarios.
func (r *Report) Violations() []Violation {
	var list []Violation
	for _, c := range r.Cells {
		list = append(list, c.Violations...)
	}
	return list
}

// Write prints a table of scenarios and how many violations each invariant has,
// then the violations.
func (r *Report) Write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, c := range r.Cells {
		name := c.Scenario
		if c.Systemd {
			name += ", with systemd"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.Kind, name, c.summary())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, v := range r.Violations() {
		if _, err := fmt.Fprintf(w, "%s: %s\n", r.Kind, v); err != nil {
			return err
		}
	}
	return nil
}

func (c Cell) summary() string {
	switch {
	case c.NotRun != "":
		return "not run: " + c.NotRun
	case len(c.Violations) == 0:
		return "ok"
	}
	var names []string
	for _, v := range c.Violations {
		if !has(names, v.Invariant) {
			names = append(names, v.Invariant)
		}
	}
	return "violated: " + strings.Join(names, ", ")
}
