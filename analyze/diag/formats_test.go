package diag

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
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
	validSARIF(t, schema)
}

// validSARIF holds every report against a schema.
func validSARIF(t *testing.T, schema *jsonschema.Schema) {
	t.Helper()
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

// TestSARIFStandard validates against the schema of the standard, which is not
// part of the project: its licence does not let it be changed.
func TestSARIFStandard(t *testing.T) {
	name := os.Getenv("NATIVIZE_SARIF_SCHEMA")
	if name == "" {
		t.Skip("NATIVIZE_SARIF_SCHEMA does not name sarif-schema-2.1.0.json of OASIS, which is not available in Debian")
	}
	text, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	doc, err := jsonschema.UnmarshalJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	validSARIF(t, schema)
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
			grammar(t, "testdata/gitlab.schema.json", render(t, "gitlab", r))
			for _, i := range issues {
				if seen[i.Fingerprint] || i.Fingerprint == "" || i.Location.Lines.Begin < 1 {
					t.Errorf("issue %+v: fingerprint or line is not usable", i)
				}
				seen[i.Fingerprint] = true
			}
		})
	}
}

// grammar validates a report against a schema.
func grammar(t *testing.T, schema, text string) {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
}

// attributes are those that the elements of an XML format may have, the required
// ones with an exclamation mark; an element that is not named is an error.
//
// Source: Checkstyle's XMLLogger.java; the JUnit schema of Jenkins' xunit plugin,
// junit-10.xsd, with the file and line that GitLab and CircleCI read.
var attributes = map[string]map[string][]string{
	"checkstyle": {"checkstyle": {"version!"}, "file": {"name!"}, "error": {"line", "column", "severity!", "message!", "source!"}},
	"junit": {
		"testsuites": {"name", "tests", "failures"}, "testsuite": {"name!", "tests!", "failures", "errors", "skipped"},
		"testcase": {"name!", "classname!", "file", "line"}, "failure": {"message", "type"},
	},
}

// attributesOf checks one element.
func attributesOf(t *testing.T, format string, e xml.StartElement) {
	t.Helper()
	allowed, ok := attributes[format][e.Name.Local]
	if !ok {
		t.Errorf("%s has no element %s", format, e.Name.Local)
	}
	have := map[string]string{}
	for _, a := range e.Attr {
		have[a.Name.Local] = a.Value
		if !slices.Contains(allowed, a.Name.Local) && !slices.Contains(allowed, a.Name.Local+"!") {
			t.Errorf("%s of %s has no attribute %s", e.Name.Local, format, a.Name.Local)
		}
		switch a.Name.Local {
		case "line", "column", "tests", "failures", "errors", "skipped":
			if n, err := strconv.Atoi(a.Value); err != nil || n < 0 {
				t.Errorf("%s=%q is no count", a.Name.Local, a.Value)
			}
		case "severity":
			if !slices.Contains([]string{"error", "warning", "info", "ignore"}, a.Value) {
				t.Errorf("severity %q", a.Value)
			}
		}
	}
	for _, name := range allowed {
		if name, required := strings.CutSuffix(name, "!"); required {
			if _, ok := have[name]; !ok {
				t.Errorf("%s lacks %s", e.Name.Local, name)
			}
		}
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
						attributesOf(t, format, e)
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
