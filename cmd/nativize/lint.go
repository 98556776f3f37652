package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lint"
	"github.com/nativize/nativize/analyze/source"
)

// A linter is one call of lint: what the flags say.
type linter struct {
	input
	format        string
	enable        []string
	disable       []string
	failOn        string
	minConfidence string
	baseline      string
	writeBaseline string
	pruneBaseline bool
	since         string
	noIgnores     bool
	noConfig      bool
	exitZero      bool
	fix           bool
	unsafe        bool
	diff          bool
	quiet         bool
}

func newLint() *cobra.Command {
	l := &linter{format: "text", failOn: "warning", minConfidence: "medium"}
	cmd := &cobra.Command{
		Use:   "lint [PATH ...]",
		Short: "Find what goes wrong on servers in deployment scripts",
		Long: "lint reads deployment scripts, never running them, and reports what they do to a server that goes wrong: configuration\n" +
			"that a redeploy overwrites, data that a clean checkout removes, steps that work only once. A PATH is a repository, a\n" +
			"directory in one, an archive, or one script; - reads a list of paths, one a line. The default is the current directory.\n\n" +
			"Exit status: 0 nothing found, 1 findings, 2 usage, 3 nothing to look at, 4 could not read or write.",
		Example: "  nativize lint\n  nativize lint --format sarif . > nativize.sarif\n  nativize lint --since origin/main\n  git ls-files '*.sh' | nativize lint -",
		RunE:    func(cmd *cobra.Command, args []string) error { return l.run(cmd, args) },
	}
	l.input.flags(cmd)
	l.flags(cmd)
	return cmd
}

func (l *linter) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&l.format, "format", l.format, strings.Join(diag.FormatNames(), ", "))
	f.StringSliceVar(&l.enable, "enable", nil, "run only these rules")
	f.StringSliceVar(&l.disable, "disable", nil, "do not run these rules")
	f.StringVar(&l.failOn, "fail-on", l.failOn, "lowest severity that gives exit status 1: error, warning, note, never")
	f.StringVar(&l.minConfidence, "min-confidence", l.minConfidence, "leave out less sure findings: high, medium, low")
	f.StringVar(&l.baseline, "baseline", "", "file of known findings, not to be reported")
	f.StringVar(&l.writeBaseline, "write-baseline", "", "write what is found to a baseline, and end with status 0")
	f.BoolVar(&l.pruneBaseline, "prune-baseline", false, "take what is not found any more out of the baseline")
	f.StringVar(&l.since, "since", "", "report only what is new since this git revision, judged by what the scripts do")
	f.BoolVar(&l.noIgnores, "no-ignores", false, "report what nativize:ignore comments silence too")
	f.BoolVar(&l.noConfig, "no-config", false, "do not read the section lint: of nativize.yaml")
	f.BoolVar(&l.exitZero, "exit-zero", false, "end with status 0 whatever is found")
	f.BoolVar(&l.fix, "fix", false, "mend what can be mended safely")
	f.BoolVar(&l.unsafe, "unsafe-fixes", false, "with --fix or --diff: mend also where the script then does something else")
	f.BoolVar(&l.diff, "diff", false, "print what --fix would change, as a patch, and change nothing")
	f.BoolVarP(&l.quiet, "quiet", "q", false, "no closing line on standard error")
	completeWords(cmd, "format", diag.FormatNames())
	completeWords(cmd, "fail-on", []string{"error", "warning", "note", "never"})
	completeWords(cmd, "min-confidence", []string{"high", "medium", "low"})
	_ = cmd.RegisterFlagCompletionFunc("enable", completeRules)
	_ = cmd.RegisterFlagCompletionFunc("disable", completeRules)
}

// A target is one repository to look at, with the scripts named in it.
type lintTarget struct {
	path   string // as given
	prefix string // of its paths in the report, "" none
	script string
}

// A linted is what was found in one target.
type linted struct {
	target lintTarget
	res    *lint.Result
	fixes  *lint.Fixes
	err    error
}

func (l *linter) run(cmd *cobra.Command, args []string) error {
	if err := l.check(); err != nil {
		return exitWith(exitUsage, err)
	}
	targets, err := l.targets(cmd.InOrStdin(), args)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return exitWith(exitNothing, errors.New("the list of paths is empty: nothing was looked at"))
	}
	all := l.each(cmd.Context(), targets)
	for _, r := range all {
		if r.err != nil {
			return r.err
		}
	}
	return l.finish(cmd, all)
}

