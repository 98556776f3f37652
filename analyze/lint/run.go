package lint

import (
	"context"
	"path"
	"slices"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// Options say what Run looks at.
type Options struct {
	analyze.Options
	Config        Config          // as read by [ReadConfig], with what the command line adds
	MinConfidence diag.Confidence // less sure findings are counted, not reported; "" all
	NoIgnores     bool            // comments that silence are not obeyed
}

// A Result is what lint found in one repository.
type Result struct {
	Findings   []Finding
	Suppressed int
	Scripts    []string // repository paths that were read as programs
	Nothing    bool     // there was nothing to look at: no script and no file of the kinds that rules know
}

// maxEntries bounds the scripts of one repository that are each taken for an entry.
const maxEntries = 24

// minScore is the score below which a candidate is not taken for an entry.
const minScore = 20

// Run analyses a repository and checks it. Without an entry in the options
// every script that deploys to a server is one, so that a repository with
// several is covered.
func Run(ctx context.Context, repo *source.Repo, opt Options) (*Result, error) {
	rules := opt.Config.Rules()
	facts := newRepoFacts(repo)
	res := &Result{}
	a, err := analyze.Run(ctx, repo, opt.Options)
	if err != nil {
		return nil, err
	}
	found, err := check(ctx, a, rules, facts)
	if err != nil {
		return nil, err
	}
	read := scriptsOf(a)
	if opt.Script == "" {
		more, err := others(ctx, a, rules, facts, &read, opt)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	res.Scripts = read
	res.finish(facts, found, opt)
	res.Nothing = len(read) == 0 && len(res.Findings) == 0
	return res, nil
}

// others checks the other scripts of the repository that deploy, each as an
// entry of its own.
func others(ctx context.Context, a *analyze.Analysis, rules []*Rule, facts *repoFacts, read *[]string, opt Options) ([]Finding, error) {
	var local []*Rule
	for _, r := range rules {
		if !r.Repo {
			local = append(local, r)
		}
	}
	var found []Finding
	n := 0
	for _, c := range a.Candidates {
		if c.Chosen || slices.Contains(*read, c.Path) || !isEntry(c) || n >= maxEntries {
			continue
		}
		n++
		o := opt.Options
		o.Script, o.Build = c.Path, ""
		b, err := analyze.Run(ctx, facts.repo, o)
		if err != nil {
			return nil, err
		}
		more, err := check(ctx, b, local, facts)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
		*read = append(*read, scriptsOf(b)...)
	}
	return found, nil
}

func isEntry(c model.Candidate) bool {
	return c.Score >= minScore && (c.Class.Packageable() || c.Class == model.Other)
}

func scriptsOf(a *analyze.Analysis) []string {
	var out []string
	if a.Machine != nil {
		for _, s := range a.Machine.Scripts() {
			out = append(out, s.Path)
		}
	}
	return out
}

// finish applies the configuration, the comments and the limits.
func (res *Result) finish(facts *repoFacts, found []Finding, opt Options) {
	found = merged(found)
	found = slices.DeleteFunc(found, func(f Finding) bool { return opt.Config.excludes(f.Main().File) })
	opt.Config.apply(found)
	if !opt.NoIgnores {
		found, res.Suppressed = silence(facts, found, res.files(found, facts.repo), opt.Config.active)
	}
	for _, f := range found {
		if opt.MinConfidence != "" && f.Confidence.Rank() > opt.MinConfidence.Rank() {
			res.Suppressed++
			continue
		}
		res.Findings = append(res.Findings, f)
	}
	slices.SortStableFunc(res.Findings, func(a, b Finding) int { return diag.Compare(a.Diagnostic, b.Diagnostic) })
}

// files are those whose comments are read: the scripts, and what findings point at.
func (res *Result) files(found []Finding, repo *source.Repo) []string {
	out := slices.Clone(res.Scripts)
	for i := range found {
		if p := found[i].Main().File; p != "" && repo.Exists(p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// matchPath tells whether a pattern of the configuration names a path: a glob
// over the whole path or its last element, or a directory above it.
func matchPath(pattern, p string) bool {
	if ok, err := path.Match(pattern, p); err == nil && ok {
		return true
	}
	if ok, err := path.Match(pattern, path.Base(p)); err == nil && ok {
		return true
	}
	for dir := path.Dir(p); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if ok, err := path.Match(path.Clean(pattern), dir); err == nil && ok {
			return true
		}
	}
	return false
}
