package lint

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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

// losing are the rules that foresee the loss of an edit.
var losing = []string{"config-overwritten-on-deploy", "git-clean-eats-config"}

// TestReal compares what rules foresee with what happened, script by script.
func TestReal(t *testing.T) {
	reals, trees := os.Getenv("NATIVIZE_REAL"), os.Getenv("NATIVIZE_TREES")
	if reals == "" || trees == "" {
		t.Skip("set NATIVIZE_REAL and NATIVIZE_TREES to the records of real runs and the trees that they are of")
	}
	files, _ := filepath.Glob(filepath.Join(reals, "*.json"))
	var edits, second tally
	for _, f := range files {
		r := readReal(t, f)
		dir := filepath.Join(trees, r.Tree)
		if _, err := os.Stat(filepath.Join(dir, r.Script)); err != nil {
			continue
		}
		fs := checkTree(t, dir, r.Script)
		name := r.Tree + " " + r.Script
		edits.add(t, name+": an edit is lost", r.loses(), foresees(fs, losing))
		second.add(t, name+": the second run fails or adds", r.repeats(), foresees(fs, []string{"not-idempotent", "generated-config-not-idempotent"}))
	}
	t.Logf("SCORE lost edits: %s", edits)
	t.Logf("SCORE second runs: %s", second)
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

// loses tells whether an edit of a file that people edit was lost.
func (r *real) loses() bool {
	return slices.ContainsFunc(r.LocalEdits, func(e struct{ Path, Edit string }) bool {
		return e.Edit == "lost" && filepath.Base(e.Path) != "pyvenv.cfg"
	})
}

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

// A tally counts agreements.
type tally struct{ hit, miss, extra, none int }

func (c *tally) add(t *testing.T, what string, happened bool, foreseen []string) {
	switch {
	case happened && len(foreseen) > 0:
		c.hit++
	case happened:
		c.miss++
		t.Logf("MISS  %s", what)
	case len(foreseen) > 0:
		c.extra++
		t.Logf("EXTRA %s: %s", what, strings.Join(foreseen[:min(len(foreseen), 3)], "; "))
	default:
		c.none++
	}
}

func (c tally) String() string {
	return fmt.Sprintf("recall %.2f precision %.2f (%d foreseen, %d missed, %d not seen, %d neither)", ratio(c.hit, c.miss), ratio(c.hit, c.extra), c.hit, c.miss, c.extra, c.none)
}
