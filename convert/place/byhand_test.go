package place

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// placedDir is what becomes of the repository in a directory.
func placedDir(t *testing.T, dir string) *plan.Package {
	t.Helper()
	repo, err := source.Open(context.Background(), dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	a, err := analyze.Run(context.Background(), repo, analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Package(context.Background(), a, &choices.Choices{}, Options{Epoch: 1700000000, Arch: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// placedFiles is what becomes of a repository with these files.
func placedFiles(t *testing.T, files map[string]string) *plan.Package {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return placedDir(t, dir)
}

// untold are the manual steps of which no note speaks.
func untold(p *plan.Package) []plan.Fate {
	var out []plan.Fate
	for _, f := range p.Fates {
		told := slices.ContainsFunc(p.Manual, func(n plan.Note) bool { return slices.Contains(n.At, f.At.Pos) })
		if f.Part == plan.PartManual && !told {
			out = append(out, f)
		}
	}
	return out
}

func TestEveryManualStepIsTold(t *testing.T) {
	dirs, err := filepath.Glob("../../testdata/repos/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			continue
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			for _, f := range untold(placedDir(t, dir)) {
				t.Errorf("%s: %q is a manual step (%s) without a note", f.At.Pos, f.Text, f.Reason)
			}
		})
	}
}

func TestManualStepsWithoutNoteOfTheirOwnAreTold(t *testing.T) {
	p := placedFiles(t, map[string]string{
		"app.py": "print('x')\n",
		"deploy.sh": `#!/bin/sh
cp -r . /srv/app
groupadd app
usermod -a -G app "$1"
ln -s /opt/tool/bin/tool "/usr/local/bin/$2"
mkdir "/var/lib/$3"
systemctl restart app
`,
	})
	manual := 0
	for _, f := range p.Fates {
		if f.Part == plan.PartManual {
			manual++
		}
	}
	if manual < 2 {
		t.Errorf("%d manual steps, want two or more: %+v", manual, p.Fates)
	}
	for _, f := range untold(p) {
		t.Errorf("%s: %q is a manual step (%s) without a note", f.At.Pos, f.Text, f.Reason)
	}
}
