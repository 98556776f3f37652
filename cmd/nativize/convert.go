package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/convert"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

// A conversion is one run of convert.
type conversion struct {
	input
	out    string
	force  bool
	pack   bool
	commit bool
	sets   []string
	layout string
	stdout io.Writer
	stderr io.Writer
}

func newConvert() *cobra.Command {
	var c conversion
	var b building
	cmd := &cobra.Command{
		Use:   "convert PATH -o DIR",
		Short: "Turn a deployment into the source of native packages",
		Long: `convert reads the repository at PATH (a directory, a git repository, an archive)
and writes the source of its packages into DIR: packaging/ with the manifest,
maintainer scripts, units and configuration, nativize.yaml with the choices, and
source/ with the files of the payload, unless DIR is the repository itself.

Generated files that were edited by hand are kept: what convert would write now
goes beside them as FILE.nativize-new, and the exit code is 1. --force replaces
them. A directory that convert did not write is left alone without --force.

--commits puts what was written into the git repository that holds DIR, one
commit an idea: choices, build stage, manifest, configuration and so on. Author
and committer are those of git's configuration and environment, the time is
SOURCE_DATE_EPOCH or now. Neither git nor its hooks are run, nothing is signed or
pushed, and no other file or entry of the index is touched. Nothing is written
when those files have changes that are not committed.`,
		Example: "  nativize convert . -o .\n  nativize convert --build ~/src/app -o /tmp/app\n  nativize convert app.tar.gz -o app --set layout=opt\n  nativize convert . -o . --commits",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c.stdout, c.stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
			edited, err := c.run(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if c.pack {
				b.stdout, b.stderr = c.stdout, c.stderr
				if err := b.run(cmd.Context(), c.out); err != nil {
					return err
				}
			}
			if edited {
				return exitWith(exitFindings, nil)
			}
			return nil
		},
	}
	c.flags(cmd)
	f := cmd.Flags()
	f.StringVarP(&c.out, "output", "o", "", "directory to write; the repository itself is allowed")
	f.BoolVar(&c.pack, "build", false, "build the packages as well, into DIR/dist")
	f.BoolVar(&c.force, "force", false, "write into a directory with other files, and over edited ones")
	f.BoolVar(&c.commit, "commits", false, "commit the files to the git repository that holds DIR, one commit an idea")
	f.StringArrayVar(&c.sets, "set", nil, "overrule a choice: KEY=VALUE, may be repeated")
	f.StringVar(&c.layout, "layout", "", "auto, keep, fhs or opt")
	b.flags(cmd)
	_ = cmd.MarkFlagRequired("output")
	return cmd
}

// run converts the repository at path. It reports whether a file was kept that
// was edited by hand.
func (c *conversion) run(ctx context.Context, path string) (bool, error) {
	a, err := c.analyse(ctx, path)
	if err != nil {
		return false, err
	}
	defer a.Repo.Close()
	opt, err := placeOptions()
	if err != nil {
		return false, exitWith(exitUsage, err)
	}
	inside := sameDir(path, c.out) && c.rev == ""
	series, err := c.series(inside)
	if err != nil {
		return false, exitWith(exitIO, err)
	}
	ch, text, err := c.choices()
	if err != nil {
		return false, exitWith(exitUsage, err)
	}
	p, err := convert.Run(ctx, a, ch, opt)
	if err != nil {
		return false, convertError(err)
	}
	files, err := c.files(a, p, ch, inside, text)
	if err != nil {
		return false, exitWith(exitIO, err)
	}
	o := output{dir: c.out, force: c.force, inside: inside}
	res, err := o.write(ctx, a, p, files)
	if err != nil {
		return false, exitWith(exitIO, err)
	}
	c.report(p, ch, res)
	if err := c.commits(ctx, series, opt.Epoch); err != nil {
		return false, exitWith(exitIO, err)
	}
	return len(res.kept) > 0, nil
}

// convertError gives an error of the conversion its exit code.
func convertError(err error) error {
	var declined *convert.DeclinedError
	if errors.As(err, &declined) {
		return exitWith(exitNothing, err)
	}
	if errors.Is(err, context.Canceled) {
		return exitWith(exitIO, err)
	}
	return exitWith(exitUsage, err)
}

