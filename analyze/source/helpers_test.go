package source

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A gitDir is a directory that git is run in.
type gitDir struct {
	t    testing.TB
	path string
	now  int // seconds of the next commit
}

func newGit(t testing.TB, args ...string) *gitDir {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	g := &gitDir{t: t, path: t.TempDir(), now: 1_600_000_000}
	g.run(append([]string{"init", "-q", "-b", "main"}, args...)...)
	return g
}

// run runs git and returns its output without the last newline.
func (g *gitDir) run(args ...string) string {
	g.t.Helper()
	out, err := g.try(args...)
	if err != nil {
		g.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (g *gitDir) try(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = g.path
	date := "@" + itoa(g.now) + " +0200"
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=c",
		"GIT_COMMITTER_EMAIL=c@example.org", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date,
		"GIT_ALLOW_PROTOCOL=file")
	out, err := cmd.CombinedOutput()
	return strings.TrimSuffix(string(out), "\n"), err
}

func itoa(n int) string {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append(b, byte('0'+n%10))
	}
	slices.Reverse(b)
	return string(b)
}

func (g *gitDir) write(files map[string]string) {
	g.t.Helper()
	writeTree(g.t, g.path, files)
}

// commit commits all there is and returns the commit.
func (g *gitDir) commit(message string) string {
	g.t.Helper()
	g.now += 60
	g.run("add", "-A")
	g.run("commit", "-q", "--allow-empty", "-m", message)
	return g.run("rev-parse", "HEAD")
}

// writeTree writes files; "-> x" is a symbolic link, a name ending in / a
// directory, content beginning with #! an executable.
func writeTree(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(path, 0o755))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		if target, ok := strings.CutPrefix(content, "-> "); ok {
			must(t, os.Symlink(target, path))
			continue
		}
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(content, "#!") {
			mode = 0o755
		}
		must(t, os.WriteFile(path, []byte(content), mode))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, path string, opts Options) *Repo {
	t.Helper()
	r, err := Open(context.Background(), path, opts)
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	return r
}

func openFails(t testing.TB, path string, opts Options) error {
	t.Helper()
	r, err := Open(context.Background(), path, opts)
	if err == nil {
		r.Close()
		t.Fatalf("Open(%s, %+v) succeeds", path, opts)
	}
	return err
}

func paths(files []File) []string {
	out := []string{}
	for _, f := range files {
		out = append(out, f.Path)
	}
	return out
}

func wantList(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}
