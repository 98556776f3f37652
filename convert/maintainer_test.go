package convert

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/choices"
)

// Who answers for a package comes from its sources or the history of the
// repository; nobody is made up.
func TestMaintainerIsNeverMadeUp(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	script := "cp app /usr/local/bin/app\n"
	git := func(dir string, args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.org"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	for _, c := range []struct {
		name, control string
		commit        bool
		want, why     string
	}{
		{"plain", "", false, "", "the repository does not say"},
		{"commits", "", true, "Ada <ada@example.org>", "git log: author of 1 of the last 1 commits"},
		{"control", "Source: app\nMaintainer: Bob <bob@example.org>\n", true, "Bob <bob@example.org>", "the package that the repository has"},
	} {
		files := map[string]string{"deploy.sh": script, "app": "#!/bin/sh\n"}
		if c.control != "" {
			files["debian/control"] = c.control
		}
		dir := repoOf(t, files)
		if c.commit {
			git(dir, "init", "-q")
			git(dir, "add", ".")
			git(dir, "commit", "-q", "-m", "m")
		}
		ch := &choices.Choices{}
		_, p := run(t, dir, ch)
		if p.Maintainer != c.want || !strings.Contains(ch.Notes["maintainer"].Why, c.why) {
			t.Errorf("%s: %q, %+v", c.name, p.Maintainer, ch.Notes["maintainer"])
		}
		if open := slices.Contains(ch.Open(), "maintainer"); open != (c.want == "") {
			t.Errorf("%s: open is %v", c.name, open)
		}
	}
}

// repoOf writes a repository of its own.
func repoOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "app")
	for name, data := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
