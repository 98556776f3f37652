package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
)

// ranked returns ds with the gravest and surest first.
func ranked(ds []diag.Diagnostic) []diag.Diagnostic {
	out := slices.Clone(ds)
	slices.SortStableFunc(out, func(a, b diag.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), cmp.Compare(a.Confidence.Rank(), b.Confidence.Rank()), diag.Compare(a, b))
	})
	return out
}

// findingsWords counts ds in words: "2 errors, 1 warning".
func findingsWords(ds []diag.Diagnostic) string {
	c := diag.Counts(ds)
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{c.Error, "error"}, {c.Warning, "warning"}, {c.Note, "note"}} {
		if p.n > 0 {
			parts = append(parts, plural(p.n, p.word))
		}
	}
	return strings.Join(parts, ", ")
}
