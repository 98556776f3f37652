package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

// A building is one run of build.
type building struct {
	formats []string
	noStage bool
	stdout  io.Writer
	stderr  io.Writer
}

func (b *building) flags(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&b.formats, "format", nil, "formats to build: deb, rpm, apk, archlinux, ipk (default: those of nativize.yaml)")
	cmd.Flags().BoolVar(&b.noStage, "no-stage", false, "do not run packaging/stage.sh; take stage/ as it is")
}

func newBuild() *cobra.Command {
	var b building
	cmd := &cobra.Command{
		Use:   "build DIR",
		Short: "Build the packages of a directory that convert wrote",
		Long: `build writes the packages of DIR into DIR/dist: first below temporary names, and
only when all formats stand in place of the old ones. When something of the
payload must be made first, it runs packaging/stage.sh, which convert wrote and
which works on a copy of the sources. Nothing of the old deployment is run.`,
		Example: "  nativize build /tmp/app\n  SOURCE_DATE_EPOCH=1700000000 nativize build --format deb,rpm .",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b.stdout, b.stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
			return b.run(cmd.Context(), args[0])
		},
	}
	b.flags(cmd)
	return cmd
}

func (b *building) run(ctx context.Context, dir string) error {
	rec, err := readRecord(dir)
	if err != nil {
		return exitWith(exitIO, err)
	}
	if rec == nil {
		return exitWith(exitNothing, fmt.Errorf("%s has no packaging/ that nativize wrote; run nativize convert PATH -o %s first", dir, dir))
	}
	p, src, err := b.load(dir, rec)
	if err != nil {
		return exitWith(exitIO, err)
	}
	ch, _, err := readChoices(filepath.Join(dir, choices.FileName))
	if err != nil {
		return exitWith(exitUsage, err)
	}
	if err := unfilled(dir, p, ch); err != nil {
		return exitWith(exitUsage, err)
	}
	opt, err := b.options(dir, ch)
	if err != nil {
		return exitWith(exitUsage, err)
	}
	if src.Stage, err = b.stage(ctx, dir, p); err != nil {
		return exitWith(exitIO, err)
	}
	list, err := pack.Build(ctx, p, src, opt)
	if err != nil {
		return exitWith(exitIO, err)
	}
	for _, a := range list {
		if a.Format != "" {
			fmt.Fprintf(b.stdout, "%s\t%d bytes\tsha256 %s\n", a.Path, a.Size, a.SHA256)
		}
	}
	return nil
}

// load completes the plan with the files of packaging/ as they are now.
func (b *building) load(dir string, rec *record) (*plan.Package, pack.Sources, error) {
	p := rec.Plan
	src := pack.Sources{Scripts: map[plan.Format]map[string]string{}}
	if err := unedited(dir, rec, "packaging/nfpm.yaml"); err != nil {
		return nil, src, err
	}
	for i := range p.Texts {
		t := &p.Texts[i]
		data, err := os.ReadFile(filepath.Join(dir, "packaging", filepath.FromSlash(t.Path)))
		if err != nil {
			return nil, src, fmt.Errorf("read a file of the package: %w", err)
		}
		t.Data = data
	}
	if err := scriptsOf(dir, src.Scripts); err != nil {
		return nil, src, err
	}
	p.Payload = append(p.Payload, target.ExtraEntries(p)...)
	slices.SortStableFunc(p.Payload, func(a, b plan.Entry) int { return strings.Compare(a.Path, b.Path) })
	repo := dir
	if rec.Source != "" {
		repo = filepath.Join(dir, strings.TrimSuffix(rec.Source, "/"))
	}
	src.Repo, src.RepoDir = os.DirFS(repo), repo
	return p, src, nil
}

// unfilled refuses a unit that has a word of a template where the script puts a
// value of the server, unless the owner decided whether it is started like that.
func unfilled(dir string, p *plan.Package, ch *choices.Choices) error {
	for _, u := range p.Units {
		word, line := blankIn(p, u)
		if word == "" {
			continue
		}
		key := "services." + u.Name + ".enable"
		place := fmt.Sprintf("%s:%d", filepath.Join(dir, "packaging", filepath.FromSlash(u.Text)), line)
		enable := ch.Services[u.Name].Enable
		if enable == nil || ch.Notes[key].Guessed {
			return fmt.Errorf("%s: %s is to be filled in, the unit does not start with it: replace it there, or decide %s in nativize.yaml (false: it is shipped as it is and not started) and run nativize convert again", place, word, key)
		}
		if !*enable && u.Enable {
			return fmt.Errorf("%s: %s is false in nativize.yaml, but the maintainer scripts start the unit: run nativize convert again", place, key)
		}
	}
	return nil
}

