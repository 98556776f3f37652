package source

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Histories with merges and tags of both kinds are described as git does.
func TestDescribeAsGit(t *testing.T) {
	n := 2
	if testing.Short() {
		n = 1
	}
	for seed := range n {
		g, commits := randomHistory(t, uint64(seed))
		for _, c := range commits {
			want, err := g.try("describe", "--tags", "--long", "--abbrev=7", c)
			if err != nil {
				want = ""
			}
			r := open(t, g.path, Options{Rev: c})
			if got := r.Info().Describe; got != want {
				t.Errorf("seed %d: describe %s = %q, git says %q", seed, c, got, want)
			}
		}
	}
}

// randomHistory makes commits with commit-tree, which needs no working tree.
func randomHistory(t *testing.T, seed uint64) (*gitDir, []string) {
	g := newGit(t)
	g.write(map[string]string{"f": "f"})
	g.run("add", "f")
	tree := g.run("write-tree")
	rng := rand.New(rand.NewPCG(seed, 7))
	var commits []string
	for i := range 30 {
		g.now += rng.IntN(3) * 10 // equal dates too
		args := []string{"commit-tree", tree, "-m", fmt.Sprint(i)}
		for range min(len(commits), 1+rng.IntN(5)/3) {
			p := commits[len(commits)-1-rng.IntN(min(4, len(commits)))]
			if args[len(args)-1] != p {
				args = append(args, "-p", p)
			}
		}
		commits = append(commits, g.run(args...))
		switch c := commits[i]; rng.IntN(8) {
		case 0:
			g.run("tag", fmt.Sprintf("light-%d", i), c)
		case 1:
			g.run("tag", "-a", "-m", "note", fmt.Sprintf("v%d", i), c)
			g.run("tag", fmt.Sprintf("a-light-%d", i), c)
		}
	}
	g.run("update-ref", "refs/heads/main", commits[len(commits)-1])
	if seed%2 == 0 {
		g.run("gc", "-q")
	}
	return g, commits
}

func TestTags(t *testing.T) {
	g := sampleGit(t)
	first := g.run("rev-parse", "HEAD")
	g.run("tag", "light")
	g.now += 100
	g.run("tag", "-a", "-m", "First release\n\n- works", "v1.0")
	g.run("tag", "-a", "-m", "of a tag", "nested", "v1.0")
	g.run("tag", "tree", "HEAD^{tree}")
	g.run("tag", "sub/blob", "HEAD:deploy.sh")
	r := open(t, g.path, Options{})
	tags, err := r.Tags()
	must(t, err)
	var got []string
	for _, tag := range tags {
		got = append(got, fmt.Sprintf("%s %v %q %s", tag.Name, tag.Annotated, tag.Message, tag.Date.Format(time.RFC3339)))
		if tag.Commit != first {
			t.Errorf("%s names %s, want %s", tag.Name, tag.Commit, first)
		}
	}
	wantList(t, "tags", got,
		`nested true "of a tag" 2020-09-13T12:29:20Z`,
		`v1.0 true "First release\n\n- works" 2020-09-13T12:29:20Z`,
		`light false "" 2020-09-13T12:27:40Z`)
}

func TestParseTagSignature(t *testing.T) {
	tag := parseTag([]byte("object " + strings.Repeat("a", 40) + "\ntype commit\ntag v1\ntagger x <y> 1600000000 +0000\n\nText\n" +
		"-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"))
	if tag.message != "Text" || tag.tagger.When.Unix() != 1600000000 {
		t.Errorf("parseTag = %+v", tag)
	}
}

func TestResolveRevAsGit(t *testing.T) {
	g, commits := randomHistory(t, 3)
	g.run("tag", "-f", "-a", "-m", "x", "annotated", commits[10])
	g.run("update-ref", "refs/remotes/origin/dev", commits[5])
	g.run("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/dev")
	last := commits[len(commits)-1]
	r := open(t, g.path, Options{})
	for _, rev := range []string{
		"HEAD", "@", "main", "heads/main", "refs/heads/main", "annotated", "annotated^{}", "annotated^{commit}", "tags/annotated",
		"origin/dev", "origin", "refs/remotes/origin/dev", last, last[:7], last[:9], strings.ToUpper(last[:8]), "HEAD~3", "HEAD^", "HEAD^^",
		"HEAD~2^1~1", "@~1", "HEAD^0", "v1-3-g" + last[:10], "annotated~2",
	} {
		want := g.run("rev-parse", rev+"^{commit}")
		got, err := r.git.resolveRev(rev)
		if err != nil || string(got) != want {
			t.Errorf("resolveRev(%q) = %q, %v, git says %q", rev, got, err, want)
		}
	}
	for _, rev := range []string{"config", "index", "description", "HEAD~-1", "HEAD^9", "HEAD^x", "^", "zzz", "HEAD:f", "../HEAD", "refs/heads", "deadbeef", strings.Repeat("f", 40)} {
		if got, err := r.git.resolveRev(rev); err == nil && rev != "^" {
			t.Errorf("resolveRev(%q) = %q", rev, got)
		}
	}
}

func TestShallowClone(t *testing.T) {
	g := sampleGit(t)
	g.run("tag", "v1")
	for range 3 {
		g.commit("more")
	}
	clone := filepath.Join(t.TempDir(), "clone")
	g.run("clone", "-q", "--depth", "2", "file://"+g.path, clone)
	info := open(t, clone, Options{}).Info()
	if !info.Shallow || info.Describe != "" || info.Commit != g.run("rev-parse", "HEAD") {
		t.Errorf("Info = %+v", info)
	}
	info = open(t, g.path, Options{}).Info()
	if info.Shallow || !strings.HasPrefix(info.Describe, "v1-3-g") {
		t.Errorf("Info = %+v", info)
	}
}

