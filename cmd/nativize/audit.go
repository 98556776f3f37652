package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/lint"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/report"
)

// An input is what every command that reads a repository takes.
type input struct {
	rev    string
	script string
	build  string
}

func (in *input) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&in.rev, "rev", "", "git revision to read instead of the working tree")
	cmd.Flags().StringVar(&in.script, "script", "", "entry of the deployment, a path in the repository")
	cmd.Flags().StringVar(&in.build, "build-script", "", "script that makes what the entry deploys")
}

// analyse opens and reads the repository at path. The repository stays open:
// reports show its files.
func (in *input) analyse(ctx context.Context, path string) (*analyze.Analysis, error) {
	repo, err := source.Open(ctx, path, source.Options{Rev: in.rev})
	if err != nil {
		return nil, exitWith(exitIO, err)
	}
	script := in.script
	if script == "" {
		script = repo.Entry
	}
	a, err := analyze.Run(ctx, repo, analyze.Options{Script: script, Build: in.build, Tool: "nativize " + version})
	if err != nil {
		repo.Close()
		return nil, exitWith(analysisCode(err), err)
	}
	return a, nil
}

// audited is analyse with the findings of all rules.
func (in *input) audited(ctx context.Context, path string) (*analyze.Analysis, error) {
	a, err := in.analyse(ctx, path)
	if err != nil {
		return nil, err
	}
	found, err := lint.Check(ctx, a, lint.All)
	if err != nil {
		a.Repo.Close()
		return nil, exitWith(exitIO, err)
	}
	a.Findings = lint.Diagnostics(found)
	return a, nil
}

// analysisCode is the exit code for a named script that cannot be read, or is
// no shell script.
func analysisCode(err error) int {
	for _, cannot := range []error{source.ErrTooLarge, source.ErrNotRegular, source.ErrEscapes, source.ErrLoop, source.ErrDamaged, fs.ErrPermission} {
		if errors.Is(err, cannot) {
			return exitIO
		}
	}
	return exitUsage
}

// auditOptions are the flags of audit.
type auditOptions struct {
	input
	format  string
	output  string
	color   string
	verbose bool
	diff    bool
	fleet   bool
	shard   string
	jobs    int
	resume  bool
}

func newAudit() *cobra.Command {
	var o auditOptions
	cmd := &cobra.Command{
		Use:   "audit PATH",
		Short: "Report what a deployment does to a server",
		Long: "audit reads a repository and its deployment scripts and reports what they do to a\n" +
			"server: accounts, directories, configuration, services, dependencies, with the\n" +
			"place of every fact. PATH is a directory, a git repository (bare too), an archive\n" +
			"or a single script. Nothing is run.\n\n" +
			"With --diff two paths, or two revisions of one, are compared. With --fleet the\n" +
			"paths are directories of repositories or files that list them, one a line.",
		Example: "  nativize audit .\n" +
			"  nativize audit --format html -o report.html ~/src/app\n" +
			"  nativize audit --format json --script deploy.sh app.tar.gz\n" +
			"  nativize audit --diff --rev v1.0..v1.1 ~/src/app\n" +
			"  nativize audit --fleet --shard 3/16 -o shard3.jsonl repositories.txt",
		Args: atLeast(1, "the path of a repository"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.needFleet(cmd); err != nil {
				return err
			}
			switch {
			case o.diff && o.fleet:
				return fmt.Errorf("--diff and --fleet exclude each other")
			case o.diff:
				return o.compare(cmd, args)
			case o.fleet:
				return o.runFleet(cmd, args)
			}
			return o.one(cmd, args)
		},
	}
	o.input.flags(cmd)
	f := cmd.Flags()
	f.StringVarP(&o.format, "format", "f", "", "form of the report: text, json, markdown or html (for --diff text, json or markdown)")
	f.StringVarP(&o.output, "output", "o", "", "file to write instead of standard output")
	f.StringVar(&o.color, "color", "auto", "colours in the text form: auto, always or never")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "everything, with conditions and statements")
	f.BoolVar(&o.diff, "diff", false, "compare two paths, or two revisions of one (--rev A..B)")
	f.BoolVar(&o.fleet, "fleet", false, "audit many repositories; one JSON line each")
	f.StringVar(&o.shard, "shard", "", "with --fleet: only part I/N of the list")
	f.IntVar(&o.jobs, "jobs", 0, "with --fleet: repositories at once (0 is one a processor)")
	f.BoolVar(&o.resume, "resume", false, "with --fleet: go on where the output file ends")
	complete(cmd, "format", report.FormNames()...)
	complete(cmd, "color", "auto", "always", "never")
	return cmd
}

