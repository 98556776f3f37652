package root

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// A theatre plays the scenarios of a suite with or without systemd. Scenarios that
// begin alike share their beginning: it is played once, and each goes on in a root of
// its own that begins with the tree reached.
type theatre struct {
	suite   *Suite
	systemd bool
	fresh   map[int]*Snapshot // the tree after a fresh installation of each version

	mu     sync.Mutex
	points map[string]*point
	order  []*point // in which they were reached: a tree stands on earlier ones
}

// A point is what a beginning has come to: a frozen root and its story so far.
type point struct {
	once  sync.Once
	root  *Root
	trace *Trace
	err   error
}

// at returns the point after the steps, and plays them if nobody has.
func (s *theatre) at(ctx context.Context, steps []Step) (*point, error) {
	key := fmt.Sprint(steps)
	s.mu.Lock()
	p := s.points[key]
	if p == nil {
		p = &point{}
		s.points[key] = p
	}
	s.mu.Unlock()
	p.once.Do(func() {
		p.root, p.trace, p.err = s.reach(ctx, steps)
		s.mu.Lock()
		s.order = append(s.order, p)
		s.mu.Unlock()
	})
	return p, p.err
}

// reach plays the last of the steps after the others.
func (s *theatre) reach(ctx context.Context, steps []Step) (*Root, *Trace, error) {
	if len(steps) == 0 {
		return s.begin(ctx)
	}
	last := len(steps) - 1
	p, err := s.at(ctx, steps[:last])
	if err != nil {
		return nil, nil, err
	}
	r, err := p.root.fork()
	if err != nil {
		return nil, nil, err
	}
	defer r.freeze()
	t := p.trace.copy()
	return r, t, t.next(ctx, r, steps[last])
}

func (s *theatre) begin(ctx context.Context) (*Root, *Trace, error) {
	o := s.suite.Options
	o.Dir, o.Keep = "", false
	r, err := New(ctx, s.suite.Kind, o)
	if err != nil {
		return nil, nil, err
	}
	defer r.freeze()
	t := &Trace{Kind: s.suite.Kind, Spec: &s.suite.Spec, Systemd: s.systemd}
	return r, t, t.begin(ctx, r)
}

// close deletes the trees, the later ones first.
func (s *theatre) close() error {
	var first error
	for len(s.order) > 0 {
		last := len(s.order) - 1
		if r := s.order[last].root; r != nil {
			if err := r.Close(); first == nil {
				first = err
			}
		}
		s.order = s.order[:last]
	}
	return first
}

// install plays a fresh installation of each version that a scenario needs.
func (s *theatre) install(ctx context.Context) error {
	s.fresh = map[int]*Snapshot{}
	for version := 1; version <= 3; version++ {
		if s.suite.Spec.file(version) == "" || !s.needs(version) {
			continue
		}
		p, err := s.at(ctx, []Step{install(version)})
		if err != nil {
			return err
		}
		s.fresh[version] = p.trace.Stages[0].After
	}
	return nil
}

func (s *theatre) needs(version int) bool {
	return slices.ContainsFunc(s.suite.Scenarios, func(sc Scenario) bool { return slices.Contains(sc.Steps, install(version)) })
}

// cells plays the scenarios, several at once, and returns them in order.
func (s *theatre) cells(ctx context.Context) ([]Cell, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cells := make([]Cell, len(s.suite.Scenarios))
	slots := make(chan struct{}, s.suite.Parallel)
	var wait sync.WaitGroup
	for i, sc := range s.suite.Scenarios {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			var err error
			if cells[i], err = s.cell(ctx, sc); err != nil {
				cancel(err)
			}
		})
	}
	wait.Wait()
	return cells, context.Cause(ctx)
}

func (s *theatre) cell(ctx context.Context, sc Scenario) (Cell, error) {
	cell := Cell{Scenario: sc.Name, Systemd: s.systemd}
	if cell.NotRun = sc.possible(&s.suite.Spec, s.systemd); cell.NotRun != "" {
		return cell, nil
	}
	p, err := s.at(ctx, sc.Steps)
	if err != nil {
		cell.NotRun = err.Error()
		return cell, fmt.Errorf("play %q for %s: %w", sc.Name, s.suite.Kind, err)
	}
	t := p.trace.copy()
	t.Scenario, t.Fresh = sc, s.fresh
	cell.Violations = Check(t, s.suite.Invariants)
	return cell, nil
}
