// Package analyze reads a repository and says what its deployment does to a
// machine. Run is the stages in order, nothing else.
package analyze

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/input/secret"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

// Options overrule what is found.
type Options struct {
	Script string // entry of the deployment, a path in the repository
	Build  string // script that makes what the entry deploys
	Tool   string // name and version of the tool, for the report
}

// An Analysis is a deployment with what it was read from.
type Analysis struct {
	*model.Deployment
	Repo    *source.Repo
	Machine *shell.Machine // the scripts that were read, nil when there are none

	companions *detect.Companion
}

// SecretsIn returns the credentials in a file of the repository, as
// [secret.Quick] finds them.
func (a *Analysis) SecretsIn(name string) []secret.Secret { return a.companions.SecretsIn(name) }

// A Tree is what the files of a repository say whatever its entry is. It is read
// once and serves any number of entries, one after the other: a Tree is not for
// several goroutines.
type Tree struct {
	repo       *source.Repo
	source     model.Source
	companions *detect.Companion
	candidates []model.Candidate
	app        model.App
}

// Read reads the files of a repository that say something about its deployment.
func Read(repo *source.Repo) *Tree {
	companions := detect.Companions(repo)
	return &Tree{
		repo: repo, source: sourceOf(repo), companions: companions, candidates: detect.Candidates(repo, companions),
		app: detect.Identify(repo, companions),
	}
}

// Candidates are the files that may be the entry, the likeliest first. They are
// not to be changed.
func (t *Tree) Candidates() []model.Candidate { return t.candidates }

// Run analyses a repository. It never runs anything of it. A repository without
// a deployment is no error: its class says so.
func Run(ctx context.Context, repo *source.Repo, opt Options) (*Analysis, error) {
	return Read(repo).Run(ctx, opt)
}

// Run is [Run] of a repository that was read.
func (t *Tree) Run(ctx context.Context, opt Options) (*Analysis, error) {
	companions := t.companions
	a := &Analysis{Repo: t.repo, companions: companions, Deployment: &model.Deployment{Version: 1, Tool: opt.Tool}}
	d := a.Deployment
	d.Source = t.source
	a.Candidates = slices.Clone(t.candidates)
	if err := a.find(opt); err != nil {
		return nil, err
	}
	d.App = t.app
	d.App.From = maps.Clone(t.app.From)
	entry := a.entry()
	if entry != "" {
		if err := a.runScripts(ctx, entry, opt, companions); err != nil {
			return nil, err
		}
	}
	companions.Join(d, entry)
	detect.Classify(d, companions)
	detect.Secrets(d, a.Machine, companions)
	detect.Finish(d)
	return a, ctx.Err()
}

func sourceOf(repo *source.Repo) model.Source {
	i := repo.Info()
	s := model.Source{Kind: i.Kind, Path: i.Path, Commit: i.Commit, Branch: i.Branch, Remote: i.Remote, Dirty: i.Dirty}
	if !i.Date.IsZero() {
		s.Date = i.Date.Format(time.RFC3339)
	}
	return s
}

// find chooses the entry among the scripts that may be it.
func (a *Analysis) find(opt Options) error {
	if opt.Script == "" {
		if len(a.Candidates) > 0 && a.Candidates[0].Score > 0 {
			a.Candidates[0].Chosen = true
		}
		return nil
	}
	if _, err := a.Repo.Size(opt.Script); errors.Is(err, source.ErrNotFound) {
		return fmt.Errorf("there is no file %q in the repository%s", opt.Script, detect.Suggest(a.Candidates))
	} else if err != nil {
		return fmt.Errorf("%w%s", err, detect.Suggest(a.Candidates))
	}
	for i := range a.Candidates {
		if a.Candidates[i].Path == opt.Script {
			a.Candidates[i].Chosen = true
			return nil
		}
	}
	a.Candidates = append([]model.Candidate{{Path: opt.Script, Reason: "named by the caller", Chosen: true}}, a.Candidates...)
	return nil
}

// Script is the entry that was chosen, "" when none was found.
func (a *Analysis) Script() string { return a.entry() }

func (a *Analysis) entry() string {
	for _, c := range a.Candidates {
		if c.Chosen {
			return c.Path
		}
	}
	return ""
}

// runScripts walks the build script, when there is one, and the entry twice: on
// a fresh host and on the host that resulted.
func (a *Analysis) runScripts(ctx context.Context, entry string, opt Options, companions *detect.Companion) error {
	h := host.New(shell.Tree(a.Repo), "")
	h.Origin = a.Source.Remote
	if h.Origin == "" {
		h.Origin = a.Source.Path
	}
	h.Pages = a.App.Pages
	m := shell.New(h)
	a.Machine = m
	build := opt.Build
	if build == "" {
		build = detect.BuildScript(a.Repo, entry, a.Candidates)
	}
	if build != "" && build != entry {
		if err := detect.Build(m, build); err != nil {
			return err
		}
	}
	for run := 1; run <= 2; run++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		results, err := a.runPackaged(entry, run, companions)
		if err != nil {
			return err
		}
		if run == 1 {
			for _, res := range results {
				detect.Demands(a.Deployment, res)
			}
		}
	}
	a.Effects = h.Log
	a.Target = h
	detect.Account(a.Deployment, m, entry, build)
	detect.Facts(a.Deployment, detect.Run{Host: h, Effects: a.Effects, Origin: model.FromScript, App: a.App.Name, Sample: companions.Sample})
	companions.Declared(a.Deployment, entry)
	companions.Siblings(a.Deployment, entry, m)
	return nil
}

// runPackaged walks the entry between the maintainer scripts of the package tree
// that it lies in, when it does.
func (a *Analysis) runPackaged(entry string, run int, companions *detect.Companion) ([]*shell.Result, error) {
	before, after := detect.PackagedWith(a.Repo, entry)
	if err := a.runMaintainer(before, "install", run); err != nil {
		return nil, err
	}
	results, err := a.runEntry(entry, run, companions)
	if err != nil {
		return nil, err
	}
	return results, a.runMaintainer(after, "configure", run)
}

// runMaintainer walks maintainer scripts as dpkg calls them (Debian Policy 6.5).
func (a *Analysis) runMaintainer(scripts []string, action string, run int) error {
	for _, script := range scripts {
		if _, err := a.Machine.Run(shell.Options{Script: script, Run: run, User: "root", Args: []string{action}}); err != nil {
			return err
		}
	}
	return nil
}

// runEntry walks the entry once: a shell script, or the shell that a Makefile, a
// CI job or another file that may drive a deployment embeds.
func (a *Analysis) runEntry(entry string, run int, companions *detect.Companion) ([]*shell.Result, error) {
	if companions.IsFront(entry) {
		return companions.RunFront(a.Machine, entry, run), nil
	}
	res, err := a.Machine.Run(shell.Options{Script: entry, Run: run})
	if err != nil {
		return nil, err
	}
	return []*shell.Result{res}, nil
}
