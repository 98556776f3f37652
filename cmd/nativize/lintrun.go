package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lint"
	"github.com/nativize/nativize/analyze/source"
)

// A linted is what was found in one target.
type linted struct {
	target lintTarget
	res    *lint.Result
	fixes  *lint.Fixes
	err    error
}

// gcPercent lets the heap grow further than usual between collections: a run of
// lint is short, and most of what it allocates lives as long as one script.
const gcPercent = 400

// each looks at the targets in parallel; the results are in the order given.
func (l *linter) each(ctx context.Context, targets []lintTarget) []linted {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	out := make([]linted, len(targets))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(targets)) {
		wg.Go(func() {
			for i := range next {
				out[i] = l.one(ctx, targets[i])
			}
		})
	}
	for i := range targets {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}

// one looks at one target.
func (l *linter) one(ctx context.Context, t lintTarget) (out linted) {
	out.target = t
	now, repo, opt, err := l.at(ctx, t, l.rev)
	if err != nil {
		out.err = err
		return out
	}
	defer repo.Close()
	if l.since != "" {
		if err := l.subtract(ctx, t, now); err != nil {
			out.err = err
			return out
		}
	}
	if l.fix || l.diff {
		if out.fixes, err = lint.Mend(ctx, repo, now, opt, l.unsafe); err != nil {
			out.err = exitWith(exitIO, err)
			return out
		}
	}
	out.res = now
	return out
}

// at checks a target at one revision, "" the files as they lie there.
func (l *linter) at(ctx context.Context, t lintTarget, rev string) (*lint.Result, *source.Repo, lint.Options, error) {
	var opt lint.Options
	repo, err := source.Open(ctx, t.path, source.Options{Rev: rev})
	if err != nil {
		return nil, nil, opt, exitWith(exitIO, err)
	}
	opt, err = l.options(repo, t)
	if err == nil && rev != "" && len(opt.Scripts) > 0 {
		opt.Scripts = slices.DeleteFunc(slices.Clone(opt.Scripts), func(s string) bool { return !repo.Exists(s) })
		if len(opt.Scripts) == 0 {
			return &lint.Result{}, repo, opt, nil // the scripts are new
		}
	}
	var res *lint.Result
	if err == nil {
		res, err = lint.Run(ctx, repo, opt)
	}
	if err != nil {
		repo.Close()
		return nil, nil, opt, exitWith(exitUsage, err)
	}
	return res, repo, opt, nil
}

// options joins the configuration of the repository with the flags.
func (l *linter) options(repo *source.Repo, t lintTarget) (lint.Options, error) {
	opt := lint.Options{Scripts: t.scripts, All: l.all, NoIgnores: l.noIgnores, MinConfidence: diag.Confidence(l.minConfidence)}
	opt.Options = analyze.Options{Script: l.script, Build: l.build, Tool: "nativize " + version}
	if len(t.scripts) > 0 {
		opt.Script = ""
	} else if opt.Script == "" && !l.all {
		opt.Script = repo.Entry
	}
	if !l.noConfig {
		c, err := lint.ReadConfig(repo)
		if err != nil {
			return opt, err
		}
		opt.Config = c
	}
	if len(l.enable) > 0 {
		opt.Config.Enable = l.enable
	}
	opt.Config.Disable = append(slices.Clip(opt.Config.Disable), l.disable...)
	return opt, nil
}

// subtract takes out what the older revision has too.
func (l *linter) subtract(ctx context.Context, t lintTarget, now *lint.Result) error {
	then, repo, _, err := l.at(ctx, t, l.since)
	if err != nil {
		return err
	}
	repo.Close()
	left := lint.Introduced(now.Findings, then.Findings)
	now.Suppressed += len(now.Findings) - len(left)
	now.Findings = left
	return nil
}
