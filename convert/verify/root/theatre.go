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
	next    map[string]int    // how many ways each beginning goes on
	slots   chan struct{}     // what may be played at once
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

func newTheatre(s *Suite, systemd bool, slots chan struct{}) *theatre {
	play := &theatre{suite: s, systemd: systemd, slots: slots, points: map[string]*point{}, next: map[string]int{}}
	seen := map[string]bool{}
	note := func(steps []Step) {
		for i := range steps {
			if k := key(steps[:i+1]); !seen[k] {
				seen[k] = true
				play.next[key(steps[:i])]++
			}
		}
	}
	for _, version := range play.versions() {
		note([]Step{install(version)})
	}
	for _, sc := range s.Scenarios {
		if sc.possible(&s.Spec, systemd) == "" {
			note(sc.Steps)
		}
	}
	return play
}

func key(steps []Step) string { return fmt.Sprint(steps) }

// versions are those whose fresh installation others are compared with.
func (s *theatre) versions() []int {
	var list []int
	for version := 1; version <= 3; version++ {
		if s.suite.Spec.file(version) != "" && s.needs(version) {
			list = append(list, version)
		}
	}
	return list
}

// play plays all scenarios and deletes what that took.
func (s *theatre) play(ctx context.Context) ([]Cell, error) {
	err := s.install(ctx)
	var cells []Cell
	if err == nil {
		cells, err = s.cells(ctx)
	}
	if e := s.close(); err == nil {
		err = e
	}
	return cells, err
}

// at returns the point after the steps, and plays them if nobody has.
func (s *theatre) at(ctx context.Context, steps []Step) (*point, error) {
	s.mu.Lock()
	p := s.points[key(steps)]
	if p == nil {
		p = &point{}
		s.points[key(steps)] = p
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
	r := p.root
	if s.next[key(steps[:last])] > 1 {
		if r, err = p.root.fork(ctx); err != nil {
			return nil, nil, err
		}
	}
	defer s.rest(r, steps)
	t := p.trace.copy()
	return r, t, t.next(ctx, r, steps[last])
}

// rest ends what runs in a root, unless one beginning goes on in it.
func (s *theatre) rest(r *Root, steps []Step) {
	if s.next[key(steps)] != 1 {
		r.freeze()
	}
}

func (s *theatre) begin(ctx context.Context) (*Root, *Trace, error) {
	o := s.suite.Options
	o.Dir, o.Keep = "", false
	r, err := New(ctx, s.suite.Kind, o)
	if err != nil {
		return nil, nil, err
	}
	defer s.rest(r, nil)
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
	for _, version := range s.versions() {
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
	var wait sync.WaitGroup
	for i, sc := range s.suite.Scenarios {
		s.slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-s.slots }()
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
	s.suite.tell(t)
	return cell, nil
}
