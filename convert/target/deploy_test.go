package target

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestDeployFilesParse(t *testing.T) {
	dir := writeTree(t, rich())
	deploy := filepath.Join(dir, "packaging/deploy")
	t.Run("yaml", func(t *testing.T) {
		for _, name := range []string{"ci/github.yml", "ci/gitlab.yml", "ansible/site.yml", "ansible/roles/shopd/tasks/main.yml", "ansible/roles/shopd/handlers/main.yml", "ansible/roles/shopd/meta/main.yml"} {
			data, err := os.ReadFile(filepath.Join(deploy, name))
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := yaml.Unmarshal(data, &v); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("ruby", func(t *testing.T) {
		if _, err := exec.LookPath("ruby"); err != nil {
			t.Skip("ruby is not installed")
		}
		for _, name := range []string{"recipes/default.rb", "metadata.rb", "attributes/default.rb"} {
			if out, err := exec.Command("ruby", "-wc", filepath.Join(deploy, "chef/shopd", name)).CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "Syntax OK") {
				t.Errorf("%s: %v\n%s", name, err, out)
			}
		}
		// a template yields the conffile, whatever is in it
		out, err := exec.Command("ruby", "-rerb", "-e", "print ERB.new(File.read(ARGV[0])).result", filepath.Join(deploy, "chef/shopd/templates/etc/shopd/app.ini.erb")).CombinedOutput()
		if want := "# config/app.ini-dist\nkey = <%= 1 %> {{ lookup }} {% x %}\n"; err != nil || string(out) != want {
			t.Errorf("ERB yields %q, %v, want %q", out, err, want)
		}
	})
	t.Run("ansible", func(t *testing.T) {
		if _, err := exec.LookPath("ansible-playbook"); err != nil {
			t.Skip("ansible-playbook is not installed")
		}
		cmd := exec.Command("ansible-playbook", "--syntax-check", "-i", "shopd,", "site.yml")
		cmd.Dir = filepath.Join(deploy, "ansible")
		cmd.Env = append(os.Environ(), "ANSIBLE_LOCALHOST_WARNING=0", "HOME="+t.TempDir(), "LC_ALL=C.UTF-8")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("syntax check: %v\n%s", err, out)
		}
	})
}
