package verify

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// A sample is a repository of testdata/repos that was converted.
type sample struct {
	name string
	a    *analyze.Analysis
	p    *plan.Package
}

// samples converts the sample repositories.
func samples(t testing.TB) []sample {
	t.Helper()
	var out []sample
	for _, name := range []string{"crashhub", "guestbook", "metricd", "shopfront"} {
		out = append(out, convertSample(t, name))
	}
	return out
}

func convertSample(t testing.TB, name string) sample {
	t.Helper()
	dir := filepath.Join("..", "..", "testdata", "repos", name)
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	repo, err := source.Open(context.Background(), dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	a, err := analyze.Run(context.Background(), repo, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := convert.Run(context.Background(), a, &choices.Choices{}, convert.Options{Epoch: 1400000000, Arch: "amd64"})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return sample{name, a, p}
}

// spec is what is verified of a sample in one format.
func (s sample) spec(t testing.TB, f plan.Format) *Spec {
	t.Helper()
	p, err := FromPlan(s.p, f, s.a.Repo.Read)
	if err != nil {
		t.Fatal(err)
	}
	spec := SpecOf(p, &Legacy{Host: s.a.Target, Plan: s.p})
	spec.Repo = shell.Tree(s.a.Repo)
	return spec
}

// findings are shortcomings of the generated packages that verify found and that
// are true: not false alarms. What is repaired is to be taken out here.
var findings = []struct{ sample, invariant, text, why string }{}

func known(s string, v Violation) bool {
	for _, f := range findings {
		if (f.sample == "" || f.sample == s) && f.invariant == v.Invariant && strings.Contains(v.Text, f.text) {
			return true
		}
	}
	return false
}

// The packages that nativize makes hold every invariant: no false alarms.
func TestSamples(t *testing.T) {
	for _, s := range samples(t) {
		for _, f := range plan.Formats {
			t.Run(s.name+"/"+string(f), func(t *testing.T) {
				r, err := s.spec(t, f).LifeCycle(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range r.Violations {
					if known(s.name, v) {
						t.Logf("true finding: %s: %s %v", v.Invariant, v.Text, v.Evidence)
						continue
					}
					t.Errorf("%s (systemd %v, step %d): %s: %s\n\t%v", v.Scenario, v.Systemd, v.Step, v.Invariant, v.Text, v.Evidence)
				}
				t.Logf("played %d, injected %d, commands %d, opaque %d %v, assumed %v", r.Played, r.Injected, r.Scripts.Commands, r.Scripts.Opaque, r.Scripts.Unknown, r.Scripts.Assumed)
			})
		}
	}
}

// Every difference between a sample's deployment and its package follows from
// a rule.
func TestCompareSamples(t *testing.T) {
	for _, s := range samples(t) {
		for _, f := range plan.Formats {
			t.Run(s.name+"/"+string(f), func(t *testing.T) {
				for _, d := range s.spec(t, f).Compare(DeploymentOf(s.a.Target, s.a.Effects)) {
					if d.Rule == "" {
						t.Errorf("no rule for: %s\n\t%v %v", d.Text(), d.DeployAt, d.PackageAt)
					} else if f == plan.Deb {
						t.Logf("%s\n\t%s: %s", d.Text(), d.Rule, d.Why)
					}
				}
			})
		}
	}
}
