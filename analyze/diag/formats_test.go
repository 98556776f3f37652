package diag

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/source"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// hostile is a report whose every text tries to leave its place.
func hostile() *Report {
	const evil = "a\x1b[2J\"'<b>&\n::error::x%0A]]>\u202e\xff\x00|`$(id)"
	at := span(evil, 1, 2, 900)
	return &Report{
		Sources: func(string) ([]byte, error) { return []byte(evil), nil },
		Findings: []Diagnostic{
			{Rule: "r-" + evil, Severity: Severity(evil), Confidence: Confidence(evil), Message: evil, Value: evil, Help: evil,
				At: []source.Span{at, at}, Related: []Label{{At: at, Text: evil}}, Fingerprint: "1"},
			{Rule: "no-place", Severity: Error, Message: "nothing", Fingerprint: "1"},
			{Rule: "odd-span", Message: "x", At: []source.Span{{Pos: source.Pos{File: "f", Line: 3, Col: -1}, EndLine: 1}}, Fingerprint: "1"},
		},
	}
}

func reports() map[string]*Report {
	return map[string]*Report{"sample": sample(), "hostile": hostile(), "empty": {}}
}

func render(t *testing.T, format string, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSARIFSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("testdata/sarif-used.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(render(t, "sarif", r)))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestGitHubGrammar holds that each finding is one workflow command on one
// line: ::level key=value,...::data, with % , : escaped in properties.
func TestGitHubGrammar(t *testing.T) {
	command := regexp.MustCompile(`^::(error|warning|notice) [a-zA-Z]+=([^%,:]|%25|%0D|%0A|%3A|%2C)*(,[a-zA-Z]+=([^%,:]|%25|%0D|%0A|%3A|%2C)*)*::([^%]|%25|%0D|%0A)*$`)
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			out := render(t, "github", r)
			if n := strings.Count(out, "\n"); n != len(r.Findings) {
				t.Errorf("%d lines for %d findings", n, len(r.Findings))
			}
			for line := range strings.Lines(out) {
				if !command.MatchString(strings.TrimSuffix(line, "\n")) {
					t.Errorf("not a workflow command: %q", line)
				}
			}
		})
	}
}

func TestGitLab(t *testing.T) {
	for name, r := range reports() {
		t.Run(name, func(t *testing.T) {
			var issues []gitlabIssue
			if err := json.Unmarshal([]byte(render(t, "gitlab", r)), &issues); err != nil {
				t.Fatal(err)
			}
			if issues == nil || len(issues) != len(r.Findings) {
				t.Errorf("%d issues for %d findings", len(issues), len(r.Findings))
			}
			seen := map[string]bool{}
			for _, i := range issues {
				if seen[i.Fingerprint] || i.Fingerprint == "" || i.Location.Lines.Begin < 1 {
					t.Errorf("issue %+v: fingerprint or line is not usable", i)
				}
				seen[i.Fingerprint] = true
			}
		})
	}
}

func TestXML(t *testing.T) {
	for _, format := range []string{"checkstyle", "junit"} {
		for name, r := range reports() {
			t.Run(format+"/"+name, func(t *testing.T) {
				dec := xml.NewDecoder(strings.NewReader(render(t, format, r)))
				elements := map[string]int{}
				for {
					tok, err := dec.Token()
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
					if e, ok := tok.(xml.StartElement); ok {
						elements[e.Name.Local]++
					}
				}
				if n := elements["error"] + elements["failure"]; n != len(r.Findings) {
					t.Errorf("%d elements for %d findings", n, len(r.Findings))
				}
				if format == "junit" && elements["testcase"] == 0 {
					t.Error("no test case: readers take the file for no run")
				}
			})
		}
	}
}

func TestJSON(t *testing.T) {
	var got jsonReport
	if err := json.Unmarshal([]byte(render(t, "json", sample())), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 1 || got.Summary != (Count{2, 1, 1}) || got.Findings[1].Rule != "unguarded-rm-rf" {
		t.Errorf("got %+v", got)
	}
	if out := render(t, "json", &Report{}); !strings.Contains(out, `"findings": []`) {
		t.Errorf("no empty list in %s", out)
	}
}
