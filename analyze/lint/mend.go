package lint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/source"
)

// Mend makes the changes that mend findings of a result. Each fix is tried alone
// first, after those that were accepted: the changed script must still parse,
// the finding must be gone, no other may come, and what every entry that reads
// the script does to the machine must stay as it was, apart from what the fix is
// about. Fixes that fail this are refused, with the reason.
func Mend(ctx context.Context, repo *source.Repo, res *Result, opt Options, unsafe bool) (*Fixes, error) {
	out := &Fixes{}
	m := newMender(ctx, repo, opt)
	if err := m.look(res.Entries); err != nil {
		return nil, err
	}
	accepted := map[string][]Finding{}
	for _, f := range res.Findings {
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
	ctx   context.Context
	repo  *source.Repo
	opt   Options
	rules []*Rule // without those that judge the repository: no fix is theirs
	plays []*play
}

// A play is one entry before any change.
type play struct {
	opt   analyze.Options
	reads map[string]bool // the scripts
	does  []string        // what it does to the machine
	found []Finding
}

func newMender(ctx context.Context, repo *source.Repo, opt Options) *mender {
	m := &mender{ctx: ctx, repo: repo, opt: opt}
	for _, r := range opt.Config.Rules() {
		if !r.Repo {
			m.rules = append(m.rules, r)
		}
	}
	return m
}

// look notes what the entries do before any change.
func (m *mender) look(entries []string) error {
	tree := analyze.Read(m.repo)
	for i, name := range entries {
		opt := m.opt.Options
		if opt.Script = name; i > 0 {
			opt.Build = ""
		}
		p, err := m.play(tree, opt)
		if err != nil {
			return err
		}
		m.plays = append(m.plays, p)
	}
	return nil
}

func (m *mender) play(tree *analyze.Tree, opt analyze.Options) (*play, error) {
	a, err := tree.Run(m.ctx, opt)
	if err != nil {
		return nil, err
	}
	found, err := Check(m.ctx, a, m.rules)
	if err != nil {
		return nil, err
	}
	p := &play{opt: opt, reads: map[string]bool{}, does: summary(a.Effects), found: found}
	if a.Machine != nil {
		for _, s := range a.Machine.Scripts() {
			p.reads[s.Path] = true
		}
	}
	return p, nil
}

// try applies a fix, with those of the file accepted so far, and
// compares what the scripts do.
func (m *mender) try(f Finding, with []Finding) error {
	file := f.Main().File
	for _, e := range f.Fix.Edits {
		if e.At.File != file {
			return errors.New("the fix reaches into another file")
		}
	}
	old, err := m.repo.Read(file)
	if err != nil {
		return err
	}
	list := append(slices.Clip(with), f)
	if overlap(list) {
		return errors.New("the fix overlaps another")
	}
	text := applyAll(old, list)
	if err := parses(file, text); err != nil {
		return err
	}
	tree := analyze.Read(m.repo.With(map[string][]byte{file: text}))
	tried := false
	for _, before := range m.plays {
		if !before.reads[file] {
			continue
		}
		tried = true
		if err := m.compare(before, tree, f); err != nil {
			return err
		}
	}
	if !tried {
		return errors.New("no entry runs the script, so what the change does cannot be seen")
	}
	return nil
}

// parses tells whether changed text is still shell.
func parses(file string, text []byte) error {
	_, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(bytes.NewReader(text), file)
	if err != nil {
		return fmt.Errorf("the changed script does not parse: %w", err)
	}
	return nil
}

// compare plays an entry of the changed repository: the finding is gone, none
// came, and the effects are those intended.
func (m *mender) compare(before *play, changed *analyze.Tree, f Finding) error {
	after, err := m.play(changed, before.opt)
	if err != nil {
		return err
	}
	for _, g := range Introduced(after.found, before.found) {
		if g.Rule == f.Rule {
			return fmt.Errorf("the defect would still be there: %s", g.Message)
		}
		if g.Severity.Rank() <= f.Severity.Rank() && !controls(g.Rule) {
			return fmt.Errorf("the change would bring %s: %s", g.Rule, g.Message)
		}
	}
	if slices.ContainsFunc(after.found, func(g Finding) bool { return g.Rule == f.Rule && g.Main().Pos == f.Main().Pos && g.Effect == f.Effect }) {
		return errors.New("the defect would still be there")
	}
	gone, come := difference(before.does, after.does)
	if !intended[f.Rule](gone, come) {
		return fmt.Errorf("the change would alter what the script does: %s", list(slices.Concat(gone, come)))
	}
	return nil
}

func controls(rule string) bool { return rule == ignoreUnused.ID || rule == ignoreReason.ID }

// intended says for each rule with a fix which differences of the effects it
// may make.
var intended = map[string]func(gone, come []string) bool{
	"unguarded-rm-rf":            unchanged,
	"no-error-handling":          unchanged,
	"interactive-prompt":         unchanged,
	"crlf-script":                func([]string, []string) bool { return true }, // every word may change: that is the defect
	"bashism-under-sh":           onlyOps(host.Opaque),                          // [[ is no command of sh
	"curl-without-fail":          unchanged,
	"checksum-cannot-match":      unchanged,
	"undefined-variable-in-path": unchanged,
	"readable-before-chmod":      onlyOps(host.MakeDir, host.Chmod),
	"world-writable":             onlyOps(host.Chmod, host.MakeDir, host.CopyTo),
	"not-idempotent":             onlyOps(host.MakeDir, host.Symlink),
	"non-atomic-swap":            onlyOps(host.Symlink, host.Remove, host.MoveTo),
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
		out = append(out, strings.Join([]string{string(e.Op), e.Path, e.From, e.Target, e.Name, e.Manager, e.Action, e.Mode, e.Owner, e.Group, e.URL, fmt.Sprint(e.Machine, e.Run)}, " "))
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
