package convert

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/target"
	"github.com/nativize/nativize/convert/verify/root/roottest"
)

// generated writes all that convert makes of the samples below dir/SAMPLE and
// returns the paths.
func generated(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	var out []string
	for _, name := range []string{"crashhub", "guestbook", "metricd", "shopfront"} {
		a, p := run(t, repos+name, &choices.Choices{})
		files, err := target.Emit(p, target.Options{SourcePrefix: "source/", Read: a.Repo.Read})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			full := filepath.Join(dir, name, filepath.FromSlash(f.Path))
			data := f.Data
			if strings.Contains(full, "/scripts/arch/") { // nfpm writes a function around it
				data = slices.Concat([]byte("#!/bin/bash\npost() {\n"), data, []byte("\n}\npost \"$@\"\n"))
			}
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(full, data, 0o755); err != nil {
				t.Fatal(err)
			}
			out = append(out, full)
		}
	}
	return out
}

// needs skips a test whose tool is not there.
func needs(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("%s is not installed", tool)
	}
}

func matching(list []string, re string) []string {
	r := regexp.MustCompile(re)
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !r.MatchString(s) })
}

// Every file that convert makes of the samples passes the checker of its kind.
func TestGeneratedFilesPassCheckers(t *testing.T) {
	roottest.Long(t)
	files := generated(t)
	scripts := matching(files, `/packaging/scripts/|\.sh$`)
	if len(scripts) < 30 {
		t.Fatalf("only %d scripts", len(scripts))
	}
	for _, checker := range [][]string{{"shellcheck", "-s", "sh"}, {"checkbashisms", "-f"}} {
		t.Run(checker[0], func(t *testing.T) {
			needs(t, checker[0])
			if out, err := exec.Command(checker[0], append(checker[1:], scripts...)...).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	t.Run("ruby", func(t *testing.T) {
		needs(t, "ruby")
		for _, f := range matching(files, `/chef/.*\.rb$`) {
			if out, err := exec.Command("ruby", "-wc", f).CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "Syntax OK") {
				t.Errorf("%s: %v\n%s", f, err, out)
			}
		}
	})
	t.Run("ansible", func(t *testing.T) {
		needs(t, "ansible-playbook")
		sites := matching(files, `/ansible/site\.yml$`)
		cmd := exec.Command("ansible-playbook", append([]string{"--syntax-check", "-i", "host,"}, sites...)...)
		cmd.Env = append(os.Environ(), "ANSIBLE_LOCALHOST_WARNING=0", "HOME="+t.TempDir(), "LC_ALL=C.UTF-8", "ANSIBLE_ROLES_PATH="+strings.Join(rolesOf(sites), ":"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("ci", func(t *testing.T) {
		for _, f := range matching(files, `/deploy/ci/`) {
			checkCI(t, f)
		}
	})
}

func rolesOf(sites []string) []string {
	var out []string
	for _, s := range sites {
		out = append(out, filepath.Join(filepath.Dir(s), "roles"))
	}
	return out
}

// checkCI holds a file against the forms that GitHub Actions and GitLab demand:
// each job has steps or a script.
func checkCI(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	type job struct {
		RunsOn string `yaml:"runs-on"`
		Steps  []struct{ Uses, Run string }
		Script []string
	}
	jobs := map[string]job{}
	github := filepath.Base(file) == "github.yml"
	if n, ok := doc["jobs"]; github && ok {
		if err := n.Decode(&jobs); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	for name, n := range doc {
		if !github && !slices.Contains([]string{"stages", "variables", "default", "image", "workflow", "include", "cache"}, name) {
			j := job{}
			if err := n.Decode(&j); err != nil {
				t.Fatalf("%s: %s: %v", file, name, err)
			}
			jobs[name] = j
		}
	}
	if _, on := doc["on"]; github && !on || len(jobs) == 0 {
		t.Errorf("%s: %d jobs, or nothing that starts them", file, len(jobs))
	}
	for name, j := range jobs {
		for i, s := range j.Steps {
			if (s.Uses == "") == (s.Run == "") {
				t.Errorf("%s: step %d of %s has not one of uses and run", file, i+1, name)
			}
		}
		if github && (j.RunsOn == "" || len(j.Steps) == 0) || !github && len(j.Script) == 0 && name[0] != '.' {
			t.Errorf("%s: job %s does nothing", file, name)
		}
	}
}

var (
	execRE   = regexp.MustCompile(`(?m)^Exec\w+=[-@:+!]*(/\S+)`)
	figureRE = regexp.MustCompile(`exposure level for \S+: ([0-9.]+) (\w+)`)
)

// Units of the samples are clean by systemd-analyze verify, and as exposed as
// docs/lintian.md says by systemd-analyze security.
func TestUnitsPassSystemdAnalyze(t *testing.T) {
	needs(t, "systemd-analyze")
	if _, err := os.Stat("/usr/lib/systemd/system/sysinit.target"); err != nil {
		t.Skip("systemd is not installed")
	}
	root := t.TempDir()
	units := filepath.Join(root, "usr/lib/systemd/system")
	if err := os.MkdirAll(filepath.Dir(units), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", "/usr/lib/systemd/system", units).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.Symlink("usr/lib", filepath.Join(root, "lib")); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range matching(generated(t), `/packaging/units/`) {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range execRE.FindAllSubmatch(data, -1) {
			program := filepath.Join(root, string(m[1]))
			if err := os.MkdirAll(filepath.Dir(program), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(units, filepath.Base(f)), data, 0o644); err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(f))
	}
	if out, err := exec.Command("systemd-analyze", append([]string{"verify", "--root=" + root, "--man=no", "--generators=no"}, names...)...).CombinedOutput(); err != nil || strings.Contains(string(out), "usr/lib/systemd/system/") {
		t.Errorf("verify: %v\n%s", err, out)
	}
	doc, err := os.ReadFile("../docs/lintian.md")
	if err != nil {
		t.Fatal(err)
	}
	version, _ := exec.Command("systemd-analyze", "--version").Output()
	for _, u := range names {
		if !strings.HasSuffix(u, ".service") {
			continue
		}
		out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--root="+root, u).CombinedOutput()
		m := figureRE.FindSubmatch(out)
		if err != nil || m == nil {
			t.Errorf("security %s: %v\n%s", u, err, out)
			continue
		}
		text, _ := os.ReadFile(filepath.Join(units, u))
		figure := fmt.Sprintf("%s %s", m[1], strings.ToLower(string(m[2])))
		row := fmt.Sprintf("| `%s` | %s |", u, figure)
		if e, ok := target.ExposureOf(string(text)); strings.HasPrefix(string(version), "systemd 252 ") && (!ok || e.String() != figure) {
			t.Errorf("%s: ExposureOf is %v, %v, systemd-analyze says %s", u, e, ok, figure)
		}
		if strings.HasPrefix(string(version), "systemd 252 ") && !strings.Contains(string(doc), row) {
			t.Errorf("docs/lintian.md does not have the row\n%s", row)
		}
	}
}
