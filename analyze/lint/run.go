package lint

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/command"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

// Options say what Run looks at.
type Options struct {
	analyze.Options
	// Scripts are entries to look at, repository paths, instead of Script. One
	// that another of them runs, and all of whose commands that run reaches, is
	// judged there, with the arguments and the variables that it gets. Rules on
	// the files of a repository judge these and what they run, and no others.
	Scripts []string
	// All takes every shell script of the repository for an entry, without an
	// entry in Script or Scripts.
	All           bool
	Config        Config          // as read by [ReadConfig], with what the command line adds
	MinConfidence diag.Confidence // less sure findings are counted, not reported; "" all
	NoIgnores     bool            // comments that silence are not obeyed
}

// A Result is what lint found in one repository.
type Result struct {
	Findings   []Finding
	Suppressed int
	Scripts    []string // repository paths that were read as programs
	Entries    []string // those of them that were entries
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
	c := newChecker(repo, opt)
	scripts, seen := c.listed(), func(name string) bool { return c.covered[name] }
	if len(scripts) > 0 {
		c.opt.Script, scripts = scripts[0], scripts[1:]
	}
	first := c.rules
	if len(opt.Scripts) > 0 {
		first = c.local
	}
	a, err := c.entry(ctx, c.opt.Options, first)
	if err != nil {
		return nil, err
	}
	if opt.Script == "" && len(opt.Scripts) == 0 && !opt.All {
		scripts, seen = others(a), func(name string) bool { return slices.Contains(c.read, name) || len(c.entries) > maxEntries }
	}
	for _, name := range scripts {
		if seen(name) {
			continue
		}
		o := c.opt.Options
		o.Script, o.Build = name, ""
		if _, err := c.entry(ctx, o, c.local); err != nil {
			return nil, err
		}
	}
	if len(opt.Scripts) > 0 {
		if err := c.named(ctx, a); err != nil {
			return nil, err
		}
	}
	res := &Result{Scripts: c.read, Entries: c.entries}
	res.finish(c.facts, c.found, opt)
	res.Nothing = len(c.read) == 0 && len(res.Findings) == 0
	return res, nil
}

// A checker checks the entries of one repository, one after the other.
type checker struct {
	opt     Options
	tree    *analyze.Tree
	facts   *repoFacts
	rules   []*Rule
	local   []*Rule // those that judge an entry
	found   []Finding
	entries []string        // scripts that were entries
	read    []string        // scripts that were read
	covered map[string]bool // of them those of which every command was reached
}

func newChecker(repo *source.Repo, opt Options) *checker {
	c := &checker{opt: opt, tree: analyze.Read(repo), facts: newRepoFacts(repo), rules: opt.Config.Rules(), covered: map[string]bool{}}
	for _, r := range c.rules {
		if !r.Repo {
			c.local = append(c.local, r)
		}
	}
	return c
}

// entry checks one entry.
func (c *checker) entry(ctx context.Context, opt analyze.Options, rules []*Rule) (*analyze.Analysis, error) {
	a, err := c.tree.Run(ctx, opt)
	if err != nil {
		return nil, err
	}
	found, err := check(ctx, a, rules, c.facts)
	if err != nil {
		return nil, err
	}
	c.found = append(c.found, found...)
	if name := a.Script(); name != "" {
		c.entries = append(c.entries, name)
	}
	c.note(a)
	return a, nil
}

// named checks the files that were named, and those that they run, by the rules
// on files of the repository.
func (c *checker) named(ctx context.Context, a *analyze.Analysis) error {
	c.facts.only = map[string]bool{}
	for _, name := range slices.Concat(c.opt.Scripts, c.read) {
		c.facts.only[name] = true
	}
	rules := slices.DeleteFunc(slices.Clone(c.rules), func(r *Rule) bool { return !r.Repo })
	found, err := check(ctx, a, rules, c.facts)
	c.found = append(c.found, found...)
	return err
}

// note adds the scripts that the entry runs. Those beside it that were read for
// what they set up are not judged there.
func (c *checker) note(a *analyze.Analysis) {
	if a.Machine == nil {
		return
	}
	missed := map[string]bool{}
	for _, s := range a.Machine.Statements() {
		if s.Outcome == command.Unreached && !s.Nested {
			missed[s.At.File] = true
		}
	}
	for _, s := range a.Machine.Scripts() {
		if slices.ContainsFunc(a.Scripts, func(o model.Script) bool { return o.Path == s.Path && o.Role == "setup" }) {
			continue
		}
		c.covered[s.Path] = c.covered[s.Path] || !missed[s.Path]
		if !slices.Contains(c.read, s.Path) {
			c.read = append(c.read, s.Path)
		}
	}
}

// listed are the entries that the options name, likely callers first.
func (c *checker) listed() []string {
	var out []string
	switch {
	case c.opt.Script != "":
		return nil
	case len(c.opt.Scripts) > 0:
		out = slices.Clone(c.opt.Scripts)
	case c.opt.All:
		out = c.scripts()
	}
	rank := map[string]int{}
	for i, s := range c.tree.Candidates() {
		rank[s.Path] = i - len(c.tree.Candidates())
	}
	slices.SortFunc(out, func(a, b string) int {
		if d := rank[a] - rank[b]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(out)
}

// maxText is the size, in bytes, beyond which a file is not looked at as a
// script that nobody named.
const maxText = 1 << 20

// scripts are the shell scripts of the repository, told by name or first line.
func (c *checker) scripts() []string {
	var out []string
	for _, f := range c.facts.repo.Files() {
		ext := path.Ext(f.Path)
		if f.Ignored || !f.IsRegular() || f.Size > maxText || dependency(f.Path) || ext != "" && ext != ".sh" && ext != ".bash" {
			continue
		}
		b, err := c.facts.repo.Read(f.Path)
		if err != nil || source.IsBinary(b) || ext == "" && !strings.HasPrefix(string(b[:min(len(b), 2)]), "#!") {
			continue
		}
		if lang := shell.Language(f.Path, string(b[:min(len(b), 256)])); lang == "sh" || lang == "bash" {
			out = append(out, f.Path)
		}
	}
	return out
}

// dependency tells of files of others that were put into the repository.
func dependency(name string) bool {
	for dir := range strings.SplitSeq(path.Dir(name), "/") {
		if dir == "node_modules" || dir == "vendor" || dir == "third_party" || dir == "bower_components" {
			return true
		}
	}
	return false
}

// others are the other scripts of the repository that deploy, each an entry of
// its own.
func others(a *analyze.Analysis) []string {
	var out []string
	for _, s := range a.Candidates {
		if !s.Chosen && isEntry(s) {
			out = append(out, s.Path)
		}
	}
	return out
}

func isEntry(c model.Candidate) bool {
	return c.Score >= minScore && (c.Class.Packageable() || c.Class == model.Other)
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
