package convert

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
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

var rpmlintTag = regexp.MustCompile(`(?m)^\S+: E: (\S+)(.*)$`)

// rpmlint finds no error in the rpms of the samples but those that
// docs/lintian.md lists with a reason. It reads the file of wanted findings that
// is written beside each package, and each sample's must be found wanting nothing.
func TestRpmlint(t *testing.T) {
	roottest.Long(t)
	rpmlint, err := exec.LookPath("rpmlint")
	if err != nil {
		t.Skip("rpmlint is not installed: apt-get install rpmlint")
	}
	allowed := justifiedIn(t, "# What rpmlint says")
	if !slices.Contains(allowed, "no-group-tag") {
		t.Fatalf("docs/lintian.md has no table for rpmlint: %v", allowed)
	}
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, file := rpmOf(t, name)
			out, _ := exec.Command(rpmlint, "--config", config, file).CombinedOutput() // its status tells of errors
			if !strings.Contains(string(out), "1 packages and 0 specfiles checked") {
				t.Fatalf("rpmlint did not run: %s", out)
			}
			for _, m := range rpmlintTag.FindAllStringSubmatch(string(out), -1) {
				if !slices.Contains(allowed, m[1]) {
					t.Errorf("%s%s", m[1], m[2])
				}
			}
		})
	}
}

// justifiedIn are the tags in the first column of the table below a heading of
// docs/lintian.md.
func justifiedIn(t *testing.T, heading string) []string {
	t.Helper()
	data, err := os.ReadFile("../docs/lintian.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(data), heading)
	if next := strings.Index(part, "\n# "); next >= 0 {
		part = part[:next]
	}
	var out []string
	for line := range strings.Lines(part) {
		if first, ok := strings.CutPrefix(line, "| `"); ok {
			cell, _, _ := strings.Cut(first, "|")
			out = append(out, strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune("`, ", r) })...)
		}
	}
	return out
}

// rpmOf builds the rpm of a sample, without what its build steps would make, and
// writes the configuration of rpmlint that belongs to it.
func rpmOf(t *testing.T, name string) (config, file string) {
	t.Helper()
	a, p := run(t, repos+name, &choices.Choices{})
	dir := t.TempDir()
	list, err := target.Emit(p, target.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.Path == "packaging/rpmlint.toml" {
			config = filepath.Join(dir, "rpmlint.toml")
			if err := os.WriteFile(config, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	scripts, err := target.Scripts(p, plan.RPM)
	if err != nil {
		t.Fatal(err)
	}
	p.Payload = slices.DeleteFunc(append(p.Payload, target.ExtraEntries(p)...), func(e plan.Entry) bool { return e.Origin == plan.Staged })
	slices.SortStableFunc(p.Payload, func(a, b plan.Entry) int { return strings.Compare(a.Path, b.Path) })
	src := pack.Sources{Repo: a.Repo.FS(), Scripts: map[plan.Format]map[string]string{plan.RPM: scripts}}
	made, err := pack.Build(context.Background(), p, src, pack.Options{OutDir: dir, Formats: []plan.Format{plan.RPM}})
	if err != nil {
		t.Fatal(err)
	}
	return config, made[0].Path
}
