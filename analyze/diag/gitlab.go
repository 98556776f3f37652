package diag

import (
	"fmt"
	"io"
)

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
	End   int `json:"end,omitempty"`
}

// writeGitLab prints a code quality report: a JSON array. GitLab keeps one
// issue a fingerprint, so repeated ones are told apart by their number.
//
// Source: GitLab docs, "Code Quality report format".
func writeGitLab(w io.Writer, r *Report) error {
	seen := map[string]int{}
	issues := make([]gitlabIssue, 0, len(r.Findings))
	for i := range r.Findings {
		d := &r.Findings[i]
		at := d.Main()
		issues = append(issues, gitlabIssue{
			Description: Visible(d.Message), CheckName: d.Rule, Fingerprint: unique(seen, fingerprint(d)),
			Severity: gitlabSeverity(d.Severity),
			Location: gitlabLocation{at.File, gitlabLines{max(at.Line, 1), at.EndLine}},
		})
	}
	return encode(w, issues)
}

func gitlabSeverity(s Severity) string {
	switch s {
	case Error:
		return "critical"
	case Warning:
		return "major"
	}
	return "minor"
}

// fingerprint is that of d, or one made of what d has.
func fingerprint(d *Diagnostic) string {
	if d.Fingerprint != "" {
		return d.Fingerprint
	}
	return Fingerprint(d.Rule, d.Main().File, d.Message)
}

func unique(seen map[string]int, fp string) string {
	seen[fp]++
	if n := seen[fp]; n > 1 {
		return Fingerprint(fp, fmt.Sprint(n), "")
	}
	return fp
}
