package lint

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
)

// A Change is the new content of one file.
type Change struct {
	Path     string
	Old, New []byte
	Fixed    []Finding
}

// A Fixes is what --fix would do.
type Fixes struct {
	Changes []Change
	Unsafe  int // findings that only an unsafe fix mends, when those were not asked for
	Refused []string
}

// Mend makes the changes that mend findings. Each fix is tried alone first: the
// changed script must still parse, the finding must be gone, no other may come,
// and what the script does to the machine must stay as it was, apart from what
// the fix is about. Fixes that fail this are refused, with the reason.
func Mend(ctx context.Context, repo *source.Repo, fs []Finding, opt Options, unsafe bool) (*Fixes, error) {
	out := &Fixes{}
	m := &mender{ctx: ctx, repo: repo, opt: opt, found: fs}
	if err := m.look(); err != nil {
		return nil, err
	}
	accepted := map[string][]Finding{}
	for _, f := range fs {
		switch {
		case f.Fix == nil:
			continue
		case f.Fix.Unsafe && !unsafe:
			out.Unsafe++
			continue
		}
		file := f.Main().File
		if err := m.try(f, accepted[file]); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			out.Refused = append(out.Refused, fmt.Sprintf("%s: %s: %v", f.Main().Pos, f.Rule, err))
			continue
		}
		accepted[file] = append(accepted[file], f)
	}
	for file, list := range accepted {
		old, err := repo.Read(file)
		if err != nil {
			return nil, err
		}
		out.Changes = append(out.Changes, Change{Path: file, Old: old, New: applyAll(old, list), Fixed: list})
	}
	slices.SortFunc(out.Changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// A mender tries fixes on the repository as it would be.
type mender struct {
	ctx    context.Context
	repo   *source.Repo
	opt    Options
	found  []Finding
	before []string // what the scripts do
}

// look notes what the scripts do before any change.
func (m *mender) look() error {
	a, err := analyze.Run(m.ctx, m.repo, m.opt.Options)
	if err != nil {
		return err
	}
	m.before = summary(a.Effects)
	return nil
}

// try applies a fix, with those of the file accepted so far, and
// compares what the scripts do.
func (m *mender) try(f Finding, with []Finding) error {
	file := f.Main().File
	for _, e := range f.Fix.Edits {
		if e.At.File != file {
			return fmt.Errorf("the fix reaches into another file")
		}
	}
	old, err := m.repo.Read(file)
	if err != nil {
		return err
	}
	list := append(slices.Clip(with), f)
	if overlap(list) {
		return fmt.Errorf("the fix overlaps another")
	}
	text := applyAll(old, list)
	if err := parses(file, text); err != nil {
		return err
	}
	return m.compare(m.repo.With(map[string][]byte{file: text}), f)
}

// parses tells whether changed text is still shell.
func parses(file string, text []byte) error {
	_, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(bytes.NewReader(text), file)
	if err != nil {
		return fmt.Errorf("the changed script does not parse: %w", err)
	}
	return nil
}

// compare checks a changed repository: the finding is gone, none came, and the
// effects are those intended.
func (m *mender) compare(changed *source.Repo, f Finding) error {
	a, err := analyze.Run(m.ctx, changed, m.opt.Options)
	if err != nil {
		return err
	}
	fs, err := Check(m.ctx, a, m.opt.Config.Rules())
	if err != nil {
		return err
	}
	for _, g := range Introduced(fs, m.found) {
		if g.Rule == f.Rule {
			return fmt.Errorf("the defect would still be there: %s", g.Message)
		}
		if g.Severity.Rank() <= f.Severity.Rank() && !controls(g.Rule) {
			return fmt.Errorf("the change would bring %s: %s", g.Rule, g.Message)
		}
	}
	gone, come := difference(m.before, summary(a.Effects))
	if !intended[f.Rule](gone, come) {
		return fmt.Errorf("the change would alter what the script does: %s", list(slices.Concat(gone, come)))
	}
	return nil
}

func controls(rule string) bool { return rule == ignoreUnused.ID || rule == ignoreReason.ID }

// intended says for each rule with a fix which differences of the effects it
// may make.
var intended = map[string]func(gone, come []string) bool{
	"unguarded-rm-rf":    unchanged,
	"no-error-handling":  unchanged,
	"interactive-prompt": unchanged,
	"crlf-script":        func([]string, []string) bool { return true }, // every word may change: that is the defect
	"bashism-under-sh":   unchanged,
	"curl-without-fail":  unchanged,
	"world-writable":     onlyOps(host.Chmod, host.MakeDir, host.CopyTo),
	"not-idempotent":     onlyOps(host.MakeDir, host.Symlink),
	"non-atomic-swap":    onlyOps(host.Symlink, host.Remove, host.MoveTo),
}

func unchanged(gone, come []string) bool { return len(gone) == 0 && len(come) == 0 }

// onlyOps allows differences in some kinds of effects.
func onlyOps(ops ...host.Op) func(gone, come []string) bool {
	return func(gone, come []string) bool {
		for _, s := range slices.Concat(gone, come) {
			op, _, _ := strings.Cut(s, " ")
			if !slices.Contains(ops, host.Op(op)) {
				return false
			}
		}
		return true
	}
}

// summary is what effects do, without their places: sorted, each once.
func summary(es []*host.Effect) []string {
	out := make([]string, 0, len(es))
	for _, e := range es {
		if e.Failure {
			continue
		}
		out = append(out, strings.Join([]string{string(e.Op), e.Path, e.From, e.Name, e.Manager, e.Mode, e.Owner, e.URL, fmt.Sprint(e.Run)}, " "))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// difference lists what only one of two sorted lists has.
func difference(a, b []string) (gone, come []string) {
	for _, s := range a {
		if _, ok := slices.BinarySearch(b, s); !ok {
			gone = append(gone, s)
		}
	}
	for _, s := range b {
		if _, ok := slices.BinarySearch(a, s); !ok {
			come = append(come, s)
		}
	}
	return gone, come
}

// edits are all edits of findings, by place.
func edits(fs []Finding) []Edit {
	var out []Edit
	for _, f := range fs {
		for _, e := range f.Fix.Edits {
			if !slices.Contains(out, e) {
				out = append(out, e)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Edit) int {
		return cmp.Or(a.At.Compare(b.At.Pos), cmp.Compare(a.At.EndLine, b.At.EndLine), cmp.Compare(a.At.EndCol, b.At.EndCol))
	})
	return out
}

// overlap tells whether two edits want the same bytes.
func overlap(fs []Finding) bool {
	list := edits(fs)
	for i := 1; i < len(list); i++ {
		end := source.Pos{File: list[i-1].At.File, Line: list[i-1].At.EndLine, Col: list[i-1].At.EndCol}
		if end.Compare(list[i].At.Pos) > 0 || list[i].At == list[i-1].At {
			return true
		}
	}
	return false
}

// applyAll makes the edits of findings.
func applyAll(old []byte, fs []Finding) []byte {
	f := &repoFacts{texts: map[string][]byte{"": old}, lines: map[string][]int{}}
	var out []byte
	at := 0
	for _, e := range edits(fs) {
		from, to := f.offset("", e.At.Line, e.At.Col), f.offset("", e.At.EndLine, e.At.EndCol)
		if from < at || to < from {
			continue
		}
		out = append(append(out, old[at:from]...), e.New...)
		at = to
	}
	return append(out, old[at:]...)
}
