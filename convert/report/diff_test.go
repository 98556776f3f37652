package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
)

// changed is crash after somebody's edit of deploy.sh.
func changed() *model.Deployment {
	d := crash().d
	for i := range d.Facts.Files { // lines move: no change on the server
		d.Facts.Files[i].At[0].Line += 3
	}
	d.CodeDir = "/opt/collector"
	d.Facts.Directories[3].Mode = "0777"
	d.Facts.ConfigFiles = d.Facts.ConfigFiles[1:]
	d.Facts.Packages = append(d.Facts.Packages, model.OSPackage{Name: "nginx", Via: "apt", Evidence: d.Facts.Groups[0].Evidence})
	d.Facts.Users[0].Shell = "/bin/bash"
	d.Findings = append(d.Findings[1:], diag.Diagnostic{Rule: "world-writable", Severity: diag.Error, Message: "anyone may write to /var/log/collector", Fingerprint: "new"})
	return d
}

func TestDiff(t *testing.T) {
	c := Diff(crash().d, changed())
	for _, form := range ChangeForms {
		var b bytes.Buffer
		if err := WriteChange(&b, form, c, Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, "change."+form, b.String())
	}
	if err := WriteChange(&bytes.Buffer{}, "pdf", c, Options{}); err == nil {
		t.Error("an unknown form is no error")
	}
}

func TestDiffNothing(t *testing.T) {
	moved := crash().d
	for i := range moved.Facts.Directories {
		moved.Facts.Directories[i].At[0].Line += 7
	}
	c := Diff(crash().d, moved)
	if !c.Empty() {
		t.Errorf("moved lines are a change: %+v", c)
	}
	for _, form := range []string{"text", "markdown"} {
		var b bytes.Buffer
		if err := WriteChange(&b, form, c, Options{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), nothingChanges) {
			t.Errorf("%s says %q", form, b.String())
		}
	}
}

// TestDiffSymmetric holds that what one direction adds the other removes.
func TestDiffSymmetric(t *testing.T) {
	there, back := Diff(crash().d, changed()), Diff(changed(), crash().d)
	for i := range there.Subjects {
		a, b := there.Subjects[i], back.Subjects[i]
		if len(a.Added) != len(b.Removed) || len(a.Removed) != len(b.Added) || len(a.Changed) != len(b.Changed) {
			t.Errorf("%s: %+v, back %+v", a.ID, a, b)
		}
	}
	if len(there.New) != len(back.Gone) {
		t.Errorf("%d findings come, %d go back", len(there.New), len(back.Gone))
	}
}

// TestDiffTwice holds that facts with one key, as from two branches, are told
// apart by their fields.
func TestDiffTwice(t *testing.T) {
	dir := func(mode, when string) model.Directory {
		return model.Directory{Path: "/srv", Mode: mode, Evidence: model.Evidence{When: when, Certainty: model.May, Origin: model.FromScript}}
	}
	a := &model.Deployment{Facts: model.Facts{Directories: []model.Directory{dir("0755", "apt"), dir("0750", "yum")}}}
	b := &model.Deployment{Facts: model.Facts{Directories: []model.Directory{dir("0755", "apt"), dir("0700", "yum")}}}
	c := Diff(a, b)
	if len(c.Subjects) != 1 || len(c.Subjects[0].Changed) != 1 || c.Subjects[0].Changed[0].Fields[0].Old != "0750" {
		t.Errorf("change %+v, want the mode on yum alone", c.Subjects)
	}
}

func BenchmarkDiff(b *testing.B) {
	x, y := huge().d, huge().d
	b.ReportAllocs()
	for b.Loop() {
		Diff(x, y)
	}
}
