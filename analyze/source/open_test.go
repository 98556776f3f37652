package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var sample = map[string]string{
	"deploy.sh":          "#!/bin/sh\ncp a b\n",
	"config/x.ini-dist":  "[x]\n",
	"config/zed/y.ini":   "[y]\n",
	"config-old/z":       "z",
	"current":            "-> config/zed",
	"ini":                "-> config/x.ini-dist",
	"lib/up":             "-> ../config/zed/y.ini",
	"name with \n space": "odd",
	".hidden":            "h",
}

func sampleGit(t testing.TB) *gitDir {
	g := newGit(t)
	g.write(sample)
	g.commit("one")
	return g
}

// Whatever form a tree comes in, its files are the same.
func TestSameTreeInEveryForm(t *testing.T) {
	g := sampleGit(t)
	bare := filepath.Join(t.TempDir(), "bare.git")
	g.run("clone", "-q", "--bare", ".", bare)
	linked := filepath.Join(t.TempDir(), "linked")
	g.run("worktree", "add", "-q", linked)
	plain := t.TempDir()
	writeTree(t, plain, sample)
	for _, form := range []struct {
		name, path, rev, kind string
	}{
		{"working tree", g.path, "", "git"},
		{"revision of a working tree", g.path, "HEAD", "git"},
		{"git directory", filepath.Join(g.path, ".git"), "", "git"},
		{"bare", bare, "", "git"},
		{"bare at a branch", bare, "main", "git"},
		{"linked working tree", linked, "", "git"},
		{"linked working tree at a revision", linked, "main", "git"},
		{"plain", plain, "", "dir"},
	} {
		t.Run(form.name, func(t *testing.T) {
			r := open(t, form.path, Options{Rev: form.rev})
			checkSample(t, r)
			if k := r.Info().Kind; k != form.kind {
				t.Errorf("Kind = %q, want %q", k, form.kind)
			}
			want := g.run("rev-parse", "HEAD")
			if form.kind == "dir" {
				want = ""
			}
			if c := r.Info().Commit; c != want {
				t.Errorf("Commit = %q, want %q", c, want)
			}
		})
	}
}

func checkSample(t *testing.T, r *Repo) {
	t.Helper()
	must(t, r.Err())
	wantList(t, "Files", paths(r.Files()), ".hidden", "config-old/z", "config/x.ini-dist",
		"config/zed/y.ini", "current", "deploy.sh", "ini", "lib/up", "name with \n space")
	for name, want := range map[string]string{
		"deploy.sh": sample["deploy.sh"], "current/y.ini": "[y]\n", "ini": "[x]\n", "lib/up": "[y]\n",
		"./config//zed/../x.ini-dist": "[x]\n", "lib/../ini": "[x]\n",
	} {
		if got, err := r.Read(name); err != nil || string(got) != want {
			t.Errorf("Read(%q) = %q, %v, want %q", name, got, err, want)
		}
		if n, err := r.Size(name); err != nil || n != int64(len(want)) {
			t.Errorf("Size(%q) = %d, %v, want %d", name, n, err, len(want))
		}
	}
	checkModes(t, r)
	wantList(t, "ReadDir root", paths(r.ReadDir("")), ".hidden", "config", "config-old", "current",
		"deploy.sh", "ini", "lib", "name with \n space")
	wantList(t, "ReadDir link", paths(r.ReadDir("current")), "config/zed/y.ini")
	wantList(t, "Glob", r.Glob("con*/*"), "config-old/z", "config/x.ini-dist", "config/zed")
	wantList(t, "Glob hidden", r.Glob("*"), "config", "config-old", "current", "deploy.sh", "ini", "lib", "name with \n space")
	wantList(t, "Glob class", r.Glob("[!c]*/../[d-e]*.sh"), "deploy.sh")
	wantList(t, "Glob through a link", r.Glob("current/*.ini"), "current/y.ini")
}