// choices reads nativize.yaml of the output directory and the flags. The text is
// nil when there is no such file.
func (c *conversion) choices() (*choices.Choices, []byte, error) {
	ch, text, err := readChoices(filepath.Join(c.out, choices.FileName))
	if err != nil {
		return nil, nil, err
	}
	sets := c.sets
	if c.layout != "" {
		sets = append([]string{"layout=" + c.layout}, sets...)
	}
	for _, s := range sets {
		if err := ch.Set(s); err != nil {
			return nil, nil, fmt.Errorf("--set %w", err)
		}
		if c.layout != "" || strings.HasPrefix(s, "layout=") {
			ch.CodeDir = ""
		}
	}
	for _, s := range sets {
		if strings.HasPrefix(s, "code_dir=") {
			_ = ch.Set(s) // valid: it was set above
		}
	}
	return ch, text, nil
}

// readChoices reads a file of choices, with its text; nil when there is none.
func readChoices(name string) (*choices.Choices, []byte, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return &choices.Choices{}, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the choices: %w", err)
	}
	ch, err := choices.Parse(name, data)
	return ch, append([]byte{}, data...), err
}

// placeOptions are what the environment says.
func placeOptions() (convert.Options, error) {
	opt := convert.Options{Arch: debArch()}
	epoch, err := sourceDateEpoch()
	opt.Epoch = epoch
	return opt, err
}

// sourceDateEpoch reads SOURCE_DATE_EPOCH, seconds since 1970; 0 when unset.
func sourceDateEpoch() (int64, error) {
	s := os.Getenv("SOURCE_DATE_EPOCH")
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("SOURCE_DATE_EPOCH is %q; it is a number of seconds since 1970", s)
	}
	return n, nil
}

// debArch is Debian's name of this machine's architecture.
func debArch() string {
	if a, ok := map[string]string{"386": "i386", "arm": "armhf", "ppc64le": "ppc64el", "mips64le": "mips64el"}[runtime.GOARCH]; ok {
		return a
	}
	return runtime.GOARCH
}

// sameDir tells whether two paths are one directory.
func sameDir(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err == nil && os.SameFile(ia, ib)
}

// files are all that is written but the sources. text is nativize.yaml as it is:
// the owner's lines stay, and what was found since is put behind them.
func (c *conversion) files(a *analyze.Analysis, p *plan.Package, ch *choices.Choices, inside bool, text []byte) ([]target.File, error) {
	prefix := "source/"
	if inside {
		prefix = ""
	}
	files, err := target.Emit(p, target.Options{SourcePrefix: prefix, Read: a.Repo.Read})
	if err != nil {
		return nil, err
	}
	data := text
	if text == nil {
		data, err = choices.Format(ch)
	} else {
		data, err = choices.Append(text, ch)
	}
	if err != nil {
		return nil, err
	}
	return append(files, target.File{Path: choices.FileName, Data: data, Mode: 0o644}), nil
}

// report says what was written and what a person must look at.
func (c *conversion) report(p *plan.Package, ch *choices.Choices, res written) {
	fmt.Fprintf(c.stdout, "%s %s: %d files, %d steps of the scripts placed, %d not\n", p.Name, p.Version, len(p.Payload), len(p.Fates)-len(p.Unplaced), len(p.Unplaced))
	fmt.Fprintf(c.stdout, "wrote %s\n", filepath.Join(c.out, "packaging"))
	if open := ch.Open(); len(open) > 0 {
		fmt.Fprintf(c.stdout, "%s open: %s (nativize questions %s)\n", count(len(open), "question is", "questions are"), strings.Join(open, ", "), c.out)
	}
	if len(p.Manual)+len(p.Unplaced) > 0 {
		fmt.Fprintf(c.stdout, "read %s: %s to do by hand\n", filepath.Join(c.out, "packaging", "MIGRATION.md"), count(len(p.Manual), "thing", "things"))
	}
	for _, name := range res.kept {
		fmt.Fprintf(c.stderr, "nativize: %s was edited by hand and is kept; %s.nativize-new has what convert would write\n", name, name)
	}
}

func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}
