package pack

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/nativize/nativize/convert/plan"
)

// sample is a package with one of everything: files of each origin, a conffile,
// a secret, links, a directory, a tree with a link and an executable.
func sample(t testing.TB) (*plan.Package, Sources) {
	t.Helper()
	stage := t.TempDir()
	write(t, stage, "venv/bin/tool", "#!/bin/sh\necho tool\n", 0o755)
	write(t, stage, "venv/lib/shoplib-1.2.dist-info/METADATA", "Metadata-Version: 2.1\nName: Shop_Lib\nVersion: 1.2\nLicense: MIT\n\nText\n", 0o644)
	write(t, stage, "venv/.git/config", "never", 0o644)
	link(t, stage, "venv/lib64", "lib")
	link(t, stage, "venv/bin/python", "/usr/bin/python3")
	link(t, stage, "venv/current", "../static")
	src := Sources{
		Repo: fstest.MapFS{
			"app/main.py":      {Data: []byte("print('shop')\n"), Mode: 0o644},
			"app/static/a.css": {Data: []byte("a {}\n"), Mode: 0o644},
			"app/tests/t.py":   {Data: []byte("x\n"), Mode: 0o644},
			"bin/shop":         {Data: []byte("#!/bin/sh\nexit 0\n"), Mode: 0o755},
		},
		Stage:   stage,
		Scripts: scripts(),
	}
	return &plan.Package{
		Name: "shop", Version: "1.2.3", Release: "1", Arch: "all", Section: "web",
		Summary: "sells things", Text: "Shop sells things.\n\nIt has:\n  * a list\n", License: "Apache-2.0",
		Maintainer: "Ann Example <ann@example.org>", Homepage: "https://example.org/shop", MTime: 1700000000,
		CodeDir: "/usr/share/shop",
		Payload: []plan.Entry{
			{Path: "/etc/shop", Type: plan.Dir_, Mode: 0o755},
			{Path: "/etc/shop/app.ini", Type: plan.File, Origin: plan.Text_, Src: "etc/app.ini", Conffile: true},
			{Path: "/etc/shop/secret.ini", Type: plan.File, Origin: plan.Text_, Src: "etc/app.ini", Mode: 0o640, Group: "shop", Conffile: true, Secret: true},
			{Path: "/usr/bin/shop", Type: plan.File, Origin: plan.Repo, Src: "bin/shop"},
			{Path: "/usr/share/doc/shop/copyright", Type: plan.File, Origin: plan.Text_, Src: "copyright"},
			{Path: "/usr/share/shop/config", Type: plan.Symlink, Src: "/etc/shop"},
			{Path: "/usr/share/shop/main.py", Type: plan.File, Origin: plan.Repo, Src: "app/main.py"},
			{Path: "/usr/share/shop/static/a.css", Type: plan.File, Origin: plan.Repo, Src: "app/static/a.css"},
			{Path: "/usr/share/shop/venv", Type: plan.Tree, Origin: plan.Staged, Src: "venv"},
			{Path: "/usr/lib/sysusers.d/shop.conf", Type: plan.File, Origin: plan.Text_, Src: "sysusers", Formats: []plan.Format{plan.Deb, plan.RPM}},
		},
		Texts: []plan.Text{
			{Path: "etc/app.ini", Data: []byte("[app]\nport = 80\n"), Mode: 0o644},
			{Path: "copyright", Data: []byte("Copyright: 2023 Ann Example\nLicense: Apache-2.0\n")},
			{Path: "sysusers", Data: []byte("u shop - \"Shop\" /var/lib/shop\n")},
		},
		Depends: map[plan.Format][]string{
			plan.Deb: {"python3 (>= 3.9)", "adduser"}, plan.RPM: {"python3 >= 3.9", "shadow-utils"},
			plan.APK: {"python3>=3.9"}, plan.Arch: {"python>=3.9"},
		},
		Recommends: map[plan.Format][]string{plan.Deb: {"cron | systemd-cron"}, plan.RPM: {"(cronie or systemd)"}},
		Conflicts:  map[plan.Format][]string{plan.Deb: {"oldshop"}, plan.RPM: {"oldshop"}, plan.APK: {"oldshop"}, plan.Arch: {"oldshop"}},
		Changelog: []plan.Release{
			{Version: "1.2.3", Date: 1700000000, Author: "Ann Example <ann@example.org>", Changes: []string{"Second line\nof a change.", "More."}},
			{Version: "1.2.2", Date: 1690000000, Author: "Ann Example <ann@example.org>", Changes: []string{"First."}},
		},
	}, src
}

