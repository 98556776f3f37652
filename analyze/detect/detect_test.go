package detect

import (
	"testing"

	"github.com/nativize/nativize/analyze/input/secret"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

func TestFirstParagraph(t *testing.T) {
	for _, c := range []struct {
		text, want string
		line       int
	}{
		{"# App\n\n[![build](a.svg)](b)\n\nA guest book for **small** web sites.\n", "A guest book for small web sites.", 5},
		{"App\n===\n\nServes [pages](http://x) to visitors.\n\nMore.\n", "Serves pages to visitors.", 4},
		{"```\nnot this text at all\n```\n\n- nor this list item\n\nBut this sentence here.\n", "But this sentence here.", 7},
		{"# Only a heading\n", "", 0},
	} {
		line, got := firstParagraph(c.text)
		if got != c.want || line != c.line {
			t.Errorf("%q: %d %q, want %d %q", c.text, line, got, c.line, c.want)
		}
	}
}

func TestSplitDescribe(t *testing.T) {
	for in, want := range map[string][2]string{
		"v1.2.3-0-gabcdef0":     {"1.2.3", "0"},
		"release-2.0-14-g12345": {"2.0", "14"},
		"1.0-rc1-3-gabc":        {"1.0-rc1", "3"},
		"nightly-5-gabc":        {"", ""},
		"":                      {"", ""},
	} {
		tag, after := splitDescribe(in)
		if tag != want[0] || after != want[1] {
			t.Errorf("%q: %q %q, want %q", in, tag, after, want)
		}
	}
}

func TestPage(t *testing.T) {
	for in, want := range map[string]string{
		"https://github.com/o/r": "https://github.com/o/r",
		"git@github.com:o/r":     "https://github.com/o/r",
		"git@git.example.org:r":  "",
		"/srv/git/r":             "",
	} {
		if got := page(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRedactor(t *testing.T) {
	text := []byte("#!/bin/sh\nmysql -u root -ps3cr3tpass! app\n")
	found := secret.Quick("deploy.sh", text)
	if len(found) == 0 {
		t.Fatal("the password on the command line was not found")
	}
	r := &redactor{values: map[string]bool{}}
	for _, s := range found {
		r.add(credential{s, spanText(text, s.At)})
	}
	d := &model.Deployment{Statements: []model.Statement{{At: source.Span{Pos: source.Pos{File: "deploy.sh", Line: 2, Col: 1}}, Text: "mysql -u root -ps3cr3tpass! app"}}}
	d.Facts.Migrations = []model.Migration{{Command: "mysql -ps3cr3tpass! app"}}
	r.deployment(d)
	if got := d.Statements[0].Text; got != "mysql -u root -p*** app" {
		t.Errorf("statement %q", got)
	}
	if got := d.Facts.Migrations[0].Command; got != "mysql -p*** app" {
		t.Errorf("migration %q", got)
	}
}

func TestReplaceWord(t *testing.T) {
	if got := replaceWord("-proot /srv/rooted", "root"); got != "-p*** /srv/rooted" {
		t.Errorf("%q", got)
	}
}

func TestDependencies(t *testing.T) {
	got := dependencies("Package: x\nDepends: a1, libb (>= 2), c|d\nSuggests: z\n", "Depends:")
	if len(got) != 2 || got[0] != "a1" || got[1] != "libb" {
		t.Errorf("%q", got)
	}
	got = dependencies("Requires: git cronie,curl >= 7\n", "Requires:")
	if len(got) != 3 || got[2] != "curl" {
		t.Errorf("%q", got)
	}
}

func TestRole(t *testing.T) {
	for p, want := range map[string]string{
		"/var/log/app": "log", "/etc/app": "config", "/srv/app/uploads": "data", "/srv/app/shared/log/web": "log", "/srv/app": "code",
		"/var/lib/app": "data", "/var/cache/app": "cache", "/run/app": "run", "/srv/app.old": "backup", "/opt/app/conf/examples": "config",
	} {
		if got := role(p, "/srv/app"); got != want {
			t.Errorf("%s: %s, want %s", p, got, want)
		}
	}
}

func TestSamples(t *testing.T) {
	for dir, class := range map[string]string{"negatives/compose": "container", "negatives/ghpages": "pages"} {
		r, err := source.Open(t.Context(), "../../testdata/repos/"+dir, source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if list := Candidates(r, Companions(r)); len(list) == 0 || list[0].Path != "deploy.sh" {
			t.Errorf("%s (%s): candidates %v", dir, class, list)
		}
	}
}
