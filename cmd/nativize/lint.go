package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lint"
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
	all           bool
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
			"directory in one, an archive, or one script; - reads a list of paths, one a line. The default is the current directory.\n" +
			"A script that another of the list runs to the last command is judged as it is run there. Where scripts are named, these\n" +
			"and what they run are judged, and the other files of their repository are not.\n\n" +
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
	f.BoolVar(&l.all, "all", false, "take every shell script of a repository for an entry, not only those that deploy")
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
	if l.all && l.script != "" {
		return errors.New("--all looks at every script: leave --script out")
	}
	if (l.fix || l.diff) && (l.rev != "" || l.since != "") {
		return errors.New("--fix and --diff work on the files as they lie there: leave --rev and --since out")
	}
	c := lint.Config{Enable: l.enable, Disable: l.disable}
	return c.Check()
}
