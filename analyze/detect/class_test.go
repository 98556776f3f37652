package detect

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// tree makes a repository of files in a temporary directory.
func tree(t *testing.T, files map[string]string) *source.Repo {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r, err := source.Open(t.Context(), dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestClassOfCarried holds that code which is only brought to a machine is of
// the class of what runs it there.
func TestClassOfCarried(t *testing.T) {
	clone := &host.Effect{Op: host.Clone, Action: "pull", Path: "/srv/app"}
	compose := &host.Effect{Op: host.System, Name: "container", What: "docker compose up -d"}
	unit := &host.Effect{Op: host.ServiceOp, Name: "app"}
	for _, c := range []struct {
		effects []*host.Effect
		want    model.Class
	}{
		{[]*host.Effect{clone}, model.Server},
		{[]*host.Effect{clone, compose}, model.Container},
		{[]*host.Effect{clone, compose, unit}, model.Server},
	} {
		d := &model.Deployment{}
		for i, e := range c.effects {
			n := *e
			n.At.File, n.At.Line = "deploy.sh", i+1
			d.Effects = append(d.Effects, &n)
		}
		Classify(d, &Companion{repo: tree(t, map[string]string{"a": ""})})
		if d.Class != c.want {
			t.Errorf("%d effects: class %s, want %s (%s)", len(c.effects), d.Class, c.want, d.ClassReason)
		}
	}
}

// TestClassOfUnreached holds that a script whose functions are called by what
// is not there is judged by what stands in it.
func TestClassOfUnreached(t *testing.T) {
	d := &model.Deployment{Statements: []model.Statement{
		{Text: "apt-get install -y nginx", Outcome: "unreached"},
		{Text: "update-rc.d app defaults", Outcome: "unreached"},
		{Text: "install_app", Outcome: "opaque"},
	}}
	Classify(d, &Companion{repo: tree(t, map[string]string{"a": ""})})
	if d.Class != model.Server {
		t.Errorf("class %s (%s)", d.Class, d.ClassReason)
	}
}
