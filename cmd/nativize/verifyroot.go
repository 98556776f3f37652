package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mattn/go-isatty"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/verify"
	"github.com/nativize/nativize/convert/verify/root"
)

// inRoots plays a package in throwaway roots when that is asked for, and runs the
// original script for the first format.
func (v *verification) inRoots(ctx context.Context, s subject, spec *verify.Spec, f plan.Format, report *verify.Report) error {
	if v.root != "" {
		r, err := verify.InRoot(ctx, s.plan, s.withScripts(spec), f, v.rootOptions(f))
		if err != nil {
			return exitWith(exitIO, err)
		}
		report.Roots = append(report.Roots, *r)
	}
	if !v.deploy || report.Deployed != nil {
		return nil
	}
	if s.script == nil {
		return exitWith(exitUsage, errors.New("--run-deploy needs the deploy script: name the repository, not what convert wrote of it"))
	}
	opt := v.rootOptions(f)
	fmt.Fprintf(v.stderr, "running %s in a throwaway root\n", visible(s.script.Script))
	r, err := verify.RunDeploy(ctx, spec, *s.script, opt.Options)
	if err != nil {
		return exitWith(exitIO, err)
	}
	report.Deployed = r
	return nil
}

// played fails when roots were asked for and none could be made: what was asked
// for is not proven then.
func (v *verification) played(report *verify.Report) error {
	if v.root == "" {
		return nil
	}
	why := ""
	for _, r := range report.Roots {
		if r.NotRun == "" {
			return nil
		}
		why = r.NotRun
	}
	return exitWith(exitIO, fmt.Errorf("nothing was played in a throwaway root: %s", why))
}

// scriptOf is the deploy script of an analysis, nil when there is none.
func (v *verification) scriptOf(a *analyze.Analysis) *verify.DeployScript {
	if a.Script() == "" {
		return nil
	}
	return &verify.DeployScript{Repo: a.Repo, Script: a.Script(), Args: v.args, Effects: a.Effects,
		Build: detect.BuildScript(a.Repo, a.Script(), a.Candidates)}
}

// rootOptions says where the base trees lie, and who hears how it goes.
func (v *verification) rootOptions(f plan.Format) verify.RootOptions {
	opt := verify.RootOptions{Options: root.Options{Cache: v.root}}
	if v.root == "auto" || v.root == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			dir = os.TempDir()
		}
		opt.Cache = filepath.Join(dir, "nativize", "roots")
	}
	if !root.HasBase(opt.Options) {
		fmt.Fprintf(v.stderr, "making a base tree of Debian in %s: this takes minutes, the first time\n", opt.Cache)
	}
	out, ok := v.stderr.(*os.File)
	live := ok && isatty.IsTerminal(out.Fd())
	opt.Progress = func(done, total int, scenario string) {
		switch {
		case live && done < total:
			fmt.Fprintf(v.stderr, "\r\x1b[K%s: %d of %d scenarios (%s)", f, done, total, scenario)
		case live:
			fmt.Fprint(v.stderr, "\r\x1b[K")
		case done == total || done%10 == 0:
			fmt.Fprintf(v.stderr, "%s: %d of %d scenarios\n", f, done, total)
		}
	}
	return opt
}
