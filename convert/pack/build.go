package pack

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/nativize/nativize/convert/plan"
)

// smallPayload is the size up to which formats are written side by side.
const smallPayload = 64 << 20

// Build writes p on every format of opt and returns the artifacts: one for each
// format, the bill of materials and the checksums, in that order.
//
// It fails with an [Error] that lists every problem of the plan before anything
// is written, and with another error when reading, writing or reading back
// fails. Unless all formats succeed, OutDir keeps what it had.
func Build(ctx context.Context, p *plan.Package, src Sources, opt Options) ([]Artifact, error) {
	list := opt.formats()
	if len(list) == 0 {
		return nil, fmt.Errorf("package %q: no format to write", p.Name)
	}
	if err := os.MkdirAll(opt.OutDir, 0o755); err != nil {
		return nil, fmt.Errorf("make the output directory: %w", err)
	}
	work, err := os.MkdirTemp(opt.OutDir, ".pack-*")
	if err != nil {
		return nil, fmt.Errorf("make a directory for temporary files: %w", err)
	}
	defer os.RemoveAll(work)
	bd := &builder{p: p, src: src, opt: opt, work: work}
	if err := bd.prepare(ctx, list); err != nil {
		return nil, err
	}
	if err := bd.writeAll(ctx); err != nil {
		return nil, err
	}
	return bd.publish()
}

// Check looks for everything that would keep Build from writing p and returns
// an [Error] that lists it. It writes nothing but a temporary directory below
// the system's.
func Check(ctx context.Context, p *plan.Package, src Sources, opt Options) error {
	work, err := os.MkdirTemp("", "pack-*")
	if err != nil {
		return fmt.Errorf("make a directory for temporary files: %w", err)
	}
	defer os.RemoveAll(work)
	bd := &builder{p: p, src: src, opt: opt, work: work}
	return bd.prepare(ctx, opt.formats())
}

// A builder is one run of Build.
type builder struct {
	p    *plan.Package
	src  Sources
	opt  Options
	work string

	bundles []*bundle
	signers signers
	mu      sync.Mutex // guards calls of opt.Progress
}

// prepare gathers the payload and finds all problems.
func (bd *builder) prepare(ctx context.Context, list []plan.Format) error {
	var ps problems
	g := &gatherer{p: bd.p, src: bd.src, work: bd.work, ps: &ps}
	if err := gather(ctx, g); err != nil {
		return fmt.Errorf("package %q: %w", bd.p.Name, err)
	}
	if err := scan(ctx, g.items, bd.opt.AllowSecrets, &ps); err != nil {
		return fmt.Errorf("package %q: %w", bd.p.Name, err)
	}
	checkMeta(bd.p, &ps)
	checkItems(bd.p, g.items, &ps)
	checkELF(bd.p.Arch, g.items, &ps)
	for i, f := range list {
		if slices.Contains(list[:i], f) {
			continue
		}
		b := bundleFor(f, bd.p, g.items, bd.src, &ps)
		b.mtime, b.opt, b.work = mtime(bd.p, bd.opt), bd.opt, bd.work
		checkCompression(f, bd.opt.compression(f), &ps)
		bd.bundles = append(bd.bundles, b)
	}
	bd.signers.load(bd.p, mtime(bd.p, bd.opt), bd.opt.Sign, list, &ps)
	if err := ps.err(bd.p.Name); err != nil {
		return err
	}
	bd.warn(g.items)
	bd.event(Event{Kind: Checked, Total: bd.bundles[0].size})
	return nil
}

// warn tells what is legal but deserves a look.
func (bd *builder) warn(items []*item) {
	for _, it := range items {
		if it.typ == plan.File && it.mode&0o6000 != 0 {
			bd.event(Event{Kind: Warning, Path: it.path, Text: fmt.Sprintf("mode %#o runs with the rights of %s:%s", it.mode, it.owner, it.group)})
		}
	}
}

func (bd *builder) event(e Event) {
	if bd.opt.Progress == nil {
		return
	}
	bd.mu.Lock()
	defer bd.mu.Unlock()
	bd.opt.Progress(e)
}

// writeAll writes the bundles, side by side when they are small.
func (bd *builder) writeAll(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	slots := make(chan struct{}, bd.parallel())
	errs := make([]error, len(bd.bundles))
	var wg sync.WaitGroup
	for i, b := range bd.bundles {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if errs[i] = bd.write(ctx, b); errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	return firstError(errs)
}

// firstError returns the error that came first in the list and is not the echo
// of another one's cancellation.
func firstError(errs []error) error {
	var echo error
	for _, err := range errs {
		if err != nil && !isCanceled(err) {
			return err
		}
		if echo == nil {
			echo = err
		}
	}
	return echo
}

func (bd *builder) parallel() int {
	for _, b := range bd.bundles {
		if b.size > smallPayload {
			return 1
		}
	}
	if bd.opt.Parallel > 0 {
		return bd.opt.Parallel
	}
	return runtime.GOMAXPROCS(0)
}

// write writes one bundle to a temporary file, reads it back and compares.
func (bd *builder) write(ctx context.Context, b *bundle) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.report = func(done int64) {
		bd.event(Event{Kind: Writing, Format: b.format, Done: done, Total: b.size})
	}
	b.report(0)
	tmp := bd.temp(b.fileName())
	err := writeFile(tmp, func(w *os.File) error { return writers[b.format](ctx, b, &bd.signers, w) })
	if err != nil {
		return fmt.Errorf("write %s package %q: %w", b.format, b.name, err)
	}
	b.report(b.size)
	bd.event(Event{Kind: Reading, Format: b.format, Path: b.fileName()})
	if err := b.verify(ctx, tmp); err != nil {
		return fmt.Errorf("read back %s package %q: %w", b.format, b.name, err)
	}
	return nil
}

func (bd *builder) temp(name string) string { return filepath.Join(bd.work, "out-"+name) }

// writeFile creates name, fills it and flushes it to disk.
func writeFile(name string, fill func(*os.File) error) (err error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	return fill(f)
}

// A writer writes one format.
type writer func(context.Context, *bundle, *signers, *os.File) error

// writers is the table of formats.
var writers = map[plan.Format]writer{
	plan.Deb:  writeDeb,
	plan.RPM:  writeRPM,
	plan.APK:  writeAPK,
	plan.Arch: writeArch,
	plan.IPK:  writeIPK,
}
