package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert"
	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/verify"
)

// A verification is one run of verify.
type verification struct {
	input
	form    string
	formats []string
	root    string
	deploy  bool     // run the original script in a throwaway root
	args    []string // of the original script
	stderr  io.Writer
}

func newVerify() *cobra.Command {
	var v verification
	cmd := &cobra.Command{
		Use:   "verify PATH",
		Short: "Prove that the packages do what the deployment did",
		Long: `verify plays the life of a package on an abstract machine: installation, upgrades,
edited configuration, failures at each command, removal, purge, and the take-over
of a server that was deployed by hand. Nothing is run and no root is needed.

PATH is a directory that convert wrote, a repository, which is then converted in
memory, or a package file of any maker (.deb, .rpm, .apk, .pkg.tar.zst), whose
life cycle is played.

With --root the real package managers play the same in throwaway roots: trees of
their own in new namespaces, without network, that see nothing of this machine.
Where they cannot be made nothing is run. The first one takes minutes, as its
base tree is made.

With --run-deploy the original script is run too, in a throwaway root whose
network, package managers and service managers only write down how they are
called, and what it leaves is compared with what the package leaves.

The exit code is 0 when all is proven, 1 when there are differences.`,
		Example: "  nativize verify .\n  nativize verify /tmp/app --format deb,rpm\n  nativize verify app_1.0_amd64.deb\n  nativize verify /tmp/app --root auto\n  nativize verify . --root auto --run-deploy --deploy-arg https://builds.example/app.tar.gz",
		Args:    exactly(1, "a repository, a directory that convert wrote, or a package file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			v.stderr = cmd.ErrOrStderr()
			// throwaway roots must not outlive it, also when a job's time is over
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM)
			defer stop()
			report, err := v.run(ctx, args[0])
			if ctx.Err() != nil {
				return exitWith(exitIO, errors.New("interrupted; the throwaway roots are deleted"))
			}
			if err != nil {
				return err
			}
			if err := report.Write(cmd.OutOrStdout(), v.form); err != nil {
				return exitWith(exitIO, err)
			}
			if !report.Proven() {
				return exitWith(exitFindings, nil)
			}
			return nil
		},
	}
	v.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&v.form, "format", "text", "form of the report: "+strings.Join(verify.ReportFormats, ", "))
	f.StringSliceVar(&v.formats, "package", nil, "package formats to verify (default: deb, rpm, apk, archlinux)")
	f.StringVar(&v.root, "root", "", "play with real package managers too: auto, or a directory for the base trees")
	f.BoolVar(&v.deploy, "run-deploy", false, "run the original script in a throwaway root and compare what it leaves")
	f.StringArrayVar(&v.args, "deploy-arg", nil, "an argument of the original script for --run-deploy; may be given again")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(verify.ReportFormats, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (v *verification) run(ctx context.Context, path string) (*verify.Report, error) {
	if !slices.Contains(verify.ReportFormats, v.form) {
		return nil, exitWith(exitUsage, fmt.Errorf("--format is one of %s, not %q", strings.Join(verify.ReportFormats, ", "), v.form))
	}
	for _, f := range v.formats {
		if !slices.Contains(plan.Formats, plan.Format(f)) {
			return nil, exitWith(exitUsage, fmt.Errorf("package format %q is none of deb, rpm, apk, archlinux", f))
		}
	}
	if len(v.args) > 0 && !v.deploy {
		return nil, exitWith(exitUsage, errors.New("--deploy-arg is for --run-deploy"))
	}
	if v.deploy && isPackage(path) {
		return nil, exitWith(exitUsage, errors.New("--run-deploy needs the repository: a package file has no deploy script"))
	}
	if isPackage(path) {
		return v.file(ctx, path)
	}
	rec, err := readRecord(path)
	if err != nil {
		return nil, exitWith(exitIO, err)
	}
	if rec != nil {
		return v.converted(ctx, path, rec)
	}
	return v.repository(ctx, path)
}

// isPackage tells whether a path is a package file by its name.
func isPackage(path string) bool {
	if i, err := os.Stat(path); err != nil || i.IsDir() {
		return false
	}
	for _, suffix := range []string{".deb", ".rpm", ".apk", ".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz", ".pkg.tar"} {
		if strings.HasSuffix(path, suffix) {
			return true
		}
	}
	return false
}

// file verifies a package of any maker.
func (v *verification) file(ctx context.Context, path string) (*verify.Report, error) {
	p, err := verify.FromFile(path)
	if err != nil {
		return nil, exitWith(exitIO, fmt.Errorf("read the package: %w", err))
	}
	report := &verify.Report{Source: path}
	res, err := verify.SpecOf(p, nil).LifeCycle(ctx)
	if err != nil {
		return nil, exitWith(exitIO, err)
	}
	report.Results = []*verify.Result{res}
	if v.root != "" {
		r, err := verify.RootFile(ctx, path, p.Format, v.rootOptions(p.Format))
		if err != nil {
			return nil, exitWith(exitIO, err)
		}
		report.Roots = append(report.Roots, *r)
	}
	return report, v.played(report)
}

// repository converts in memory and verifies what came out.
func (v *verification) repository(ctx context.Context, path string) (*verify.Report, error) {
	a, err := v.analyse(ctx, path)
	if err != nil {
		return nil, err
	}
	defer a.Repo.Close()
	opt, err := placeOptions()
	if err != nil {
		return nil, exitWith(exitUsage, err)
	}
	ch, _, err := readChoices(filepath.Join(path, "nativize.yaml"))
	if err != nil {
		return nil, exitWith(exitUsage, err)
	}
	p, err := convert.Run(ctx, a, ch, opt)
	if err != nil {
		return nil, convertError(err)
	}
	s := subject{name: path, plan: p, read: a.Repo.Read, repo: shell.Tree(a.Repo), deployment: verify.DeploymentOf(a.Target, a.Effects)}
	s.sources = pack.Sources{Repo: a.Repo.FS(), Scripts: map[plan.Format]map[string]string{}}
	s.script = v.scriptOf(a)
	return v.verify(ctx, s)
}

// converted verifies what convert wrote, with what was edited since.
func (v *verification) converted(ctx context.Context, dir string, rec *record) (*verify.Report, error) {
	var b building
	p, src, err := b.load(dir, rec)
	if err != nil {
		return nil, exitWith(exitIO, err)
	}
	if stage := filepath.Join(dir, "stage"); len(p.Stage) > 0 {
		if i, err := os.Stat(stage); err == nil && i.IsDir() {
			src.Stage = stage
		}
	}
	repo, err := source.Open(ctx, src.RepoDir, source.Options{})
	if err != nil {
		return nil, exitWith(exitIO, err)
	}
	defer repo.Close()
	s := subject{name: dir, plan: p, read: repo.Read, repo: shell.Tree(repo), sources: src}
	if rec.Source == "" { // the repository itself: the deployment's scripts are here
		a, err := v.analyse(ctx, dir)
		if err != nil {
			return nil, err
		}
		defer a.Repo.Close()
		s.deployment = verify.DeploymentOf(a.Target, a.Effects)
		s.script = v.scriptOf(a)
	}
	return v.verify(ctx, s)
}

// A subject is a plan with where its files come from.
type subject struct {
	name       string
	plan       *plan.Package
	read       func(string) ([]byte, error)
	repo       host.Repo
	deployment *verify.Deployment // nil not known
	sources    pack.Sources
	script     *verify.DeployScript // nil not known
}

func (v *verification) verify(ctx context.Context, s subject) (*verify.Report, error) {
	report := &verify.Report{Source: s.name}
	formats := plan.Formats
	if len(v.formats) > 0 {
		formats = nil
		for _, f := range v.formats {
			formats = append(formats, plan.Format(f))
		}
	}
	var lists [][]verify.Difference
	for _, f := range formats {
		spec, err := s.spec(f)
		if err != nil {
			return nil, exitWith(exitIO, err)
		}
		res, err := spec.LifeCycle(ctx)
		if err != nil {
			return nil, exitWith(exitIO, err)
		}
		report.Results = append(report.Results, res)
		lists = append(lists, spec.Compare(s.deployment))
		if err := v.inRoots(ctx, s, spec, f, report); err != nil {
			return nil, err
		}
	}
	report.Comparison = verify.Merge(formats, lists)
	return report, v.played(report)
}

// spec is the package of one format, with the maintainer scripts as they lie in
// the directory.
func (s subject) spec(f plan.Format) (*verify.Spec, error) {
	p, err := verify.FromPlan(s.plan, f, s.read)
	if err != nil {
		return nil, err
	}
	for name, text := range s.sources.Scripts[f] {
		sc := p.Scripts[name]
		sc.Text = text
		if sc.Name == "" {
			sc.Name = name
		}
		p.Scripts[name] = sc
	}
	legacy := &verify.Legacy{Plan: s.plan}
	if s.deployment != nil {
		legacy.Host, legacy.Where = s.deployment.Host, s.deployment.Where
	}
	spec := verify.SpecOf(p, legacy)
	spec.Repo = s.repo
	return spec, nil
}

// withScripts are the sources with the scripts that were verified.
func (s subject) withScripts(spec *verify.Spec) pack.Sources {
	src := s.sources
	p := spec.Versions[1]
	texts := map[string]string{}
	for name, sc := range p.Scripts {
		texts[name] = sc.Text
	}
	src.Scripts = map[plan.Format]map[string]string{p.Format: texts}
	return src
}
