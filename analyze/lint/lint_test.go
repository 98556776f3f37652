package lint

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/nativize/nativize/analyze/source"
)

// tree lays an example out: a script, or a tree of files in txtar.
func tree(t testing.TB, text string) *source.Repo {
	t.Helper()
	dir := t.TempDir()
	ar := txtar.Parse([]byte(text))
	if c := string(ar.Comment); strings.TrimSpace(c) != "" {
		ar.Files = append(ar.Files, txtar.File{Name: "deploy.sh", Data: ar.Comment})
	}
	for _, f := range ar.Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	repo, err := source.Open(context.Background(), dir, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	return repo
}

func lintText(t testing.TB, text string, opt Options) *Result {
	t.Helper()
	repo := tree(t, text)
	if repo.Exists("deploy.sh") {
		opt.Script = "deploy.sh"
	}
	res, err := Run(context.Background(), repo, opt)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func rulesOf(res *Result) []string {
	var out []string
	for _, f := range res.Findings {
		out = append(out, f.Rule)
	}
	return out
}

func TestRuleExamples(t *testing.T) {
	for _, r := range All {
		t.Run(r.ID, func(t *testing.T) {
			res := lintText(t, r.Doc.Bad, Options{})
			if !slices.Contains(rulesOf(res), r.ID) {
				t.Errorf("the bad example is not found; found %v", rulesOf(res))
			}
			for _, f := range res.Findings {
				if f.Rule == r.ID {
					checkFinding(t, f)
				}
			}
			good := lintText(t, r.Doc.Good, Options{})
			for _, f := range good.Findings {
				if f.Rule == r.ID {
					t.Errorf("the good example is found: %s %s", f.Main(), f.Message)
				}
			}
		})
	}
}

func checkFinding(t *testing.T, f Finding) {
	t.Helper()
	if f.Message == "" || len(f.At) == 0 || f.Main().File == "" || f.Main().Line < 1 {
		t.Errorf("a finding needs a message and a place: %+v", f.Diagnostic)
	}
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(f.Fingerprint) {
		t.Errorf("fingerprint %q", f.Fingerprint)
	}
	if strings.HasSuffix(f.Message, ".") || strings.Contains(f.Message, "\n") {
		t.Errorf("message %q: one line without a full stop", f.Message)
	}
}

var kebab = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All {
		switch {
		case !kebab.MatchString(r.ID):
			t.Errorf("%s: not kebab-case words", r.ID)
		case seen[r.ID]:
			t.Errorf("%s: listed twice", r.ID)
		case r.Severity.Rank() > 2 || r.Confidence.Rank() > 2:
			t.Errorf("%s: severity %q, confidence %q", r.ID, r.Severity, r.Confidence)
		case r.Doc.Title == "" || r.Doc.Text == "" || r.Doc.Bad == "" || r.Doc.Good == "" || r.Doc.Since == "":
			t.Errorf("%s: its page is not complete", r.ID)
		case strings.HasSuffix(r.Doc.Title, "."):
			t.Errorf("%s: the title ends in a full stop", r.ID)
		case !slices.Contains(Groups, r.Group):
			t.Errorf("%s: group %q", r.ID, r.Group)
		}
		seen[r.ID] = true
	}
	if len(All) < 40 {
		t.Errorf("%d rules", len(All))
	}
}

// TestMarkdown holds docs/rules.md; UPDATE=1 rewrites it.
func TestMarkdown(t *testing.T) {
	const name = "../../docs/rules.md"
	got := Markdown()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what the rules say; run UPDATE=1 go test ./analyze/lint", name)
	}
}