// blankIn is the first word of a unit that is to be filled in, with its line; ""
// when there is none any more.
func blankIn(p *plan.Package, u plan.Unit) (string, int) {
	i := slices.IndexFunc(p.Texts, func(t plan.Text) bool { return t.Path == u.Text })
	if i < 0 {
		return "", 0
	}
	for n, line := range strings.Split(string(p.Texts[i].Data), "\n") {
		line = strings.TrimSpace(line)
		for _, word := range u.Blanks {
			if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, ";") && strings.Contains(line, word) {
				return word, n + 1
			}
		}
	}
	return "", 0
}

// unedited refuses a file that build does not read: what was edited in it would
// be lost without a word.
func unedited(dir string, rec *record, name string) error {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	if digest(data) != rec.Files[name] {
		return fmt.Errorf("%s was edited by hand: build it with nfpm, or move the change into nativize.yaml and run nativize convert --force", filepath.Join(dir, name))
	}
	return nil
}

// scriptsOf reads the maintainer scripts that the manifest names.
func scriptsOf(dir string, into map[plan.Format]map[string]string) error {
	data, err := os.ReadFile(filepath.Join(dir, "packaging", "nfpm.yaml"))
	if err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	var m struct {
		Overrides map[string]map[string]yaml.Node `yaml:"overrides"`
	}
	if err := yaml.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	for format, over := range m.Overrides {
		hooks := map[string]string{}
		if n, ok := over["scripts"]; ok {
			if err := n.Decode(&hooks); err != nil {
				return fmt.Errorf("read the manifest: %w", err)
			}
		}
		if n, ok := over[format]; ok {
			own := struct{ Scripts map[string]string }{}
			if err := n.Decode(&own); err != nil {
				return fmt.Errorf("read the manifest: %w", err)
			}
			for k, v := range own.Scripts {
				hooks[k] = v
			}
		}
		texts := map[string]string{}
		for hook, name := range hooks {
			text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				return fmt.Errorf("read a maintainer script: %w", err)
			}
			texts[hook] = string(text)
		}
		into[plan.Format(format)] = texts
	}
	return nil
}

// options are the formats and the time.
func (b *building) options(dir string, ch *choices.Choices) (pack.Options, error) {
	opt := pack.Options{OutDir: filepath.Join(dir, "dist"), Progress: b.progress()}
	epoch, err := sourceDateEpoch()
	if err != nil {
		return opt, err
	}
	opt.SourceDateEpoch = epoch
	names := b.formats
	if len(names) == 0 {
		names = ch.Formats
	}
	for _, n := range names {
		if !slices.Contains(append(slices.Clone(plan.Formats), plan.IPK), plan.Format(n)) {
			return opt, fmt.Errorf("format %q is none of deb, rpm, apk, archlinux, ipk", n)
		}
		opt.Formats = append(opt.Formats, plan.Format(n))
	}
	return opt, nil
}

// stage runs packaging/stage.sh when something must be made, and returns the
// staging tree.
func (b *building) stage(ctx context.Context, dir string, p *plan.Package) (string, error) {
	if len(p.Stage) == 0 {
		return "", nil
	}
	tree := filepath.Join(dir, "stage")
	if b.noStage {
		if _, err := os.Stat(tree); err != nil {
			return "", errors.New("there is no stage/: run packaging/stage.sh, or leave --no-stage away")
		}
		return tree, nil
	}
	script := filepath.Join(dir, "packaging", "stage.sh")
	var tools []string
	for _, s := range p.Stage {
		tools = append(tools, s.Tool)
	}
	fmt.Fprintf(b.stderr, "running %s (%s)\n", script, strings.Join(tools, ", "))
	cmd := exec.CommandContext(ctx, "sh", script)
	cmd.Stdout, cmd.Stderr = b.stderr, b.stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w; what it printed above says which step and why. The packages of before are still in %s", script, err, filepath.Join(dir, "dist"))
	}
	return tree, nil
}

// progress prints a line on a terminal, and warnings everywhere.
func (b *building) progress() func(pack.Event) {
	f, ok := b.stderr.(*os.File)
	live := ok && isatty.IsTerminal(f.Fd())
	return func(e pack.Event) {
		switch {
		case e.Kind == pack.Warning:
			fmt.Fprintf(b.stderr, "warning: %s: %s\n", e.Path, e.Text)
		case live && e.Kind == pack.Writing && e.Total > 0:
			fmt.Fprintf(b.stderr, "\r\x1b[K%s %d%%", e.Format, 100*e.Done/e.Total)
		case live && e.Kind == pack.Finished:
			fmt.Fprint(b.stderr, "\r\x1b[K")
		}
	}
}
