package convert

import (
	"context"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/pack"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
	"github.com/nativize/nativize/convert/verify/root/roottest"
)

var lintianTag = regexp.MustCompile(`(?m)^E: [^:]+: (\S+)(.*)$`)

func TestLintian(t *testing.T) {
	roottest.Long(t)
	lintian, err := exec.LookPath("lintian")
	if err != nil {
		t.Skip("lintian is not installed: apt-get install lintian")
	}
	allowed := justifiedIn(t, "# What lintian says")
	if !slices.Contains(allowed, "non-standard-toplevel-dir") {
		t.Fatalf("docs/lintian.md has no table: %v", allowed)
	}
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			out, _ := exec.Command(lintian, "--no-cfg", "--allow-root", debOf(t, name)).CombinedOutput() // status 2 with tags
			for _, m := range lintianTag.FindAllStringSubmatch(string(out), -1) {
				if !slices.Contains(allowed, m[1]) {
					t.Errorf("%s%s", m[1], m[2])
				}
			}
		})
	}
}

// debOf builds the deb of a sample, without what its build steps would make.
func debOf(t *testing.T, name string) string {
	t.Helper()
	a, p := run(t, repos+name, &choices.Choices{})
	scripts, err := target.Scripts(p, plan.Deb)
	if err != nil {
		t.Fatal(err)
	}
	p.Payload = slices.DeleteFunc(append(p.Payload, target.ExtraEntries(p)...), func(e plan.Entry) bool { return e.Origin == plan.Staged })
	slices.SortStableFunc(p.Payload, func(a, b plan.Entry) int { return strings.Compare(a.Path, b.Path) })
	src := pack.Sources{Repo: a.Repo.FS(), Scripts: map[plan.Format]map[string]string{plan.Deb: scripts}}
	list, err := pack.Build(context.Background(), p, src, pack.Options{OutDir: t.TempDir(), Formats: []plan.Format{plan.Deb}})
	if err != nil {
		t.Fatal(err)
	}
	return list[0].Path
}
