package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// self is a program that behaves as nativize: this test's own, which testscript
// puts into PATH.
func self(t *testing.T) string {
	t.Helper()
	name, err := exec.LookPath("nativize")
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// laidOut is a directory with a script of one grave defect.
func laidOut(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text := "#!/bin/sh\nset -e\nP=$1\nrm -rf \"$P/lib\"\nsystemctl restart shop\n"
	if err := os.WriteFile(filepath.Join(dir, "deploy.sh"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestAction runs the steps of the GitHub action that are shell, with what the
// runner would put into their environment.
func TestAction(t *testing.T) {
	b, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct {
			Steps []struct {
				Name, Run string
				Env       map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(b, &action); err != nil {
		t.Fatal(err)
	}
	steps := map[string]string{}
	for _, s := range action.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %s: an input reaches the shell as text", s.Name)
		}
		steps[s.Name] = s.Run
	}
	for _, c := range []struct{ name, failOn, want string }{{"fails", "error", "1"}, {"passes", "never", "0"}} {
		t.Run(c.name, func(t *testing.T) {
			temp := t.TempDir()
			output := filepath.Join(temp, "output")
			cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", steps["Lint"])
			cmd.Dir = laidOut(t)
			cmd.Env = append(os.Environ(), "BINARY="+self(t), "TARGET=.", "SINCE=", "FAIL_ON="+c.failOn, "MIN_CONFIDENCE=medium", "BASELINE=", "RUNNER_TEMP="+temp, "GITHUB_OUTPUT="+output)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if !strings.Contains(string(out), "::error file=deploy.sh,line=4") {
				t.Errorf("no annotation in %s", out)
			}
			set, _ := os.ReadFile(output)
			if !strings.Contains(string(set), "status="+c.want+"\n") || !strings.Contains(string(set), "sarif="+filepath.Join(temp, "nativize.sarif")+"\n") {
				t.Errorf("outputs %q", set)
			}
			if sarif, err := os.ReadFile(filepath.Join(temp, "nativize.sarif")); err != nil || !strings.Contains(string(sarif), `"version": "2.1.0"`) {
				t.Errorf("no SARIF: %v", err)
			}
			result := exec.CommandContext(t.Context(), "bash", "-eo", "pipefail", "-c", steps["Result"])
			result.Env = append(os.Environ(), "STATUS="+c.want)
			if err := result.Run(); (err == nil) != (c.want == "0") {
				t.Errorf("the last step: %v", err)
			}
		})
	}
}

// TestHooks runs the entries of the pre-commit hooks as pre-commit does: the words
// of the entry, then the names of the files.
func TestHooks(t *testing.T) {
	b, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		ID, Entry string
		Pass      *bool `yaml:"pass_filenames"`
	}
	if err := yaml.Unmarshal(b, &hooks); err != nil {
		t.Fatal(err)
	}
	bin := self(t)
	for _, h := range hooks {
		t.Run(h.ID, func(t *testing.T) {
			words := strings.Fields(h.Entry)
			if words[0] != "nativize" {
				t.Fatalf("entry %q", h.Entry)
			}
			if h.Pass == nil || *h.Pass {
				words = append(words, "deploy.sh")
			}
			cmd := exec.CommandContext(t.Context(), bin, words[1:]...)
			cmd.Dir = laidOut(t)
			out, err := cmd.Output()
			if cmd.ProcessState.ExitCode() != exitFindings || !strings.Contains(string(out), "unguarded-rm-rf") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestGitLabTemplate runs the script of the GitLab template.
func TestGitLabTemplate(t *testing.T) {
	b, err := os.ReadFile("../../docs/ci/gitlab.yml")
	if err != nil {
		t.Fatal(err)
	}
	var jobs map[string]struct {
		Script    []string
		Variables map[string]string
		Artifacts struct{ Reports map[string]string }
	}
	if err := yaml.Unmarshal(b, &jobs); err != nil {
		t.Fatal(err)
	}
	job, ok := jobs["nativize-lint"]
	report := job.Artifacts.Reports["codequality"]
	if !ok || report == "" {
		t.Fatalf("no job nativize-lint with a report in %s", b)
	}
	self(t)
	script := slices.DeleteFunc(job.Script, func(s string) bool { return strings.HasPrefix(s, "go install ") })
	cmd := exec.CommandContext(t.Context(), "bash", "-eo", "pipefail", "-c", strings.Join(script, "\n"))
	cmd.Dir = laidOut(t)
	cmd.Env = append(os.Environ(), "CI_PROJECT_DIR="+cmd.Dir)
	for k, v := range job.Variables {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	out, _ := cmd.CombinedOutput()
	if text, err := os.ReadFile(filepath.Join(cmd.Dir, report)); err != nil || !strings.Contains(string(text), `"check_name": "unguarded-rm-rf"`) {
		t.Errorf("no report: %v\n%s", err, out)
	}
}
