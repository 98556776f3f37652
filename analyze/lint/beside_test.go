package lint

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"

	"github.com/nativize/nativize/analyze/source"
)

// A checkout is a repository with its shell scripts.
type checkout struct {
	dir     string
	scripts []string
}

// checkouts lists the repositories below NATIVIZE_TREES, a list of directories
// of repositories, with their scripts. Links are other names of the same trees.
func checkouts(tb testing.TB) []checkout {
	var out []checkout
	for _, root := range filepath.SplitList(os.Getenv("NATIVIZE_TREES")) {
		list, err := os.ReadDir(root)
		if err != nil {
			tb.Fatal(err)
		}
		for _, e := range list {
			if !e.IsDir() {
				continue
			}
			c := checkout{dir: filepath.Join(root, e.Name())}
			repo, err := source.Open(tb.Context(), c.dir, source.Options{})
			if err != nil {
				tb.Fatal(err)
			}
			c.scripts = newChecker(repo, Options{}).scripts()
			repo.Close()
			if len(c.scripts) > 0 {
				out = append(out, c)
			}
		}
	}
	if len(out) == 0 {
		tb.Skip("set NATIVIZE_TREES to directories of repositories")
	}
	return out
}

// checkAll is `nativize lint --all` of one repository.
func checkAll(ctx context.Context, dir string, disable ...string) ([]Finding, error) {
	repo, err := source.Open(ctx, dir, source.Options{})
	if err != nil {
		return nil, err
	}
	defer repo.Close()
	res, err := Run(ctx, repo, Options{All: true, MinConfidence: "medium", Config: Config{Disable: disable}})
	if err != nil {
		return nil, err
	}
	return res.Findings, nil
}

// aboutFiles are the rules that judge files of the repository, not scripts:
// other linters of scripts have nothing like them, so time is taken without.
func aboutFiles() []string {
	var out []string
	for _, r := range All {
		if r.Repo || r.Secret {
			out = append(out, r.ID)
		}
	}
	return out
}

// BenchmarkTrees checks every script of NATIVIZE_TREES, repository by repository.
func BenchmarkTrees(b *testing.B) {
	list := checkouts(b)
	scripts := 0
	for _, c := range list {
		scripts += len(c.scripts)
	}
	for b.Loop() {
		for _, c := range list {
			if _, err := checkAll(b.Context(), c.dir, aboutFiles()...); err != nil {
				b.Fatal(c.dir, err)
			}
		}
	}
	b.ReportMetric(float64(scripts), "scripts")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*scripts), "µs/script")
}

// defects are twelve defects of deployments with what reports each: rules here,
// checks of ShellCheck, rules of gitleaks ("*" any).
var defects = []struct {
	name             string
	rules            []string
	codes            []int
	leaks            string
	portabilityCodes bool // SC2039 and SC3xxx
}{
	{name: "a redeploy replaces configuration", rules: []string{"config-overwritten-on-deploy", "unit-overwritten-on-deploy"}},
	{name: "local changes are thrown away", rules: []string{"git-clean-eats-config"}},
	{name: "rm -rf of what may be empty", rules: []string{"unguarded-rm-rf"}, codes: []int{2115}},
	{name: "a failed step goes unnoticed", rules: []string{"no-error-handling", "failure-hidden"}, codes: []int{2164, 2103}},
	{name: "a download is run at once", rules: []string{"curl-pipe-shell"}},
	{name: "an unchecked download is installed", rules: []string{"unverified-download"}},
	{name: "plain HTTP", rules: []string{"http-download"}},
	{name: "a service runs as root", rules: []string{"service-runs-as-root"}},
	{name: "a credential in the script", rules: []string{"secret-in-script", "password-on-command-line", "sudo-password-in-script"}, leaks: "*"},
	{name: "the second run fails or nests", rules: []string{"not-idempotent", "generated-config-not-idempotent"}},
	{name: "bash under sh", rules: []string{"bashism-under-sh"}, portabilityCodes: true},
	{name: "a predictable name in /tmp", rules: []string{"predictable-tmp"}},
}

// TestBeside counts the scripts in which nativize, ShellCheck and gitleaks each
// find twelve defects, and takes the time of each, on the same files. It is the
// table of docs/lint-accuracy.md; nothing of it is asserted.
func TestBeside(t *testing.T) {
	list := checkouts(t)
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("shellcheck is not installed; apt-get install shellcheck (with NATIVIZE_TREES)")
	}
	var files []string
	for _, c := range list {
		for _, s := range c.scripts {
			files = append(files, filepath.Join(c.dir, s))
		}
	}
	t.Logf("%d scripts of %d repositories", len(files), len(list))
	start, before := time.Now(), processor(t)
	besideNativize(t, list, aboutFiles()...)
	t.Logf("nativize without credentials: %v elapsed, %v of processor, one process", time.Since(start).Round(time.Millisecond), (processor(t) - before).Round(time.Millisecond))
	ours := besideNativize(t, list, "secret-in-repository", "private-key-in-repository", "config-tracked-with-secrets", "environment-drift")
	start = time.Now()
	codes, used := besideShellCheck(t, shellcheck, files)
	t.Logf("ShellCheck: %v elapsed, %v of processor", time.Since(start).Round(time.Millisecond), used.Round(time.Millisecond))
	start = time.Now()
	leaks := besideGitleaks(t, files)
	t.Logf("gitleaks: %v", time.Since(start).Round(time.Millisecond))
	t.Log("| defect | nativize | ShellCheck | gitleaks |")
	for _, d := range defects {
		n, sc, gl := 0, 0, 0
		for _, f := range files {
			if slices.ContainsFunc(d.rules, func(r string) bool { return ours[f][r] }) {
				n++
			}
			if slices.ContainsFunc(codes[f], func(c int) bool {
				return slices.Contains(d.codes, c) || d.portabilityCodes && (c == 2039 || c >= 3000 && c < 4000)
			}) {
				sc++
			}
			if d.leaks != "" && leaks[f] > 0 {
				gl++
			}
		}
		t.Logf("| %s | %d | %d | %d |", d.name, n, sc, gl)
	}
}

// processor is the time of the processor that this process has used.
func processor(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func besideNativize(t *testing.T, list []checkout, disable ...string) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, c := range list {
		fs, err := checkAll(t.Context(), c.dir, disable...)
		if err != nil {
			t.Fatal(c.dir, err)
		}
		for _, f := range fs {
			name := filepath.Join(c.dir, f.Main().File)
			if out[name] == nil {
				out[name] = map[string]bool{}
			}
			out[name][f.Rule] = true
		}
	}
	return out
}

// besideShellCheck runs ShellCheck with its default checks, in processes of up to
// 500 files.
func besideShellCheck(t *testing.T, program string, files []string) (map[string][]int, time.Duration) {
	out, used := map[string][]int{}, time.Duration(0)
	for part := range slices.Chunk(files, 500) {
		cmd := exec.CommandContext(t.Context(), program, append([]string{"-f", "json1", "--"}, part...)...)
		text, err := cmd.Output()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		used += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		var report struct {
			Comments []struct {
				File string
				Code int
			}
		}
		if err := json.Unmarshal(text, &report); err != nil {
			t.Fatal(err)
		}
		for _, c := range report.Comments {
			out[c.File] = append(out[c.File], c.Code)
		}
	}
	return out, used
}

func besideGitleaks(t *testing.T, files []string) map[string]int {
	logging.Logger = zerolog.Nop()
	d, err := detect.NewDetectorDefaultConfig()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[f] = len(d.DetectString(strings.ToValidUTF8(string(b), "")))
	}
	return out
}
