package lint

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/source"
)

// FuzzConfig holds that a configuration is read or refused with its place, and
// that what is read names rules that exist.
func FuzzConfig(f *testing.F) {
	f.Add("lint:\n  enable: [no-lock]\n  disable: [build-on-server]\n  severity:\n    unpinned-ref: error\n  paths:\n    exclude: [vendor, \"*.bats\"]\n")
	f.Add("lint:\n  severity: [a]\n")
	f.Add("lint: &a\n  paths: *a\n")
	f.Add("---\nlint:\n---\nlint: {enable: }\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseConfig([]byte(text))
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		if err := c.Check(); err != nil {
			t.Errorf("accepted: %v", err)
		}
		c.excludes("a/b.sh")
		for id := range c.Severity {
			if ByID(id) == nil {
				t.Errorf("severity of %q", id)
			}
		}
	})
}

// FuzzIgnores holds that comments hide no finding of another rule or line, and
// that what they hide is counted.
func FuzzIgnores(f *testing.F) {
	f.Add("rm -rf x # nativize:ignore unguarded-rm-rf: checked\n")
	f.Add("# nativize: ignore[unguarded-rm-rf] why\n\n# more\nrm\n")
	f.Add("#nativize:ignore\n;nativize:ignore unguarded-rm-rf\n// nativize:ignore x y")
	f.Fuzz(func(t *testing.T, text string) {
		facts := &repoFacts{texts: map[string][]byte{"a": []byte(text)}, lines: map[string][]int{}, cache: map[string]any{}}
		var fs []Finding
		for n := 1; n <= strings.Count(text, "\n")+1; n++ {
			at := source.Span{Pos: source.Pos{File: "a", Line: n, Col: 1}, EndLine: n, EndCol: 2}
			fs = append(fs, Finding{Diagnostic: diag.Diagnostic{Rule: "unguarded-rm-rf", At: []source.Span{at}}})
		}
		left, hidden := silence(facts, fs, []string{"a"}, func(string) bool { return true })
		kept := 0
		for _, x := range left {
			if x.Rule == "unguarded-rm-rf" {
				kept++
			}
		}
		if kept+hidden != len(fs) {
			t.Errorf("%d kept and %d hidden of %d", kept, hidden, len(fs))
		}
		if hidden > 0 && !strings.Contains(text, "unguarded-rm-rf") {
			t.Errorf("%d hidden by comments that do not name the rule", hidden)
		}
	})
}

// FuzzBaseline holds that a baseline that is read is written and read again the
// same, and that filtering its own findings leaves none.
func FuzzBaseline(f *testing.F) {
	f.Add(`{"version":1,"findings":[{"fingerprint":"a","rule":"r","file":"f","count":2},{"fingerprint":"a"}]}`)
	f.Add(`{"version":1,"findings":[{"fingerprint":"a","count":-1}]}`)
	f.Add(`{"version":2}`)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ReadBaseline(strings.NewReader(text))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := b.Write(&out); err != nil {
			t.Fatal(err)
		}
		again, err := ReadBaseline(&out)
		if err != nil || len(b.Findings) > 0 && !reflect.DeepEqual(again.Findings, b.Findings) {
			t.Errorf("written and read: %+v, %v; want %+v", again, err, b)
		}
		var fs []Finding
		for _, k := range b.Findings {
			fs = append(fs, Finding{Diagnostic: diag.Diagnostic{Fingerprint: k.Fingerprint}})
		}
		if left, known, _ := b.Filter(fs); len(left) > 0 || known != len(fs) {
			t.Errorf("%d left of %d", len(left), len(fs))
		}
		if left, _, stale := b.Without(b.Findings).Filter(fs); len(left) != len(fs) || len(stale) > 0 {
			t.Errorf("%d left of %d in an emptied baseline", len(left), len(fs))
		}
	})
}