func TestDirty(t *testing.T) {
	later := time.Now().Add(time.Hour)
	for _, tt := range []struct {
		name   string
		change func(g *gitDir, path string)
		want   bool
	}{
		{"nothing", func(*gitDir, string) {}, false},
		{"untracked file", func(g *gitDir, _ string) { g.write(map[string]string{"new": "n"}) }, false},
		{"touched", func(g *gitDir, p string) { must(t, os.Chtimes(p, later, later)) }, false},
		{"same size", func(g *gitDir, p string) {
			must(t, os.WriteFile(p, []byte("y"), 0o644))
			must(t, os.Chtimes(p, later, later))
		}, true},
		{"same size at once", func(g *gitDir, p string) { must(t, os.WriteFile(p, []byte("y"), 0o644)) }, true},
		{"longer", func(g *gitDir, p string) { must(t, os.WriteFile(p, []byte("longer"), 0o644)) }, true},
		{"executable", func(g *gitDir, p string) { must(t, os.Chmod(p, 0o755)) }, true},
		{"executable, ignored by git", func(g *gitDir, p string) {
			must(t, os.Chmod(p, 0o755))
			g.run("config", "core.fileMode", "false")
		}, false},
		{"group may write", func(g *gitDir, p string) { must(t, os.Chmod(p, 0o664)) }, false},
		{"deleted", func(g *gitDir, p string) { must(t, os.Remove(p)) }, true},
		{"became a link", func(g *gitDir, p string) {
			must(t, os.Remove(p))
			must(t, os.Symlink("x", p))
		}, true},
		{"staged", func(g *gitDir, p string) {
			g.write(map[string]string{"staged": "s"})
			g.run("add", "staged")
		}, true},
		{"staged and taken back", func(g *gitDir, p string) {
			g.write(map[string]string{"staged": "s"})
			g.run("add", "staged")
			g.run("rm", "-q", "--cached", "staged")
		}, false},
		{"link changed", func(g *gitDir, p string) {
			must(t, os.Remove(filepath.Join(g.path, "ini")))
			must(t, os.Symlink("elsewhere", filepath.Join(g.path, "ini")))
		}, true},
		{"line ends converted", func(g *gitDir, p string) {
			g.run("config", "core.autocrlf", "true")
			must(t, os.Remove(filepath.Join(g.path, "deploy.sh")))
			g.run("checkout", "deploy.sh")
			must(t, os.Chtimes(filepath.Join(g.path, "deploy.sh"), later, later))
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := sampleGit(t)
			g.write(map[string]string{"file": "x"})
			g.commit("two")
			tt.change(g, filepath.Join(g.path, "file"))
			if got := open(t, g.path, Options{}).Info().Dirty; got != tt.want {
				t.Errorf("Dirty = %v, want %v", got, tt.want)
			}
			status := g.run("status", "--porcelain", "-uno")
			if (status != "") != tt.want {
				t.Errorf("git status says %q", status)
			}
			if open(t, g.path, Options{Rev: "HEAD"}).Info().Dirty {
				t.Error("a revision is dirty")
			}
		})
	}
}

func TestInfo(t *testing.T) {
	g := sampleGit(t)
	g.run("remote", "add", "origin", "https://user:secret@example.org/a/b.git")
	info := open(t, g.path, Options{}).Info()
	if info.Branch != "main" || info.Remote != "https://example.org/a/b.git" || !info.Date.Equal(time.Unix(int64(g.now), 0)) {
		t.Errorf("Info = %+v", info)
	}
	g.run("remote", "add", "up", "git@example.org:c.git")
	g.run("config", "branch.main.remote", "up")
	g.commit("two")
	g.run("checkout", "-q", "HEAD~1")
	info = open(t, g.path, Options{}).Info()
	if info.Branch != "" || info.Remote != "https://example.org/a/b.git" {
		t.Errorf("detached: Info = %+v", info)
	}
	g.run("checkout", "-q", "main")
	if got := open(t, g.path, Options{}).Info().Remote; got != "git@example.org:c.git" {
		t.Errorf("Remote = %q", got)
	}
	if got := open(t, g.path, Options{Rev: "main~1"}).Info().Branch; got != "" {
		t.Errorf("Branch of another commit = %q", got)
	}
}

func TestStripCredentials(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.org/a.git":                  "https://example.org/a.git",
		"https://TOKEN@example.org/a.git":            "https://example.org/a.git",
		"https://u:p@example.org:8443/a.git?t=x#f":   "https://example.org:8443/a.git",
		"ssh://git@example.org:22/a.git":             "ssh://git@example.org:22/a.git",
		"ssh://git:pw@example.org/a.git":             "ssh://git@example.org/a.git",
		"git@example.org:a/b.git":                    "git@example.org:a/b.git",
		"git:pw@example.org:a/b.git":                 "git@example.org:a/b.git",
		"https://u:p%zz@example.org/a?token=x":       "https://example.org/a",
		"https://u:p@ss@example.org/a":               "https://example.org/a",
		"/srv/git/a.git":                             "/srv/git/a.git",
		"file:///srv/git/a.git":                      "file:///srv/git/a.git",
		"https://x-access-token:s@example.org/a.git": "https://example.org/a.git",
	} {
		if got := StripCredentials(in); got != want {
			t.Errorf("StripCredentials(%q) = %q, want %q", in, got, want)
		}
	}
}
