package analyze_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// Facts found are held against labels that people made by reading the scripts.
// NATIVIZE_LABELS names the directory of the labels, one JSON document for each
// script; NATIVIZE_TREES the repositories, laid out as OWNER__NAME.

// scored are the kinds of facts: their key in a label and in the document, and
// the fields that identify a fact in both.
var scored = []struct{ label, doc, labelField, docField string }{
	{"users", "users", "name", "name"},
	{"groups", "groups", "name", "name"},
	{"dirs", "directories", "path", "path"},
	{"config_files", "config_files", "path", "path"},
	{"files", "files", "path", "path"},
	{"symlinks", "symlinks", "path", "path"},
	{"services", "services", "name", "name"},
	{"packages", "packages", "name", "name"},
	{"lang_deps", "language_packages", "tool", "tool"},
	{"downloads", "downloads", "url", "url"},
	{"cron", "cron", "what", "command"},
	{"migrations", "migrations", "what", "command"},
}

// kin are kinds that readers tell apart differently: a fact of one that is
// found as another counts.
var kin = []string{"config_files", "files", "symlinks"}

// A labelScore counts facts.
type labelScore struct{ want, got, matched int }

func (s labelScore) precision() float64 { return ratio(s.matched, s.got) }
func (s labelScore) recall() float64    { return ratio(s.matched, s.want) }
func (s labelScore) f1() float64        { return ratio(2*s.matched, s.want+s.got) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

// A labelTally is the score of many labels.
type labelTally struct {
	kinds                  map[string]*labelScore
	class, labels          int
	understood, statements int
}

func (t *labelTally) all() (s labelScore) {
	for _, k := range t.kinds {
		s.want, s.got, s.matched = s.want+k.want, s.got+k.got, s.matched+k.matched
	}
	return s
}

// TestLabels holds the targets over the labelled scripts.
func TestLabels(t *testing.T) {
	s := scoreLabels(t, "labels", nil)
	all := s.all()
	if all.f1() < 0.90 || all.precision() < 0.92 {
		t.Errorf("F1 %.3f, precision %.3f; the targets are 0.90 and 0.92", all.f1(), all.precision())
	}
	for name, k := range s.kinds {
		if k.f1() < 0.80 {
			t.Errorf("%s: F1 %.3f, the least is 0.80", name, k.f1())
		}
	}
	if c := ratio(s.class, s.labels); c < 0.95 {
		t.Errorf("class right on %.2f of the labels, the target is 0.95", c)
	}
	if c := ratio(s.understood, s.statements); c < 0.97 {
		t.Errorf("%.3f of the statements understood, the target is 0.97", c)
	}
}

// TestLabelsOther holds the target over the other files that drive deployments:
// those whose shell or declarations are read whole.
func TestLabelsOther(t *testing.T) {
	s := scoreLabels(t, "labels-other", []string{"git-hook", "makefile", "ci", "supervisor", "procfile", "sysv", "upstart", "dockerfile"})
	if f := s.all().f1(); f < 0.85 {
		t.Errorf("F1 %.3f, the target is 0.85", f)
	}
	if s.class != s.labels {
		t.Errorf("class right on %d of %d", s.class, s.labels)
	}
}

func scoreLabels(t *testing.T, dir string, kinds []string) *labelTally {
	t.Helper()
	labels, trees := os.Getenv("NATIVIZE_LABELS"), os.Getenv("NATIVIZE_TREES")
	if labels == "" || trees == "" {
		t.Skip("NATIVIZE_LABELS and NATIVIZE_TREES do not name the directories of labels and repositories")
	}
	if filepath.Base(labels) == "labels" {
		labels = filepath.Dir(labels)
	}
	names, _ := filepath.Glob(filepath.Join(labels, dir, "*.json"))
	out := &labelTally{kinds: map[string]*labelScore{}}
	for _, name := range names {
		label := readLabel(t, name)
		if kind, _ := label["kind"].(string); kinds != nil && !slices.Contains(kinds, kind) {
			continue
		}
		script, _ := label["script"].(string)
		tree := filepath.Join(trees, treeOf(label))
		if _, err := os.Stat(filepath.Join(tree, script)); err != nil {
			t.Logf("%s: %s is not laid out", filepath.Base(name), script)
			continue
		}
		out.add(label, auditOf(t, tree, script), func(text string) { t.Logf("%s: %s", filepath.Base(name), text) })
	}
	if out.labels == 0 {
		t.Skipf("no repository of the labels in %s is laid out below NATIVIZE_TREES", filepath.Join(labels, dir))
	}
	a := out.all()
	t.Logf("%d labels: F1 %.3f, precision %.3f, recall %.3f, class %d, statements %d of %d", out.labels, a.f1(), a.precision(), a.recall(), out.class, out.understood, out.statements)
	return out
}

func readLabel(t *testing.T, name string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var label map[string]any
	if err := json.Unmarshal(b, &label); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return label
}

func treeOf(label map[string]any) string {
	if tree, _ := label["tree"].(string); tree != "" {
		return tree
	}
	repo, _ := label["repo"].(string)
	return strings.ReplaceAll(repo, "/", "__")
}

// auditOf is the document of one script, as a reader of its JSON sees it.
func auditOf(t *testing.T, tree, script string) map[string]any {
	t.Helper()
	repo, err := source.Open(t.Context(), tree, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := analyze.Run(t.Context(), repo, analyze.Options{Script: script})
	if err != nil {
		t.Fatalf("%s: %v", tree, err)
	}
	b, err := json.Marshal(a.Deployment)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// add scores one document. What is for no server is judged by its class alone.
func (s *labelTally) add(label, doc map[string]any, log func(string)) {
	s.labels++
	if oneClass(label["class"]) == oneClass(doc["class"]) {
		s.class++
	} else {
		log("class " + oneClass(doc["class"]) + ", labelled " + oneClass(label["class"]))
	}
	if !model.Class(oneClass(label["class"])).Packageable() {
		return
	}
	coverage, _ := doc["coverage"].(map[string]any)
	s.understood += number(coverage["understood"])
	s.statements += number(coverage["statements"])
	facts, _ := doc["facts"].(map[string]any)
	missed, extra := map[string][]string{}, map[string][]string{}
	for _, k := range scored {
		want, got := keys(label[k.label], k.labelField), keys(facts[k.doc], k.docField)
		t := s.kinds[k.label]
		if t == nil {
			t = &labelScore{}
			s.kinds[k.label] = t
		}
		pairs := match(k.label, want, got)
		missed[k.label], extra[k.label] = rest(k.label, want, got, pairs)
		covered := len(got) - len(pairs) - len(extra[k.label])
		t.want, t.got, t.matched = t.want+len(want), t.got+len(got)-covered, t.matched+len(pairs)
	}
	s.kindred(missed, extra)
	for _, k := range scored {
		for _, m := range missed[k.label] {
			log("missed " + k.label + " " + m)
		}
		for _, m := range extra[k.label] {
			log("extra " + k.label + " " + m)
		}
	}
}

// oneClass takes the two classes of servers for one: the place of the work
// tells them apart.
func oneClass(v any) string {
	c, _ := v.(string)
	if c == string(model.RemoteOrchestration) {
		return string(model.Server)
	}
	return c
}

func number(v any) int {
	n, _ := v.(float64)
	return int(n)
}

// kindred matches what is left between kinds that readers tell apart differently.
func (s *labelTally) kindred(missed, extra map[string][]string) {
	for _, a := range kin {
		for _, b := range kin {
			if a == b {
				continue
			}
			for _, p := range match(a, missed[a], extra[b]) {
				missed[a] = without(missed[a], p[0])
				extra[b] = without(extra[b], p[1])
				s.kinds[a].matched++
				s.kinds[a].got++
				s.kinds[b].got--
			}
		}
	}
}

// keys are the identifying fields of a list of facts, each once; of facts that
// only companion files declare a label does not speak.
func keys(v any, field string) []string {
	rows, _ := v.([]any)
	var out []string
	for _, row := range rows {
		key, _ := row.(string)
		if m, ok := row.(map[string]any); ok {
			if m["origin"] == model.FromCompanion || m["origin"] == model.FromImplied {
				continue
			}
			key, _ = m[field].(string)
		}
		if key != "" && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// match pairs facts one to one: those that are equal first, then those that are
// equal but for what nobody can know.
func match(kind string, want, got []string) [][2]string {
	var pairs [][2]string
	free := slices.Clone(got)
	done := map[string]bool{}
	for _, same := range []func(kind, a, b string) bool{equal, alike} {
		for _, w := range want {
			if done[w] {
				continue
			}
			if i := slices.IndexFunc(free, func(g string) bool { return same(kind, w, g) }); i >= 0 {
				pairs = append(pairs, [2]string{w, free[i]})
				free = slices.Delete(free, i, i+1)
				done[w] = true
			}
		}
	}
	return pairs
}

// rest are the facts without a partner; a labelled glob takes all that it covers.
func rest(kind string, want, got []string, pairs [][2]string) (missed, extra []string) {
	missed, extra = slices.Clone(want), slices.Clone(got)
	for _, p := range pairs {
		missed, extra = without(missed, p[0]), without(extra, p[1])
	}
	extra = slices.DeleteFunc(extra, func(g string) bool {
		return slices.ContainsFunc(want, func(w string) bool { return strings.Contains(w, "*") && alike(kind, w, g) })
	})
	return missed, extra
}

func without(list []string, s string) []string {
	if i := slices.Index(list, s); i >= 0 {
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	return list
}

func equal(kind, a, b string) bool { return normal(kind, a) == normal(kind, b) }

var (
	unknown   = regexp.MustCompile(`\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_][A-Za-z0-9_]*|<[^>]*>|\*`)
	slashes   = regexp.MustCompile(`/+`)
	unitEnd   = regexp.MustCompile(`\.(service|timer|socket)$`)
	wordParts = regexp.MustCompile(`[\w./-]{3,}`)
)

func normal(kind, s string) string {
	s = strings.Trim(strings.TrimSpace(s), `'"`)
	switch kind {
	case "services":
		return unitEnd.ReplaceAllString(s, "")
	case "lang_deps":
		return cmp.Or(map[string]string{"pip3": "pip", "bundler": "bundle", "python -m pip": "pip"}[s], s)
	case "dirs", "config_files", "files", "symlinks":
		s = cmp.Or(strings.TrimRight(slashes.ReplaceAllString(s, "/"), "/"), "/")
		return strings.TrimPrefix(s, "./")
	}
	return s
}

// alike lets a placeholder stand for any text, and takes commands for the same
// that share half of their words.
func alike(kind, a, b string) bool {
	a, b = normal(kind, a), normal(kind, b)
	switch {
	case a == b:
		return true
	case kind == "cron" || kind == "migrations":
		return shareWords(a, b)
	case strings.Trim(unknown.ReplaceAllString(a, ""), "/ ") == "" || strings.Trim(unknown.ReplaceAllString(b, ""), "/ ") == "":
		return unknown.MatchString(a) && unknown.MatchString(b)
	}
	return covers(a, b) || covers(b, a)
}

func covers(a, b string) bool {
	if !unknown.MatchString(a) {
		return false
	}
	parts := unknown.Split(a, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(parts, ".*") + `$`).MatchString(unknown.ReplaceAllString(b, "\x01"))
}

func shareWords(a, b string) bool {
	aw, bw := map[string]bool{}, map[string]bool{}
	for _, w := range wordParts.FindAllString(a, -1) {
		aw[w] = true
	}
	common := 0
	for _, w := range wordParts.FindAllString(b, -1) {
		if aw[w] && !bw[w] {
			common++
		}
		bw[w] = true
	}
	return common > 0 && 2*common >= min(len(aw), len(bw))
}
