package root

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
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
	Parallel   int         // scenarios at once; 1 when 0

	// Played, when not nil, is called with each scenario that was played, never
	// by two goroutines at once.
	Played func(*Trace)

	// Progress, when not nil, is called when a scenario is done, never by two
	// goroutines at once: how many are, of how many, and the name of the last.
	Progress func(done, total int, scenario string)

	done int
	mu   sync.Mutex
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
	slots := make(chan struct{}, s.Parallel)
	lists, errs := make([][]Cell, len(s.Systemd)), make([]error, len(s.Systemd))
	var wait sync.WaitGroup
	for i, systemd := range s.Systemd {
		wait.Go(func() { lists[i], errs[i] = newTheatre(s, systemd, slots).play(ctx) })
	}
	wait.Wait()
	report.Cells = slices.Concat(lists...)
	if err := errors.Join(errs...); err != nil {
		return report, err
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

// tell hands a played scenario to who asked for it.
func (s *Suite) tell(t *Trace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Played != nil {
		s.Played(t)
	}
	if s.done++; s.Progress != nil {
		s.Progress(s.done, s.total(), t.Scenario.Name)
	}
}

// total counts the scenarios that can be played.
func (s *Suite) total() int {
	n := 0
	for _, systemd := range s.Systemd {
		for _, sc := range s.Scenarios {
			if sc.possible(&s.Spec, systemd) == "" {
				n++
			}
		}
	}
	return n
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
