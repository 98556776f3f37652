package root_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/verify/root"
	"github.com/nativize/nativize/convert/verify/root/roottest"
)

type format struct {
	kind  root.Kind
	shop  func(version string) sample
	build func(*testing.T, sample) string
}

var (
	deb  = format{root.Deb, debShop, buildDeb}
	rpm  = format{root.RPM, rpmShop, buildRPM}
	arch = format{root.Arch, archShop, buildArch}
)

// suite returns a suite over a sample and its later versions.
func (f format) suite(t *testing.T, edit func(sample) sample) *root.Suite {
	t.Helper()
	o := roottest.Options(t, f.kind)
	if edit == nil {
		edit = func(s sample) sample { return s }
	}
	v1 := f.build(t, edit(f.shop("1.0")))
	v2 := f.build(t, edit(f.shop("2.0")))
	v3 := f.build(t, edit(newDefaults(f.shop("2.1"))))
	return &root.Suite{Kind: f.kind, Spec: shopSpec(v1, v2, v3), Options: o, Parallel: 2}
}

func run(t *testing.T, s *root.Suite) *root.Report {
	t.Helper()
	report, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// A correct package passes every scenario in every format. What becomes of a
// failed upgrade, and of debs and rpms where there is no systemd, is seen on the
// generated packages.
func TestGoodPackages(t *testing.T) {
	for _, f := range []format{deb, rpm, arch} {
		t.Run(string(f.kind), func(t *testing.T) {
			suite := f.suite(t, nil)
			suite.Scenarios = slices.DeleteFunc(root.Scenarios(), func(s root.Scenario) bool { return strings.HasPrefix(s.Name, "failed upgrade") })
			if f.kind != root.Arch {
				suite.Systemd = []bool{true}
			}
			report := run(t, suite)
			var text bytes.Buffer
			if err := report.Write(&text); err != nil {
				t.Fatal(err)
			}
			t.Log(text.String())
			if v := report.Violations(); len(v) > 0 {
				t.Errorf("%d false alarms", len(v))
			}
			for _, c := range report.Cells {
				if c.NotRun != "" && c.Systemd {
					t.Errorf("%s was not run: %s", c.Scenario, c.NotRun)
				}
			}
		})
	}
}

func scenarios(names ...string) []root.Scenario {
	return slices.DeleteFunc(root.Scenarios(), func(s root.Scenario) bool { return !slices.Contains(names, s.Name) })
}
