package lint

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/diag"
)

// everything is a repository with findings of many kinds.
const everything = `#!/bin/sh
PREFIX=$1
rm -rf "$PREFIX/lib"
wget -O /opt/ä%:,.jar "http://example.org/a%20b,c:1.jar"
chmod -R 777 /srv/shop
cp shop.conf /etc/shop.conf
-- shop.conf --
x=1
`

func report(t *testing.T, format string) []byte {
	t.Helper()
	repo := tree(t, everything)
	res := lintText(t, everything, Options{})
	if len(res.Findings) < 4 {
		t.Fatalf("%d findings", len(res.Findings))
	}
	var b bytes.Buffer
	r := &diag.Report{Tool: "nativize", Version: "0.1.0", URI: "https://example.org", Findings: Diagnostics(res.Findings), Rules: Metas(), Sources: repo.Read}
	if err := diag.Write(&b, format, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSARIF holds what SARIF 2.1.0 requires of the properties used, and what
// code scanning asks for beyond it: fingerprints, help of rules in Markdown,
// relative URIs, regions that start at 1, an index for each rule.
func TestSARIF(t *testing.T) {
	var log struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID, Name, HelpURI    string
						ShortDescription     struct{ Text string }
						Help                 struct{ Text, Markdown string }
						DefaultConfiguration struct{ Level string }
					}
				}
			}
			Results []struct {
				RuleID              string
				RuleIndex           int
				Level               string
				Message             struct{ Text string }
				Locations           []sarifLocation
				RelatedLocations    []sarifLocation
				PartialFingerprints map[string]string
			}
		}
	}
	dec := json.NewDecoder(bytes.NewReader(report(t, "sarif")))
	if err := dec.Decode(&log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) != 1 {
		t.Fatalf("version %q, schema %q, %d runs", log.Version, log.Schema, len(log.Runs))
	}
	run := log.Runs[0]
	if len(run.Tool.Driver.Rules) != len(All) {
		t.Errorf("%d rules, want %d", len(run.Tool.Driver.Rules), len(All))
	}
	for _, r := range run.Tool.Driver.Rules {
		if r.ID == "" || r.Name == "" || r.ShortDescription.Text == "" || r.Help.Text == "" || r.Help.Markdown == "" || !strings.HasPrefix(r.HelpURI, "https://") {
			t.Errorf("rule %q is not complete: %+v", r.ID, r)
		}
		if !level(r.DefaultConfiguration.Level) {
			t.Errorf("rule %s: level %q", r.ID, r.DefaultConfiguration.Level)
		}
	}
	for _, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("the index of %s leads to %s", r.RuleID, run.Tool.Driver.Rules[r.RuleIndex].ID)
		}
		if !level(r.Level) || r.Message.Text == "" || len(r.PartialFingerprints) != 1 || len(r.Locations) != 1 {
			t.Errorf("result of %s is not complete: %+v", r.RuleID, r)
		}
		for _, l := range append(r.Locations, r.RelatedLocations...) {
			l.check(t)
		}
	}
}

