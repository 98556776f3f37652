package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadme runs the console blocks of README.md and compares: "$ " begins a
// command, what follows is its output, a line "..." stands for the rest of it.
// /tmp is a directory of the test. UPDATE=1 rewrites the output, up to "...".
func TestReadme(t *testing.T) {
	const name = "../../README.md"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c := newConsole(t)
	got := consoleBlock.ReplaceAllStringFunc(string(data), func(block string) string {
		return "```console\n" + c.block(block) + "```\n"
	})
	if got == string(data) {
		return
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("README.md shows what is not so; UPDATE=1 rewrites it; -file +real:\n%s", cmp.Diff(string(data), got))
}

var consoleBlock = regexp.MustCompile("(?ms)^```console\n.*?^```\n")

// TestReadmeLinks wants the files that the documents link to.
func TestReadmeLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	docs, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(docs, "../../README.md", "../../docs/cli/README.md") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(data), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", filepath.Base(name), m[1])
			}
		}
	}
}

// A console runs commands as README.md shows them.
type console struct {
	t   *testing.T
	tmp string // stands for /tmp
	env []string
}

func newConsole(t *testing.T) *console {
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "nativize")); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "LC_ALL=C.UTF-8", "COLUMNS=80", "NO_COLOR=1")
	return &console{t, t.TempDir(), env}
}

// block returns a block with the real output.
func (c *console) block(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "```\n"), "\n")
	var out strings.Builder
	for i := 0; i < len(lines); i++ {
		command, ok := strings.CutPrefix(lines[i], "$ ")
		if !ok {
			continue
		}
		end := i + 1
		for end < len(lines) && !strings.HasPrefix(lines[end], "$ ") {
			end++
		}
		shown := lines[i+1 : end]
		out.WriteString(lines[i] + "\n" + c.output(command, slices.Index(shown, "...")))
	}
	return out.String()
}

// output runs a command; beyond rest lines, when that is not negative, it ends
// in "...".
func (c *console) output(command string, rest int) string {
	line := strings.ReplaceAll(command, "go run ./cmd/nativize", "nativize")
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(line, "/tmp/", c.tmp+"/"))
	cmd.Dir, cmd.Env = "../..", c.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if code := exitCode(err); code != exitDone && code != exitFindings {
		c.t.Fatalf("%s: %v\n%s", command, err, &stderr)
	}
	text := strings.ReplaceAll(string(stdout), c.tmp+"/", "/tmp/")
	if lines := strings.SplitAfter(text, "\n"); rest >= 0 && rest < len(lines) {
		text = strings.Join(lines[:rest], "") + "...\n"
	}
	return text
}
