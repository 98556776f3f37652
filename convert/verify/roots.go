package verify

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
	"github.com/nativize/nativize/convert/verify/root"
)

// kinds are the throwaway roots of the formats that have one.
var kinds = map[plan.Format]root.Kind{plan.Deb: root.Deb, plan.RPM: root.RPM, plan.Arch: root.Arch, plan.APK: root.APK}

// RootOptions say how throwaway roots are made and who hears of it.
type RootOptions struct {
	root.Options
	// Progress, when not nil, is called when a scenario is done.
	Progress func(done, total int, scenario string)
}

func (o RootOptions) set(s *root.Suite) { s.Options, s.Progress = o.Options, o.Progress }

// InRoot plays the life cycle of a plan's package with the real package
// manager of a format in throwaway roots. Four versions of it are built
// below a temporary directory. That no root can be made is no error: the result
// says why.
func InRoot(ctx context.Context, p *plan.Package, src pack.Sources, f plan.Format, opt RootOptions) (*RootResult, error) {
	kind, ok := kinds[f]
	if !ok {
		return &RootResult{Format: string(f), NotRun: "there is no throwaway root for this format"}, nil
	}
	if err := root.Possible(ctx, kind, opt.Options); err != nil {
		return &RootResult{Format: string(f), NotRun: err.Error()}, nil
	}
	if len(p.Stage) > 0 && src.Stage == "" {
		return &RootResult{Format: string(f), NotRun: "something of the payload must be built first: run nativize build"}, nil
	}
	report, err := playInRoot(ctx, p, src, f, opt.set)
	if err != nil {
		return nil, err
	}
	return rootResult(f, report)
}

// playInRoot builds the versions of a package and plays the suite that set
// makes of the usual one.
func playInRoot(ctx context.Context, p *plan.Package, src pack.Sources, f plan.Format, set func(*root.Suite)) (*root.Report, error) {
	dir, err := os.MkdirTemp("", "nativize-verify-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the packages: %w", err)
	}
	defer os.RemoveAll(dir)
	spec := rootSpec(p, f)
	for i, to := range []*string{&spec.V1, &spec.V2, &spec.V3, &spec.V4} {
		if *to, err = buildVersion(ctx, filepath.Join(dir, fmt.Sprint(i+1)), p, src, f, i+1); err != nil {
			return nil, err
		}
	}
	suite := &root.Suite{Kind: kinds[f], Spec: *spec, Parallel: 2}
	if f == plan.Arch {
		suite.Systemd = []bool{true} // there is no Arch without it
	}
	set(suite)
	report, err := suite.Run(ctx)
	if err != nil {
		return nil, fmt.Errorf("play %s in a throwaway root: %w", f, err)
	}
	return report, nil
}

// RootFile plays the life cycle of one package file; without a later version
// the upgrades are left out.
func RootFile(ctx context.Context, name string, f plan.Format, opt RootOptions) (*RootResult, error) {
	kind, ok := kinds[f]
	if !ok {
		return &RootResult{Format: string(f), NotRun: "there is no throwaway root for this format"}, nil
	}
	if err := root.Possible(ctx, kind, opt.Options); err != nil {
		return &RootResult{Format: string(f), NotRun: err.Error()}, nil
	}
	suite := &root.Suite{Kind: kind, Spec: root.Spec{V1: name}, Parallel: 2}
	opt.set(suite)
	report, err := suite.Run(ctx)
	if err != nil {
		return nil, fmt.Errorf("play %s in a throwaway root: %w", name, err)
	}
	return rootResult(f, report)
}

func rootResult(f plan.Format, report *root.Report) (*RootResult, error) {
	var text bytes.Buffer
	if err := report.Write(&text); err != nil {
		return nil, err
	}
	res := &RootResult{Format: string(f), Table: text.String()}
	for _, v := range report.Violations() {
		res.Violations = append(res.Violations, v.String())
	}
	return res, nil
}

// buildVersion writes version n of a package: 2 has another number, 3 other
// texts in its configuration files as well, 4 a script that fails.
func buildVersion(ctx context.Context, dir string, p *plan.Package, src pack.Sources, f plan.Format, n int) (string, error) {
	c := *p
	c.Payload = shipped(p)
	if n > 1 {
		c.Version = fmt.Sprintf("%s+%d", p.Version, n)
	}
	if n == 4 {
		src.Scripts = failing(src.Scripts, f)
	}
	if n == 3 {
		if err := newDefaults(&c, src); err != nil {
			return "", err
		}
	}
	list, err := pack.Build(ctx, &c, src, pack.Options{OutDir: dir, Formats: []plan.Format{f}})
	if err != nil {
		return "", fmt.Errorf("build version %d for the throwaway root: %w", n, err)
	}
	for _, a := range list {
		if a.Format == f {
			return a.Path, nil
		}
	}
	return "", fmt.Errorf("build version %d for the throwaway root: no %s was written", n, f)
}

// failingScript is the script that ends the upgrade to a version that cannot be
// installed: dpkg and pacman have the new files in place by then, rpm calls the upgrade off.
var failingScript = map[plan.Format]string{plan.Deb: "postinstall", plan.RPM: "preinstall", plan.Arch: "postupgrade"}

// failing makes one script of a format fail at once.
func failing(scripts map[plan.Format]map[string]string, f plan.Format) map[plan.Format]map[string]string {
	texts := maps.Clone(scripts[f])
	if texts == nil {
		texts = map[string]string{}
	}
	texts[failingScript[f]] = "#!/bin/sh\nexit 1\n"
	return map[plan.Format]map[string]string{f: texts}
}

// shipped is the payload with what the targets add to it, sorted.
func shipped(p *plan.Package) []plan.Entry {
	out := append(slices.Clone(p.Payload), target.ExtraEntries(p)...)
	slices.SortStableFunc(out, func(a, b plan.Entry) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// newDefaults gives each configuration file another shipped text.
func newDefaults(p *plan.Package, src pack.Sources) error {
	p.Payload, p.Texts = slices.Clone(p.Payload), slices.Clone(p.Texts)
	for i := range p.Payload {
		e := &p.Payload[i]
		if !e.Conffile {
			continue
		}
		data, err := textOf(p, *e, src)
		if err != nil {
			return fmt.Errorf("read the configuration file %s: %w", e.Path, err)
		}
		t := plan.Text{Path: fmt.Sprintf("verify/%d", i), Data: append(slices.Clone(data), "# a new default\n"...), Mode: 0o644}
		p.Texts = append(p.Texts, t)
		e.Origin, e.Src = plan.Text_, t.Path
	}
	return nil
}

func textOf(p *plan.Package, e plan.Entry, src pack.Sources) ([]byte, error) {
	switch e.Origin {
	case plan.Text_:
		for _, t := range p.Texts {
			if t.Path == e.Src {
				return t.Data, nil
			}
		}
		return nil, os.ErrNotExist
	case plan.Staged:
		return os.ReadFile(filepath.Join(src.Stage, filepath.FromSlash(e.Src)))
	}
	f, err := src.Repo.Open(e.Src)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(f)
	return b.Bytes(), err
}