// TestCodeScanning holds the limits of GitHub's code scanning on what the table of
// rules gives to SARIF: texts of 1,024 characters, names of 255, 20 tags, and a
// score between 0.1 and 10 for rules of security.
//
// Source: GitHub documentation, "SARIF support for code scanning".
func TestCodeScanning(t *testing.T) {
	var log struct {
		Runs []struct {
			Tool struct {
				Driver struct {
					Rules []struct {
						ID, Name                          string
						ShortDescription, FullDescription struct{ Text string }
						Properties                        struct {
							Tags     []string
							Problem  string `json:"problem.severity"`
							Security string `json:"security-severity"`
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(report(t, "sarif"), &log); err != nil {
		t.Fatal(err)
	}
	for _, r := range log.Runs[0].Tool.Driver.Rules {
		if len(r.ID) > 255 || len(r.Name) > 255 || len(r.ShortDescription.Text) > 1024 || len(r.FullDescription.Text) > 1024 || len(r.Properties.Tags) > 20 {
			t.Errorf("%s: a text is longer than code scanning takes", r.ID)
		}
		score, err := strconv.ParseFloat(r.Properties.Security, 64)
		switch {
		case r.Properties.Security != "" && (err != nil || score <= 0 || score > 10):
			t.Errorf("%s: security-severity %q", r.ID, r.Properties.Security)
		case r.Properties.Security == "" && !slices.Contains([]string{"error", "warning", "recommendation"}, r.Properties.Problem):
			t.Errorf("%s: problem.severity %q", r.ID, r.Properties.Problem)
		}
	}
}

func level(s string) bool { return s == "error" || s == "warning" || s == "note" || s == "none" }

type sarifLocation struct {
	PhysicalLocation struct {
		ArtifactLocation struct{ URI string }
		Region           struct{ StartLine, StartColumn, EndLine, EndColumn int }
	}
}

func (l sarifLocation) check(t *testing.T) {
	t.Helper()
	uri, r := l.PhysicalLocation.ArtifactLocation.URI, l.PhysicalLocation.Region
	if uri == "" || strings.HasPrefix(uri, "/") || strings.Contains(uri, " ") {
		t.Errorf("URI %q is not a relative reference", uri)
	}
	if r.StartLine < 1 || r.StartColumn < 1 || r.EndLine != 0 && r.EndLine < r.StartLine || r.EndLine == r.StartLine && r.EndColumn < r.StartColumn {
		t.Errorf("region %+v", r)
	}
}

// annotation is the grammar of a workflow command with properties: values have
// %, CR, LF, colon and comma escaped, the message %, CR and LF.
//
// Source: GitHub documentation, "Workflow commands for GitHub Actions"; the
// escapes as in actions/toolkit, packages/core/src/command.ts.
var annotation = regexp.MustCompile(`^::(error|warning|notice) [a-zA-Z]+=([^:,%]|%25|%0D|%0A|%3A|%2C)*(,[a-zA-Z]+=([^:,%]|%25|%0D|%0A|%3A|%2C)*)*::([^%]|%25|%0D|%0A)*$`)

func TestGitHub(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(string(report(t, "github")), "\n"), "\n")
	if len(lines) < 4 {
		t.Fatalf("%d annotations", len(lines))
	}
	for _, line := range lines {
		if !annotation.MatchString(line) {
			t.Errorf("no workflow command: %s", line)
		}
	}
}

// TestDeterministic holds that two runs give the same bytes.
func TestDeterministic(t *testing.T) {
	for _, format := range diag.FormatNames() {
		if a, b := report(t, format), report(t, format); !bytes.Equal(a, b) {
			t.Errorf("two runs differ in %s", format)
		}
	}
}

// TestFingerprint holds that lines above a finding, and its blanks, change
// nothing, and another operand does.
func TestFingerprint(t *testing.T) {
	print := func(text string) string {
		for _, f := range lintText(t, text, Options{}).Findings {
			if f.Rule == "unguarded-rm-rf" {
				return f.Fingerprint
			}
		}
		t.Fatalf("nothing found in %q", text)
		return ""
	}
	a := print("#!/bin/sh\nset -e\nP=$1\nrm -rf \"$P/lib\"\n")
	if b := print("#!/bin/sh\nset -e\n# why\n\nP=$1\necho x\n  rm   -rf \"$P/lib\"\n"); a != b {
		t.Errorf("the fingerprint changed with the lines above: %s, %s", a, b)
	}
	if b := print("#!/bin/sh\nset -e\nP=$1\nrm -rf \"$P/share\"\n"); a == b {
		t.Error("two statements have one fingerprint")
	}
}

func BenchmarkCheck(b *testing.B) {
	repo := tree(b, everything)
	b.ReportAllocs()
	opt := Options{Config: Config{Disable: []string{"secret-in-script", "secret-in-repository", "private-key-in-repository", "config-tracked-with-secrets"}}}
	for b.Loop() {
		if _, err := Run(b.Context(), repo, opt); err != nil {
			b.Fatal(err)
		}
	}
}