// check looks at the flags that have a list of values.
func (l *linter) check() error {
	if !slices.Contains(diag.FormatNames(), l.format) {
		return fmt.Errorf("unknown format %q (have %s)", l.format, strings.Join(diag.FormatNames(), ", "))
	}
	if _, err := lint.ParseConfidence(l.minConfidence); err != nil {
		return err
	}
	if _, err := lint.ParseSeverity(l.failOn); err != nil && l.failOn != "never" {
		return fmt.Errorf("%w, or never", err)
	}
	if l.pruneBaseline && l.baseline == "" {
		return errors.New("--prune-baseline needs --baseline FILE")
	}
	if l.unsafe && !l.fix && !l.diff {
		return errors.New("--unsafe-fixes needs --fix or --diff")
	}
	if (l.fix || l.diff) && (l.rev != "" || l.since != "") {
		return errors.New("--fix and --diff work on the files as they lie there: leave --rev and --since out")
	}
	c := lint.Config{Enable: l.enable, Disable: l.disable}
	return c.Check()
}

// targets are the repositories to look at: those given, or listed on standard
// input for "-". Scripts are looked at one by one, directories whole.
func (l *linter) targets(stdin io.Reader, args []string) ([]lintTarget, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var out []lintTarget
	for _, a := range args {
		if a != "-" {
			out = append(out, targetOf(a, len(args) > 1))
			continue
		}
		list := bufio.NewScanner(stdin)
		list.Buffer(nil, 1<<20)
		for list.Scan() {
			if p := strings.TrimSuffix(list.Text(), "\r"); p != "" {
				out = append(out, targetOf(p, true))
			}
		}
		if err := list.Err(); err != nil {
			return nil, exitWith(exitIO, fmt.Errorf("read the list of paths: %w", err))
		}
	}
	return out, nil
}

// targetOf makes a target of a path. A script is looked at in the repository
// that the present directory is in, so that what it calls is found.
func targetOf(p string, several bool) lintTarget {
	info, err := os.Stat(p)
	if err == nil && info.Mode().IsRegular() && !archive(p) {
		if rel := filepath.ToSlash(filepath.Clean(p)); filepath.IsLocal(p) {
			return lintTarget{path: ".", script: rel}
		}
		t := lintTarget{path: filepath.Dir(p), script: filepath.Base(p)}
		t.prefix = filepath.ToSlash(filepath.Dir(p))
		return t
	}
	t := lintTarget{path: p}
	if several && filepath.Clean(p) != "." {
		t.prefix = filepath.ToSlash(filepath.Clean(p))
	}
	return t
}

func archive(p string) bool {
	for _, s := range []string{".tar", ".zip", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".txz"} {
		if strings.HasSuffix(p, s) {
			return true
		}
	}
	return false
}

