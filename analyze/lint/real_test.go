package lint

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/detect"
)

// A real is what happened when a script ran for real: three runs in a throwaway
// root, the third after every configuration file was edited.
type real struct {
	Script, Tree string
	Runs         []struct {
		Run, Exit int
		Effects   []struct {
			Op, Path, Type string
			Changed        []string
		}
	}
	LocalEdits []struct{ Path, Edit string } `json:"local_edits"`
}

// TestReal compares what rules foresee with what happened, script by script.
func TestReal(t *testing.T) {
	reals, trees := os.Getenv("NATIVIZE_REAL"), os.Getenv("NATIVIZE_TREES")
	if reals == "" || trees == "" {
		t.Skip("set NATIVIZE_REAL and NATIVIZE_TREES to the records of real runs and the trees that they are of")
	}
	files, _ := filepath.Glob(filepath.Join(reals, "*.json"))
	losing := []string{"config-overwritten-on-deploy", "unit-overwritten-on-deploy", "git-clean-eats-config"}
	again := []string{"not-idempotent", "generated-config-not-idempotent"}
	var edits, config, units, second tally
	alone := map[string]*tally{}
	for _, f := range files {
		r := readReal(t, f)
		dir := filepath.Join(trees, r.Tree)
		if _, err := os.Stat(filepath.Join(dir, r.Script)); err != nil {
			continue
		}
		fs := checkTree(t, dir, r.Script)
		name := r.Tree + " " + r.Script
		edits.add(t, name+": an edit is lost", r.loses(anyFile), foresees(fs, losing))
		config.add(nil, "", r.loses(func(p string) bool { return !detect.IsDefinition(p) && detect.IsConfig(p) }), foresees(fs, []string{losing[0], losing[2]}))
		units.add(nil, "", r.loses(detect.IsDefinition), foresees(fs, losing[1:]))
		second.add(t, name+": the second run fails or adds", r.repeats(), foresees(fs, again))
		for i, rule := range append(slices.Clone(losing), again...) {
			if alone[rule] == nil {
				alone[rule] = &tally{}
			}
			happened := r.loses(anyFile)
			if i >= len(losing) {
				happened = r.repeats()
			}
			alone[rule].add(nil, "", happened, foresees(fs, []string{rule}))
		}
	}
	t.Logf("SCORE lost edits: %s", edits)
	t.Logf("SCORE scripts that lose edits of configuration: %d of %d foreseen; of units, jobs and init scripts: %d of %d", config.hit, config.hit+config.miss, units.hit, units.hit+units.miss)
	t.Logf("SCORE second runs: %s", second)
	for _, rule := range append(losing, again...) {
		t.Logf("SCORE %s foresaw %d of what happened, and %d that did not", rule, alone[rule].hit, alone[rule].extra)
	}
	for _, c := range []tally{edits, second} {
		if ratio(c.hit, c.miss) < 0.9 || ratio(c.hit, c.extra) < 0.9 {
			t.Errorf("below 0.9: %s", c)
		}
	}
}

func readReal(t *testing.T, name string) *real {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r := &real{}
	if err := json.Unmarshal(b, r); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

// loses tells whether an edit of a file of a kind was lost.
func (r *real) loses(kind func(path string) bool) bool {
	return slices.ContainsFunc(r.LocalEdits, func(e struct{ Path, Edit string }) bool {
		return e.Edit == "lost" && filepath.Base(e.Path) != "pyvenv.cfg" && kind(e.Path)
	})
}

func anyFile(string) bool { return true }

// repeats tells whether the second run failed though the first had not, or made
// a copy or link inside the one of the first.
func (r *real) repeats() bool {
	if len(r.Runs) < 2 {
		return false
	}
	nested := slices.ContainsFunc(r.Runs[1].Effects, func(e struct {
		Op, Path, Type string
		Changed        []string
	}) bool {
		return e.Op == "create" && filepath.Base(e.Path) == filepath.Base(filepath.Dir(e.Path)) && r.made(filepath.Dir(e.Path))
	})
	return nested || r.Runs[0].Exit == 0 && r.Runs[1].Exit != 0
}

// made tells whether the first run made a path.
func (r *real) made(name string) bool {
	for _, e := range r.Runs[0].Effects {
		if e.Op == "create" && e.Path == name {
			return true
		}
	}
	return false
}

func foresees(fs []Finding, rules []string) []string {
	var out []string
	for _, f := range fs {
		if slices.Contains(rules, f.Rule) && f.Confidence != "low" {
			out = append(out, fmt.Sprintf("%s %s %s", f.Rule, f.Main().Pos, f.Message))
		}
	}
	return out
}

// A tally counts agreements; t is nil where they need not be listed.
type tally struct{ hit, miss, extra, none int }

func (c *tally) add(t *testing.T, what string, happened bool, foreseen []string) {
	switch {
	case happened && len(foreseen) > 0:
		c.hit++
	case happened:
		c.miss++
		if t != nil {
			t.Logf("MISS  %s", what)
		}
	case len(foreseen) > 0:
		c.extra++
		if t != nil {
			t.Logf("EXTRA %s: %s", what, strings.Join(foreseen[:min(len(foreseen), 3)], "; "))
		}
	default:
		c.none++
	}
}

func (c tally) String() string {
	return fmt.Sprintf("recall %.2f precision %.2f (%d foreseen, %d missed, %d not seen, %d neither)", ratio(c.hit, c.miss), ratio(c.hit, c.extra), c.hit, c.miss, c.extra, c.none)
}
