package lint

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
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
	LangDeps                  []struct{ Line int }         `json:"lang_deps"`
	ConfigFiles               []struct{ Path, How string } `json:"config_files"`
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

// A score counts the agreements of one rule with readers. Backed are the
// findings that no reader called a defect, though the reader's own facts or the
// record of a real run say the same.
type score struct {
	rules                    string
	hit, miss, extra, backed int
}

func (s score) labels() int { return s.hit + s.miss }

func (s score) String() string {
	return fmt.Sprintf("labels %3d  recall %.2f  precision %.2f  with facts %.2f  %s", s.labels(), ratio(s.hit, s.miss), ratio(s.hit, s.extra), ratio(s.hit+s.backed, s.extra-s.backed), s.rules)
}

// scores are by the names of rules that report the same defect, joined.
type scores map[string]*score

func (c scores) of(rules string) *score {
	if c[rules] == nil {
		c[rules] = &score{rules: rules}
	}
	return c[rules]
}

// TestLabels compares findings with what readers found, script by script. The
// fifteen commonest defects, config-overwritten-on-deploy among them, have to
// have the recall and the precision that the project aims at.
func TestLabels(t *testing.T) {
	labels, trees := accuracyDirs(t)
	all := scores{}
	var lines []string
	for _, l := range readLabels(t, labels) {
		dir := filepath.Join(trees, l.Tree)
		if _, err := os.Stat(filepath.Join(dir, l.Script)); err != nil {
			continue
		}
		lines = append(lines, all.compare(l, checkTree(t, dir, l.Script), lostEdits(t, l))...)
	}
	slices.Sort(lines)
	for _, line := range lines {
		t.Log(line)
	}
	sum := score{rules: "the fifteen commonest"}
	for i, s := range all.sorted() {
		t.Log("SCORE ", s)
		if i < 15 {
			sum.hit, sum.miss, sum.extra, sum.backed = sum.hit+s.hit, sum.miss+s.miss, sum.extra+s.extra, sum.backed+s.backed
		}
	}
	t.Log("SCORE ", sum)
	if ratio(sum.hit, sum.miss) < 0.85 || ratio(sum.hit, sum.extra) < 0.85 {
		t.Error("below 0.85")
	}
}

// compare counts the findings on one script against its label, and lists where
// they differ.
func (c scores) compare(l labelled, fs []Finding, lost map[string]bool) (lines []string) {
	found := map[string][]Finding{}
	for _, f := range fs {
		if f.Confidence != "low" {
			found[f.Rule] = append(found[f.Rule], f)
		}
	}
	wanted := map[string]bool{}
	for _, s := range l.Smells {
		key := strings.Join(smells[s.Rule], "|")
		if key == "" || wanted[key] {
			continue
		}
		wanted[key] = true
		if slices.ContainsFunc(smells[s.Rule], func(r string) bool { return found[r] != nil }) {
			c.of(key).hit++
			continue
		}
		c.of(key).miss++
		lines = append(lines, fmt.Sprintf("MISS  %-22s %s %s:%d %s", s.Rule, l.Tree, l.Script, s.Line, s.Why))
	}
	for rule, fs := range found {
		key := smellKey(rule)
		expected := slices.ContainsFunc(slices.Collect(maps.Keys(wanted)), func(k string) bool { return slices.Contains(strings.Split(k, "|"), rule) })
		if key == "" || expected {
			continue
		}
		c.of(key).extra++
		what := "EXTRA"
		if slices.ContainsFunc(fs, func(f Finding) bool { return l.says(f, lost) }) {
			c.of(key).backed++
			what = "FACT "
		}
		lines = append(lines, fmt.Sprintf("%s %-22s %s %s %s %s", what, rule, l.Tree, fs[0].Main().Pos, fs[0].Confidence, fs[0].Message))
	}
	return lines
}

// smellKey is the longest list of rules that a rule leads, "" none.
func smellKey(rule string) string {
	key := ""
	for _, s := range sortedSmells() {
		if k := strings.Join(smells[s], "|"); smells[s][0] == rule && len(k) > len(key) {
			key = k
		}
	}
	return key
}

// says tells whether the facts of a label, or the edits that a real run lost,
// state what a finding states.
func (l labelled) says(f Finding, lost map[string]bool) bool {
	switch f.Rule {
	case "build-on-server":
		return f.Main().File == l.Script && slices.ContainsFunc(l.LangDeps, func(d struct{ Line int }) bool { return d.Line == f.Main().Line })
	case "config-overwritten-on-deploy":
		name := f.Effect[strings.LastIndexByte(f.Effect, 0)+1:]
		return lost[name] || slices.ContainsFunc(l.ConfigFiles, func(c struct{ Path, How string }) bool {
			return c.Path == name && slices.Contains([]string{"copy", "template", "heredoc", "echo", "download"}, c.How)
		})
	}
	return false
}

// lostEdits are the files whose edits were lost when the script really ran.
func lostEdits(t *testing.T, l labelled) map[string]bool {
	files, _ := filepath.Glob(filepath.Join(os.Getenv("NATIVIZE_REAL"), "*.json"))
	out := map[string]bool{}
	for _, f := range files {
		if r := readReal(t, f); r.Tree == l.Tree && r.Script == l.Script {
			for _, e := range r.LocalEdits {
				out[e.Path] = out[e.Path] || e.Edit == "lost"
			}
		}
	}
	return out
}

// sorted are the scores by the number of labels. Several have two: the rule that
// the product is about comes first among them.
func (c scores) sorted() []*score {
	out := slices.Collect(maps.Values(c))
	slices.SortFunc(out, func(a, b *score) int {
		own := func(s *score) int {
			if s.rules == "config-overwritten-on-deploy" {
				return 0
			}
			return 1
		}
		return cmp.Or(b.labels()-a.labels(), own(a)-own(b), strings.Compare(a.rules, b.rules))
	})
	return out
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