func scripts() map[plan.Format]map[string]string {
	deb := map[string]string{
		"preinstall": "#!/bin/sh\nset -e\nexit 0\n", "postinstall": "#!/bin/sh\nset -e\necho \"postinst $1\"\n",
		"preremove": "#!/bin/sh\nset -e\nexit 0\n", "postremove": "#!/bin/sh\nset -e\nexit 0\n",
	}
	return map[plan.Format]map[string]string{
		plan.Deb: deb, plan.IPK: deb,
		plan.RPM:  {"preinstall": "echo pre $1\n", "postinstall": "echo post $1\n", "posttrans": "echo trans\n"},
		plan.APK:  {"preinstall": "#!/bin/sh\nexit 0\n", "preupgrade": "#!/bin/sh\nexit 0\n"},
		plan.Arch: {"postinstall": "echo post $1", "postupgrade": "echo up $1"},
	}
}

func write(t testing.TB, dir, name, text string, mode os.FileMode) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}

func link(t testing.TB, dir, name, target string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

var all = []plan.Format{plan.Deb, plan.RPM, plan.APK, plan.Arch, plan.IPK}

// build writes the package and returns the artifacts by format.
func build(t testing.TB, p *plan.Package, src Sources, opt Options) map[plan.Format]Artifact {
	t.Helper()
	if opt.OutDir == "" {
		opt.OutDir = t.TempDir()
	}
	if opt.Formats == nil {
		opt.Formats = all
	}
	list, err := Build(context.Background(), p, src, opt)
	if err != nil {
		t.Fatal(err)
	}
	m := map[plan.Format]Artifact{}
	for _, a := range list {
		if a.Format != "" {
			m[a.Format] = a
		}
	}
	return m
}

// tool skips the test when a program is missing.
func tool(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}

// run returns what a command prints; it must succeed.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestBuildWritesAllFormats(t *testing.T) {
	p, src := sample(t)
	out := t.TempDir()
	arts := build(t, p, src, Options{OutDir: out})
	for f, name := range map[plan.Format]string{
		plan.Deb: "shop_1.2.3-1_all.deb", plan.RPM: "shop-1.2.3-1.noarch.rpm", plan.APK: "shop_1.2.3-r1_noarch.apk",
		plan.Arch: "shop-1.2.3-1-any.pkg.tar.zst", plan.IPK: "shop_1.2.3-1_all.ipk",
	} {
		if got := filepath.Base(arts[f].Path); got != name {
			t.Errorf("%s: file name %q, want %q", f, got, name)
		}
	}
	var names []string
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := "SHA256SUMS shop-1.2.3-1-any.pkg.tar.zst shop-1.2.3-1.noarch.rpm shop_1.2.3-1_all.deb shop_1.2.3-1_all.ipk shop_1.2.3-r1_noarch.apk shop_1.2.3.cdx.json"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("files:\n%s, want\n%s", got, want)
	}
	tool(t, "sha256sum")
	cmd := exec.Command("sha256sum", "-c", "--quiet", ChecksumFile)
	cmd.Dir = out
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("sha256sum: %v\n%s", err, text)
	}
}

func TestBuildIsReproducible(t *testing.T) {
	p, src := sample(t)
	first := build(t, p, src, Options{})
	older := time.Unix(1, 0)
	filepath.Walk(src.Stage, func(name string, info os.FileInfo, err error) error {
		if info.Mode().IsRegular() {
			os.Chtimes(name, older, older)
		}
		return err
	})
	second := build(t, p, src, Options{Parallel: 1})
	for _, f := range all {
		if first[f].SHA256 != second[f].SHA256 {
			t.Errorf("%s differs between two builds", f)
		}
	}
	third := build(t, p, src, Options{SourceDateEpoch: 1600000000})
	for _, f := range all {
		if first[f].SHA256 == third[f].SHA256 {
			t.Errorf("%s does not depend on SOURCE_DATE_EPOCH", f)
		}
	}
}
