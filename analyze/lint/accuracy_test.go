package lint

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/source"
)

// smells maps the names that readers gave to the rules that report the same
// defect. It is the table of docs/lint-accuracy.md.
var smells = map[string][]string{
	"unpinned-ref":                          {"unpinned-ref"},
	"no-rollback":                           {"no-rollback", "delete-before-new-copy-ready"},
	"no-error-handling":                     {"no-error-handling"},
	"build-on-server":                       {"build-on-server"},
	"run-as-root":                           {"service-runs-as-root", "build-as-root"},
	"config-in-code-dir":                    {"config-in-code-dir", "env-file-in-checkout", "git-clean-eats-config"},
	"unverified-download":                   {"unverified-download"},
	"rm-rf-variable":                        {"unguarded-rm-rf", "delete-before-new-copy-ready"},
	"git-clean":                             {"git-clean-eats-config"},
	"other:git-reset-hard":                  {"git-clean-eats-config"},
	"other:db-password-on-command-line":     {"password-on-command-line"},
	"curl-pipe-shell":                       {"curl-pipe-shell"},
	"other:unit-in-lib":                     {"package-manager-conflict"},
	"other:removes-distro-file":             {"package-manager-conflict"},
	"other:log-in-code-dir":                 {"log-in-code-dir"},
	"http-download":                         {"http-download"},
	"other:curl-no-fail":                    {"curl-without-fail"},
	"other:unbounded-backups":               {"unbounded-backups"},
	"other:overwrites-other-package-config": {"package-manager-conflict"},
	"other:overwrites-distro-config":        {"package-manager-conflict"},
	"other:edits-other-package-file":        {"config-edited-in-place"},
	"other:edits-other-package-config":      {"config-edited-in-place"},
	"other:writes-usr-bin":                  {"package-manager-conflict"},
	"other:not-idempotent":                  {"generated-config-not-idempotent", "not-idempotent"},
	"other:config-appended":                 {"generated-config-not-idempotent"},
	"other:config-overwritten":              {"config-overwritten-on-deploy"},
	"other:overwrites-config":               {"config-overwritten-on-deploy"},
	"other:non-atomic-symlink":              {"non-atomic-swap"},
	"other:volatile-dir":                    {"volatile-directory-not-recreated"},
	"other:data-in-code-dir":                {"state-in-code-dir"},
	"other:code-owned-by-service-user":      {"code-writable-by-service", "recursive-chown-of-code"},
	"other:ssh-trust-on-first-use":          {"host-key-check-disabled"},
	"disable-tls-check":                     {"tls-check-disabled", "host-key-check-disabled"},
	"other:predictable-tmp":                 {"predictable-tmp"},
	"other:sha1-same-origin":                {"checksum-from-same-place"},
	"other:never-enabled":                   {"service-not-enabled"},
	"other:no-daemon-reload":                {"unit-not-reloaded"},
	"chmod-777":                             {"world-writable"},
	"secret-in-repo":                        {"secret-in-repository", "config-tracked-with-secrets", "secret-in-script"},
	"other:pip-system-site":                 {"package-manager-conflict"},
}

type labelled struct {
	Repo, Tree, Script, Class string
	Sources                   []string
	Smells                    []struct {
		Rule string
		Line int
		Why  string
	}
}

func accuracyDirs(t *testing.T) (labels, trees string) {
	labels, trees = os.Getenv("NATIVIZE_LABELS"), os.Getenv("NATIVIZE_TREES")
	if labels == "" || trees == "" {
		t.Skip("set NATIVIZE_LABELS and NATIVIZE_TREES to the labels and the trees that they are of")
	}
	return labels, trees
}

func readLabels(t *testing.T, dir string) []labelled {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no labels in %s (%v)", dir, err)
	}
	var out []labelled
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var l labelled
		if err := json.Unmarshal(b, &l); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if l.Tree == "" {
			l.Tree = strings.ReplaceAll(l.Repo, "/", "__")
		}
		out = append(out, l)
	}
	return out
}

func checkTree(t *testing.T, dir, script string) []Finding {
	ctx := context.Background()
	repo, err := source.Open(ctx, dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	a, err := analyze.Run(ctx, repo, analyze.Options{Script: script})
	if err != nil {
		t.Fatalf("%s %s: %v", dir, script, err)
	}
	fs, err := Check(ctx, a, All)
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// TestLabels compares findings with what readers found, script by script.
func TestLabels(t *testing.T) {
	labels, trees := accuracyDirs(t)
	type score struct{ hit, miss, extra int }
	scores := map[string]*score{}
	var lines []string
	for _, l := range readLabels(t, labels) {
		dir := filepath.Join(trees, l.Tree)
		if _, err := os.Stat(filepath.Join(dir, l.Script)); err != nil {
			continue
		}
		found := map[string]Finding{}
		for _, f := range checkTree(t, dir, l.Script) {
			if _, ok := found[f.Rule]; !ok && f.Confidence != "low" {
				found[f.Rule] = f
			}
		}
		wanted := map[string]bool{}
		for _, s := range l.Smells {
			key := strings.Join(smells[s.Rule], "|")
			if key == "" || wanted[key] {
				continue
			}
			wanted[key] = true
			if scores[key] == nil {
				scores[key] = &score{}
			}
			if slices.ContainsFunc(smells[s.Rule], func(r string) bool { _, ok := found[r]; return ok }) {
				scores[key].hit++
				continue
			}
			scores[key].miss++
			lines = append(lines, fmt.Sprintf("MISS  %-22s %s %s:%d %s", s.Rule, l.Tree, l.Script, s.Line, s.Why))
		}
		for rule, f := range found {
			key, expected := "", false
			for _, s := range sortedSmells() {
				if smells[s][0] != rule {
					continue
				}
				k := strings.Join(smells[s], "|")
				if key == "" || len(k) > len(key) {
					key = k
				}
			}
			for k := range wanted {
				expected = expected || slices.Contains(strings.Split(k, "|"), rule)
			}
			if key == "" || expected {
				continue
			}
			if scores[key] == nil {
				scores[key] = &score{}
			}
			scores[key].extra++
			lines = append(lines, fmt.Sprintf("EXTRA %-22s %s %s %s %s", rule, l.Tree, f.Main().Pos, f.Confidence, f.Message))
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		t.Log(line)
	}
	keys := make([]string, 0, len(scores))
	for k := range scores {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return scores[b].hit + scores[b].miss - scores[a].hit - scores[a].miss })
	for _, k := range keys {
		s := scores[k]
		t.Logf("SCORE %-70s labels %2d  recall %.2f  precision %.2f", k, s.hit+s.miss, ratio(s.hit, s.miss), ratio(s.hit, s.extra))
	}
}

func sortedSmells() []string {
	out := make([]string, 0, len(smells))
	for s := range smells {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func ratio(a, b int) float64 {
	if a+b == 0 {
		return 1
	}
	return float64(a) / float64(a+b)
}