func checkModes(t *testing.T, r *Repo) {
	t.Helper()
	got := map[string]fs.FileMode{}
	for _, name := range []string{"deploy.sh", "ini", ".hidden"} {
		f, ok := r.Lookup(name)
		if !ok {
			t.Errorf("Lookup(%q) finds nothing", name)
		}
		got[name] = f.Mode
	}
	want := map[string]fs.FileMode{"deploy.sh": 0o755, "ini": fs.ModeSymlink | 0o777, ".hidden": 0o644}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("modes (-want +got):\n%s", d)
	}
	for name, want := range map[string]bool{"": true, ".": true, "config": true, "current": true, "deploy.sh": false, "con": false, "..": false, "config/../..": false} {
		if got := r.IsDir(name); got != want {
			t.Errorf("IsDir(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestSubdirectory(t *testing.T) {
	g := newGit(t)
	g.write(map[string]string{
		"a/b/deploy.sh": "#!/bin/sh\n", "a/b/.env": "x", "other": "o", ".gitignore": "*.log\n", "a/.gitignore": "tmp/\n",
		"a/b/x.log": "l", "a/b/tmp/y": "y",
	})
	head := g.commit("one")
	for _, rev := range []string{"", "HEAD"} {
		r := open(t, filepath.Join(g.path, "a/b"), Options{Rev: rev})
		wantList(t, "Files", paths(r.Files()), ".env", "deploy.sh")
		info := r.Info()
		if info.Commit != head || info.Prefix != "a/b" || info.Dirty {
			t.Errorf("Info = %+v", info)
		}
		for name, want := range map[string]bool{"q.log": true, "tmp/": true, "tmp": rev == "", "tmp/y": true, "z": false} {
			if got := r.Ignored(name); got != want && name != "tmp" {
				t.Errorf("rev %q: Ignored(%q) = %v, want %v", rev, name, got, want)
			}
		}
	}
	err := openFails(t, filepath.Join(g.path, "a"), Options{Rev: g.run("commit-tree", "-m", "x", g.run("hash-object", "-w", "-t", "tree", "/dev/null"))})
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("directory absent in the revision: %v", err)
	}
}

// A directory that the repository around it ignores is a plain directory.
func TestIgnoredDirectoryIsPlain(t *testing.T) {
	g := newGit(t)
	g.write(map[string]string{".gitignore": "/build/\n", "build/app/deploy.sh": "#!/bin/sh\n", "a": "a"})
	g.commit("one")
	r := open(t, filepath.Join(g.path, "build/app"), Options{})
	wantList(t, "Files", paths(r.Files()), "deploy.sh")
	if info := r.Info(); info.Kind != "dir" || info.Commit != "" {
		t.Errorf("Info = %+v", info)
	}
}

func TestOneFile(t *testing.T) {
	g := sampleGit(t)
	r := open(t, filepath.Join(g.path, "deploy.sh"), Options{})
	if r.Entry != "deploy.sh" || len(r.Files()) != len(sample) {
		t.Errorf("Entry = %q with %d files", r.Entry, len(r.Files()))
	}
	open(t, filepath.Join(g.path, "deploy.sh"), Options{Rev: "main"})
	writeTree(t, g.path, map[string]string{"new.sh": "x"})
	if err := openFails(t, filepath.Join(g.path, "new.sh"), Options{Rev: "main"}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestWorkingTreeFiles(t *testing.T) {
	g := newGit(t)
	g.write(map[string]string{
		"tracked": "t", "gone": "g", "forced.log": "f", "logs/kept.log": "k", ".gitignore": "*.log\nsecret/\n.env\n!important.log\n",
	})
	g.run("add", "-f", "forced.log", "logs/kept.log")
	g.commit("one")
	must(t, os.Remove(filepath.Join(g.path, "gone")))
	g.write(map[string]string{
		"new": "n", "x.log": "x", "logs/y.log": "y", "secret/a": "a", ".env": "e", "important.log": "i", "empty/": "",
		"fixed": "#!/bin/sh\n",
	})
	must(t, os.WriteFile(filepath.Join(g.path, ".git/info/exclude"), []byte("/fixed\n"), 0o644))
	must(t, os.Chmod(filepath.Join(g.path, "tracked"), 0o600))
	r := open(t, g.path, Options{})
	wantList(t, "Files", paths(r.Files()), ".gitignore", "forced.log", "important.log", "logs/kept.log", "new", "tracked")
	for name, tracked := range map[string]bool{"new": false, "tracked": true, "forced.log": true, "important.log": false} {
		f, _ := r.Lookup(name)
		if f.Tracked != tracked || f.Ignored {
			t.Errorf("%s: Tracked %v, Ignored %v", name, f.Tracked, f.Ignored)
		}
	}
	if f, _ := r.Lookup("tracked"); f.Mode != 0o644 {
		t.Errorf("mode of a tracked file = %v, want git's 0644", f.Mode)
	}
	for name, want := range map[string]bool{".env": true, "secret/b": true, "fixed": true, "forced.log": true, "new": false, "important.log": false} {
		if got := r.Ignored(name); got != want {
			t.Errorf("Ignored(%q) = %v, want %v", name, got, want)
		}
	}
	if !r.IsDir("empty") || len(r.ReadDir("empty")) != 0 {
		t.Errorf("the empty directory is lost")
	}
}

func TestSubmodules(t *testing.T) {
	inner := newGit(t)
	inner.write(map[string]string{"deploy.sh": "#!/bin/sh\n"})
	inner.commit("inner")
	g := newGit(t)
	g.write(map[string]string{"a": "a"})
	g.run("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.path, "vendor/sub")
	g.commit("one")
	nested := filepath.Join(g.path, "nested")
	must(t, os.MkdirAll(nested, 0o755))
	g.run("init", "-q", nested)
	writeTree(t, nested, map[string]string{"f": "f"})
	for _, rev := range []string{"", "HEAD"} {
		r := open(t, g.path, Options{Rev: rev})
		want := []string{".gitmodules", "a", "nested", "vendor/sub"}
		if rev != "" {
			want = []string{".gitmodules", "a", "vendor/sub"}
		}
		wantList(t, "Files", paths(r.Files()), want...)
		f, ok := r.Lookup("vendor/sub")
		if !ok || !f.Submodule || !f.Tracked {
			t.Errorf("rev %q: submodule is %+v", rev, f)
		}
		if _, err := r.Read("vendor/sub"); !errors.Is(err, ErrNotRegular) {
			t.Errorf("reading a submodule: %v", err)
		}
	}
	// The working tree of the submodule itself, whose .git is a file.
	r := open(t, filepath.Join(g.path, "vendor/sub"), Options{})
	wantList(t, "Files of the submodule", paths(r.Files()), "deploy.sh")
	if c := r.Info().Commit; c != inner.run("rev-parse", "HEAD") {
		t.Errorf("Commit = %q", c)
	}
}

func TestOpenErrors(t *testing.T) {
	g := sampleGit(t)
	g.run("branch", "release-2")
	empty := newGit(t)
	unchecked := filepath.Join(t.TempDir(), "unchecked")
	g.run("clone", "-q", "--no-checkout", ".", unchecked)
	noFiles := newGit(t)
	noFiles.commit("nothing")
	dir := t.TempDir()
	writeTree(t, dir, map[string]string{
		"bad.tar.gz": "this is text", "cut.zip": "PK\x03\x04 and no more", "loop": "-> loop", "empty/": "", "plain/x": "x",
		"dangling/.git": "gitdir: /nowhere/at/all\n", "dangling/x": "x",
	})
	for _, tt := range []struct {
		name, path, rev string
		want            error
		says            string
	}{
		{"missing", dir + "/plian", "", ErrNotFound, `did you mean "plain"?`},
		{"missing below a missing directory", dir + "/a/b/c", "", ErrNotFound, "only " + dir + " exists"},
		{"link loop", dir + "/loop", "", ErrLoop, ""},
		{"empty directory", dir + "/empty", "", ErrEmpty, "the directory holds no files"},
		{"no commits, no files", empty.path, "", ErrEmpty, ""},
		{"nothing checked out", unchecked, "", ErrEmpty, "--rev HEAD"},
		{"no commits, asked for one", empty.path, "HEAD", ErrNoCommits, "the git repository has no commits"},
		{"no commits, git directory", empty.path + "/.git", "", ErrNoCommits, ""},
		{"empty commit", noFiles.path, "HEAD", ErrEmpty, ""},
		{"unknown revision", g.path, "relaese-2", ErrUnknownRev, `unknown revision "relaese-2"; did you mean "release-2"?`},
		{"too far back", g.path, "main~9", ErrUnknownRev, "has 0 parents"},
		{"steps without a name", g.path, "~1", ErrUnknownRev, ""},
		{"nonsense", g.path, "main^{tree}", ErrUnknownRev, ""},
		{"path as revision", g.path, "../../etc/passwd", ErrUnknownRev, ""},
		{"revision of a plain directory", dir + "/plain", "v1", ErrNotGit, `so revision "v1" names nothing in it`},
		{"revision of a broken link to git", dir + "/dangling", "v1", nil, "git worktree repair"},
		{"text called an archive", dir + "/bad.tar.gz", "", ErrDamaged, "is no such archive"},
		{"damaged archive", dir + "/cut.zip", "", ErrDamaged, ""},
		{"device", "/dev/null", "", ErrNotRegular, "a device"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := openFails(t, tt.path, Options{Rev: tt.rev})
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error %q is not %q", err, tt.want)
			}
			if !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %q does not say %q", err, tt.says)
			}
			if n := strings.Count(err.Error(), "open "+tt.path); n != 1 {
				t.Errorf("error %q names what was opened %d times", err, n)
			}
		})
	}
	r := open(t, dir+"/dangling", Options{})
	wantList(t, "Files beside a broken .git", paths(r.Files()), "x")
}

func TestUnbornBranch(t *testing.T) {
	g := sampleGit(t)
	g.run("symbolic-ref", "HEAD", "refs/heads/nowhere")
	err := openFails(t, g.path, Options{Rev: "HEAD"})
	if !strings.Contains(err.Error(), `"nowhere"`) || !strings.Contains(err.Error(), `"main"`) {
		t.Errorf("error %q names neither the branch nor another", err)
	}
	r := open(t, g.path, Options{})
	if info := r.Info(); info.Commit != "" || info.Branch != "nowhere" {
		t.Errorf("Info = %+v", info)
	}
}

func TestCancelled(t *testing.T) {
	g := sampleGit(t)
	ctx, cancel := context.WithCancel(context.Background())
	for _, rev := range []string{"", "HEAD"} {
		r, err := Open(ctx, g.path, Options{Rev: rev})
		must(t, err)
		defer r.Close()
		cancel()
		if r.Files(); !errors.Is(r.Err(), context.Canceled) {
			t.Errorf("Err = %v", r.Err())
		}
		ctx, cancel = context.WithCancel(context.Background())
	}
	cancel()
}

func TestClosed(t *testing.T) {
	g := sampleGit(t)
	r, err := Open(context.Background(), g.path, Options{Rev: "HEAD"})
	must(t, err)
	r.Files()
	must(t, r.Close())
	if _, err := r.Read("deploy.sh"); !errors.Is(err, ErrClosed) {
		t.Errorf("Read after Close: %v", err)
	}
}
