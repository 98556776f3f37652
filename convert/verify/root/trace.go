package root

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
)

// A Stage is a step that was played, and the tree after it.
type Stage struct {
	Step    Step
	Result  Result // of the package manager, if it was called
	Trouble string // what the package manager reported without failing
	Version int    // installed after the step; 0 for none
	After   *Snapshot
}

// A Trace is a scenario that was played, with all that invariants ask for.
type Trace struct {
	Kind     Kind
	Spec     *Spec
	Scenario Scenario
	Systemd  bool // a stand-in for systemd was there
	Name     string
	Before   *Snapshot
	Stages   []Stage

	Owned   map[int][]string // by version: the paths that the package manager lists
	Configs []string         // of all versions
	Fresh   map[int]*Snapshot
}

// before returns the tree before stage i.
func (t *Trace) before(i int) *Snapshot {
	if i == 0 {
		return t.Before
	}
	return t.Stages[i-1].After
}

// versionBefore returns what was installed before stage i.
func (t *Trace) versionBefore(i int) int {
	if i == 0 {
		return 0
	}
	return t.Stages[i-1].Version
}

// begin prepares the root and notes what it is like before the first step.
func (t *Trace) begin(ctx context.Context, r *Root) error {
	var err error
	if t.Systemd {
		if err = r.PretendSystemd(ctx); err != nil {
			return err
		}
	}
	if t.Name, _, err = r.Describe(ctx, t.Spec.V1); err != nil {
		return err
	}
	for _, later := range []string{t.Spec.V2, t.Spec.V3, t.Spec.V4} {
		if later != "" {
			if _, err := r.bring(ctx, later); err != nil {
				return err
			}
		}
	}
	if err := t.borrow(ctx, r); err != nil {
		return err
	}
	t.Owned, t.Configs = map[int][]string{}, slices.Clone(t.Spec.Configs)
	t.Before, err = r.Snapshot(ctx)
	return err
}

// next plays one step.
func (t *Trace) next(ctx context.Context, r *Root, step Step) error {
	i := len(t.Stages)
	stage, err := t.take(ctx, r, i, step)
	if err != nil {
		return fmt.Errorf("step %d (%s): %w", i+1, step.Do, err)
	}
	t.Stages = append(t.Stages, stage)
	return nil
}

// copy returns a trace that goes on from t, which stays as it is.
func (t *Trace) copy() *Trace {
	c := *t
	c.Stages, c.Configs, c.Owned = slices.Clone(t.Stages), slices.Clone(t.Configs), maps.Clone(t.Owned)
	return &c
}

func (t *Trace) take(ctx context.Context, r *Root, i int, step Step) (Stage, error) {
	stage := Stage{Step: step, Version: t.versionBefore(i)}
	err := t.act(ctx, r, &stage)
	if err != nil {
		return stage, err
	}
	stage.Trouble = r.Trouble(stage.Result)
	if stage.Version != 0 {
		if err := t.ask(ctx, r, stage.Version); err != nil {
			return stage, err
		}
	}
	stage.After, err = r.Snapshot(ctx)
	return stage, err
}

// act does the step's action.
func (t *Trace) act(ctx context.Context, r *Root, stage *Stage) error {
	var err error
	switch step := stage.Step; step.Do {
	case Install:
		stage.Version = step.Version
		stage.Result, err = r.Install(ctx, t.Spec.file(step.Version))
	case Remove:
		stage.Version = 0
		stage.Result, err = r.Remove(ctx, t.Name)
	case Purge:
		if stage.Version == 0 && !r.Kind.HasPurge() {
			return nil // removed already, and that was all
		}
		stage.Version = 0
		stage.Result, err = r.Purge(ctx, t.Name)
	case Edit:
		err = t.eachPath(ctx, r, editScript, t.Configs)
	case Seed:
		err = t.eachPath(ctx, r, seedScript, t.Spec.State)
	case PlantLegacy:
		err = t.plant(ctx, r)
	case MakeAccounts:
		err = t.makeAccounts(ctx, r)
	case StopService:
		_, err = r.output(ctx, nil, append([]string{"systemctl", "disable", "--now"}, t.Spec.Units...)...)
	case MaskService:
		_, err = r.output(ctx, nil, append([]string{"systemctl", "mask", "--now"}, t.Spec.Units...)...)
	default:
		err = fmt.Errorf("no such action")
	}
	return err
}

