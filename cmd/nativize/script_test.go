package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nativize": main})
}

// TestScript runs testdata/script: a file a behaviour, its first word the
// subcommand. UPDATE=1 rewrites what they compare with.
//
// $REPOS is testdata/repos of the project. Our own commands beside those of
// testscript:
//
//	exits N CMD...      runs CMD and wants this exit code
//	plain               wants no control character but tab and newline in the last output
//	tarball FILE DIR    packs a directory, gzipped
//	zipball FILE DIR    packs a directory
//	badtar FILE         an archive with members that leave it
//	fifo NAME           a named pipe
//	sparse NAME SIZE    a file of that many zero bytes
//	bytes NAME TEXT     a file with the bytes of a Go string
//	hostile DIR         a repository with hostile names and values
func TestScript(t *testing.T) {
	repos, err := filepath.Abs("../../testdata/repos")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE") != "",
		RequireExplicitExec: false,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"plain":   plain,
			"tarball": tarball,
			"zipball": zipball,
			"badtar":  badTar,
			"fifo":    fifo,
			"sparse":  sparse,
			"bytes":   writeBytes,
			"hostile": hostile,
		},
		Condition: condition,
		Setup: func(env *testscript.Env) error {
			env.Setenv("REPOS", repos)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("LC_ALL", "C.UTF-8")
			return gitSettings(env)
		},
	})
}

// gitSettings makes commits that are the same on every machine.
func gitSettings(env *testscript.Env) error {
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		env.Setenv("GIT_"+who+"_NAME", "Ada")
		env.Setenv("GIT_"+who+"_EMAIL", "ada@example.org")
		env.Setenv("GIT_"+who+"_DATE", "2020-02-20T20:20:20Z")
	}
	env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	text := "[init]\n\tdefaultBranch = main\n[safe]\n\tdirectory = *\n"
	return os.WriteFile(filepath.Join(env.WorkDir, ".gitconfig"), []byte(text), 0o644)
}

// condition adds [root] to the conditions of testscript.
func condition(cond string) (bool, error) {
	if cond == "root" {
		return os.Geteuid() == 0, nil
	}
	return false, errors.New("unknown condition")
}

// exits runs a command and wants its exit code, which "! exec" leaves open.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N cmd [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitCode(ts.Exec(args[1], args[2:]...)); got != want {
		ts.Logf("[stdout]\n%s[stderr]\n%s", ts.ReadFile("stdout"), ts.ReadFile("stderr"))
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// exitCode is -1 for a command that could not run or was killed.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// plain wants the last output to be safe for a terminal.
func plain(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: plain")
	}
	for _, stream := range []string{"stdout", "stderr"} {
		for i, r := range ts.ReadFile(stream) {
			if r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				ts.Fatalf("%s has the control character %U at byte %d", stream, r, i)
			}
		}
	}
}