// each looks at the targets in parallel; the results are in the order given.
func (l *linter) each(ctx context.Context, targets []lintTarget) []linted {
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
		if out.fixes, err = lint.Mend(ctx, repo, now.Findings, opt, l.unsafe); err != nil {
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
	if err == nil && opt.Script != "" && !repo.Exists(opt.Script) && rev != "" {
		return &lint.Result{}, repo, opt, nil // the script is new
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
	opt := lint.Options{NoIgnores: l.noIgnores, MinConfidence: diag.Confidence(l.minConfidence)}
	opt.Options = analyze.Options{Script: l.script, Build: l.build, Tool: "nativize " + version}
	switch {
	case t.script != "":
		opt.Script = t.script
	case opt.Script == "":
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

// finish joins the targets' results and prints them.
func (l *linter) finish(cmd *cobra.Command, all []linted) error {
	found, suppressed, nothing := gather(all)
	if l.fix || l.diff {
		return l.mend(cmd, all)
	}
	if l.writeBaseline != "" {
		return l.saveBaseline(cmd, found)
	}
	if l.baseline != "" {
		left, known, err := l.known(cmd, found)
		if err != nil {
			return err
		}
		found, suppressed = left, suppressed+known
	}
	if err := l.print(cmd, all, found, suppressed); err != nil {
		return exitWith(exitIO, err)
	}
	l.close(cmd, found, suppressed)
	switch {
	case nothing && len(found) == 0:
		return exitWith(exitNothing, errors.New("no deployment script was found: nothing was looked at"))
	case l.fails(found):
		return exitWith(exitFindings, nil)
	}
	return nil
}

// gather joins results; the paths of several repositories are told apart by
// where each lies.
func gather(all []linted) (found []lint.Finding, suppressed int, nothing bool) {
	nothing = true
	seen := map[string]bool{}
	for _, r := range all {
		nothing = nothing && r.res.Nothing
		suppressed += r.res.Suppressed
		for _, f := range r.res.Findings {
			f.Diagnostic = moved(f.Diagnostic, r.target.prefix)
			k := f.Main().Pos.String() + f.Rule + f.Message
			if seen[k] {
				continue // scripts of one repository that call each other
			}
			seen[k] = true
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b lint.Finding) int { return diag.Compare(a.Diagnostic, b.Diagnostic) })
	return found, suppressed, nothing
}

// moved puts a prefix before the paths of a finding.
func moved(d diag.Diagnostic, prefix string) diag.Diagnostic {
	if prefix == "" || prefix == "." {
		return d
	}
	at := slices.Clone(d.At)
	for i := range at {
		at[i].File = prefix + "/" + at[i].File
	}
	related := slices.Clone(d.Related)
	for i := range related {
		related[i].At.File = prefix + "/" + related[i].At.File
	}
	d.At, d.Related = at, related
	return d
}

// print writes the findings in the format that was asked for.
func (l *linter) print(cmd *cobra.Command, all []linted, found []lint.Finding, suppressed int) error {
	w := cmd.OutOrStdout()
	width, color := terminalOf(w)
	r := &diag.Report{
		Tool: "nativize", Version: version, URI: "https://github.com/nativize/nativize", Rules: lint.Metas(),
		Findings: lint.Diagnostics(found), Suppressed: suppressed, Sources: l.sources(all), Color: color, Links: color && width > 0, Width: width,
	}
	var buf bytes.Buffer
	if err := diag.Write(&buf, l.format, r); err != nil {
		return err
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// sources reads the files that findings point at, by their path in the report.
func (l *linter) sources(all []linted) func(string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		for _, r := range all {
			rel, ok := name, r.target.prefix == "" || r.target.prefix == "."
			if !ok {
				rel, ok = strings.CutPrefix(name, r.target.prefix+"/")
			}
			if !ok {
				continue
			}
			repo, err := source.Open(context.Background(), r.target.path, source.Options{Rev: l.rev})
			if err != nil {
				return nil, err
			}
			b, err := repo.Read(rel)
			repo.Close()
			if err == nil {
				return b, nil
			}
		}
		return nil, fmt.Errorf("there is no file %q", name)
	}
}

// close writes the closing line.
func (l *linter) close(cmd *cobra.Command, found []lint.Finding, suppressed int) {
	if l.quiet {
		return
	}
	line := diag.Summary(lint.Diagnostics(found), suppressed)
	mendable := 0
	for _, f := range found {
		if f.Fix != nil && !f.Fix.Unsafe {
			mendable++
		}
	}
	if mendable > 0 {
		line += fmt.Sprintf("; --fix can mend %d of them", mendable)
	}
	fmt.Fprintln(cmd.ErrOrStderr(), line)
}

// fails tells whether a finding is as grave as --fail-on asks for.
func (l *linter) fails(found []lint.Finding) bool {
	if l.exitZero || l.failOn == "never" {
		return false
	}
	limit := diag.Severity(l.failOn).Rank()
	return slices.ContainsFunc(found, func(f lint.Finding) bool { return f.Severity.Rank() <= limit })
}

func (l *linter) saveBaseline(cmd *cobra.Command, found []lint.Finding) error {
	if err := writeFile(l.writeBaseline, lint.NewBaseline(found).Write); err != nil {
		return err
	}
	if !l.quiet {
		fmt.Fprintf(cmd.ErrOrStderr(), "%d findings are in the baseline %s\n", len(found), l.writeBaseline)
	}
	return nil
}

// known takes the findings of the baseline out, and the stale ones out of the
// baseline when that was asked for.
func (l *linter) known(cmd *cobra.Command, found []lint.Finding) ([]lint.Finding, int, error) {
	file, err := os.Open(l.baseline)
	if err != nil {
		return nil, 0, exitWith(exitIO, fmt.Errorf("read the baseline %s: %w", l.baseline, cause(err)))
	}
	base, err := lint.ReadBaseline(file)
	file.Close()
	if err != nil {
		return nil, 0, exitWith(exitUsage, fmt.Errorf("read the baseline %s: %w", l.baseline, err))
	}
	left, known, stale := base.Filter(found)
	if len(stale) == 0 {
		return left, known, nil
	}
	if !l.pruneBaseline {
		if !l.quiet {
			fmt.Fprintf(cmd.ErrOrStderr(), "%d findings of the baseline are gone; --prune-baseline takes them out\n", len(stale))
		}
		return left, known, nil
	}
	return left, known, writeFile(l.baseline, base.Without(stale).Write)
}
