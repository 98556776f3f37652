package verify

import (
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/detect"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/verify/root"
	"github.com/nativize/nativize/convert/verify/root/roottest"
)

// The deploy scripts of samples run to their end in a throwaway root, and every
// difference of their tree from what the package leaves follows from a rule.
func TestRunDeploy(t *testing.T) {
	for _, test := range []struct {
		name   string
		format plan.Format
		args   []string
		call   string // that is recorded
	}{
		{"metricd", plan.Deb, nil, "systemctl enable --now metricd"},
		{"crashhub", plan.RPM, []string{"https://builds.example/crashhub.tar.gz"}, "chkconfig crashhub-mover on"},
	} {
		t.Run(test.name, func(t *testing.T) {
			opt := roottest.Options(t, root.Deb)
			s := convertSample(t, test.name)
			spec := s.spec(t, test.format)
			d := DeployScript{Repo: s.a.Repo, Script: s.a.Script(), Args: test.args, Effects: s.a.Effects,
				Build: detect.BuildScript(s.a.Repo, s.a.Script(), s.a.Candidates)}
			res, err := RunDeploy(t.Context(), spec, d, opt)
			if err != nil {
				t.Fatal(err)
			}
			if res.NotRun != "" {
				t.Errorf("%s: %s\n%s", res.Script, res.NotRun, strings.Join(res.Calls, "\n"))
			}
			if !strings.Contains(strings.Join(res.Calls, "\n"), test.call) {
				t.Errorf("no call of %q in\n%s", test.call, strings.Join(res.Calls, "\n"))
			}
			for _, x := range res.Comparison {
				if x.Rule == "" {
					t.Errorf("no rule for: %s (%s) %v %v", x.Text(), x.Why, x.DeployAt, x.PackageAt)
				} else {
					t.Logf("%s: %s", x.Rule, x.Text())
				}
			}
		})
	}
}
