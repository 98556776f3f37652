package report

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"runtime"
	"sync"

	"github.com/nativize/nativize/analyze/model"
)

// FleetOptions say how a fleet is audited.
type FleetOptions struct {
	Workers int             // repositories at once; 0 is one a processor
	Out     io.Writer       // JSON Lines, one [Record] a repository, in the order of the list
	Done    map[string]bool // repositories to skip: those that the output already has
	// Progress is called after each record, from one goroutine at a time; nil
	// is no progress.
	Progress func(FleetProgress)
}

// FleetProgress is how far a run is.
type FleetProgress struct {
	Total, Skipped, Written, Failed int
	Last                            string // repository of the last record
}

// window is how many repositories each worker may be ahead of the slowest one:
// it bounds the records that wait for their turn.
const window = 8

// RunFleet audits the repositories of list in parallel and writes one record
// each, in the order of list whatever the order of their ends. A repository
// that fails, or whose audit panics, becomes a record with an error; only a
// failed write or the end of ctx stops the run, with all records before that
// point written. Memory does not grow with the list.
func RunFleet(ctx context.Context, list []string, analyse func(ctx context.Context, path string) (*model.Deployment, error), opt FleetOptions) (FleetProgress, error) {
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f := &fleet{opt: opt, analyse: analyse, slots: make(chan chan *Record, opt.Workers*window)}
	f.progress.Total = len(list)
	var wg sync.WaitGroup
	wg.Go(func() { f.dispatch(ctx, list) })
	err := f.write(ctx)
	cancel()
	for range f.slots { // lets dispatch end
	}
	wg.Wait()
	return f.progress, err
}

type fleet struct {
	opt      FleetOptions
	analyse  func(context.Context, string) (*model.Deployment, error)
	slots    chan chan *Record // in the order of the list; bounded
	progress FleetProgress
}

type job struct {
	repo string
	slot chan *Record
}

// dispatch hands the list to the workers, a slot for each record.
func (f *fleet) dispatch(ctx context.Context, list []string) {
	defer close(f.slots)
	jobs := make(chan job)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(jobs)
	for range f.opt.Workers {
		wg.Go(func() {
			for j := range jobs {
				j.slot <- f.audit(ctx, j.repo)
			}
		})
	}
	for _, repo := range list {
		slot := make(chan *Record, 1)
		if f.opt.Done[repo] {
			close(slot)
		}
		select {
		case f.slots <- slot:
		case <-ctx.Done():
			return
		}
		if f.opt.Done[repo] {
			continue
		}
		select {
		case jobs <- job{repo, slot}:
		case <-ctx.Done():
			return
		}
	}
}

// audit never fails: what goes wrong is in the record.
func (f *fleet) audit(ctx context.Context, repo string) (r *Record) {
	defer func() {
		if p := recover(); p != nil {
			r = errorRecord(repo, fmt.Errorf("bug in nativize, please report it: %v", p))
		}
	}()
	d, err := f.analyse(ctx, repo)
	if err != nil {
		return errorRecord(repo, err)
	}
	if d == nil {
		return errorRecord(repo, fmt.Errorf("audit %q: no deployment found", repo))
	}
	return NewRecord(repo, d)
}

func (f *fleet) write(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case slot, ok := <-f.slots:
			if !ok {
				return ctx.Err()
			}
			if err := f.writeSlot(ctx, slot); err != nil {
				return err
			}
		}
	}
}

func (f *fleet) writeSlot(ctx context.Context, slot chan *Record) error {
	var r *Record
	select {
	case r = <-slot:
	case <-ctx.Done():
		return ctx.Err()
	}
	if ctx.Err() != nil { // its error may be the end of ctx, not the repository's
		return ctx.Err()
	}
	if r == nil {
		f.progress.Skipped++
		return nil
	}
	if err := WriteRecord(f.opt.Out, r); err != nil {
		return fmt.Errorf("write record of %q: %w", r.Repo, err)
	}
	f.progress.Written++
	f.progress.Last = r.Repo
	if r.Error != "" {
		f.progress.Failed++
	}
	if f.opt.Progress != nil {
		f.opt.Progress(f.progress)
	}
	return nil
}

// Shard tells whether shard i of n, counted from 1, audits name. Each name is
// in one shard, the same on every machine; n below 2 is one shard.
//
// Source: FNV-1a, 64 bit, by its authors' parameters.
func Shard(name string, i, n int) bool {
	if n < 2 {
		return true
	}
	h := fnv.New64a()
	io.WriteString(h, name)
	return int(h.Sum64()%uint64(n)) == i-1
}
