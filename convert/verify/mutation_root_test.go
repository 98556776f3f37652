package verify

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/verify/root"
	"github.com/nativize/nativize/convert/verify/root/roottest"
)

// rootDefects are planted in packages that are built and played in throwaway
// roots: the kinds that the abstract machine misses, and some of each other
// kind. The names are those of the planted defects.
var rootDefects = []struct {
	name     string
	scenario string // of package root, in which it must show
	systemd  bool
}{
	{"unknown command under set -e", "fresh install", false}, // the abstract machine does not know all commands
	{"useradd without a guard", "fresh install", false},
	{"mkdir without -p", "reinstall", false},
	{"code is removed by an upgrade", "upgrade", false},
	{"another package's file is changed", "fresh install", false},
	{"configuration is overwritten at each configuration", "reinstall", false},
	{"leftovers of a purge", "purge", false},
	{"account is deleted on purge", "purge", false},
	{"service is not stopped by the removal", "remove", true},
	{"account is deleted by %preun of the old version", "upgrade", false},
	{"code is removed by %postun", "upgrade", false},
	{"unit runs on after the removal", "remove", true},
}

// Every defect shows in a root, and the package without it does not show it.
func TestMutationsInRoots(t *testing.T) {
	s := convertSample(t, "metricd")
	v := newVictim(t, s)
	sound := map[string][]string{} // violations without a defect
	for _, d := range rootDefects {
		t.Run(strings.ReplaceAll(d.name, " ", "_"), func(t *testing.T) {
			list := v.general()
			i := slices.IndexFunc(list, func(m mutation) bool { return m.name == d.name })
			if i < 0 {
				t.Fatalf("there is no planted defect %q", d.name)
			}
			m := list[i]
			opt := roottest.Options(t, kinds[m.format])
			bad := inRoot(t, s, m, opt, d.scenario, d.systemd, true)
			key := fmt.Sprint(m.format, d.scenario, d.systemd)
			good, known := sound[key]
			if !known {
				good = inRoot(t, s, m, opt, d.scenario, d.systemd, false)
				sound[key] = good
			}
			new := slices.DeleteFunc(bad, func(x string) bool { return slices.Contains(good, x) })
			if len(new) == 0 {
				t.Errorf("%s does not show in %s: %q", d.name, d.scenario, bad)
			}
			for _, x := range new {
				t.Log(x)
			}
		})
	}
}

// inRoot plays one scenario of the sample's package, with the defect or
// without, and returns the violations.
func inRoot(t *testing.T, s sample, m mutation, opt root.Options, scenario string, systemd, defect bool) []string {
	t.Helper()
	p, err := FromPlan(s.p, m.format, s.a.Repo.Read)
	if err != nil {
		t.Fatal(err)
	}
	if defect {
		m.edit(t, p)
	}
	texts := map[string]string{}
	for name, sc := range p.Scripts {
		texts[name] = sc.Text
	}
	src := pack.Sources{Repo: s.a.Repo.FS(), Scripts: map[plan.Format]map[string]string{m.format: texts}}
	spec := rootSpec(s.p, m.format)
	dir := t.TempDir()
	for i, to := range []*string{&spec.V1, &spec.V2} {
		if *to, err = buildVersion(t.Context(), filepath.Join(dir, string(rune('1'+i))), s.p, src, m.format, i+1); err != nil {
			t.Fatal(err)
		}
	}
	scenarios := slices.DeleteFunc(root.Scenarios(), func(sc root.Scenario) bool { return sc.Name != scenario })
	if len(scenarios) != 1 {
		t.Fatalf("package root has no scenario %q", scenario)
	}
	suite := &root.Suite{Kind: kinds[m.format], Spec: *spec, Options: opt, Scenarios: scenarios, Systemd: []bool{systemd}}
	report, err := suite.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range report.Violations() {
		out = append(out, v.String())
	}
	return out
}
