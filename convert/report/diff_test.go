package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
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

// TestDiffFindings holds that a finding is one finding while its count, its
// statement or its line changes, and that two that say the same are two.
func TestDiffFindings(t *testing.T) {
	f := func(fp, message string, line int) diag.Diagnostic {
		return diag.Diagnostic{Rule: "r", Severity: diag.Warning, Message: message, Fingerprint: fp,
			At: []source.Span{{Pos: source.Pos{File: "deploy.sh", Line: line, Col: 1}}}}
	}
	tests := []struct {
		name              string
		a, b              []diag.Diagnostic
		gone, came, other int
	}{
		{"moved", []diag.Diagnostic{f("1", "m", 3)}, []diag.Diagnostic{f("1", "m", 9)}, 0, 0, 0},
		{"statement edited", []diag.Diagnostic{f("1", "m", 3)}, []diag.Diagnostic{f("2", "m", 3)}, 0, 0, 0},
		{"count", []diag.Diagnostic{f("1", "4 steps are not tested", 3)}, []diag.Diagnostic{f("1", "16 steps are not tested", 3)}, 0, 0, 1},
		{"count, statement edited", []diag.Diagnostic{f("1", "4 steps are not tested", 3)}, []diag.Diagnostic{f("2", "5 steps are not tested", 4)}, 0, 0, 1},
		{"another thing", []diag.Diagnostic{f("1", "/a is lost", 3)}, []diag.Diagnostic{f("2", "/b is lost", 3)}, 1, 1, 0},
		{"one of two", []diag.Diagnostic{f("1", "m", 3), f("1", "m", 5)}, []diag.Diagnostic{f("1", "m", 3)}, 1, 0, 0},
		{"no fingerprint", []diag.Diagnostic{f("", "m", 3), f("", "n", 3)}, []diag.Diagnostic{f("", "n", 3)}, 1, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := Diff(&model.Deployment{Findings: tt.a}, &model.Deployment{Findings: tt.b})
			if len(c.Gone) != tt.gone || len(c.New) != tt.came || len(c.Other) != tt.other {
				t.Errorf("gone %+v, new %+v, other %+v", c.Gone, c.New, c.Other)
			}
		})
	}
}

// TestDiffLists holds that of a list only what differs is shown.
func TestDiffLists(t *testing.T) {
	site := func(roots ...string) *model.Deployment {
		return &model.Deployment{Facts: model.Facts{Sites: []model.Site{{Server: "nginx", Path: "/etc/nginx/a", Roots: roots}}}}
	}
	var b bytes.Buffer
	if err := WriteChange(&b, "text", Diff(site("/a", "/b"), site("/b", "/c")), Options{}); err != nil {
		t.Fatal(err)
	}
	if want := "roots: - /a, + /c\n"; !strings.Contains(b.String(), want) {
		t.Errorf("%q lacks %q", b.String(), want)
	}
}
