package target

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/convert/plan"
)

// staged is a plan of which all that is shipped is built: a program that holds
// its final place, and a file made in the source tree.
func staged() *plan.Package {
	p := minimal()
	p.CodeDir = "/opt/nativize-test/app"
	p.Payload = []plan.Entry{
		{Path: "/opt/nativize-test/app/env", Type: plan.Tree, Origin: plan.Staged, Src: "opt/nativize-test/app/env"},
		{Path: "/opt/nativize-test/app/out", Type: plan.Tree, Origin: plan.Staged, Src: "web/out"},
	}
	p.Stage = []plan.Build{
		{
			Tool: "sh", Output: []string{"/opt/nativize-test/app/env"}, Why: "what virtualenv does",
			Shell: "mkdir -p \"$STAGE/opt/nativize-test/app/env/bin\"\ncd \"$STAGE/opt/nativize-test/app/env\"\n" +
				"printf '#!%s/bin/python\\n' \"$PWD\" > bin/tool\nchmod 755 bin/tool\nln -s \"$PWD/bin/tool\" link\nmkdir __pycache__\ntouch __pycache__/x.pyc\ncat \"$SRC/bin/hello\" > copy",
		},
		{Tool: "make", Dir: "web", Shell: "mkdir out\necho \"$HOME\" > out/home", Output: []string{"web/out"}},
	}
	return p
}

func runStage(t *testing.T, p *plan.Package, env ...string) (string, string, error) {
	t.Helper()
	dir := writeTree(t, p)
	for name, text := range map[string]string{"bin/hello": "hello\n", "web/in": "", ".git/HEAD": "x"} {
		full := filepath.Join(dir, "source", name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "stage")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", filepath.Join(dir, "packaging/stage.sh"))
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return dir, string(out), err
}

// noSandbox is a PATH on which bwrap fails.
func noSandbox(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bwrap"), []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return "PATH=" + dir + ":" + os.Getenv("PATH")
}

func TestStage(t *testing.T) {
	check := func(t *testing.T, env ...string) {
		dir, out, err := runStage(t, staged(), env...)
		if err != nil {
			t.Fatalf("stage.sh: %v\n%s", err, out)
		}
		root := filepath.Join(dir, "stage/opt/nativize-test/app/env")
		if got, _ := os.ReadFile(filepath.Join(root, "bin/tool")); string(got) != "#!/opt/nativize-test/app/env/bin/python\n" {
			t.Errorf("the program holds %q", got)
		}
		if got, _ := os.Readlink(filepath.Join(root, "link")); got != "/opt/nativize-test/app/env/bin/tool" {
			t.Errorf("the link is to %q", got)
		}
		if got, _ := os.ReadFile(filepath.Join(root, "copy")); string(got) != "hello\n" {
			t.Errorf("the copy holds %q", got)
		}
		if _, err := os.Stat(filepath.Join(root, "__pycache__")); err == nil {
			t.Error("byte code is in the staging tree")
		}
		if got, _ := os.ReadFile(filepath.Join(dir, "stage/web/out/home")); !strings.HasPrefix(string(got), dir+"/stage.work/") {
			t.Errorf("HOME was %q", got)
		}
		for _, left := range []string{"stage.work", "stage.new", "source/web/out"} {
			if _, err := os.Stat(filepath.Join(dir, left)); err == nil {
				t.Errorf("%s is left", left)
			}
		}
		if _, err := os.Stat("/opt/nativize-test"); err == nil {
			t.Error("the host has /opt/nativize-test")
		}
	}
	t.Run("sandbox", func(t *testing.T) {
		if err := exec.Command("bwrap", "--ro-bind", "/", "/", "true").Run(); err != nil {
			t.Skip("bwrap does not run here")
		}
		check(t)
	})
	t.Run("no sandbox", func(t *testing.T) { check(t, noSandbox(t)) })
}

func TestStageRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		change     func(p *plan.Package)
	}{
		{"missing output", "did not make web/nothing", func(p *plan.Package) { p.Stage[1].Output = []string{"web/nothing"} }},
		{"failing step", "", func(p *plan.Package) { p.Stage[1].Shell = "false\nmkdir out" }},
		{"no digest", "has no pinned digest", func(p *plan.Package) {
			p.Stage[1].Downloads = []plan.Download{{URL: "https://example.invalid/x.tgz", To: "x.tgz"}}
		}},
		{"path in a binary", "hold the path of the staging tree", func(p *plan.Package) {
			p.Stage[0].Shell += "\nprintf 'a\\0%s' \"$PWD\" > binary"
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := staged()
			tt.change(p)
			dir, out, err := runStage(t, p, noSandbox(t))
			if err == nil || !strings.Contains(out, tt.want) {
				t.Errorf("stage.sh: %v, %s; want %q", err, out, tt.want)
			}
			if _, err := os.Stat(filepath.Join(dir, "stage")); err == nil {
				t.Error("a failed build left a staging tree")
			}
		})
	}
}

// TestStageFetch: a file whose digest is not the pinned one stops the build.
func TestStageFetch(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	// SHA-256 of "hello\n"
	const digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
	for _, tt := range []struct {
		text string
		ok   bool
	}{{"hello\n", true}, {"other\n", false}} {
		p := staged()
		p.Stage[1].Downloads = []plan.Download{{URL: "https://example.invalid/x", To: "got/x", SHA256: digest}}
		p.Stage[1].Shell = "mkdir out\ncp ../got/x out/"
		bin := t.TempDir()
		curl := "#!/bin/sh\nwhile [ $# -gt 1 ]; do [ \"$1\" = -o ] && printf '" + strings.TrimSuffix(tt.text, "\n") + "\\n' > \"$2\"; shift; done\n"
		if err := os.WriteFile(filepath.Join(bin, "curl"), []byte(curl), 0o755); err != nil {
			t.Fatal(err)
		}
		_, out, err := runStage(t, p, "PATH="+bin+":"+os.Getenv("PATH"))
		if (err == nil) != tt.ok {
			t.Errorf("fetched %q: %v\n%s", tt.text, err, out)
		}
		if !tt.ok && !strings.Contains(out, "is not what was pinned") {
			t.Errorf("message is %q", out)
		}
	}
}