// ask notes what the installed package owns. A package that is not properly
// installed may be unknown to its manager: the invariants say so.
func (t *Trace) ask(ctx context.Context, r *Root, version int) error {
	if t.Owned[version] != nil {
		return ctx.Err()
	}
	if owned, err := r.Owned(ctx, t.Name); err == nil {
		t.Owned[version] = owned
	}
	if t.Spec.Configs == nil {
		if configs, err := r.Configs(ctx, t.Name); err == nil {
			t.Configs = append(slices.Clone(t.Configs), configs...)
			slices.Sort(t.Configs)
			t.Configs = slices.Compact(t.Configs)
		}
	}
	return ctx.Err()
}

// A missing file or directory is passed over: that it is missing is for an
// invariant to say.
const editScript = `for f; do [ ! -f "$f" ] || printf '# edited on this machine\n' >>"$f"; done`

// seedName is the file that stands for a service's data.
const seedName = "nativize-data"

const seedScript = `
for dir; do
	[ -d "$dir" ] || continue
	printf 'data of %s\n' "$dir" >"$dir/` + seedName + `"
	chown --reference="$dir" "$dir/` + seedName + `"
	chmod 0640 "$dir/` + seedName + `"
done
`

func (t *Trace) eachPath(ctx context.Context, r *Root, script string, paths []string) error {
	_, err := r.output(ctx, nil, append([]string{"/bin/sh", "-ec", script, "each"}, paths...)...)
	return err
}

// plant lays out the legacy deployment, with the accounts that own it.
func (t *Trace) plant(ctx context.Context, r *Root) error {
	if err := t.makeAccounts(ctx, r); err != nil {
		return err
	}
	for _, l := range t.Spec.Legacy {
		if l.Link == "" {
			if err := r.PutFile(ctx, l.File); err != nil {
				return err
			}
			continue
		}
		const script = `mkdir -p "$(dirname "$1")" && ln -s "$2" "$1"`
		if _, err := r.output(ctx, nil, "/bin/sh", "-c", script, "link", path.Clean(l.Path), l.Link); err != nil {
			return err
		}
	}
	return nil
}

// borrow makes the accounts that other packages bring.
func (t *Trace) borrow(ctx context.Context, r *Root) error {
	const script = `for name; do
	getent group -- "$name" >/dev/null || groupadd --system -- "$name"
	getent passwd -- "$name" >/dev/null || useradd --system --no-create-home --gid "$name" --home-dir /nonexistent --shell /usr/sbin/nologin -- "$name"
done`
	if len(t.Spec.Borrowed) == 0 {
		return nil
	}
	_, err := r.output(ctx, nil, append([]string{"/bin/sh", "-ec", script, "borrow"}, t.Spec.Borrowed...)...)
	return err
}

// makeAccounts makes the accounts with numbers of ordinary users, which no
// package would choose, and the directories and shells that the spec names.
func (t *Trace) makeAccounts(ctx context.Context, r *Root) error {
	for i, a := range t.Spec.Accounts {
		home, shell := a.Home, a.Shell
		if home == "" {
			home = "/nonexistent"
		}
		if shell == "" {
			shell = "/usr/sbin/nologin"
		}
		_, err := r.output(ctx, nil, "/usr/sbin/useradd", "--no-create-home", "--user-group", "--uid", fmt.Sprint(2001+i),
			"--home-dir", home, "--shell", shell, "--", a.Name)
		if err != nil {
			return err
		}
	}
	return nil
}