// complete gives the shell the values of a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag is not defined: a defect of ours
	}
}

// one reports on one repository.
func (o *auditOptions) one(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("audit takes one path, not %d; use --fleet for many", len(args))
	}
	form, err := o.form("text", report.FormNames())
	if err != nil {
		return err
	}
	a, err := o.audited(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	defer a.Repo.Close()
	err = o.write(cmd, func(w io.Writer, opt report.Options) error {
		opt.Sources = a.Repo.Read
		if form != "json" {
			opt.Package, opt.Unplanned = planned(cmd.Context(), a, args[0])
		}
		return report.Write(w, form, a.Deployment, opt)
	})
	if err != nil {
		return err
	}
	if a.Script() == "" {
		return nothingFound(args[0], a.Repo)
	}
	return nil
}

// planned is what convert would make of the deployment, by the choices in the
// repository when it has some; without a package, why there is none.
func planned(ctx context.Context, a *analyze.Analysis, path string) (*plan.Package, string) {
	if !a.Class.Packageable() {
		return nil, ""
	}
	opt, err := placeOptions()
	if err != nil {
		return nil, err.Error()
	}
	ch := &choices.Choices{}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if ch, _, err = readChoices(filepath.Join(path, choices.FileName)); err != nil {
			return nil, err.Error()
		}
	}
	p, err := convert.Run(ctx, a, ch, opt)
	if err != nil {
		return nil, err.Error()
	}
	return p, ""
}

// form returns the form asked for; the empty one is def.
func (o *auditOptions) form(def string, have []string) (string, error) {
	if o.format == "" {
		return def, nil
	}
	for _, f := range have {
		if f == o.format {
			return f, nil
		}
	}
	return "", fmt.Errorf("unknown format %q; the formats are %s", o.format, strings.Join(have, ", "))
}

// write writes a report to standard output, or whole to the output file.
func (o *auditOptions) write(cmd *cobra.Command, f func(io.Writer, report.Options) error) error {
	opt := report.Options{Verbose: o.verbose}
	if o.output != "" {
		return writeFile(o.output, func(w io.Writer) error { return f(w, opt) })
	}
	out := cmd.OutOrStdout()
	opt.Width, opt.Color = terminalOf(out)
	switch o.color {
	case "always":
		opt.Color = true
	case "never":
		opt.Color = false
	case "auto":
	default:
		return fmt.Errorf("unknown value %q of --color; the values are auto, always, never", o.color)
	}
	if err := f(out, opt); err != nil {
		return exitWith(exitIO, err)
	}
	return nil
}

// compare reports what changes on the server between two deployments.
func (o *auditOptions) compare(cmd *cobra.Command, args []string) error {
	form, err := o.form("text", report.ChangeForms)
	if err != nil {
		return err
	}
	before, after, err := o.sides(args)
	if err != nil {
		return err
	}
	a, err := before.in.audited(cmd.Context(), before.path)
	if err != nil {
		return err
	}
	defer a.Repo.Close()
	b, err := after.in.audited(cmd.Context(), after.path)
	if err != nil {
		return err
	}
	defer b.Repo.Close()
	return o.write(cmd, func(w io.Writer, opt report.Options) error {
		return report.WriteChange(w, form, report.Diff(a.Deployment, b.Deployment), opt)
	})
}

type side struct {
	in   input
	path string
}

// sides are what --diff compares: two paths, or two revisions A..B of one.
func (o *auditOptions) sides(args []string) (side, side, error) {
	if len(args) == 2 {
		return side{o.input, args[0]}, side{o.input, args[1]}, nil
	}
	from, to, ok := cutRange(o.rev)
	if len(args) != 1 || !ok {
		return side{}, side{}, fmt.Errorf("--diff takes two paths, or one path and --rev A..B")
	}
	a, b := o.input, o.input
	a.rev, b.rev = from, to
	return side{a, args[0]}, side{b, args[0]}, nil
}

// cutRange splits A..B; a missing B is the working tree.
func cutRange(rev string) (from, to string, ok bool) {
	for i := 0; i+1 < len(rev); i++ {
		if rev[i] == '.' && rev[i+1] == '.' {
			return rev[:i], rev[i+2:], i > 0
		}
	}
	return rev, "", rev != ""
}
